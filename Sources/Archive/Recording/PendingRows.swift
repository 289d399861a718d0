// The table `pending`: rows that a relay has recorded and that are still to be written to the other tables.
//
// A relay appends the rows of each commit as one blob. They are moved to the tables by the relay in its own time, or by
// whoever reads the archive before that. Both happens in one transaction with the removal from `pending`, so every event
// is in exactly one of the two places, also after a kill.

internal import GRDB

enum PendingRows {
    /// The bytes that one transaction moves, more or less; it takes less than a tenth of a second.
    static let portion = 2 << 20

    /// Adds the rows of a commit, in the current transaction.
    static func append(_ rows: [UInt8], recording: Int64, _ db: Database) throws {
        let insert = try PreparedStatement("INSERT INTO pending (recording, rows) VALUES (?, ?)", in: db)
        insert.bind(1, recording)
        try ArchiveLimits.allowingCommits(db) { try insert.run(with: 2, blob: rows) }
    }

    /// The number of the newest entry; nil if there is none, and in read-only archives before migration 4.
    static func newest(_ db: Database) throws -> Int64? {
        guard try db.tableExists("pending") else { return nil }
        let select = try PreparedStatement("SELECT max(id) FROM pending", in: db)
        defer { select.reset() }
        return try select.step() ? select.optionalInteger(0) : nil
    }

    /// The bytes of all entries.
    static func size(_ db: Database) throws -> Int64 {
        let select = try PreparedStatement("SELECT total(length(rows)) FROM pending", in: db)
        defer { select.reset() }
        return try ArchiveLimits.allowingCommits(db) { try select.step() ? select.integer(0) : 0 }
    }

    /// Writes a portion of the oldest rows to their tables, in the current transaction.
    ///
    /// - Parameters:
    ///   - last: newer ones stay.
    ///   - tables: the writer of a recording's rows.
    /// - Returns: the number of bytes; nil if there was nothing to move.
    static func move(
        upTo last: Int64 = .max, _ db: Database, _ tables: (_ recording: Int64) throws -> TableWriter
    ) throws -> Int? {
        let select = try PreparedStatement("SELECT id, recording, rows FROM pending WHERE id <= ? ORDER BY id", in: db)
        defer { select.reset() }
        select.bind(1, last)
        var recording: Int64?
        var logs: [[UInt8]] = []
        var (size, end) = (0, Int64.min)
        try ArchiveLimits.allowingCommits(db) {
            while size < portion, try select.step() {
                guard recording ?? select.integer(1) == select.integer(1) else { break }
                recording = select.integer(1)
                end = select.integer(0)
                logs.append(select.blob(2))
                size += logs.last?.count ?? 0
            }
        }
        select.reset()
        guard let recording else { return nil }
        try tables(recording).write(RowBatch(logs))
        let delete = try PreparedStatement("DELETE FROM pending WHERE id <= ?", in: db)
        delete.bind(1, end)
        try delete.run()
        return size
    }
}

extension Archive {
    /// Writes all recorded rows to their tables, those of running relays too, so that what follows finds everything that
    /// was committed. In a file that cannot be written, and while another program writes without pause, they stay.
    ///
    /// - Parameter notice: receives a line for people if it takes long or cannot be done.
    func completeTables(_ db: Database, notice: (String) -> Void = { _ in }) throws {
        guard let newest = try PendingRows.newest(db) else { return }
        guard !isReadOnly else {
            return notice("\(path) cannot be written, so the newest events in it are not shown")
        }
        let size = try PendingRows.size(db)
        if size > Self.muchPending {
            notice("completing the tables of \(path), for which its relay had no time: \(size / 1_000_000) MB")
        }
        // The rows come after those that they refer to.
        try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA busy_timeout = \(Self.patienceForTables)")
        defer { try? db.execute(sql: "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = \(Int(waiting * 1_000))") }
        do {
            var writer: (recording: Int64, tables: TableWriter)?
            var isMore = true
            while isMore {
                try db.inTransaction(.immediate) {
                    isMore =
                        try PendingRows.move(upTo: newest, db) { recording in
                            if let writer, writer.recording == recording {
                                // A recorder may have moved rows between two portions.
                                writer.tables.forget()
                                return writer.tables
                            }
                            let tables = try TableWriter(db, recording: recording, keepsNumbers: true)
                            writer = (recording, tables)
                            return tables
                        } != nil
                    return .commit
                }
            }
        } catch let error as DatabaseError where Self.obstacles.contains(error.resultCode) {
            notice("\(path) is being written by another program; its newest events may not be shown")
        }
    }

    /// As many bytes take more than a moment.
    private static let muchPending: Int64 = 32 << 20

    /// How many milliseconds reading waits for a program that is writing.
    private static let patienceForTables = 1_000
    static let obstacles: [ResultCode] = [
        .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN,
    ]
}
