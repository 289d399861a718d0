// One request's view of an archive: the tables and what is pending, in one transaction.

internal import Events
internal import GRDB
internal import MSNP
internal import NIOConcurrencyHelpers

/// What is needed to make the events of a connection.
struct ConnectionFacts: Sendable {
    var ends: Endpoints
    var reason: CloseReason
    var unseen: PerSide<UInt64>
    var recording: Int64
    var role: Role
    var opened: Int64
    /// The row and account of its sign-in, by the number within the recording.
    var signIns: [Int: (row: Int64, account: String?)]
}

/// Reads events by number. Used within one transaction, by one thread.
final class BrowsingSession {
    let db: Database
    let cache: BrowsingCache
    let control: ReadControl
    let overlay: PendingOverlay
    private var directories: [Int64: BlockDirectory] = [:]
    private var facts: [Int64: ConnectionFacts] = [:]
    private var recordedFindings: [Int64: [Int64]] = [:]
    private var rewritings: [Int64: [Int64]] = [:]
    /// The block that was read last of each connection.
    private var entries: [Int64: (key: BlockKey, entries: [BlockEntry])] = [:]
    private var bytes: [Int64: (key: BlockKey, bytes: BlockBytes)] = [:]
    /// The analysis of connections that are read in full.
    var analyses: [Int64: ConnectionAnalysis] = [:]
    /// Whether the tables have the columns and tables of migration 5.
    lazy var hasEventNumbers: Bool = (try? Schema.hasMigration5(db)) ?? false

    init(_ db: Database, _ cache: BrowsingCache, _ control: ReadControl) throws {
        self.db = db
        self.cache = cache
        self.control = control
        overlay = try cache.pending.withLockedValue { overlay in
            try overlay.update(db)
            return overlay
        }
    }

    /// The largest number of rows of one kind that are looked up in one connection.
    private static let mostRows = 1 << 16

    // MARK: - Connections

    /// The connections of a scope in the order in which they were opened, with their times.
    func spans(of scope: EventScope) throws -> [ConnectionSpans.Span] {
        let rows = try connections(of: scope)
        return try cache.spans.withLockedValue { spans in
            try spans.update(db, overlay)
            return rows.map { spans.of($0) } ?? spans.byOpening
        }
    }

    /// The rows of the connections of a scope; nil for all.
    func connections(of scope: EventScope) throws -> [Int64]? {
        guard case .of(let id) = scope else { return nil }
        var sql = "SELECT id FROM connection WHERE "
        let number: Int64
        switch id {
        case .connection(let row): return [row]
        case .conversation(let row):
            number = row
            guard hasEventNumbers else { return [row] }
            sql = """
                SELECT connection FROM talk_part WHERE talk = (SELECT talk FROM talk_part WHERE connection = ?1)
                UNION SELECT ?1
                """
        case .signIn(let row): (number, sql) = (row, sql + "sign_in = ?")
        case .recording(let row): (number, sql) = (row, sql + "recording = ?")
        }
        let select = try PreparedStatement(sql, in: db)
        defer { select.reset() }
        select.bind(1, number)
        var rows: Set<Int64> = []
        while try select.step() { rows.insert(select.integer(0)) }
        for (row, connection) in overlay.connections {
            switch id {
            case .recording(let recording) where connection.recording == recording: rows.insert(row)
            case .signIn(let signIn):
                let key = PendingOverlay.SignInKey(recording: connection.recording, number: connection.signIn)
                if connection.signIn > 0, overlay.signIns[key]?.row ?? connection.signIn == signIn { rows.insert(row) }
            default: break
            }
        }
        return Array(rows)
    }

