// Makes the rows of talks: the parts that connections carried, joined as `talks` and `transcript` join them.

internal import Analysis
internal import Events
internal import GRDB
internal import MSNP

/// Derives talks from the other derived tables. A part is made when its connection has ended; then the talks around it
/// are joined anew, so that the rows are those that joining all parts of the recording at once would give.
enum TalkDerivation {
    /// The largest number of parts that are joined anew because of one of them; then it stays alone.
    private static let mostParts = 2_000

    // MARK: - Whole recordings

    /// Derives the talks of all complete and running recordings.
    static func deriveAll(_ db: Database) throws {
        let select = try PreparedStatement("SELECT id FROM recording WHERE is_complete", in: db, isShared: false)
        var recordings: [Int64] = []
        while try select.step() { recordings.append(select.integer(0)) }
        for recording in recordings { try derive(recording: recording, db) }
    }

    /// Derives the talks of a recording anew. Those of connections that are still open come with their end.
    static func derive(recording: Int64, _ db: Database) throws {
        for sql in ["DELETE FROM talk_part WHERE recording = ?", "DELETE FROM talk WHERE recording = ?"] {
            let delete = try PreparedStatement(sql, in: db)
            delete.bind(1, recording)
            try delete.run()
        }
        let select = try PreparedStatement(
            """
            SELECT connection.id FROM connection
            WHERE recording = ? \(try Recordings.isRunning(recording, db) ? "AND closed_ns IS NOT NULL" : "")
            AND (EXISTS (SELECT 1 FROM message WHERE message.connection = connection.id)
                OR EXISTS (SELECT 1 FROM transfer WHERE transfer.connection = connection.id))
            """, in: db, isShared: false)
        select.bind(1, recording)
        var rows: [Int64] = []
        while try select.step() { rows.append(select.integer(0)) }
        try join(rows.compactMap { try part(of: $0, hasTransfers: true, db) }, [:], db)
    }

    /// Derives the talks of connections without an end, of recordings that have ended: their relay was killed.
    static func deriveCutOff(_ db: Database) throws {
        let select = try PreparedStatement(
            """
            SELECT connection.id, recording.id FROM recording JOIN connection ON connection.recording = recording.id
            WHERE kind = 'relay' AND closed_ns IS NULL AND connection.id NOT IN (SELECT connection FROM talk_part)
            AND (EXISTS (SELECT 1 FROM message WHERE message.connection = connection.id)
                OR EXISTS (SELECT 1 FROM transfer WHERE transfer.connection = connection.id))
            """, in: db, isShared: false)
        var rows: [(connection: Int64, recording: Int64)] = []
        while try select.step() { rows.append((select.integer(0), select.integer(1))) }
        var running: [Int64: Bool] = [:]
        rows = try rows.filter { row in
            let isRunning = try running[row.recording] ?? Recordings.isRunning(row.recording, db)
            running[row.recording] = isRunning
            return !isRunning
        }
        guard !rows.isEmpty else { return }
        try MediaDerivation.within(db) { for row in rows { try derive(connection: row.connection, db) } }
    }

    // MARK: - One connection

    /// Derives the part of a connection that has ended, and joins it with the talks around it. Only rows that change are
    /// written.
    static func derive(connection: Int64, _ db: Database) throws {
        guard let part = try part(of: connection, hasTransfers: true, db), let segment = part.segment else { return }
        var around = Surroundings(segment)
        var parts: [Int64: TalkPart] = [connection: part]
        var known: [Int64: Place] = [:]
        var talks: Set<Int64> = []
        var isGrowing = true
        while isGrowing, parts.count <= mostParts {
            isGrowing = false
            for talk in try around.talks(db) where talks.insert(talk).inserted {
                for (other, place) in try members(of: talk, db) {
                    known[other.connection] = place
                    guard parts[other.connection] == nil, let segment = other.segment else { continue }
                    parts[other.connection] = other
                    around.add(segment)
                    isGrowing = true
                }
            }
        }
        if parts.count > mostParts { (parts, known, talks) = ([connection: part], [:], []) }
        known[connection] = nil
        let left = try join(Array(parts.values), known, db)
        let delete = try PreparedStatement("DELETE FROM talk WHERE id = ?", in: db)
        for talk in talks where !left.contains(talk) {
            delete.bind(1, talk)
            try delete.run()
        }
    }

    /// Where a part stands.
    private struct Place: Equatable {
        var talk: Int64
        var number: Int64
    }

    /// The people, sessions and times of parts that may be joined with others.
    private struct Surroundings {
        var recording: Int
        var people: Set<String> = []
        var sessions: Set<String> = []
        var first: Timestamp
        var last: Timestamp

