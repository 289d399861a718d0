// Lists the contents of the archive: sign-ins, their connections, and the conversations on these.

package import Events
internal import GRDB
package import MSNP
package import Query

/// One sign-in, or the connections of a recording that belong to no sign-in.
package struct SignInSummary: Sendable {
    /// Its identifier, `s3`; nil for the connections without one.
    package var id: ArchiveID?
    /// The account, if known.
    package var account: String?
    /// The dialect of its notification connection.
    package var dialect: String?
    /// The client's name and version, from its `CVR`.
    package var program: String?
    /// The recording that contains it.
    package var recording: ArchiveID
    /// The origin of the recording: the name of the first imported file, or `relay`.
    package var origin: String
    /// When the first of its listed connections was opened.
    package var first: Timestamp
    /// The time of the last event on any of its connections.
    package var last: Timestamp
}

/// A part of the list. The list is emitted in parts because it may be larger than memory.
package enum SessionPart: Sendable {
    /// A sign-in, or the connections of a recording without sign-in; its connections follow.
    case begins(SignInSummary)
    /// One of its connections, in the order in which they were opened.
    case connection(ConnectionSummary)
    /// The end of its connections.
    case ends
}

/// One connection in a list.
package struct ConnectionSummary: Sendable {
    /// How a connection ended.
    package enum End: Sendable, Hashable {
        /// Closed for the recorded reason.
        case closed(CloseReason)
        /// Still being recorded.
        case open
        /// The recording ended before the connection did.
        case cutOff
    }

    /// Its identifier, `c12`.
    package var id: ArchiveID
    /// The addresses of client and server.
    package var ends: Endpoints
    /// The role of the server.
    package var role: Role
    /// The dialect.
    package var dialect: String?
    /// When it was opened.
    package var opened: Timestamp
    /// The time of its last event.
    package var last: Timestamp
    /// How it ended.
    package var end: End
    /// The number of commands from both sides.
    package var frames: Int64
    /// The number of bytes that each side sent.
    package var sentBytes: PerSide<Int64>
    /// The number of bytes known to be missing.
    package var missingBytes: Int64
    /// The number of findings.
    package var findings: Int64
    /// The conversation on it, if it is a switchboard.
    package var conversation: ConversationSummary?
}

/// One conversation in a list.
package struct ConversationSummary: Sendable {
    /// Its identifier, `v12`.
    package var id: ArchiveID
    /// The session number of the switchboard, if captured.
    package var session: String?
    /// The accounts of all participants, in the order in which they joined.
    package var participants: [String]
    /// The number of text messages.
    package var messages: Int64
}

