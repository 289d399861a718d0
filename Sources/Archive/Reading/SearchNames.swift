// Search for people and files by their names.

internal import Events
internal import GRDB
package import Query

extension Archive {
    /// Finds accounts whose address or a display name contains all of the words, by address.
    ///
    /// - Parameters:
    ///   - words: as for `search`.
    ///   - limit: the maximum number of accounts.
    ///   - emit: receives each account; returns false to stop.
    /// - Returns: whether there are more than `limit`.
    @discardableResult
    package func searchPeople(
        _ words: [String], limit: Int, emit: (FoundPerson) -> Bool
    ) throws -> Bool {
        try reading { try findPeople(SearchMatcher(words), limit, $0, emit) }
    }

    private func findPeople(
        _ matcher: SearchMatcher, _ limit: Int, _ db: Database, _ emit: (FoundPerson) -> Bool
    ) throws -> Bool {
        let select = try PreparedStatement(
            """
            SELECT account.id, account.address, named.name FROM (
                \(Self.names(in: "participant", connection: "conversation"))
                UNION \(Self.names(in: "contact", connection: "connection"))
                UNION \(Self.names(in: "presence", connection: "connection"))
            ) AS named JOIN account ON account.id = named.account ORDER BY account.address, named.name
            """, in: db, isShared: false, free: StatementBudget.freeWithList)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        var count = 0
        var person: (account: Int64, found: FoundPerson)?
        /// Emits the account whose rows were read; false to stop.
        func deliver() throws -> Bool {
            guard let (account, found) = person else { return true }
            person = nil
            return emit(try completed(found, account, db))
        }
        while try select.step() {
            let account = select.integer(0)
            if person?.account != account {
                guard try deliver() else { return false }
            }
            let (address, name) = (select.text(1), select.text(2))
            guard matcher.matches(name.isEmpty ? address : "\(name) \(address)") else { continue }
            if person == nil {
                guard count < limit else { return true }
                count += 1
                let found = FoundPerson(
                    account: address, names: [], conversations: [], conversationCount: 0, isContact: false)
                person = (account, found)
            }
            if !name.isEmpty, person?.found.names.count ?? 0 < FoundPerson.mostNames {
                person?.found.names.append(name)
            }
        }
        _ = try deliver()
        return false
    }

    /// The accounts and names in a table; not those of imports that have not ended.
    private static func names(in table: String, connection: String) -> String {
        """
        SELECT account, name FROM \(table) JOIN connection ON connection.id = \(table).\(connection)
        JOIN recording ON recording.id = connection.recording WHERE recording.is_complete
        """
    }

    private func completed(_ person: FoundPerson, _ account: Int64, _ db: Database) throws -> FoundPerson {
        var person = person
        let select = try PreparedStatement(
            """
            SELECT conversation, max(joined_ns) AS latest FROM participant
            JOIN connection ON connection.id = conversation JOIN recording ON recording.id = connection.recording
            WHERE account = ? AND recording.is_complete GROUP BY conversation ORDER BY latest DESC, conversation
            """, in: db)
        select.bind(1, account)
        defer { select.reset() }
        while try select.step() {
            person.conversationCount += 1
            guard person.conversations.count < FoundPerson.mostConversations else { continue }
            person.conversations.append(.conversation(select.integer(0)))
        }
        let contact = try PreparedStatement("SELECT 1 FROM contact WHERE account = ? LIMIT 1", in: db)
        contact.bind(1, account)
        defer { contact.reset() }
        person.isContact = try contact.step()
        return person
    }

    /// Finds files and objects whose name contains all of the words, the latest first. One that both clients'
    /// connections recorded is found once. Read-only archives before schema 3 have none.
    ///
    /// - Parameters:
    ///   - words: as for `search`.
    ///   - limit: the maximum number of files.
    ///   - selection: on which connections to search, and when the files were sent.
    ///   - filter: an additional condition on the files.
    ///   - emit: receives each file; returns false to stop.
    /// - Returns: whether there are more than `limit`.
    @discardableResult
    package func searchFiles(
        _ words: [String], limit: Int, in selection: ArchiveSelection = .everything, where filter: Filter? = nil,
        emit: (FoundFile) -> Bool
    ) throws -> Bool {
        try reading { try findFiles(SearchMatcher(words), limit, selection, filter, $0, emit) }
    }

    private func findFiles(
        _ matcher: SearchMatcher, _ limit: Int, _ selection: ArchiveSelection, _ filter: Filter?, _ db: Database,
        _ emit: (FoundFile) -> Bool
    ) throws -> Bool {
        guard try Self.hasTransfers(db) else { return false }
        let selected = try selection.connections(db)
        let select = try PreparedStatement(
            """
            SELECT transfer.connection, transfer.time_ns, transfer.kind, transfer.name, transfer.bytes,
            transfer.is_complete, (SELECT address FROM account WHERE account.id = transfer.sender), session,
            conversation.id, connection.sign_in, sign_in.account
            FROM transfer JOIN connection ON connection.id = transfer.connection
            JOIN recording ON recording.id = connection.recording
            LEFT JOIN sign_in ON sign_in.id = connection.sign_in
            LEFT JOIN conversation ON conversation.id = connection.id
            WHERE recording.is_complete AND transfer.name != '' ORDER BY transfer.time_ns DESC, transfer.id DESC
            """, in: db, isShared: false, free: StatementBudget.freeWithList)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        var merger = CopyMerger<FoundFile>()
        var (count, isMore, isStopped) = (0, false, false)
        func deliver(_ ready: [FoundFile]) {
            for found in ready where !isMore && !isStopped {
                guard count < limit else {
                    isMore = true
                    return
                }
                count += 1
                isStopped = !emit(found)
            }
        }
        while !isMore, !isStopped, try select.step() {
            let name = select.text(3)
            guard matcher.matches(name) else { continue }
            let connection = select.integer(0)
            guard selected?.contains(connection) ?? true else { continue }
            let found = FoundFile(
                connection: .connection(connection),
                conversation: ConversationSummary(
                    id: select.isNull(8) ? .connection(connection) : .conversation(connection),
                    session: select.optionalText(7), participants: try participants(connection, db), messages: 0),
                time: Timestamp(nanoseconds: select.integer(1)), kind: select.text(2), name: name,
                from: select.text(6), bytes: select.optionalInteger(4),
                isComplete: select.optionalInteger(5).map { $0 != 0 }, account: select.optionalText(10),
                signIn: select.optionalInteger(9))
            guard selection.times.contains(found.time),
                filter?.matches(found, json: { found.values(at: $0) }) ?? true
            else { continue }
            deliver(merger.add(found))
        }
        deliver(merger.finish())
        return isMore
    }

    private static func hasTransfers(_ db: Database) throws -> Bool {
        let select = try PreparedStatement(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'transfer'", in: db)
        defer { select.reset() }
        return try select.step()
    }
}