    /// What is known of a connection; nil if there is none.
    func facts(of connection: Int64) throws -> ConnectionFacts? {
        if let known = facts[connection] { return known }
        let select = try PreparedStatement(
            """
            SELECT client, server, close_reason, client_acked_unseen_bytes, server_acked_unseen_bytes, recording,
            \(try Schema.fileName(db)), role, opened_ns, sign_in FROM connection WHERE id = ?
            AND recording IN (SELECT id FROM recording WHERE is_complete)
            """, in: db)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        select.bind(1, connection)
        let pending = overlay.connections[connection]
        var result: ConnectionFacts
        if try select.step() {
            result = ConnectionFacts(
                ends: Endpoints(client: select.text(0), server: select.text(1), file: select.optionalText(6)),
                reason: CloseReason(select.text(2)),
                unseen: PerSide(
                    client: UInt64(clamping: select.integer(3)), server: UInt64(clamping: select.integer(4))),
                recording: select.integer(5), role: Role(rawValue: select.text(7)) ?? .unknown,
                opened: select.integer(8), signIns: [:])
            if let signIn = select.optionalInteger(9) { try addSignIn(row: signIn, to: &result) }
        } else if let pending {
            result = ConnectionFacts(
                ends: Endpoints(client: pending.client, server: pending.server),
                reason: CloseReason(""), unseen: PerSide(both: 0), recording: pending.recording, role: pending.role,
                opened: pending.opened, signIns: [:])
        } else {
            return nil
        }
        if let pending {
            result.ends.server = pending.server
            result.role = pending.role
            if let end = pending.end {
                result.reason = CloseReason(end.reason)
                result.unseen = PerSide(
                    client: UInt64(clamping: end.unseen.client), server: UInt64(clamping: end.unseen.server))
            }
            let key = PendingOverlay.SignInKey(recording: pending.recording, number: pending.signIn)
            if pending.signIn > 0, let known = try overlay.signIns[key] ?? PendingOverlay.signIn(key, db) {
                result.signIns[Int(clamping: pending.signIn)] = known
            }
        }
        facts[connection] = result
        return result
    }

    private func addSignIn(row: Int64, to facts: inout ConnectionFacts) throws {
        let select = try PreparedStatement(
            "SELECT number, account FROM sign_in WHERE id = ? AND recording = ?", in: db)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        select.bind(1, row)
        select.bind(2, facts.recording)
        guard try select.step() else { return }
        facts.signIns[Int(clamping: select.integer(0))] = (row, select.optionalText(1))
    }

    // MARK: - Blocks

    /// The directory of a connection, up to date.
    func directory(of connection: Int64) throws -> BlockDirectory {
        if let known = directories[connection] { return known }
        var directory = BlockDirectory()
        if let kept = cache.directories.value(connection) {
            directory.parts = Array(kept.parts.prefix(kept.lasting))
            directory.end = kept.parts.count > kept.lasting ? kept.parts[kept.lasting].before : kept.end
        }
        var last: Int64 = -1
        if case .table(let number)? = directory.parts.last?.place { last = number }
        let select = try PreparedStatement(
            """
            SELECT number, length(events) + client_length + server_length, events FROM block
            WHERE connection = ? AND number > ? ORDER BY number
            """, in: db)
        defer { select.reset() }
        select.bind(1, connection)
        select.bind(2, last)
        while try select.step(), select.integer(0) > last {
            last = select.integer(0)
            try add(.table(last), size: select.integer(1), connection, to: &directory) { select.blob(2) }
            try control.check()
        }
        for (row, index) in overlay.connections[connection]?.blocks ?? [] {
            guard let batch = overlay.batch(row), batch.blocks.indices.contains(index) else { continue }
            let block = batch.blocks[index]
            try add(.pending(row: row, index: index), size: Int64(block.size), connection, to: &directory) {
                Array(batch.bytes[block.events])
            }
        }
        directories[connection] = directory
        cache.directories.keep(
            directory, for: connection, cost: 64 + directory.parts.count * MemoryLayout<BlockDirectory.Part>.stride)
        return directory
    }

    private func add(
        _ place: BlockPlace, size: Int64, _ connection: Int64, to directory: inout BlockDirectory,
        _ index: () -> [UInt8]
    ) throws {
        var counts = directory.end
        let entries = BlockEntry.decode(index(), &counts)
        directory.append(entries, place, size: size, counts: counts)
    }

    /// The events of a part of a directory.
    func entries(of part: BlockDirectory.Part, _ connection: Int64) throws -> [BlockEntry] {
        let key = BlockKey(connection: connection, before: part.before.events, size: part.size)
        if let known = entries[connection], known.key == key { return known.entries }
        if let kept = cache.entries.value(key) {
            entries[connection] = (key, kept)
            return kept
        }
        try control.check()
        var index: [UInt8] = []
        switch part.place {
        case .table(let number):
            let select = try PreparedStatement(
                "SELECT events FROM block WHERE connection = ? AND number = ?", in: db)
            defer { select.reset() }
            select.bind(1, connection)
            select.bind(2, number)
            if try select.step() { index = select.blob(0) }
        case .pending(let row, let place):
            if let batch = overlay.batch(row) { index = Array(batch.bytes[batch.blocks[place].events]) }
        }
        var counts = part.before
        let decoded = BlockEntry.decode(index, &counts)
        entries[connection] = (key, decoded)
        cache.entries.keep(decoded, for: key, cost: decoded.count * MemoryLayout<BlockEntry>.stride)
        return decoded
    }

