// The option for a password file, to check `USR MD5` answers. Passwords in arguments would be visible to other users.

internal import Analysis
import ArgumentParser

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
        let text = try TextFile.read(passwords, option: "--passwords")
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
}
