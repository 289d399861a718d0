// Prints messages to standard error, and decides on colours for standard output.

import Console
internal import Events
import Glibc
internal import Output

/// All output to standard error passes through here, including file names, system errors and arguments.
///
/// Control characters inside a line are made visible, line ends too: a line end in a file name cannot start a new line.
enum Terminal {
    /// Prints a line.
    static func printLine(_ line: String) { printLines([line]) }

    /// Prints several lines.
    static func printLines(_ lines: [String]) {
        var bytes: [UInt8] = []
        for line in lines {
            bytes.append(visible: line)
            bytes.append(0x0A)
        }
        write(bytes)
    }

    /// Prints an error message of the argument parser, with the program's name before it instead of the word `Error`. Its
    /// first part may quote arguments, so line ends in those are replaced. The lines on usage below it name the command by
    /// which the user started the program.
    ///
    /// - Parameter better: a message to print instead of the first part, if that is about an unknown option.
    static func printParserMessage(_ text: String, instead better: String?, arguments: [String]) {
        var message = text
        for argument in arguments where argument.utf8.contains(0x0A) {
            message = message.replacing(argument, with: argument.replacing("\n", with: "␊"))
        }
        let end = ["\nHelp: ", "\nUsage: ", "\nUSAGE: ", "\n\nOVERVIEW: "].compactMap {
            message.firstRange(of: $0)?.lowerBound
        }
        .min()
        let first = message[..<(end ?? message.endIndex)]
        let reason = first.hasPrefix("Error: ") ? first.dropFirst("Error: ".count) : first
        let usage = ProgramInfo.substituteCommand(in: String(message[first.endIndex...]))
        printMessage(
            reason.hasPrefix("Unknown option") ? better ?? String(reason) : String(reason),
            details: usage.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().map(String.init))
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

    /// Prints a message with the program's name before it, and further lines below it.
    static func printMessage(_ text: String, details: [String] = []) {
        printLines(["\(ProgramInfo.name): \(text)"] + details)
    }

    /// Asks a question on standard error; true if the answer on standard input is yes.
    static func confirms(_ question: String) -> Bool {
        var bytes: [UInt8] = []
        bytes.append(visible: question)
        write(bytes + " [y/N] ".utf8)
        return ["y", "yes"].contains(readLine()?.lowercased())
    }

    /// Whether to use colours on standard output. `auto` means on a terminal, unless `NO_COLOR` is set (no-color.org).
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

    /// The number of columns of standard output: `COLUMNS`, or what the terminal says; nil if it is no terminal.
    static var width: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        if let named = getenv("COLUMNS").flatMap({ Int(String(cString: $0)) }), named > 0 { return named }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