    /// The bytes of a part of a directory.
    func bytes(of part: BlockDirectory.Part, _ connection: Int64) throws -> BlockBytes {
        let key = BlockKey(connection: connection, before: part.before.events, size: part.size)
        if let known = bytes[connection], known.key == key { return known.bytes }
        if let kept = cache.bytes.value(key) {
            bytes[connection] = (key, kept)
            return kept
        }
        var result = BlockBytes(sides: PerSide(both: []))
        switch part.place {
        case .table(let number):
            let select = try PreparedStatement(
                """
                SELECT client_bytes, client_length, server_bytes, server_length FROM block
                WHERE connection = ? AND number = ?
                """, in: db)
            defer { select.reset() }
            select.bind(1, connection)
            select.bind(2, number)
            if try select.step() {
                result.sides = PerSide(
                    client: CompressedBytes(blob: select.blob(0)[...], length: select.integer(1)).bytes ?? [],
                    server: CompressedBytes(blob: select.blob(2)[...], length: select.integer(3)).bytes ?? [])
            }
        case .pending(let row, let place):
            if let batch = overlay.batch(row) {
                let block = batch.blocks[place]
                result.sides = PerSide(
                    client: Array(batch.bytes[block.client]), server: Array(batch.bytes[block.server]))
            }
        }
        bytes[connection] = (key, result)
        cache.bytes.keep(result, for: key, cost: result.sides.client.count + result.sides.server.count + 64)
        return result
    }

    // MARK: - Events

    /// An entry of a connection and its part; nil behind its end.
    func entry(_ number: Int64, of connection: Int64) throws -> (
        entry: BlockEntry, part: BlockDirectory.Part, index: Int
    )? {
        let directory = try directory(of: connection)
        guard let place = directory.part(of: number) else { return nil }
        let part = directory.parts[place]
        let entries = try entries(of: part, connection)
        let index = Int(number - part.before.events) - 1
        return entries.indices.contains(index) ? (entries[index], part, index) : nil
    }

    /// The place of an event in the order of lists; nil if there is none.
    func cursor(of address: EventAddress) throws -> EventCursor? {
        guard let found = try entry(address.number, of: address.connection) else { return nil }
        return EventCursor(time: found.entry.order, connection: address.connection, number: address.number)
    }

    /// The event of an entry as it was recorded; nil if the bytes or rows that it refers to are missing.
    ///
    /// - Parameter context: that of the event before, which is used again if nothing has changed.
    func event(
        _ entry: BlockEntry, _ part: BlockDirectory.Part, of connection: Int64, _ context: ConnectionContext? = nil
    ) throws -> Event? {
        guard let facts = try facts(of: connection) else { return nil }
        let kind: Event.Kind
        switch entry.kind {
        case .state: return nil
        case .opened: kind = .opened(facts.ends)
        case .closed:
            var tallies = PerSide(both: Tally(hasDigest: false))
            tallies.client.ackedUnseenBytes = facts.unseen.client
            tallies.server.ackedUnseenBytes = facts.unseen.server
            kind = .closed(facts.ends, reason: facts.reason, client: tallies.client.sums, server: tallies.server.sums)
        case .frame, .noise:
            guard let bytes = try bytes(of: part, connection).bytes(of: entry).map(Array.init) else { return nil }
            if entry.kind == .frame, let frame = Frame(bytes) {
                kind = .frame(frame, from: entry.side)
            } else {
                let reason = entry.kind == .frame ? .notMSNP : entry.reason
                kind = .noise(Noise(bytes: bytes, reason: reason, offset: entry.offset), from: entry.side)
            }
        case .gap: kind = .gap(bytes: entry.length, offset: entry.offset, from: entry.side)
        case .finding:
            guard let finding = try recordedFinding(entry.nth, of: connection, facts.role) else { return nil }
            kind = .finding(finding)
        case .rewriting:
            guard let rewriting = try rewriting(entry.nth, of: connection) else { return nil }
            kind = .rewritten(rewriting)
        }
        var signIn: SignIn?
        if entry.state.signIn > 0 {
            let known = facts.signIns[entry.state.signIn]
            signIn = SignIn(
                number: Int(known?.row ?? Int64(entry.state.signIn)),
                account: entry.state.hasAccount ? known?.account : nil)
        }
        let base = context ?? ConnectionContext(connection: Int(connection))
        return Event(
            time: Timestamp(nanoseconds: entry.time),
            context: base.with(role: entry.state.role, dialect: entry.state.dialect, signIn: signIn), kind: kind)
    }

