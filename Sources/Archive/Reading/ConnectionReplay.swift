// Replays one archived connection, event by event. No value in a row is trusted.

internal import Analysis
internal import Events
internal import GRDB
internal import MSNP

/// Reads the events of one connection, one block at a time.
struct ConnectionReplay {
    /// The row identifier of the connection.
    let row: Int64
    private let db: Database
    private let ends: Endpoints
    private let reason: CloseReason
    private let accounts: [Int: (row: Int64, account: String?)]
    private var nextBlock: Int64 = -1
    private var reader = EventIndexReader([])
    /// The unread bytes of the current block.
    private var bytes = PerSide<ByteSlice>(both: [])
    private var tallies: PerSide<Tally>
    private var tracker: ConnectionTracker
    /// The state that the latest event had.
    private var context: ConnectionContext
    /// Events to return next, in reverse order.
    private var pendingEvents: [Event] = []
    private var lastFinding: Int64 = 0
    private var lastRewriting: Int64 = 0
    /// The number of the recorded event from which the latest event follows, or that it is; see `EventAddress`.
    private(set) var number: Int64 = 0

    init(
        connection: Int64, _ db: Database, _ detail: EventDetail, passwords: Passwords = .none
    ) throws {
        row = connection
        self.db = db
        tallies = PerSide(both: Tally(hasDigest: detail.hasDigests))
        let select = try PreparedStatement(
            """
            SELECT client, server, close_reason, client_acked_unseen_bytes, server_acked_unseen_bytes, recording,
            \(try Schema.fileName(db)) FROM connection WHERE id = ?
            """, in: db)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        select.bind(1, connection)
        guard try select.step() else { throw ArchiveError("the archive changed while it was read") }
        ends = Endpoints(client: select.text(0), server: select.text(1), file: select.optionalText(6))
        // Only connections of pasted logs have no client address.
        tracker = ConnectionTracker(
            connection: Int(connection), analysis: detail.analysis, passwords: passwords,
            isExcerpt: ends.client == "unknown")
        context = ConnectionContext(connection: Int(connection))
        reason = CloseReason(select.text(2))
        tallies.client.ackedUnseenBytes = UInt64(clamping: select.integer(3))
        tallies.server.ackedUnseenBytes = UInt64(clamping: select.integer(4))
        let recording = select.integer(5)
        // The unary plus keeps SQLite from searching by recording, which may have very many rows.
        let signIns = try PreparedStatement(
            """
            SELECT DISTINCT sign_in.number, sign_in.id, sign_in.account FROM sign_in
            WHERE +recording = ? AND id IN (SELECT sign_in FROM connection WHERE id = ?)
            """, in: db)
        signIns.longestText = ArchiveLimits.longestLabel
        signIns.bind(1, recording)
        signIns.bind(2, connection)
        var accounts: [Int: (Int64, String?)] = [:]
        while try signIns.step() {
            accounts[Int(clamping: signIns.integer(0))] = (signIns.integer(1), signIns.optionalText(2))
        }
        self.accounts = accounts
    }

    /// The next event; nil at the end.
    mutating func next() throws -> Event? {
        if let event = pendingEvents.popLast() { return event }
        while true {
            guard let entry = reader.next() else {
                if reader.isDamaged { number += 1 }
                guard try readBlock() else { return nil }
                continue
            }
            number += 1
            guard let kind = try kind(of: entry) else { continue }
            context = context.with(role: entry.state.role, dialect: entry.state.dialect, signIn: signIn(entry.state))
            let event = Event(time: Timestamp(nanoseconds: entry.time), context: context, kind: kind)
            Self.track(event, &tracker, &pendingEvents)
            return pendingEvents.popLast()
        }
    }

    /// Derived events are not recorded with the others; the tracker regenerates them from the bytes.
    private static func track(
        _ event: Event, _ tracker: inout ConnectionTracker, _ events: inout [Event]
    ) {
        if case .closed = event.kind {
            tracker.end(event) { events.append($0) }
        } else {
            tracker.observe(event) { events.append($0) }
        }
        events.reverse()
    }

    private func signIn(_ state: ConnectionState) -> SignIn? {
        guard state.signIn > 0 else { return nil }
        let known = accounts[state.signIn]
        return SignIn(
            number: Int(known?.row ?? Int64(state.signIn)),
            account: state.hasAccount ? known?.account : nil)
    }

