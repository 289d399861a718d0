// The program's version, and the command by which the user started it.

import Glibc

enum ProgramInfo {
    /// The version, in `--version`, in recordings and in exports.
    static let version = "0.1.0"

    /// The name of the installed program, in help texts and at the start of messages.
    static let name = "butterflynet"

    /// What the user types to start the program, for hints: the value of BUTTERFLYNET_COMMAND, which `tools/run` sets;
    /// else the program's name if the shell finds this program by it; else the path by which it was started.
    static let command: String = {
        if let given = getenv("BUTTERFLYNET_COMMAND"), given[0] != 0 { return quoted(String(cString: given)) }
        guard let path = CommandLine.arguments.first, path.contains("/") else {
            return CommandLine.arguments.first.map(quoted) ?? name
        }
        return isFound(by: name, as: path) ? name : quoted(path)
    }()

    /// Replaces the program's name by `command` where a command line begins in a text of the argument parser.
    static func substituteCommand(in text: String) -> String {
        command == name ? text : text.replacing(/\bbutterflynet(?= [a-z<\[\-])/) { _ in command }
    }

    /// Whether the first program of this name in PATH is the file at the given path.
    private static func isFound(by name: String, as path: String) -> Bool {
        let folders = getenv("PATH").map { String(cString: $0) } ?? ""
        for folder in folders.split(separator: ":") {
            let candidate = "\(folder)/\(name)"
            guard access(candidate, X_OK) == 0 else { continue }
            var (found, started) = (stat(), stat())
            return stat(candidate, &found) == 0 && stat(path, &started) == 0
                && found.st_dev == started.st_dev && found.st_ino == started.st_ino
        }
        return false
    }

    /// The word as a shell takes it.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "/._-+,:@%".utf8.contains(byte)
            }
        }
        return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }
}