    private func rows(_ sql: String, _ connection: Int64) throws -> [Int64] {
        let select = try PreparedStatement(sql, in: db)
        defer { select.reset() }
        select.bind(1, connection)
        var result: [Int64] = []
        while result.count < Self.mostRows, try select.step() { result.append(select.integer(0)) }
        return result
    }

    private func recordedFinding(_ nth: Int64, of connection: Int64, _ role: Role) throws -> Finding? {
        let known =
            try recordedFindings[connection]
            ?? rows(
                "SELECT id FROM finding WHERE connection = ? AND \(ConnectionReplay.isRecorded) ORDER BY id", connection
            )
        recordedFindings[connection] = known
        guard let place = Int(exactly: nth) else { return nil }
        if known.indices.contains(place) {
            let select = try PreparedStatement("SELECT said_by, name, text FROM finding WHERE id = ?", in: db)
            defer { select.reset() }
            select.bind(1, known[place])
            guard try select.step() else { return nil }
            return Self.finding(select, 0)
        }
        var rest = place - known.count
        for (row, index) in overlay.connections[connection]?.findings ?? [] {
            guard let batch = overlay.batch(row), batch.findings.indices.contains(index) else { continue }
            let finding = Self.finding(batch.findings[index], batch)
            if finding.isDerived(on: role) { continue }
            if rest == 0 { return finding }
            rest -= 1
        }
        return nil
    }

    /// The finding in a row: side, name and text from a column on.
    static func finding(_ row: PreparedStatement, _ column: Int32) -> Finding {
        let side: Side? = row.isNull(column) ? nil : row.text(column) == "client" ? .client : .server
        return Finding(recorded: Finding.Name(row.text(column + 1)), row.text(column + 2), side: side)
    }

    static func finding(_ finding: RowBatch.Finding, _ batch: RowBatch) -> Finding {
        func text(_ place: Range<Int>) -> String { String(decoding: batch.bytes[place], as: UTF8.self) }
        return Finding(recorded: Finding.Name(text(finding.name)), text(finding.text), side: finding.side)
    }

    private func rewriting(_ nth: Int64, of connection: Int64) throws -> Rewriting? {
        let known =
            try rewritings[connection] ?? rows("SELECT id FROM rewriting WHERE connection = ? ORDER BY id", connection)
        rewritings[connection] = known
        guard let place = Int(exactly: nth) else { return nil }
        if known.indices.contains(place) {
            let select = try PreparedStatement(
                "SELECT from_address, to_address, received, sent FROM rewriting WHERE id = ?", in: db)
            defer { select.reset() }
            select.bind(1, known[place])
            guard try select.step(), let original = Frame(select.blob(2)), let sent = Frame(select.blob(3)) else {
                return nil
            }
            return Rewriting(original: original, sent: sent, from: select.text(0), to: select.text(1))
        }
        let pending = overlay.connections[connection]?.rewritings ?? []
        guard pending.indices.contains(place - known.count) else { return nil }
        let (row, index) = pending[place - known.count]
        guard let batch = overlay.batch(row), batch.rewritings.indices.contains(index) else { return nil }
        let item = batch.rewritings[index]
        func text(_ place: Range<Int>) -> String { String(decoding: batch.bytes[place], as: UTF8.self) }
        guard let original = Frame(Array(batch.bytes[item.received])), let sent = Frame(Array(batch.bytes[item.sent]))
        else { return nil }
        return Rewriting(original: original, sent: sent, from: text(item.from), to: text(item.to))
    }
}
