// The options that select by time and people, and the identifiers of an archive.

import Archive
import ArgumentParser
internal import Events
internal import Query

/// `--since`, `--until` and `--with`.
struct SelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only from this time on: 2005-05-06, '2005-05-06 15:28', yesterday, 2h (ago). UTC without --local.",
            valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Only up to this time; a date includes the whole day.", valueName: "time"))
    var until: String?

    @Option(
        name: .customLong("with"),
        help: ArgumentHelp(
            "Only with this person: an account, or a part of an account or name. Repeatable: with all of them.",
            valueName: "person"))
    var people: [String] = []

    func validate() throws {
        // Whether a text is a time does not depend on the zone.
        let span = try span(TimeText(now: SystemTime.now()))
        if let since = span.since, let until = span.until, until <= since {
            throw ValidationError("--until is before --since.")
        }
        if people.contains(where: { Person($0) == nil }) { throw ValidationError("--with needs an account or a name.") }
    }

    /// Whether one of the options is given.
    var isGiven: Bool { since != nil || until != nil || !people.isEmpty }

    /// The people of `--with`.
    var persons: [Person] { people.compactMap(Person.init) }

    /// The span of `--since` and `--until`.
    ///
    /// - Throws: `ValidationError` for a text that is no time.
    func span(_ times: TimeText) throws -> TimeSpan {
        func period(_ text: String?, _ option: String) throws -> Range<Timestamp>? {
            guard let text else { return nil }
            guard let period = times.period(of: text) else {
                throw ValidationError("\(option): “\(text)” is not a time; times are \(TimeText.forms).")
            }
            return period
        }
        return TimeSpan(
            since: try period(since, "--since")?.lowerBound, until: try period(until, "--until")?.upperBound)
    }

    /// The selection in an archive.
    func selection(_ ids: [String], _ times: TimeText) throws -> ArchiveSelection {
        ArchiveSelection(try Identifiers.parse(ids), times: try span(times), people: persons)
    }
}

/// Parses the identifiers of connections, conversations, sign-ins and recordings on the command line.
enum Identifiers {
    /// The identifiers.
    ///
    /// - Throws: `ValidationError` that says what the first word that is none may have been meant for.
    static func parse(_ words: [String]) throws -> [ArchiveID] {
        try words.map { word in
            if let id = ArchiveID(word) { return id }
            let hint =
                word.contains("==") || word.contains(" ")
                ? "; to select by time or people: --since, --until, --with"
                : "; to select by a person: --with \(word)"
            throw ValidationError(
                "“\(word)” is not an identifier (like s1, c12, v12); the command sessions lists them\(hint).")
        }
    }
}
