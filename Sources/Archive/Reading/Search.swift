// Full-text search over archived messages, with the neighbouring messages of each match.

internal import Events
internal import GRDB
internal import MSNP
package import Query

extension Archive {
    /// The number of messages returned before and after a match.
    package static let neighbours = 2

    /// Finds messages that contain all of the words, the latest first. A message that both clients' connections
    /// recorded is found once.
    ///
    /// - Parameters:
    ///   - words: matched without regard to case; a word of three letters or more, or with `*` behind it, also matches
    ///     longer words that start with it. One that contains spaces is matched as a phrase.
    ///   - limit: the maximum number of matches.
    ///   - selection: in which connections to search; of messages, the span is that of their own time.
    ///   - filter: an additional condition on the messages.
    ///   - emit: receives each match; returns false to stop.
    /// - Returns: whether there are more matches than `limit`.
    @discardableResult
    package func search(
        _ words: [String], limit: Int, in selection: ArchiveSelection = .everything, where filter: Filter? = nil,
        emit: (FoundMessage) -> Bool
    ) throws -> Bool {
        try reading { try find(words, limit, selection, filter, $0, emit) }
    }

    /// Reads within one transaction everything that was recorded up to now.
    func reading<T>(_ body: (Database) throws -> T) throws -> T {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try completeTables(db)
                var result: T?
                try db.inTransaction(.deferred) {
                    result = try body(db)
                    return .commit
                }
                guard let result else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
                return result
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
    ) throws -> Bool {
        let selected = try selection.connections(db)
        let matcher = SearchMatcher(words)
        let candidates = try candidates(words, selection, db)
        defer { candidates.reset() }
        let select = try PreparedStatement(
            """
            SELECT \(Self.columns), connection.sign_in, sign_in.account, session, connection.role, connection.dialect,
            conversation.id
            FROM message JOIN connection ON connection.id = message.connection
            LEFT JOIN sign_in ON sign_in.id = connection.sign_in
            LEFT JOIN conversation ON conversation.id = connection.id
            WHERE message.id = ?
            """, in: db)
        select.longestText = ArchiveLimits.longestMessage
        defer { select.reset() }
        /// Whether a message is of the selected people and times.
        func isSelected(_ found: FoundMessage) -> Bool {
            guard selection.times.contains(found.message.time) else { return false }
            guard let selected else { return true }
            if case .connection(let row) = found.message.connection { return selected.contains(row) }
            return false
        }
        var merger = CopyMerger<FoundMessage>()
        var (count, isMore, isStopped) = (0, false, false)
        func deliver(_ ready: [FoundMessage]) throws {
            for var found in ready where !isMore && !isStopped {
                guard count < limit else {
                    isMore = true
                    return
                }
                count += 1
                found.matches = matcher.places(in: found.message.text)
                found.before = try around(found.message, "message.id < ?", "DESC", db).reversed()
                found.after = try around(found.message, "message.id > ?", "ASC", db)
                isStopped = !emit(found)
            }
        }
        while !isMore, !isStopped, try candidates.step() {
            select.reset()
            select.bind(1, candidates.integer(0))
            guard try select.step(), let found = try Self.found(select, participants: { try participants($0, db) }),
                isSelected(found), filter?.matches(found, json: { found.values(at: $0) }) ?? true
            else { continue }
            try deliver(merger.add(found))
        }
        try deliver(merger.finish())
        return isMore
    }

    /// A statement that returns the numbers of the messages that contain all words, the latest first.
    private func candidates(
        _ words: [String], _ selection: ArchiveSelection, _ db: Database
    ) throws -> PreparedStatement {
        let literals = words.filter { SearchText.query(for: [$0]) == nil }
        let query = SearchText.query(for: words)
        let source =
            query == nil
            ? "message" : "message_search CROSS JOIN message ON message.id = message_search.rowid"
        let conditions =
            literals.map { _ in " AND instr(message.text, ?) > 0" }.joined()
            + (query == nil ? "" : " AND message_search MATCH ?")
        // Only numbers and times are sorted: texts may be longer than memory.
        let select = try PreparedStatement(
            """
            SELECT message.id FROM \(source)
            JOIN connection ON connection.id = message.connection JOIN recording ON recording.id = connection.recording
            WHERE recording.is_complete AND \(selection.condition())\(conditions)
            ORDER BY message.time_ns DESC, message.id DESC
            """, in: db, isShared: false, free: StatementBudget.freeWithList)
        for (index, literal) in literals.enumerated() { select.bind(Int32(index + 1), literal) }
        if let query { select.bind(Int32(literals.count + 1), query) }
        return select
    }

    private static func found(
        _ row: PreparedStatement, participants: (Int64) throws -> [String]
    ) throws -> FoundMessage? {
        let message = message(row)
        guard case .connection(let connection) = message.connection else { return nil }
        var found = FoundMessage(
            message: message,
            conversation: ConversationSummary(
                id: row.isNull(11) ? .connection(connection) : .conversation(connection),
                session: row.optionalText(8), participants: try participants(connection), messages: 0))
        if let number = row.optionalInteger(6) {
            found.signIn = SignIn(number: Int(number), account: row.optionalText(7))
        }
        found.role = Role(rawValue: row.text(9)) ?? .unknown
        found.dialect = row.optionalText(10)
        return found
    }

    private func around(
        _ message: ArchivedMessage, _ condition: String, _ order: String, _ db: Database
    ) throws -> [ArchivedMessage] {
        guard case .connection(let connection) = message.connection else { return [] }
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
