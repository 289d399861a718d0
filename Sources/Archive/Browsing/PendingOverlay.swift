// What the table `pending` holds, by connection: a reader that cannot write shows it together with the tables.

internal import Events
internal import GRDB
internal import MSNP

/// The rows of `pending`, parsed. Rows that were moved to the tables are dropped when it is brought up to date.
struct PendingOverlay: Sendable {
    /// What is pending of one connection.
    struct Connection: Sendable {
        /// The row of its recording.
        var recording: Int64
        var number: Int64
        var opened: Int64
        var client = ""
        var server = ""
        var role = Role.unknown
        var last: Int64
        var signIn: Int64 = 0
        var end: (time: Int64, reason: String, unseen: PerSide<Int64>)?
        /// Whether the tables have no row of it yet.
        var isNew = true
        var blocks: [(row: Int64, index: Int)] = []
        var findings: [(row: Int64, index: Int)] = []
        var rewritings: [(row: Int64, index: Int)] = []
        var messages: [(row: Int64, index: Int)] = []
    }

    /// The parsed rows, by their number in `pending`.
    private var batches: [Int64: (recording: Int64, batch: RowBatch)] = [:]
    private var order: [Int64] = []
    /// By the row that the connection has or will have.
    private(set) var connections: [Int64: Connection] = [:]
    /// By recording and number within it.
    private(set) var signIns: [SignInKey: (row: Int64, account: String?)] = [:]
    /// The recordings whose rows are pending.
    private(set) var recordings: Set<Int64> = []
    /// Whether there is more than is kept in memory; the newest events are then not shown.
    private(set) var isCut = false

    struct SignInKey: Hashable, Sendable {
        var recording: Int64
        var number: Int64
    }

    /// The largest number of bytes that are kept. A relay moves them to the tables at 4 MiB unless the disk is slow.
    private static let most = 64 << 20

    /// The nth block, finding, rewriting or message of a row; nil if it is gone.
    func batch(_ row: Int64) -> RowBatch? { batches[row]?.batch }

    /// Brings it up to date with the table, in the current transaction.
    mutating func update(_ db: Database) throws {
        guard try db.tableExists("pending") else { return }
        try ArchiveLimits.allowingCommits(db) { try readRows(db) }
    }

    private mutating func readRows(_ db: Database) throws {
        let rows = try PreparedStatement(
            "SELECT pending.id, recording, length(rows) FROM pending JOIN recording ON recording.id = recording "
                + "WHERE is_complete ORDER BY pending.id", in: db)
        defer { rows.reset() }
        var found: [(row: Int64, recording: Int64)] = []
        var size: Int64 = 0
        var isTooMuch = false
        while try rows.step() {
            size &+= max(0, rows.integer(2))
            guard size <= Self.most else {
                isTooMuch = true
                break
            }
            found.append((rows.integer(0), rows.integer(1)))
        }
        rows.reset()
        isCut = isTooMuch
        guard found.map(\.row) != order else { return }
        let select = try PreparedStatement("SELECT rows FROM pending WHERE id = ?", in: db)
        var kept: [Int64: (recording: Int64, batch: RowBatch)] = [:]
        for (row, recording) in found {
            if let known = batches[row], known.recording == recording {
                kept[row] = known
                continue
            }
            select.bind(1, row)
            guard try select.step() else { continue }
            kept[row] = (recording, RowBatch([select.blob(0)]))
            select.reset()
        }
        batches = kept
        order = found.map(\.row)
        connections = [:]
        signIns = [:]
        recordings = Set(found.map(\.recording))
        for (row, recording) in found {
            guard let batch = kept[row]?.batch else { continue }
            try add(batch, row, recording, db)
        }
    }

    private mutating func add(_ batch: RowBatch, _ row: Int64, _ recording: Int64, _ db: Database) throws {
        func text(_ place: Range<Int>) -> String { String(decoding: batch.bytes[place], as: UTF8.self) }
        for signIn in batch.signIns {
            let key = SignInKey(recording: recording, number: signIn.number)
            let known = try signIns[key] ?? Self.signIn(key, db)
            signIns[key] = (known?.row ?? signIn.number, signIn.account.map(text) ?? known?.account)
        }
        var places: [Int64?] = []
        for connection in batch.connections {
            guard let (id, isNew) = try self.row(of: connection, recording, db) else {
                places.append(nil)
                continue
            }
            places.append(id)
            var known =
                connections[id]
                ?? Connection(
                    recording: recording, number: connection.number, opened: connection.opened,
                    client: text(connection.client), server: text(connection.server),
                    role: connection.role, last: connection.opened, isNew: isNew)
            if let sums = connection.sums {
                known.server = text(sums.server)
                (known.role, known.last, known.signIn) = (sums.role, sums.last, sums.signIn)
            }
            if let end = connection.end { known.end = (end.time, text(end.reason), end.unseen) }
            known.blocks += connection.blocks.map { (row, $0) }
            connections[id] = known
        }
        func note(_ place: Int?, _ change: (inout Connection) -> Void) {
            guard let place, places.indices.contains(place), let id = places[place],
                var known = connections.removeValue(forKey: id)
            else { return }
            change(&known)
            connections[id] = known
        }
        for (index, finding) in batch.findings.enumerated() {
            note(finding.connection) { $0.findings.append((row, index)) }
        }
        for (index, item) in batch.rewritings.enumerated() {
            note(item.connection) { $0.rewritings.append((row, index)) }
        }
        for (index, item) in batch.messages.enumerated() { note(item.connection) { $0.messages.append((row, index)) } }
    }

    /// The row that a connection has, or will have when it is moved; nil if that is not known yet.
    private func row(
        of connection: RowBatch.Connection, _ recording: Int64, _ db: Database
    ) throws -> (id: Int64, isNew: Bool)? {
        let number = connection.number
        if let known = connections[number], known.recording == recording, known.number == number,
            known.opened == connection.opened
        {
            return (number, known.isNew)
        }
        let select = try PreparedStatement("SELECT recording, number, opened_ns FROM connection WHERE id = ?", in: db)
        defer { select.reset() }
        select.bind(1, number)
        guard try select.step() else { return number > 0 && connections[number] == nil ? (number, true) : nil }
        if select.integer(0) == recording, select.integer(1) == number, select.integer(2) == connection.opened {
            return (number, false)
        }
        let search = try PreparedStatement(
            "SELECT id FROM connection WHERE recording = ? AND number = ? AND opened_ns = ?", in: db)
        defer { search.reset() }
        search.bind(1, recording)
        search.bind(2, number)
        search.bind(3, connection.opened)
        return try search.step() ? (search.integer(0), false) : nil
    }

    /// The row of a connection's sign-in; nil if it has none.
    func signIn(of connection: Connection) -> Int64? {
        guard connection.signIn > 0 else { return nil }
        return signIns[SignInKey(recording: connection.recording, number: connection.signIn)]?.row ?? connection.signIn
    }

    /// The row and account of a sign-in in the tables.
    static func signIn(_ key: SignInKey, _ db: Database) throws -> (row: Int64, account: String?)? {
        let select = try PreparedStatement("SELECT id, account FROM sign_in WHERE recording = ? AND number = ?", in: db)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        select.bind(1, key.recording)
        select.bind(2, key.number)
        return try select.step() ? (select.integer(0), select.optionalText(1)) : nil
    }
}
