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
            Each line has the identifier that show takes. With identifiers, only these.

            Examples:
              butterflynet sessions
              butterflynet sessions --where 'account == alice@example.com'
              butterflynet sessions --where 'role == SB and messages > 10'
              butterflynet sessions --with bob@example.com --since 2005 --until 2006
            """)

    @Argument(help: ArgumentHelp("s3, c12, v12 or r1; everything without it.", valueName: "id"))
    var ids: [String] = []

    @OptionGroup var selection: SelectionOptions

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var list: ListOptions

    func validate() throws { _ = try Identifiers.parse(ids) }

    func run() throws {
        let condition = try list.condition(for: .sessions)
        let selection = try self.selection.selection(ids, list.time.times)
        let source = try archive.open()
        var printer = Printer(descriptor: STDOUT_FILENO)
        var format = SessionListFormat(isJSON: list.format == .jsonl, zone: list.time.zone)
        var isEmpty = true
        try archive.convertingErrors {
            try source.sessions(selection, where: condition) { part in
                format.append(part, to: &printer.bytes)
                isEmpty = false
                return printer.flushIfFull()
            }
        }
        try printer.finish()
        if isEmpty, !list.quiet { Terminal.printMessage("nothing to list") }
    }
}
