// The parts of conversations, one for each connection that carried messages, from the derived tables.

package import Analysis
package import Events
internal import GRDB
internal import MSNP

/// What one connection carried of a conversation.
package struct TalkPart: Sendable {
    /// A participant other than the recorded client.
    package struct Person: Sendable, Hashable {
        /// The account, an e-mail address.
        package var account: String
        /// The last display name on this connection; empty if it has none.
        package var name: String
    }

    /// The identifier: `v12` for a switchboard; `c12` for a notification connection with direct messages.
    package var id: ArchiveID
    /// The row of the connection.
    package var connection: Int64
    /// The row of its recording.
    package var recording: Int64
    /// The row of its sign-in, if known.
    package var signIn: Int64?
    /// The address of the server.
    package var server: String
    /// The number of the switchboard session, if captured.
    package var session: String?
    /// Whether the messages went over the notification server.
    package var isDirect: Bool
    /// The account of the recorded client; empty if unknown.
    package var own: String
    /// The latest display name of the recorded client, if known.
    package var ownName: String?
    /// Everybody else who took part at any time.
    package var people: [Person]
    /// The accounts of those who took part last.
    package var peopleAtEnd: Set<String>
    /// The time of the first event.
    package var first: Timestamp
    /// The time of the last event.
    package var last: Timestamp
    /// The number of text messages.
    package var messages: Int64
    /// The number of files and objects that were offered or sent; 0 in read-only archives before schema 3.
    package var transfers: Int64
    /// Whether the query names this connection.
    package var isRequested: Bool

    /// The part as transcripts know it, so that both join the same parts; nil if its number is too large.
    package var segment: ChatSegment? {
        guard let connection = Int(exactly: connection) else { return nil }
        let people = Set(people.map(\.account))
        return ChatSegment(
            connection: connection, recording: Int(clamping: recording), signIn: signIn.map { Int(clamping: $0) },
            carrier: isDirect
                ? .directMessages(partner: people.sorted().joined(separator: " "))
                : .switchboard(server: server, session: session), own: own, people: people,
            peopleAtEnd: peopleAtEnd, first: first, last: last, entryCount: Int(clamping: max(1, messages)))
    }
}

/// The last text message of a conversation.
package struct LastMessage: Sendable, Hashable {
    /// When it was sent.
    package var time: Timestamp
    /// The sender's account; empty if unknown.
    package var from: String
    /// The text.
    package var text: String
}

extension Archive {
    /// Lists the parts of all conversations with a message or a transfer, in order of sign-ins.
    ///
    /// - Parameters:
    ///   - query: its filter and selection decide which parts are requested; all are emitted, because parts that are
    ///     not requested may belong to the same conversation.
    ///   - emit: receives each part; returns false to stop.
    package func talkParts(_ query: SessionQuery, emit: (TalkPart) -> Bool) throws {
        try reading { db in try parts(query.resolved(db, in: path), db, emit) }
    }

    private func parts(_ query: SessionQuery, _ db: Database, _ emit: (TalkPart) -> Bool) throws {
        let hasTransfers = try Schema.hasMigration3(db)
        let names = try LatestNames(db)
        var everything = SessionQuery()
        everything.includesNames = false
        var signIn: SignInSummary?
        _ = try list(everything, db) { item in
            switch item {
            case .begins(let summary): signIn = summary
            case .connection(let connection):
                let isTalk = connection.conversation != nil || connection.role == .notification
                guard isTalk, let signIn else { break }
                let transfers =
                    hasTransfers && connection.conversation != nil ? try transferCount(connection, db) : 0
                guard connection.messages > 0 || transfers > 0,
                    var part = try self.part(connection, of: signIn, db)
                else { break }
                part.transfers = transfers
                part.ownName = names[part.own]
                let words = part.people.flatMap { [$0.account, $0.name] } + [part.own, part.ownName ?? ""]
                part.isRequested = query.acceptsWithoutWords(connection, of: signIn) && query.selection.matches(words)
                return emit(part)
            case .ends: break
            }
            return true
        }
    }

    private func part(
        _ connection: ConnectionSummary, of signIn: SignInSummary, _ db: Database
    ) throws -> TalkPart? {
        guard case .connection(let row) = connection.id, case .recording(let recording) = signIn.recording else {
            return nil
        }
        let number: Int64? = if case .signIn(let number)? = signIn.id { number } else { nil }
        var part = TalkPart(
            id: connection.conversation?.id ?? connection.id, connection: row, recording: recording, signIn: number,
            server: connection.ends.server, session: connection.conversation?.session,
            isDirect: connection.conversation == nil, own: signIn.account ?? "", ownName: nil, people: [],
            peopleAtEnd: [], first: connection.opened, last: connection.last, messages: connection.messages,
            transfers: 0, isRequested: false)
        try Self.addPeople(to: &part, db)
        return part
    }

