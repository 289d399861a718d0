// The subcommand `talks`: lists the archive's conversations.

import Archive
import ArgumentParser
import Console
import Glibc
internal import Query

struct TalksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "talks",
        abstract: "List the conversations in the archive, the newest first.",
        usage: "butterflynet talks [<options>] [<what> ...]",
        discussion: """
            Each line is a conversation as transcript joins them: the identifier that show and transcript take, time \
            (UTC), who took part, the number of messages, and the beginning of the last one. A conversation that two \
            recorded clients had with each other is one. Conversations without a message or a transfer are left out. What \
            went over the notification server is one conversation for each connection (c12).

            Examples:
              butterflynet talks
              butterflynet talks bob --limit 100
              butterflynet talks s3 --format jsonl
            """)

    @OptionGroup var arguments: ListArguments
    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var list: ListOptions

    @Option(name: [.customShort("n"), .long], help: "How many at most (default: 20; with jsonl all).")
    var limit: Int?

    func validate() throws {
        try checkLimit(limit)
    }

    func run() throws {
        let query = try arguments.query(list)
        let source = try archive.open()
        var printer = Printer(descriptor: STDOUT_FILENO)
        var format = TalkListFormat(isJSON: list.format == .jsonl, width: list.width, zone: list.time.zone)
        let limit = list.limit(limit)
        let talks = try archive.convertingErrors { try TalkIndex(source, query).talks }
        for talk in talks.prefix(limit ?? talks.count) {
            let last = try archive.convertingErrors { try source.lastMessage(on: talk.connections) }
            format.append(talk, last, to: &printer.bytes)
            guard printer.flushIfFull() else { break }
        }
        format.finish(&printer.bytes)
        try printer.finish()
        guard !list.quiet, !printer.isBroken else { return }
        if talks.isEmpty { return Terminal.printMessage("nothing to list") }
        guard list.format == .text else { return }
        list.printRest(of: talks.count, limit: limit, "talks")
        let messages = talks.reduce(Int64(0)) { $0 &+ $1.messages }
        Terminal.printMessage("\(talks.count.grouped("talk")), \(messages.grouped("message"))")
    }
}
