// The subcommand `sessions`: lists the archive's sign-ins, or the whole tree of connections and conversations.

import Archive
import ArgumentParser
import Console
import Glibc
internal import Query

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "List the sign-ins in the archive, the newest first.",
        usage: "butterflynet sessions [<options>] [<what> ...]",
        discussion: """
            Each line is a sign-in, or all connections of a recording without one: the identifier that show takes, time \
            (UTC), account and its latest name, conversations, messages, findings, dialect, client program, and the file \
            it came from. --tree prints the connections and conversations too, the oldest first. jsonl has all of it, the \
            oldest first; with --limit the newest first.

            Examples:
              butterflynet sessions
              butterflynet sessions alice --limit 100
              butterflynet sessions --tree s3
              butterflynet sessions --with bob@example.com --since 2005 --until 2006
              butterflynet sessions --where 'role == SB and time > 2005-01-01'
            """)

    @OptionGroup var arguments: ListArguments
    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var list: ListOptions

    @Option(
        name: [.customShort("n"), .long], help: "How many, the newest first (default: 20; with jsonl and --tree all).")
    var limit: Int?

    @Flag(help: "Print the connections and conversations of each sign-in.")
    var tree = false

    func validate() throws {
        try checkLimit(limit)
    }

    func run() throws {
        var query = try arguments.query(list)
        let isShort = list.format == .text && !tree
        query.limit = isShort ? list.limit(limit) : limit
        query.newestFirst = query.limit != nil
        query.includesConnections = !isShort
        let source = try archive.open()
        var printer = Printer(descriptor: STDOUT_FILENO)
        let totals = isShort ? try printLines(query, source, &printer) : try printTree(query, source, &printer)
        try printer.finish()
        guard !list.quiet, !printer.isBroken else { return }
        if totals.lines == 0 { return Terminal.printMessage("nothing to list") }
        guard list.format == .text else { return }
        list.printRest(of: totals.lines, limit: query.limit, totals.lines == totals.signIns ? "sign-ins" : "lines")
        Terminal.printMessage(
            [
                totals.signIns.grouped("sign-in"), totals.connections.grouped("connection"),
                totals.messages.grouped("message"),
            ].joined(separator: ", "))
    }

    private func printLines(
        _ query: SessionQuery, _ source: Archive, _ printer: inout Printer
    ) throws -> SessionTotals {
        var format = SessionLines(width: list.width, zone: list.time.zone)
        let totals = try archive.convertingErrors {
            try source.sessions(query) { part in
                if case .begins(let signIn) = part { format.append(signIn, to: &printer.bytes) }
                return printer.flushIfFull()
            }
        }
        format.finish(&printer.bytes)
        return totals
    }

    private func printTree(
        _ query: SessionQuery, _ source: Archive, _ printer: inout Printer
    ) throws -> SessionTotals {
        var format = SessionListFormat(isJSON: list.format == .jsonl, zone: list.time.zone)
        return try archive.convertingErrors {
            try source.sessions(query) { part in
                format.append(part, to: &printer.bytes)
                return printer.flushIfFull()
            }
        }
    }
}