        init(_ segment: ChatSegment) {
            recording = segment.recording
            (first, last) = (segment.first, segment.last)
            add(segment)
        }

        mutating func add(_ segment: ChatSegment) {
            people.formUnion([key(segment.allAccounts), key(segment.allAccountsAtEnd)].compactMap(\.self))
            if let session = segment.session { sessions.insert(session.number) }
            first = min(first, segment.first)
            last = max(last, segment.last)
        }

        /// The talks that share people or a session, and are near in time.
        func talks(_ db: Database) throws -> Set<Int64> {
            let pause = Conversations.pause &* 1_000_000_000
            var found: Set<Int64> = []
            for (column, keys) in [("everybody", people), ("everybody_at_end", people), ("session", sessions)] {
                let select = try PreparedStatement(
                    """
                    SELECT DISTINCT talk.id FROM talk_part JOIN talk ON talk.id = talk_part.talk
                    WHERE talk_part.recording = ? AND \(column) = ? AND talk.last_ns >= ? AND talk.first_ns <= ?
                    """, in: db)
                for key in keys {
                    select.bind(1, recording)
                    select.bind(2, key)
                    select.bind(3, first.nanoseconds.subtractingReportingOverflow(pause).partialValue)
                    select.bind(4, last.nanoseconds.addingReportingOverflow(pause).partialValue)
                    while try select.step() { found.insert(select.integer(0)) }
                }
            }
            return found
        }
    }

    /// The parts of a talk as their rows have them: without names.
    private static func members(of talk: Int64, _ db: Database) throws -> [(part: TalkPart, place: Place)] {
        let select = try PreparedStatement(
            """
            SELECT connection, number, recording, first_ns, last_ns, messages, transfers, own, people, people_at_end,
            server, session, is_direct FROM talk_part WHERE talk = ?
            """, in: db)
        defer { select.reset() }
        select.bind(1, talk)
        var members: [(part: TalkPart, place: Place)] = []
        while try select.step() {
            let isDirect = select.integer(12) != 0
            let connection = select.integer(0)
            let part = TalkPart(
                id: isDirect ? .connection(connection) : .conversation(connection), connection: connection,
                recording: select.integer(2), signIn: nil, server: select.text(10), session: select.optionalText(11),
                isDirect: isDirect, own: select.text(7), ownName: nil,
                people: addresses(select.text(8)).map { TalkPart.Person(account: $0, name: "") },
                peopleAtEnd: Set(addresses(select.text(9))), first: Timestamp(nanoseconds: select.integer(3)),
                last: Timestamp(nanoseconds: select.integer(4)), messages: select.integer(5),
                transfers: select.integer(6), isRequested: true)
            members.append((part, Place(talk: talk, number: select.integer(1))))
        }
        return members
    }

    /// The addresses in a text with one a line.
    static func addresses(_ text: String) -> [String] {
        text.split(separator: "\n").prefix(ArchiveLimits.mostParticipants).map(String.init)
    }

    /// What a connection carried of a conversation; nil if that is nothing.
    ///
    /// - Parameter hasTransfers: whether the archive has the table of transfers; nil if that is to be looked up.
    static func part(of connection: Int64, hasTransfers: Bool? = nil, _ db: Database) throws -> TalkPart? {
        let transfers =
            try hasTransfers ?? Schema.hasMigration3(db)
            ? "(SELECT count(*) FROM transfer WHERE transfer.connection = connection.id)" : "0"
        let select = try PreparedStatement(
            """
            SELECT recording, sign_in, (SELECT account FROM sign_in WHERE sign_in.id = sign_in), server, conversation.id,
            session, opened_ns, last_ns, role, (SELECT count(*) FROM message WHERE message.connection = connection.id),
            \(transfers) FROM connection LEFT JOIN conversation ON conversation.id = connection.id WHERE connection.id = ?
            """, in: db)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        select.bind(1, connection)
        guard try select.step() else { return nil }
        let isDirect = select.isNull(4)
        guard !isDirect || Role(rawValue: select.text(8)) == .notification else { return nil }
        var part = TalkPart(
            id: isDirect ? .connection(connection) : .conversation(connection), connection: connection,
            recording: select.integer(0), signIn: select.optionalInteger(1), server: select.text(3),
            session: select.optionalText(5), isDirect: isDirect, own: select.text(2), ownName: nil, people: [],
            peopleAtEnd: [], first: Timestamp(nanoseconds: select.integer(6)),
            last: Timestamp(nanoseconds: select.integer(7)), messages: select.integer(9),
            transfers: isDirect ? 0 : select.integer(10), isRequested: true)
        guard part.messages > 0 || part.transfers > 0 else { return nil }
        select.reset()
        try Archive.addPeople(to: &part, db)
        return part
    }

    // MARK: - Joining

