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
    let archive: Archive
    let cache: BrowsingCache
    let control: ReadControl
    let overlay: PendingOverlay
    private var directories: [Int64: BlockDirectory] = [:]
    private var facts: [Int64: ConnectionFacts] = [:]
    var recordedFindings: [Int64: [Int64]] = [:]
    var rewritings: [Int64: [Int64]] = [:]
    /// The block that was read last of each connection.
    private var entries: [Int64: (key: BlockKey, entries: [BlockEntry])] = [:]
    /// The part of which an event was read last: usually the next one is in it, too.
    var recent: (connection: Int64, part: BlockDirectory.Part, entries: [BlockEntry])?
    private var bytes: [Int64: (key: BlockKey, bytes: BlockBytes)] = [:]
    /// The analysis of connections that are read in full.
    var analyses: [Int64: ConnectionAnalysis] = [:]
    /// Whether the tables have the columns and tables of migration 5.
    lazy var hasEventNumbers: Bool = (try? Schema.hasMigration5(db)) ?? false

    init(_ db: Database, _ archive: Archive, _ cache: BrowsingCache, _ control: ReadControl) throws {
        self.db = db
        self.archive = archive
        self.cache = cache
        self.control = control
        overlay = try cache.pending.withLockedValue { overlay in
            try overlay.update(db)
            return overlay
        }
    }

    // MARK: - Connections

    /// The connections of a scope with their times.
    func spans(of scope: EventScope) throws -> ConnectionSpans.Ordered {
        let rows = try connections(of: scope)
        return try cache.spans.withLockedValue { spans in
            try spans.update(db, overlay)
            return rows.map { spans.of($0) } ?? spans.all
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
                if overlay.signIn(of: connection) == signIn { rows.insert(row) }
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
        // What was deleted is not shown from memory.
        guard try facts(of: connection) != nil else { return directory }
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
        var result = BlockBytes(sides: PerSide(both: ByteSlice([UInt8]())))
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
                    client: ByteSlice(
                        CompressedBytes(blob: select.blob(0)[...], length: select.integer(1)).bytes ?? []),
                    server: ByteSlice(
                        CompressedBytes(blob: select.blob(2)[...], length: select.integer(3)).bytes ?? []))
            }
        case .pending(let row, let place):
            if let batch = overlay.batch(row) {
                let block = batch.blocks[place]
                result.sides = PerSide(
                    client: ByteSlice(Array(batch.bytes[block.client])),
                    server: ByteSlice(Array(batch.bytes[block.server])))
            }
        }
        bytes[connection] = (key, result)
        cache.bytes.keep(result, for: key, cost: result.sides.client.count + result.sides.server.count + 64)
        return result
    }
}
