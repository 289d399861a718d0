// butterflynet sessions: the list of what the archive holds.

import Archive
import ArgumentParser
import Console
import Glibc
internal import Query

/// The flags of commands that print lists.
struct ListOptions: ParsableArguments {
    @Option(help: "How results are printed on standard output: text or jsonl.")
    var format: LiveLog.Style = .text

    @Option(name: .customLong("where"), help: ArgumentHelp("Print only what fulfils this.", valueName: "expr"))
    var filter: String?

    @Flag(help: "Print nothing but results and errors.")
    var quiet = false

    /// The condition of `--where`.
    ///
    /// - Throws: `ValidationError` where the expression is wrong.
    func condition(for scope: Filter.Scope) throws -> Filter? {
        do {
            return try filter.map { try Filter($0, for: scope) }
        } catch let error as FilterError {
            throw ValidationError("--where: \(error)")
        }
    }
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
              butterflynet sessions --where 'role == SB and time > 2005-01-01'
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var list: ListOptions

    func validate() throws { _ = try list.condition(for: .sessions) }

    func run() throws {
        let condition = try list.condition(for: .sessions)
        let source = try archive.open()
        var printer = Printer(descriptor: STDOUT_FILENO)
        var format = SessionFormat(isJSON: list.format == .jsonl)
        var isEmpty = true
        try archive.said {
            try source.sessions(where: condition) { part in
                format.append(part, to: &printer.bytes)
                isEmpty = false
                return printer.flushIfFull()
            }
        }
        try printer.finish()
        if isEmpty, !list.quiet { Terminal.complain("nothing to list") }
    }
}