    /// The talks of all complete and running recordings, with the number of messages, in order of their first events.
    static func joined(_ db: Database) throws -> [(parts: [TalkPart], messages: Int64)] {
        let hasTransfers = try Schema.hasMigration3(db)
        let transfers =
            hasTransfers ? "OR EXISTS (SELECT 1 FROM transfer WHERE transfer.connection = connection.id)" : ""
        let select = try PreparedStatement(
            """
            SELECT id FROM connection WHERE recording IN (SELECT id FROM recording WHERE is_complete)
            AND (EXISTS (SELECT 1 FROM message WHERE message.connection = connection.id) \(transfers))
            """, in: db, isShared: false)
        var rows: [Int64] = []
        while try select.step() { rows.append(select.integer(0)) }
        return try joined(rows.compactMap { try part(of: $0, hasTransfers: hasTransfers, db) }, db).map {
            ($0.members.map(\.part), $0.messages)
        }
    }

    /// Parts that make one talk.
    private struct Joined {
        var members: [(part: TalkPart, segment: ChatSegment)]
        var first: Timestamp
        var last: Timestamp
        var messages: Int64
    }

    private static func joined(_ parts: [TalkPart], _ db: Database) throws -> [Joined] {
        var byConnection: [Int: TalkPart] = [:]
        var segments: [ChatSegment] = []
        for part in parts {
            guard let segment = part.segment else { continue }
            byConnection[segment.connection] = part
            segments.append(segment)
        }
        let count = try PreparedStatement(
            "SELECT count(*) FROM message WHERE connection = ? AND time_ns > ?", in: db)
        return try Conversations.join(segments).map { conversation in
            let members = conversation.segments.compactMap { segment in
                byConnection[segment.connection].map { (part: $0, segment: segment) }
            }
            var messages: Int64 = 0
            for (member, before) in zip(members, conversation.shownBefore) {
                guard let before else {
                    messages &+= member.part.messages
                    continue
                }
                count.bind(1, member.part.connection)
                count.bind(2, before.nanoseconds)
                defer { count.reset() }
                if try count.step() { messages &+= count.integer(0) }
            }
            return Joined(members: members, first: conversation.first, last: conversation.last, messages: messages)
        }
    }

    /// Writes the talks of some parts.
    ///
    /// - Parameter known: the parts that have rows, with their places.
    /// - Returns: the talks.
    @discardableResult
    private static func join(_ parts: [TalkPart], _ known: [Int64: Place] = [:], _ db: Database) throws -> Set<Int64> {
        let talk = try PreparedStatement(
            """
            INSERT INTO talk (id, recording, first_ns, last_ns, messages) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET first_ns = excluded.first_ns, last_ns = excluded.last_ns,
            messages = excluded.messages
            """, in: db)
        let all = try joined(parts, db)
        for joined in all {
            guard let first = joined.members.first?.part else { continue }
            talk.bind(1, first.connection)
            talk.bind(2, first.recording)
            talk.bind(3, joined.first.nanoseconds)
            talk.bind(4, joined.last.nanoseconds)
            talk.bind(5, joined.messages)
            try talk.run()
            for (number, member) in joined.members.enumerated() {
                guard known[member.part.connection] != Place(talk: first.connection, number: Int64(number)) else {
                    continue
                }
                try insert(member.part, member.segment, number, of: first.connection, db)
            }
        }
        return Set(all.compactMap { $0.members.first?.part.connection })
    }

    private static func insert(
        _ part: TalkPart, _ segment: ChatSegment, _ number: Int, of talk: Int64, _ db: Database
    ) throws {
        let insert = try PreparedStatement(
            """
            INSERT OR REPLACE INTO talk_part (connection, talk, number, recording, first_ns, last_ns, messages,
            transfers, own, people, people_at_end, everybody, everybody_at_end, server, session, is_direct)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, in: db)
        insert.bind(1, part.connection)
        insert.bind(2, talk)
        insert.bind(3, number)
        insert.bind(4, part.recording)
        insert.bind(5, part.first.nanoseconds)
        insert.bind(6, part.last.nanoseconds)
        insert.bind(7, part.messages)
        insert.bind(8, part.transfers)
        insert.bind(9, part.own)
        insert.bind(10, part.people.map(\.account).joined(separator: "\n"))
        insert.bind(11, part.peopleAtEnd.sorted().joined(separator: "\n"))
        insert.bind(12, key(segment.allAccounts))
        insert.bind(13, key(segment.allAccountsAtEnd))
        insert.bind(14, part.server)
        insert.bind(15, part.session)
        insert.bind(16, part.isDirect ? 1 : 0)
        try insert.run()
    }

    private static func key(_ accounts: Set<String>?) -> String? { accounts?.sorted().joined(separator: "\n") }
}
