// Lists the contents of the archive: sign-ins, their connections, and the conversations on these.

package import Events
internal import GRDB
package import MSNP

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
    /// The latest display name of the account in the whole archive, if one is known.
    package var name: String?
    /// The file of all its connections; nil if they came from several files, or from none.
    package var file: String?
    /// The number of its listed connections.
    package var connections: Int64 = 0
    /// The number of its listed connections that are conversations.
    package var conversations: Int64 = 0
    /// The number of text messages on its listed connections.
    package var messages: Int64 = 0
    /// The number of findings on its listed connections.
    package var findings: Int64 = 0
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
    /// The number of text messages.
    package var messages: Int64
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
    /// Lists the sign-ins of all recordings that are complete or still running.
    ///
    /// - Parameters:
    ///   - query: which ones, and in which order.
    ///   - emit: receives each sign-in, followed by its connections; returns false to stop.
    /// - Returns: the sums over everything that the query names, beyond its limit too.
    @discardableResult
    package func sessions(_ query: SessionQuery = SessionQuery(), emit: (SessionPart) -> Bool) throws -> SessionTotals {
        try reading { try list(query.resolved($0, in: path), $0, emit) }
    }

    /// Lists sign-ins within a transaction.
    func list(_ query: SessionQuery, _ db: Database, _ emit: (SessionPart) throws -> Bool) throws -> SessionTotals {
        let names = query.includesNames ? try LatestNames(db) : LatestNames()
        let select = try PreparedStatement(
            """
            SELECT listed.sign_in, listed.recording, start, sign_in.account, sign_in.dialect, sign_in.client_program,
            recording.kind, recording.process, recording.ended_ns,
            (
                SELECT name || CASE WHEN count(*) > 1 THEN ' and ' || (count(*) - 1) || ' more' ELSE '' END
                FROM (SELECT name FROM source_file WHERE source_file.recording = listed.recording ORDER BY id)
            ), last, (SELECT name FROM source_file WHERE source_file.id = file), connections, conversations, messages,
            findings
            FROM (
                SELECT connection.sign_in, connection.recording, min(connection.opened_ns) AS start,
                max(connection.last_ns) AS last, count(*) AS connections, count(conversation.id) AS conversations,
                sum((SELECT count(*) FROM message WHERE message.connection = connection.id)) AS messages,
                sum((SELECT count(*) FROM finding WHERE finding.connection = connection.id)) AS findings,
                \(try Schema.commonFile(db)) AS file
                FROM connection LEFT JOIN conversation ON conversation.id = connection.id
                GROUP BY connection.recording, connection.sign_in
            ) AS listed
            JOIN recording ON recording.id = listed.recording LEFT JOIN sign_in ON sign_in.id = listed.sign_in
            WHERE recording.is_complete
            ORDER BY start \(query.newestFirst ? "DESC" : "ASC"), listed.sign_in \(query.newestFirst ? "DESC" : "ASC")
            """, in: db, isShared: false)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        var totals = SessionTotals()
        while try select.step() {
            let signIn = select.optionalInteger(0)
            let recording = select.integer(1)
            guard query.selection.mayContain(signIn: signIn, recording: recording) else { continue }
            var summary = SignInSummary(
                id: signIn.map(ArchiveID.signIn), account: select.optionalText(3), dialect: select.optionalText(4),
                program: select.optionalText(5), recording: .recording(recording),
                origin: select.optionalText(9) ?? select.text(6),
                first: Timestamp(nanoseconds: select.integer(2)), last: Timestamp(nanoseconds: select.integer(10)),
                file: select.optionalText(11), connections: select.integer(12), conversations: select.integer(13),
                messages: select.integer(14), findings: select.integer(15))
            summary.name = summary.account.flatMap { names[$0] }
            if signIn != nil, !query.selection.matches([summary.account, summary.name]) { continue }
            let isRunning = select.isNull(8) && ProcessMark.isAlive(select.text(7))
            let group = Group(signIn: signIn, recording: recording, isRunning: isRunning)
            if query.isSelective(signIn: signIn, recording: recording) {
                // Which connections match, and therefore times and sums, is only known after all were checked.
                guard try narrow(&summary, of: group, query, db) else { continue }
            }
            totals.add(summary)
            if let limit = query.limit, totals.lines > limit { continue }
            var shouldContinue = try emit(.begins(summary))
            if shouldContinue, query.includesConnections {
                try connections(of: group, db) { connection in
                    guard query.accepts(connection, of: summary) else { return true }
                    shouldContinue = try emit(.connection(connection))
                    return shouldContinue
                }
            }
            guard try shouldContinue && emit(.ends) else { break }
        }
        return totals
    }

    /// Connections to list together.
    struct Group {
        var signIn: Int64?
        var recording: Int64
        var isRunning: Bool
    }

    /// Restricts the times and sums of a group to the connections that match.
    ///
    /// - Returns: whether any connection matches.
    private func narrow(
        _ summary: inout SignInSummary, of group: Group, _ query: SessionQuery, _ db: Database
    ) throws -> Bool {
        var span: (first: Timestamp, last: Timestamp)?
        var narrowed = summary
        (narrowed.connections, narrowed.conversations, narrowed.messages, narrowed.findings) = (0, 0, 0, 0)
        try connections(of: group, db) { connection in
            guard query.accepts(connection, of: summary) else { return true }
            span = (
                min(span?.first ?? connection.opened, connection.opened),
                max(span?.last ?? connection.last, connection.last)
            )
            narrowed.connections += 1
            if connection.conversation != nil { narrowed.conversations += 1 }
            narrowed.messages &+= connection.messages
            narrowed.findings &+= connection.findings
            return true
        }
        guard let span else { return false }
        (narrowed.first, narrowed.last) = span
        summary = narrowed
        return true
    }

    func connections(
        of group: Group, _ db: Database, emit: (ConnectionSummary) throws -> Bool
    ) throws {
        let select = try PreparedStatement(
            """
            SELECT connection.id, client, server, role, dialect, opened_ns, last_ns, closed_ns, close_reason, frames,
            client_bytes, server_bytes, missing_bytes,
            (SELECT count(*) FROM finding WHERE finding.connection = connection.id), conversation.id, session,
            (SELECT count(*) FROM message WHERE message.connection = connection.id), \(try Schema.fileName(db))
            FROM connection LEFT JOIN conversation ON conversation.id = connection.id
            WHERE \(group.signIn == nil ? "recording = ? AND sign_in IS NULL" : "sign_in = ?")
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
                id: .connection(id),
                ends: Endpoints(client: select.text(1), server: select.text(2), file: select.optionalText(17)),
                role: Role(rawValue: select.text(3)) ?? .unknown, dialect: select.optionalText(4),
                opened: Timestamp(nanoseconds: select.integer(5)), last: Timestamp(nanoseconds: select.integer(6)),
                end: end, frames: select.integer(9),
                sentBytes: PerSide(client: select.integer(10), server: select.integer(11)),
                missingBytes: select.integer(12), findings: select.integer(13), messages: select.integer(16))
            if !select.isNull(14) {
                connection.conversation = ConversationSummary(
                    id: .conversation(id), session: select.optionalText(15), participants: try participants(id, db),
                    messages: select.integer(16))
            }
            guard try emit(connection) else { return }
        }
    }

    func participants(_ conversation: Int64, _ db: Database) throws -> [String] {
        let select = try PreparedStatement(
            """
            SELECT (SELECT substr(address, 1, \(ArchiveLimits.longestLabel)) FROM account WHERE id = account) AS address
            FROM participant WHERE conversation = ? GROUP BY account ORDER BY min(joined_ns), address
            """, in: db)
        select.bind(1, conversation)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        var result: [String] = []
        while result.count < ArchiveLimits.mostParticipants, try select.step() { result.append(select.text(0)) }
        return result
    }
}