    /// Adds everybody who took part.
    static func addPeople(to part: inout TalkPart, _ db: Database) throws {
        if part.isDirect { try addSenders(to: &part, db) } else { try addParticipants(to: &part, db) }
    }

    /// Adds the participants of a switchboard. The recorded client is the account that signed in; where that is
    /// unknown, the first one without a name: servers send a client the names of others only.
    private static func addParticipants(to part: inout TalkPart, _ db: Database) throws {
        let select = try PreparedStatement(
            """
            SELECT address, name, left_ns FROM participant JOIN account ON account.id = participant.account
            WHERE conversation = ? ORDER BY joined_ns, address
            """, in: db)
        select.bind(1, part.connection)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        var rows: [(account: String, name: String?, left: Int64?)] = []
        while rows.count < ArchiveLimits.mostParticipants, try select.step() {
            rows.append((select.text(0), select.optionalText(1), select.optionalInteger(2)))
        }
        if !rows.contains(where: { $0.account == part.own }) {
            part.own = rows.first { $0.name == nil }?.account ?? part.own
        }
        var places: [String: Int] = [:]
        for row in rows where row.account != part.own {
            if let place = places[row.account] {
                if let name = row.name, !name.isEmpty { part.people[place].name = name }
            } else {
                places[row.account] = part.people.count
                part.people.append(TalkPart.Person(account: row.account, name: row.name ?? ""))
            }
        }
        let others = rows.filter { $0.account != part.own }
        let present = others.filter { $0.left == nil }
        let lastLeft = others.compactMap(\.left).max()
        part.peopleAtEnd = Set((present.isEmpty ? others.filter { $0.left == lastLeft } : present).map(\.account))
    }

    /// Adds the senders of direct messages. The times are those of the messages: the connection lasts all day.
    private static func addSenders(to part: inout TalkPart, _ db: Database) throws {
        let select = try PreparedStatement(
            """
            SELECT address, min(time_ns), max(time_ns) FROM message LEFT JOIN account ON account.id = message.sender
            WHERE message.connection = ? GROUP BY address ORDER BY min(time_ns)
            """, in: db)
        select.bind(1, part.connection)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        var span: (first: Int64, last: Int64)?
        while part.people.count < ArchiveLimits.mostParticipants, try select.step() {
            let account = select.text(0)
            if !account.isEmpty, account != part.own {
                part.people.append(TalkPart.Person(account: account, name: ""))
            }
            span = (
                min(span?.first ?? select.integer(1), select.integer(1)),
                max(span?.last ?? select.integer(2), select.integer(2))
            )
        }
        guard let span else { return }
        part.first = Timestamp(nanoseconds: span.first)
        part.last = Timestamp(nanoseconds: span.last)
        part.peopleAtEnd = Set(part.people.map(\.account))
    }

    private func transferCount(_ connection: ConnectionSummary, _ db: Database) throws -> Int64 {
        guard case .connection(let row) = connection.id else { return 0 }
        let select = try PreparedStatement("SELECT count(*) FROM transfer WHERE connection = ?", in: db)
        select.bind(1, row)
        defer { select.reset() }
        return try select.step() ? select.integer(0) : 0
    }

    /// The number of messages on a connection after a time.
    package func messageCount(on connection: Int64, after time: Timestamp) throws -> Int64 {
        try guarded {
            try queue.writeWithoutTransaction { db in
                let select = try PreparedStatement(
                    "SELECT count(*) FROM message WHERE connection = ? AND time_ns > ?", in: db)
                select.bind(1, connection)
                select.bind(2, time.nanoseconds)
                defer { select.reset() }
                return try select.step() ? select.integer(0) : 0
            }
        }
    }

    /// The last message on any of these connections; nil if there is none.
    package func lastMessage(on connections: [Int64]) throws -> LastMessage? {
        try guarded { try queue.writeWithoutTransaction { try Self.lastMessage(on: connections, $0) } }
    }

    static func lastMessage(on connections: [Int64], _ db: Database) throws -> LastMessage? {
        let select = try PreparedStatement(
            """
            SELECT time_ns, address, text FROM message LEFT JOIN account ON account.id = message.sender
            WHERE message.connection = ? ORDER BY time_ns DESC, message.id DESC LIMIT 1
            """, in: db)
        select.longestText = ArchiveLimits.longestMessage
        defer { select.reset() }
        var last: LastMessage?
        for connection in connections {
            select.bind(1, connection)
            if try select.step(), last.map({ $0.time.nanoseconds < select.integer(0) }) ?? true {
                last = LastMessage(
                    time: Timestamp(nanoseconds: select.integer(0)), from: select.text(1), text: select.text(2))
            }
            select.reset()
        }
        return last
    }
}
