// The option for a password file, to check `USR MD5` answers. Passwords in arguments would be visible to other users.

internal import Analysis
import ArgumentParser
import Glibc

struct PasswordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Check MD5 sign-ins against this file (an account, a space and its password on each line).",
            valueName: "file"),
        completion: .file())
    var passwords: String?

    /// Reads the file; no passwords without the option.
    ///
    /// - Throws: `CommandError` if it cannot be read or a line has no space.
    func read() throws -> Passwords {
        guard let passwords else { return .none }
        guard let text = Self.text(of: passwords) else {
            throw CommandError.failed("cannot read --passwords \(passwords): \(String(cString: strerror(errno)))")
        }
        var byAccount: [String: String] = [:]
        // In Swift, CR LF is one newline character.
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let space = line.firstIndex(of: " ") else {
                throw CommandError.failed(
                    "\(passwords), line \(number + 1): expected an account, a space and its password.")
            }
            byAccount[String(line[..<space])] = String(line[line.index(after: space)...])
        }
        return Passwords(byAccount)
    }

    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        // A limit of 1 MiB: a longer file is not a password list.
        while bytes.count < 1 << 20 {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
    }
}
