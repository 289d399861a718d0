// Full-text search over archived messages, with the neighbouring messages of each match.

internal import Events
internal import GRDB
internal import MSNP
package import Query

/// How far a search came.
package struct SearchPart: Sendable, Hashable {
    /// Whether there are more matches.
    package var isMore: Bool
    /// Everything from here on was looked at, and then the time was used up; nil if all was looked at.
    package var stop: MessagePlace?
    /// How many messages were looked at.
    package var looked: Int64
}

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
        try searchPart(words, limit: limit, in: selection, where: filter, emit: emit).isMore
    }

    /// Finds messages as `search` does, as far as the time of a request allows.
    ///
    /// - Parameters:
    ///   - longestNeighbour: the bytes of a neighbour's text that are needed.
    ///   - control: limits how long many messages are looked through.
    /// - Returns: whether there are more matches, and where it stopped for lack of time.
    package func searchPart(
        _ words: [String], limit: Int, in selection: ArchiveSelection = .everything, where filter: Filter? = nil,
        longestNeighbour: Int = ArchiveLimits.longestMessage, _ control: ReadControl = ReadControl(),
        emit: (FoundMessage) -> Bool
    ) throws -> SearchPart {
        try reading { try find(words, limit, selection, filter, longestNeighbour, $0, control, emit) }
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
        _ words: [String], _ limit: Int, _ selection: ArchiveSelection, _ filter: Filter?, _ longestNeighbour: Int,
        _ db: Database, _ control: ReadControl, _ emit: (FoundMessage) -> Bool
    ) throws -> SearchPart {
        let selected = try selection.connections(db)
        let matcher = SearchMatcher(words)
        let candidates = try SearchCandidates(words, selection, db)
        let select = try PreparedStatement(
            """
            SELECT \(Self.columns), connection.sign_in, sign_in.account, session, connection.role, connection.dialect,
            conversation.id
            FROM message JOIN connection ON connection.id = message.connection
            LEFT JOIN sign_in ON sign_in.id = connection.sign_in
            LEFT JOIN conversation ON conversation.id = connection.id
            WHERE message.id = ? AND connection.recording IN (SELECT id FROM recording WHERE is_complete)
            AND \(selection.condition())\(candidates.literalConditions)
            """, in: db, isShared: false)
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
                found.before = try around(found.message, "message.id < ?", "DESC", longestNeighbour, db).reversed()
                found.after = try around(found.message, "message.id > ?", "ASC", longestNeighbour, db)
                isStopped = !emit(found)
            }
        }
        var stop: MessagePlace?
        search: while !isMore, !isStopped {
            if candidates.isInParts, control.isOver, let last = candidates.last {
                stop = last
                break
            }
            try control.check()
            let candidate: MessagePlace
            switch try candidates.next() {
            case .message(let place): candidate = place
            case .part: continue
            case .end: break search
            }
            if let since = selection.times.since, candidate.time < since.nanoseconds { break }
            select.reset()
            select.bind(1, candidate.id)
            candidates.bindLiterals(select, from: 2)
            guard try select.step(), let found = try Self.found(select, participants: { try participants($0, db) }),
                isSelected(found), filter?.matches(found, json: { found.values(at: $0) }) ?? true
            else { continue }
            // SQLite holds the row until then, and its neighbours are read now.
            select.reset()
            try deliver(merger.add(found))
        }
        try deliver(merger.finish())
        return SearchPart(isMore: isMore, stop: isMore || isStopped ? nil : stop, looked: candidates.looked)
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
        _ message: ArchivedMessage, _ condition: String, _ order: String, _ longestText: Int, _ db: Database
    ) throws -> [ArchivedMessage] {
        guard case .connection(let connection) = message.connection else { return [] }
        let select = try PreparedStatement(
            """
            SELECT \(Self.columns) FROM message WHERE message.connection = ? AND \(condition)
            ORDER BY message.id \(order) LIMIT \(Self.neighbours)
            """, in: db)
        select.bind(1, connection)
        select.bind(2, message.id)
        select.longestText = longestText
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
