// Which connections of an archive a command reads: by identifier, time and people.

package import Events
internal import GRDB
package import Query

/// Which connections to read.
package struct ArchiveSelection: Sendable {
    /// The identifiers whose connections are read; empty for everything.
    package var ids: [ArchiveID]
    /// Only connections that were open in this span.
    package var times: TimeSpan
    /// Only connections of the sign-ins of all these people, or of conversations in which all of them took part.
    package var people: [Person]
    /// The connections of the people, once they were looked up; see `Archive.resolving`.
    fileprivate var connectionsOfPeople: Set<Int64>?

    package init(_ ids: [ArchiveID] = [], times: TimeSpan = .always, people: [Person] = []) {
        self.ids = ids
        self.times = times
        self.people = people
    }

    /// All connections of recordings that are complete or still running.
    package static let everything = ArchiveSelection()

    /// Whether nothing but identifiers restricts the selection, each of which selects something.
    var isOfIdentifiers: Bool { times.isAlways && people.isEmpty }

    /// Whether it selects everything.
    package var isEverything: Bool { ids.isEmpty && isOfIdentifiers }

    /// The SQL condition on rows of `connection`, without the people; it is 0 or 1.
    ///
    /// - Parameter table: the name of the table in the query.
    func condition(_ table: String = "connection") -> String {
        var parts: [String] = []
        if !ids.isEmpty { parts.append("(\(ids.map { Self.condition($0, table) }.joined(separator: " OR ")))") }
        if let since = times.since { parts.append("\(table).last_ns >= \(since.nanoseconds)") }
        if let until = times.until { parts.append("\(table).opened_ns < \(until.nanoseconds)") }
        return parts.isEmpty ? "1" : parts.joined(separator: " AND ")
    }

    private static func condition(_ id: ArchiveID, _ table: String) -> String {
        switch id {
        case .connection(let number): "\(table).id = \(number)"
        case .conversation(let number): "\(table).id = (SELECT id FROM conversation WHERE id = \(number))"
        case .signIn(let number): "\(table).sign_in IS \(number)"
        case .recording(let number): "\(table).recording = \(number)"
        }
    }

    /// Throws `ArchiveError` if one of the identifiers selects nothing.
    func requireIdentifiers(_ db: Database, in path: String) throws {
        for id in ids {
            let select = try PreparedStatement(
                "SELECT 1 FROM connection WHERE \(Self.condition(id, "connection")) LIMIT 1", in: db, isShared: false)
            defer { select.reset() }
            guard try select.step() else {
                throw ArchiveError("there is no \(id) in \(path); “sessions --tree” lists what there is")
            }
        }
    }

    /// The connections of these people; nil if the selection does not restrict them.
    func connections(_ db: Database) throws -> Set<Int64>? {
        guard !people.isEmpty else { return nil }
        if let connectionsOfPeople { return connectionsOfPeople }
        // For each account, the places in `people` of those that it may be.
        var accounts: [Int64: Set<Int>] = [:]
        try Self.rows("SELECT id, address FROM account", db) { row in
            let address = row.text(1)
            note(row.integer(0), &accounts) { $0.matches(account: address) }
        }
        for table in ["participant", "contact", "presence"] {
            try Self.rows("SELECT account, name FROM \(table) WHERE name IS NOT NULL AND name <> ''", db) { row in
                let name = row.text(1)
                note(row.integer(0), &accounts) { $0.matches(name: name) }
            }
        }
        var found: [Int64: Set<Int>] = [:]
        for sql in [
            "SELECT conversation, account FROM participant", "SELECT DISTINCT connection, sender FROM message",
        ] {
            try Self.rows(sql, db) { row in
                if let places = accounts[row.integer(1)] { found[row.integer(0), default: []].formUnion(places) }
            }
        }
        try Self.rows(
            "SELECT connection.id, account FROM connection JOIN sign_in ON sign_in.id = connection.sign_in", db
        ) { row in
            let account = row.text(1)
            note(row.integer(0), &found) { $0.matches(account: account) }
        }
        return Set(found.filter { $0.value.count == people.count }.keys)
    }

    private func note(_ row: Int64, _ table: inout [Int64: Set<Int>], where matches: (Person) -> Bool) {
        for (place, person) in people.enumerated() where matches(person) { table[row, default: []].insert(place) }
    }

    private static func rows(_ sql: String, _ db: Database, _ take: (PreparedStatement) -> Void) throws {
        let select = try PreparedStatement(sql, in: db, isShared: false)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        while try select.step() { take(select) }
    }
}

extension Archive {
    /// Looks up the people of a selection, so that several reads need not do so.
    package func resolving(_ selection: ArchiveSelection) throws -> ArchiveSelection {
        var selection = selection
        selection.connectionsOfPeople = try guarded {
            try queue.writeWithoutTransaction { try selection.connections($0) }
        }
        return selection
    }
}
