// Standard error, and what standard output is.

import Console
internal import Events
import Glibc
internal import Output

/// Words for people, on standard error. This is where everything leaves that is printed there: names of files, what other
/// programs say, arguments. A line end in one of them is none of ours, and is shown like a control.
enum Terminal {
    /// Prints a line.
    static func say(_ line: String) { say([line]) }

    /// Prints some lines.
    static func say(_ lines: [String]) {
        var bytes: [UInt8] = []
        for line in lines {
            bytes.append(visible: line)
            bytes.append(0x0A)
        }
        write(bytes)
    }

    /// Prints the message of a parser, whose first part may repeat arguments.
    static func say(message: String, about arguments: [String]) {
        var message = message
        for argument in arguments where argument.utf8.contains(0x0A) {
            message = message.replacing(argument, with: argument.replacing("\n", with: "␊"))
        }
        let end = ["\nHelp: ", "\nUsage: ", "\nUSAGE: ", "\n\nOVERVIEW: "].compactMap {
            message.firstRange(of: $0)?.lowerBound
        }
        .min()
        let first = message[..<(end ?? message.endIndex)]
        say(
            [String(first)]
                + message[first.endIndex...].split(separator: "\n", omittingEmptySubsequences: false)
                .dropFirst().map(String.init))
    }

    private static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Prints one line of trouble, with the program's name in front, and what is to be said beside.
    static func complain(_ text: String, _ further: [String] = []) { say(["butterflynet: \(text)"] + further) }

    /// Whether colours are wanted on standard output: on a terminal, unless `NO_COLOR` is set (no-color.org).
    static func wantsColors(_ choice: ColorChoice) -> Bool {
        switch choice {
        case .always: return true
        case .never: return false
        case .auto:
            let forbidden = getenv("NO_COLOR").map { $0[0] != 0 } ?? false
            let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
            return isatty(STDOUT_FILENO) == 1 && !forbidden && !isDumb
        }
    }
}