    private mutating func readBlock() throws -> Bool {
        let select = try PreparedStatement(
            """
            SELECT number, events, client_bytes, client_length, server_bytes, server_length FROM block WHERE connection = ? AND number > ?
            ORDER BY number LIMIT 1
            """, in: db)
        defer { select.reset() }
        select.bind(1, row)
        select.bind(2, nextBlock)
        // If a number is not an integer, SQLite orders it differently than Swift does; that must not cause a step back.
        guard try select.step(), select.integer(0) > nextBlock else { return false }
        nextBlock = select.integer(0)
        reader = EventIndexReader(select.blob(1))
        // The events of the block borrow these.
        bytes.client = ByteSlice(CompressedBytes(blob: select.blob(2)[...], length: select.integer(3)).bytes ?? [])
        bytes.server = ByteSlice(CompressedBytes(blob: select.blob(4)[...], length: select.integer(5)).bytes ?? [])
        return true
    }

    /// The event of an entry; nil if the bytes or rows that it refers to are missing.
    private mutating func kind(of entry: EventIndexReader.Entry) throws -> Event.Kind? {
        switch entry.kind {
        case .state: return nil
        case .opened: return .opened(ends)
        case .closed:
            return .closed(ends, reason: reason, client: tallies.client.sums, server: tallies.server.sums)
        case .frame:
            guard let bytes = consume(entry.length, from: entry.side) else { return nil }
            guard let frame = Frame(bytes) else {
                return noise(bytes, .notMSNP, from: entry.side)
            }
            tallies[entry.side].count(bytes.span)
            tallies[entry.side].count(frame)
            return .frame(frame, from: entry.side)
        case .noise:
            guard let bytes = consume(entry.length, from: entry.side) else { return nil }
            return noise(bytes, entry.reason, from: entry.side)
        case .gap:
            let offset = tallies[entry.side].offset
            tallies[entry.side].countGap(entry.length)
            return .gap(bytes: entry.length, offset: offset, from: entry.side)
        case .finding: return try finding()
        case .rewriting: return try rewriting()
        }
    }

    private mutating func consume(_ length: UInt64, from side: Side) -> ByteSlice? {
        guard let count = Int(exactly: length), count <= bytes[side].count else { return nil }
        defer { bytes[side].removeFirst(count) }
        return bytes[side].prefix(count)
    }

    private mutating func noise(_ bytes: ByteSlice, _ reason: Noise.Reason, from side: Side) -> Event.Kind {
        let noise = Noise(bytes: bytes, reason: reason, offset: tallies[side].offset)
        tallies[side].count(bytes.span)
        tallies[side].count(noise)
        return .noise(noise, from: side)
    }

    /// The SQL condition for recorded findings; all others are derived again from the bytes.
    static let isRecorded = """
        (name NOT IN (\(list(FindingName.allCases.filter(\.isDerived).map(\.rawValue))))
        OR name IN (\(list(FindingName.ofTransfers.map(\.rawValue)))) AND EXISTS (
            SELECT 1 FROM connection WHERE connection.id = finding.connection
            AND role IN (\(list(FindingName.rolesWithoutAgreement.map(\.rawValue).sorted())))))
        """

    private static func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ", ") }

    private mutating func finding() throws -> Event.Kind? {
        let select = try PreparedStatement(
            """
            SELECT id, said_by, name, text FROM finding WHERE connection = ? AND id > ? AND \(Self.isRecorded)
            ORDER BY id LIMIT 1
            """, in: db)
        defer { select.reset() }
        select.bind(1, row)
        select.bind(2, lastFinding)
        guard try select.step(), select.integer(0) > lastFinding else { return nil }
        lastFinding = select.integer(0)
        let side: Side? = select.isNull(1) ? nil : select.text(1) == "client" ? .client : .server
        return Finding(recorded: Finding.Name(select.text(2)), select.text(3), side: side).recordedKind
    }

    private mutating func rewriting() throws -> Event.Kind? {
        let select = try PreparedStatement(
            """
            SELECT id, from_address, to_address, received, sent FROM rewriting WHERE connection = ? AND id > ?
            ORDER BY id LIMIT 1
            """, in: db)
        defer { select.reset() }
        select.bind(1, row)
        select.bind(2, lastRewriting)
        guard try select.step(), select.integer(0) > lastRewriting else { return nil }
        lastRewriting = select.integer(0)
        return .rewritten(
            Rewriting(
                original: Frame(rewritten: ByteSlice(select.blob(3))),
                sent: Frame(rewritten: ByteSlice(select.blob(4))),
                from: select.text(1), to: select.text(2)))
    }
}
