// Full-text search over archived messages, with the neighbouring messages of each match.

package import Events
internal import GRDB
package import MSNP
package import Query

/// One archived text message.
package struct ArchivedMessage: Sendable, Hashable {
    /// The connection that carried it.
    package var connection: ArchiveID
    /// When it was sent.
    package var time: Timestamp
    /// The sender's account; empty if unknown.
    package var from: String
    /// The side of this connection that sent it.
    package var side: Side
    /// The text.
    package var text: String
    fileprivate var id: Int64
}

/// A matching message with its neighbours.
package struct FoundMessage: Sendable {
    /// The message.
    package var message: ArchivedMessage
    /// The conversation that it belongs to.
    package var conversation: ConversationSummary
    /// The sign-in that it belongs to.
    package var signIn: SignIn?
    /// The role of its connection.
    package var role = Role.unknown
    /// The dialect of its connection.
    package var dialect: String?
    /// The messages before it, in order of time.
    package var before: [ArchivedMessage] = []
    /// The messages after it, in order of time.
    package var after: [ArchivedMessage] = []
}

extension Archive {
    /// The number of messages returned before and after a match.
    package static let neighbours = 2

    /// Finds messages that contain all of the words, the last recorded first.
    ///
    /// - Parameters:
    ///   - words: matched without regard to case; a word of three letters or more also matches longer words that start
    ///     with it. One that contains spaces is matched as a phrase.
    ///   - limit: the maximum number of matches.
    ///   - selection: in which connections to search; of messages, the span is that of their own time.
    ///   - filter: an additional condition on the messages.
    ///   - emit: receives each match; returns false to stop.
    package func search(
        _ words: [String], limit: Int, in selection: ArchiveSelection = .everything, where filter: Filter? = nil,
        emit: (FoundMessage) -> Bool
    ) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.deferred) {
                    try selection.requireIdentifiers(db, in: path)
                    try find(words, limit, selection, filter, db, emit)
                    return .commit
                }
            }
        }
    }

    private static let columns = """
        message.id, message.connection, message.time_ns, message.said_by, message.text,
        (SELECT address FROM account WHERE account.id = message.sender)
        """

    private func find(
        _ words: [String], _ limit: Int, _ selection: ArchiveSelection, _ filter: Filter?, _ db: Database,
        _ emit: (FoundMessage) -> Bool
    ) throws {
        let selected = try selection.connections(db)
        let literals = words.filter { SearchText.query(for: [$0]) == nil }
        let query = SearchText.query(for: words)
        let tail = """
            JOIN connection ON connection.id = message.connection JOIN recording ON recording.id = connection.recording
            LEFT JOIN sign_in ON sign_in.id = connection.sign_in
            LEFT JOIN conversation ON conversation.id = connection.id
            WHERE recording.is_complete AND \(selection.condition())
            """ + literals.map { _ in " AND instr(message.text, ?) > 0" }.joined()
        let columns =
            Self.columns
            + ", connection.sign_in, sign_in.account, session, connection.role, connection.dialect, conversation.id"
        let select: PreparedStatement
        if let query {
            select = try PreparedStatement(
                """
                SELECT \(columns) FROM message_search CROSS JOIN message ON message.id = message_search.rowid \(tail)
                AND message_search MATCH ? ORDER BY message_search.rowid DESC
                """, in: db, isShared: false)
            select.bind(Int32(literals.count + 1), query)
        } else {
            select = try PreparedStatement(
                "SELECT \(columns) FROM message \(tail) ORDER BY message.id DESC", in: db, isShared: false)
        }
        for (index, literal) in literals.enumerated() { select.bind(Int32(index + 1), literal) }
        defer { select.reset() }
        select.longestText = ArchiveLimits.longestMessage
        var count = 0
        while count < limit, try select.step() {
            let message = Self.message(select)
            guard case .connection(let connection) = message.connection, selected?.contains(connection) ?? true,
                selection.times.contains(message.time)
            else { continue }
            var found = FoundMessage(
                message: message,
                conversation: ConversationSummary(
                    id: select.isNull(11) ? .connection(connection) : .conversation(connection),
                    session: select.optionalText(8),
                    participants: try participants(connection, db), messages: 0))
            if let row = select.optionalInteger(6) {
                found.signIn = SignIn(number: Int(row), account: select.optionalText(7))
            }
            found.role = Role(rawValue: select.text(9)) ?? .unknown
            found.dialect = select.optionalText(10)
            if let filter, !filter.matches(found, json: { found.values(at: $0) }) { continue }
            found.before = try around(message, connection, "message.id < ?", "DESC", db).reversed()
            found.after = try around(message, connection, "message.id > ?", "ASC", db)
            count += 1
            guard emit(found) else { return }
        }
    }

    private func around(
        _ message: ArchivedMessage, _ connection: Int64, _ condition: String, _ order: String, _ db: Database
    ) throws -> [ArchivedMessage] {
        let select = try PreparedStatement(
            """
            SELECT \(Self.columns) FROM message WHERE message.connection = ? AND \(condition)
            ORDER BY message.id \(order) LIMIT \(Self.neighbours)
            """, in: db)
        select.bind(1, connection)
        select.bind(2, message.id)
        select.longestText = ArchiveLimits.longestMessage
        var result: [ArchivedMessage] = []
        while try select.step() { result.append(Self.message(select)) }
        return result
    }

    private static func message(_ row: PreparedStatement) -> ArchivedMessage {
        ArchivedMessage(
            connection: .connection(row.integer(1)), time: Timestamp(nanoseconds: row.integer(2)), from: row.text(5),
            side: row.text(3) == "C" ? .client : .server, text: row.text(4), id: row.integer(0))
    }
}

extension FoundMessage: Filterable {
    package var filterTime: Timestamp { message.time }

    /// The values of a filter field for this message and its connection.
    package func values(of field: FilterField) -> [String] {
        let number = if case .connection(let row) = message.connection { "\(row)" } else { "" }
        switch field {
        case .role: return [role.rawValue]
        case .conn: return [number]
        case .dialect: return dialect.map { [$0] } ?? []
        case .account: return signIn?.account.map { [$0] } ?? []
        case .signIn: return signIn.map { ["\($0.number)"] } ?? []
        case .time: return [message.time.rfc3339]
        case .dir: return [message.side == .client ? "c2s" : "s2c"]
        case .from: return [message.from]
        case .to: return recipients
        case .conversation: return [conversation.session ?? "connection-\(number)"]
        case .text: return [message.text, message.from] + recipients
        case .event, .verb, .trid, .args, .payload, .bytes, .type, .client, .server, .name, .reason, .payloadBytes:
            return []
        }
    }

    /// The values at a path in the JSON of a result.
    func values(at path: [String]) -> [String] {
        switch path.last {
        case "id": [conversation.id.description]
        case "ns": ["\(message.time.nanoseconds)"]
        case "participants": conversation.participants
        default: []
        }
    }

    private var recipients: [String] { conversation.participants.filter { $0 != message.from } }
}

extension FilterKeys {
    /// The keys of the JSON of a result; without those of the messages around it, which are read afterwards.
    package static let ofMessages = FilterKeys(kinds: ["id": .text, "ns": .number, "participants": .account])
}