extension Archive {
    /// Lists all recordings that are complete or still running.
    ///
    /// - Parameters:
    ///   - selection: which connections to list; sign-ins without any of these are omitted.
    ///   - filter: a further condition on the connections.
    ///   - emit: receives each sign-in in order of time, followed by its connections; returns false to stop.
    /// - Throws: `ArchiveError` if nothing has one of the identifiers.
    package func sessions(
        _ selection: ArchiveSelection = .everything, where filter: Filter? = nil, emit: (SessionPart) -> Bool
    ) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.deferred) {
                    try selection.requireIdentifiers(db, in: path)
                    try list(ListCondition(selection, filter, db), db, emit)
                    return .commit
                }
            }
        }
    }

    private func list(_ condition: ListCondition, _ db: Database, _ emit: (SessionPart) -> Bool) throws {
        let select = try PreparedStatement(
            """
            SELECT connection.sign_in, connection.recording, min(connection.opened_ns) AS start, sign_in.account,
            sign_in.dialect, sign_in.client_program, recording.kind, recording.process, recording.ended_ns,
            (
                SELECT name || CASE WHEN count(*) > 1 THEN ' and ' || (count(*) - 1) || ' more' ELSE '' END
                FROM (SELECT name FROM source_file WHERE source_file.recording = recording.id ORDER BY id)
            ), max(connection.last_ns)
            FROM connection JOIN recording ON recording.id = connection.recording
            LEFT JOIN sign_in ON sign_in.id = connection.sign_in
            WHERE recording.is_complete
            GROUP BY connection.recording, connection.sign_in ORDER BY start, connection.sign_in
            """, in: db, isShared: false)
        select.longestText = ArchiveLimits.longestLabel
        while try select.step() {
            let signIn = select.optionalInteger(0)
            let recording = select.integer(1)
            var summary = SignInSummary(
                id: signIn.map(ArchiveID.signIn), account: select.optionalText(3), dialect: select.optionalText(4),
                program: select.optionalText(5), recording: .recording(recording),
                origin: select.optionalText(9) ?? select.text(6),
                first: Timestamp(nanoseconds: select.integer(2)), last: Timestamp(nanoseconds: select.integer(10)))
            let isRunning = select.isNull(8) && ProcessMark.isAlive(select.text(7))
            let group = Group(signIn: signIn, recording: recording, isRunning: isRunning)
            if condition.isRestricting {
                // Which connections match, and therefore the time span, is only known after all were checked.
                guard let span = try span(of: group, summary, condition, db) else { continue }
                (summary.first, summary.last) = span
            }
            var shouldContinue = emit(.begins(summary))
            if shouldContinue {
                try connections(of: group, condition, db) { connection in
                    guard condition.matches(connection, of: summary) else { return true }
                    shouldContinue = emit(.connection(connection))
                    return shouldContinue
                }
            }
            guard shouldContinue, emit(.ends) else { return select.reset() }
        }
    }

    /// Connections to list together.
    private struct Group {
        var signIn: Int64?
        var recording: Int64
        var isRunning: Bool
    }

    /// The time span of those connections of a group that match a filter; nil if none does.
    private func span(
        of group: Group, _ summary: SignInSummary, _ condition: ListCondition, _ db: Database
    ) throws -> (first: Timestamp, last: Timestamp)? {
        var span: (first: Timestamp, last: Timestamp)?
        try connections(of: group, condition, db) { connection in
            guard condition.matches(connection, of: summary) else { return true }
            span = (
                min(span?.first ?? connection.opened, connection.opened),
                max(span?.last ?? connection.last, connection.last)
            )
            return true
        }
        return span
    }

    /// What restricts the list.
    private struct ListCondition {
        let selection: ArchiveSelection
        let filter: Filter?
        /// The connections of the selected people; nil if all are selected.
        let selected: Set<Int64>?

        init(_ selection: ArchiveSelection, _ filter: Filter?, _ db: Database) throws {
            self.selection = selection
            self.filter = filter
            selected = try selection.connections(db)
        }

        var isRestricting: Bool { !selection.isEverything || filter != nil }

        /// Whether the people and the filter allow a connection; the query checks the rest of the selection.
        func matches(_ connection: ConnectionSummary, of signIn: SignInSummary) -> Bool {
            if let selected, case .connection(let row) = connection.id, !selected.contains(row) { return false }
            guard let filter else { return true }
            let listed = ListedConnection(connection: connection, signIn: signIn)
            return filter.matches(listed) { listed.values(at: $0) }
        }
    }

    private func connections(
        of group: Group, _ condition: ListCondition, _ db: Database, emit: (ConnectionSummary) -> Bool
    ) throws {
        let select = try PreparedStatement(
            """
            SELECT connection.id, client, server, role, dialect, opened_ns, last_ns, closed_ns, close_reason, frames,
            client_bytes, server_bytes, missing_bytes,
            (SELECT count(*) FROM finding WHERE finding.connection = connection.id), conversation.id, session,
            (SELECT count(*) FROM message WHERE message.connection = connection.id)
            FROM connection LEFT JOIN conversation ON conversation.id = connection.id
            WHERE \(group.signIn == nil ? "recording = ? AND sign_in IS NULL" : "sign_in = ?")
            AND \(condition.selection.condition())
            ORDER BY opened_ns, connection.id
            """, in: db)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        select.bind(1, group.signIn ?? group.recording)
        while try select.step() {
            let id = select.integer(0)
            let end: ConnectionSummary.End =
                select.isNull(7) ? (group.isRunning ? .open : .cutOff) : .closed(CloseReason(select.text(8)))
            var connection = ConnectionSummary(
                id: .connection(id), ends: Endpoints(client: select.text(1), server: select.text(2)),
                role: Role(rawValue: select.text(3)) ?? .unknown, dialect: select.optionalText(4),
                opened: Timestamp(nanoseconds: select.integer(5)), last: Timestamp(nanoseconds: select.integer(6)),
                end: end, frames: select.integer(9),
                sentBytes: PerSide(client: select.integer(10), server: select.integer(11)),
                missingBytes: select.integer(12), findings: select.integer(13))
            if !select.isNull(14) {
                connection.conversation = ConversationSummary(
                    id: .conversation(id), session: select.optionalText(15), participants: try participants(id, db),
                    messages: select.integer(16))
            }
            guard emit(connection) else { return }
        }
    }

    func participants(_ conversation: Int64, _ db: Database) throws -> [String] {
        let select = try PreparedStatement(
            """
            SELECT address FROM participant JOIN account ON account.id = participant.account WHERE conversation = ?
            GROUP BY address ORDER BY min(joined_ns), address
            """, in: db)
        select.bind(1, conversation)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        var result: [String] = []
        while result.count < ArchiveLimits.mostParticipants, try select.step() { result.append(select.text(0)) }
        return result
    }
}
