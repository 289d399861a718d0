// butterflynet sessions: the list of what the archive holds.

import Archive
import ArgumentParser
import Console
import Glibc
import Transcript

/// The flags of commands that print lists.
struct ListOptions: ParsableArguments {
    @Option(help: "How results are printed on standard output: text or jsonl.")
    var format: LiveLog.Style = .text

    @Option(name: .customLong("where"), help: ArgumentHelp("Print only what fulfils this.", valueName: "expr"))
    var filter: String?

    @Flag(help: "Print nothing but results and errors.")
    var quiet = false

    mutating func validate() throws {
        do {
            _ = try filter.map(Filter.init)
        } catch let error as FilterError {
            throw ValidationError("--where: \(error)")
        }
    }

    /// The condition of `--where`; it was checked when the flags were read.
    var condition: Filter? { filter.flatMap { try? Filter($0) } }
}

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "List what the archive holds: sign-ins with their connections and conversations.",
        discussion: """
            Each line has the identifier that show takes.

            Examples:
              butterflynet sessions
              butterflynet sessions --where 'account == alice@example.com'
              butterflynet sessions --where 'role == SB and time > 2005-01-01' --format jsonl
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var list: ListOptions

    func run() throws {
        let source = try archive.open()
        var printer = Printer(descriptor: STDOUT_FILENO)
        let format = SessionFormat(isJSON: list.format == .jsonl)
        var isEmpty = true
        try archive.said {
            try source.sessions(where: list.condition) { signIn in
                format.append(signIn, to: &printer.bytes)
                isEmpty = false
                return printer.flushIfFull()
            }
        }
        try printer.finish()
        if isEmpty, !list.quiet { Terminal.complain("nothing to list") }
    }
}
