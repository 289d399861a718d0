// The subcommand `contacts`: lists the people that recorded clients met.

import Archive
import ArgumentParser
import Console
internal import Events
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

            With --at: the contact list of each sign-in at that time, with states, groups and lists. A list is incomplete \
            if the client had a copy of it, or fetched it from the address book service.

            Examples:
              butterflynet contacts
              butterflynet contacts bob
              butterflynet contacts s3 --at '2005-05-06 15:28:18'
              butterflynet contacts s3 --format jsonl
            """)

    @OptionGroup var arguments: ListArguments
    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var list: ListOptions

    @Option(name: [.customShort("n"), .long], help: "How many at most (default: 20; with jsonl all).")
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "The contact lists at this time, such as '2005-05-06 15:28:18'. UTC without --local.",
            valueName: "time"))
    var at: String?

    func validate() throws {
        try checkLimit(limit)
        if at != nil, arguments.selection.isGiven {
            throw ValidationError("--at names the time itself: it cannot be used with --since, --until or --with.")
        }
        _ = try moment(TimeText(now: SystemTime.now()))
    }

    /// The time in `--at`: of a minute or a day, its beginning.
    private func moment(_ times: TimeText) throws -> Timestamp? {
        guard let at else { return nil }
        guard let period = times.period(of: at) else {
            throw ValidationError("--at: “\(at)” is not a time; times are \(TimeText.forms).")
        }
        return period.lowerBound
    }

    func run() throws {
        if let moment = try moment(list.time.times) { return try printLists(at: moment) }
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

    private func printLists(at moment: Timestamp) throws {
        var query = try arguments.query(list)
        query.restriction = ArchiveSelection(times: TimeSpan(since: moment, until: nil))
        query.includesConnections = false
        let source = try archive.open()
        let lists = ContactListAt(
            moment: moment, isJSON: list.format == .jsonl, width: list.width, zone: list.time.zone)
        var signIns: [SignInSummary] = []
        _ = try archive.convertingErrors {
            try source.sessions(query) { part in
                if case .begins(let signIn) = part, signIn.id != nil, signIn.first <= moment { signIns.append(signIn) }
                return true
            }
        }
        var printer = Printer(descriptor: STDOUT_FILENO)
        for signIn in signIns.prefix(limit ?? signIns.count) {
            let contacts = try archive.convertingErrors { try lists.list(of: signIn, in: source) }
            lists.append(contacts, of: signIn, to: &printer.bytes)
            guard printer.flushIfFull() else { break }
        }
        try printer.finish()
        guard !list.quiet, !printer.isBroken, signIns.isEmpty else { return }
        Terminal.printMessage("nobody was signed in at \(moment.text(in: list.time.zone))")
    }
}
