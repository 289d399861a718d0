// The subcommand `contacts`: lists the people that recorded clients met.

import Archive
import ArgumentParser
import Console
import Glibc
internal import Query

struct ContactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contacts",
        abstract: "List the people whom the recorded clients met, those with the most messages first.",
        usage: "butterflynet contacts [<options>] [<what> ...]",
        discussion: """
            Each line is a person: account, latest display name, conversations with them and messages in these, when they \
            were first and last online or in a conversation (UTC), and the contact lists that they are on. An account that \
            was recorded itself is listed if another recorded client met it.

            Examples:
              butterflynet contacts
              butterflynet contacts bob
              butterflynet contacts s3 --format jsonl
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
        var format = ContactListFormat(isJSON: list.format == .jsonl, width: list.width, zone: list.time.zone)
        let limit = list.limit(limit)
        let contacts = try archive.convertingErrors { try Contact.all(in: source, query) }
        for contact in contacts.prefix(limit ?? contacts.count) {
            format.append(contact, to: &printer.bytes)
            guard printer.flushIfFull() else { break }
        }
        format.finish(&printer.bytes)
        try printer.finish()
        guard !list.quiet, !printer.isBroken else { return }
        if contacts.isEmpty { return Terminal.printMessage("nothing to list") }
        guard list.format == .text else { return }
        list.printRest(of: contacts.count, limit: limit, "people")
    }
}
