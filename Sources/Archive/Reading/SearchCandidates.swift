// The messages that a search has to look at, the latest first, without sorting all of them.

internal import Events
internal import GRDB

/// A message in the order of the results of a search.
package struct MessagePlace: Comparable, Sendable, Hashable {
    package var time: Int64
    package var id: Int64

    package init(time: Int64, id: Int64) { (self.time, self.id) = (time, id) }

    package static func < (a: MessagePlace, b: MessagePlace) -> Bool { (a.time, a.id) < (b.time, b.id) }
}

/// Finds the messages that have all words, in order of time. If there are few, they are sorted. Of many, the index by
/// time is read in parts, and the full-text index tells which messages of a part have the words: the first results
/// then do not wait for all others.
final class SearchCandidates {
    struct Limits {
        /// How many are sorted at most.
        var mostSorted = 5_000
        /// The messages of one part.
        var part = 4_096
    }
    /// Signs are looked for in all texts at once if there are no more messages than this; it takes less than a second.
    private static let mostTexts: Int64 = 4_000_000
    /// The numbers of the messages of a part lie between two; if these are further apart than this for each message, the
    /// messages are looked up one by one.
    private static let widest: Int64 = 16

    private let db: Database
    private let limits: Limits
    private let words: [String]
    /// What the full-text index is asked for; nil if there are only signs.
    private let query: String?
    private let literals: [String]
    private let selection: ArchiveSelection

    /// The ones that were found and not returned yet, the latest last.
    private var found: [MessagePlace] = []
    /// Everything from here on was looked at; nil if there are no further parts.
    private var end: MessagePlace?
    /// The message that was returned last, or the last one of a part in which there was none.
    private(set) var last: MessagePlace?
    /// How many messages were looked at or found.
    private(set) var looked: Int64 = 0
    /// Whether it can be stopped at any message, because further ones are found in parts.
    var isInParts: Bool { end != nil }

    init(
        _ words: [String], _ selection: ArchiveSelection, _ db: Database, limits: Limits = Limits()
    ) throws {
        self.db = db
        self.limits = limits
        self.words = words
        self.selection = selection
        literals = words.filter { SearchText.query(for: [$0]) == nil }
        query = SearchText.query(for: words)
        let until = selection.times.until?.nanoseconds
        // Older archives have no index by time, and a few connections have few messages.
        let hasIndex = try Schema.hasMigration5(db)
        guard selection.ids.isEmpty, selection.people.isEmpty, hasIndex else {
            found = try sorted(limit: nil) ?? []
            return
        }
        let isIndexed = query != nil
        if try isIndexed || isSmall(), let few = try sorted(limit: limits.mostSorted) {
            found = until.map { until in few.filter { $0.time < until } } ?? few
        } else {
            end = MessagePlace(time: until ?? .max, id: until == nil ? .max : .min)
        }
        looked = Int64(found.count)
    }

    /// What comes next.
    enum Step {
        case message(MessagePlace)
        /// A part was read; it may have no messages.
        case part
        case end
    }

    func next() throws -> Step {
        if let place = found.popLast() {
            last = place
            return .message(place)
        }
        guard let end else { return .end }
        try readPart(before: end)
        if found.isEmpty { last = self.end }
        return .part
    }

    private func isSmall() throws -> Bool {
        let select = try PreparedStatement("SELECT max(id) - min(id) FROM message", in: db)
        defer { select.reset() }
        return try select.step() && (0...Self.mostTexts).contains(select.integer(0))
    }

    // MARK: All at once

    /// All messages, the latest last; nil if there are more than a limit.
    private func sorted(limit: Int?) throws -> [MessagePlace]? {
        let source =
            query == nil
            ? "message" : "message_search CROSS JOIN message ON message.id = message_search.rowid"
        let select = try PreparedStatement(
            """
            SELECT message.time_ns, message.id FROM \(source)
            \(limit == nil ? "JOIN connection ON connection.id = message.connection" : "")
            WHERE \(limit == nil ? selection.condition() : "1")\(literalConditions)
            \(query == nil ? "" : " AND message_search MATCH ?") \(limit.map { "LIMIT \($0 + 1)" } ?? "")
            """, in: db, isShared: false, free: StatementBudget.freeWithList)
        defer { select.reset() }
        bindLiterals(select)
        if let query { select.bind(Int32(literals.count + 1), query) }
        var places: [MessagePlace] = []
        while try select.step() {
            if let limit, places.count == limit { return nil }
            places.append(MessagePlace(time: select.integer(0), id: select.integer(1)))
        }
        return places.sorted()
    }

    /// The SQL conditions for signs, which the full-text index does not have.
    var literalConditions: String { literals.map { _ in " AND instr(message.text, ?) > 0" }.joined() }

    /// Binds the signs to the first parameters.
    func bindLiterals(_ select: PreparedStatement, from first: Int32 = 1) {
        for (index, literal) in literals.enumerated() { select.bind(first + Int32(index), literal) }
    }

    // MARK: In parts

    private func readPart(before place: MessagePlace) throws {
        let select = try PreparedStatement(
            """
            SELECT time_ns, id FROM message WHERE (time_ns, id) < (?, ?) ORDER BY time_ns DESC, id DESC
            LIMIT \(limits.part)
            """, in: db)
        defer { select.reset() }
        select.bind(1, place.time)
        select.bind(2, place.id)
        var places: [MessagePlace] = []
        while try select.step() { places.append(MessagePlace(time: select.integer(0), id: select.integer(1))) }
        looked += Int64(places.count)
        end = places.count == limits.part ? places.last : nil
        guard let lowest = places.map(\.id).min(), let highest = places.map(\.id).max() else { return }
        let (width, isOver) = highest.subtractingReportingOverflow(lowest)
        var matching: Set<Int64> = []
        if !isOver, width / Self.widest <= Int64(places.count) {
            try addMatching(from: lowest, to: highest, &matching)
        } else {
            for place in places { try addMatching(from: place.id, to: place.id, &matching) }
        }
        found = places.reversed().filter { matching.contains($0.id) }
    }

    /// Adds the messages with numbers in a range that have the words; with both words and signs, those with the words.
    private func addMatching(from first: Int64, to last: Int64, _ matching: inout Set<Int64>) throws {
        let select = try PreparedStatement(
            query == nil
                ? "SELECT id FROM message WHERE id BETWEEN ? AND ?\(literalConditions)"
                : "SELECT rowid FROM message_search WHERE rowid BETWEEN ? AND ? AND message_search MATCH ?", in: db)
        defer { select.reset() }
        select.bind(1, first)
        select.bind(2, last)
        if let query { select.bind(3, query) } else { bindLiterals(select, from: 3) }
        while try select.step() { matching.insert(select.integer(0)) }
    }
}
