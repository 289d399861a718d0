// Standard error, and what standard output is.

import Console
import Glibc

/// Words for people, on standard error.
enum Terminal {
    /// Prints a line, or several.
    static func say(_ text: String) {
        let line = Array((text + "\n").utf8)
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Prints one line of trouble, with the program's name in front.
    static func complain(_ text: String) { say("butterflynet: \(text)") }

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
