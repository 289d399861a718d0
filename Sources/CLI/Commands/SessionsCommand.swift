// The subcommand `sessions`: lists the archive's sign-ins with their connections and conversations.

import Archive
import ArgumentParser
import Console
import Glibc
internal import Query

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "List what the archive holds: sign-ins with their connections and conversations.",
        usage: "butterflynet sessions [<options>]",
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
        var format = SessionListFormat(isJSON: list.format == .jsonl)
        var isEmpty = true
        try archive.convertingErrors {
            try source.sessions(where: condition) { part in
                format.append(part, to: &printer.bytes)
                isEmpty = false
                return printer.flushIfFull()
            }
        }
        try printer.finish()
        if isEmpty, !list.quiet { Terminal.printMessage("nothing to list") }
    }
}
