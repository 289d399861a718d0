// Writes batches of events to the archive file, each in one transaction, and starts a new file if it was removed.

internal import Events
internal import GRDB
internal import Glibc
internal import MSNP

/// Writes batches to the file that is currently at the path. Runs on the recorder's thread.
final class ArchiveBatchWriter: BatchWriter {
    private let path: String
    /// The numbers of connections and sign-ins.
    let numbers = RowNumbers()
    private let toolVersion: String
    private var archive: Archive?
    private var checkpointer: Checkpointer?
    private var identity: (device: UInt, number: UInt)?
    private var recording: Int64?
    private var writer = RecordWriter()
    /// Changes when another program has written to the archive (`PRAGMA data_version`).
    private var dataVersion: Int64?
    private var hasBegun = false
    /// The key for masks: that of the first archive, reused for every archive that replaces it.
    private(set) var maskKey = MaskKey.ofThisRun

    /// What was written so far.
    private(set) var totals = RecordingTotals()

    private let report: @Sendable (String) -> Void

    init(path: String, toolVersion: String, report: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.toolVersion = toolVersion
        self.report = report
    }

    /// Opens the file, or creates a new one if it is gone.
    func open() throws {
        archive = nil
        let opened = try Archive.openOrCreate(
            path, patience: Archive.patience, newKey: maskKey, notice: report)
        try opened.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
        checkpointer = try Checkpointer(path)
        archive = opened
        maskKey = opened.maskKey
        identity = currentIdentity()
        recording = nil
        if hasBegun {
            writer.startNewFile()
            try opened.guarded {
                try opened.queue.write { try numbers.carryOver($0) }
            }
        }
    }

    /// Writes a batch in one transaction. A failure leaves file and state unchanged.
    func write(_ pieces: [Backlog.Piece]) throws {
        let current = currentIdentity()
        if archive == nil {
            try open()
        } else if current == nil || current?.number != identity?.number || current?.device != identity?.device {
            archive = nil
            report("THE ARCHIVE WAS REMOVED: a new one is created at \(path)")
            try open()
        }
        guard let archive else { return }
        let saved = writer
        let savedRecording = recording
        do {
            var reserved: [RowNumbers.Table: Range<Int64>] = [:]
            try archive.guarded {
                try archive.queue.writeWithoutTransaction { db in
                    try db.inTransaction(.immediate) {
                        reserved = try numbers.reserve(db)
                        try write(pieces, db)
                        return .commit
                    }
                }
            }
            numbers.add(reserved)
            hasBegun = true
            for piece in pieces { for event in piece.events { totals.count(event) } }
            totals.recording = recording.map { .recording($0) }
            totals.signIns = writer.signIns.map { .signIn($0) }
            checkpointer?.checkpointIfNeeded(archive)
        } catch {
            writer = saved
            recording = savedRecording
            throw error
        }
    }

    private func write(_ pieces: [Backlog.Piece], _ db: Database) throws {
        let isNew = recording == nil
        let row = try recording ?? Recordings.begin("relay", toolVersion, Clock.now(), isComplete: true, db)
        recording = row
        let version = try PreparedStatement("PRAGMA data_version", in: db)
        defer { version.reset() }
        if try version.step(), version.integer(0) != dataVersion {
            writer.forgetAccounts()
            dataVersion = version.integer(0)
        }
        let statements = try InsertStatements(db, recording: row, keepsNumbers: true)
        if isNew, hasBegun { try reportLostHistory(statements) }
        for piece in pieces {
            for event in piece.events { try writer.write(event, statements) }
            for event in piece.holes { try writer.write(event, statements) }
        }
        try writer.flush(statements)
    }

    /// After the archive was deleted: reports the earlier bytes of open connections as gaps in the new archive.
    private func reportLostHistory(_ statements: InsertStatements) throws {
        let now = Clock.now()
        for connection in writer.open {
            func record(_ kind: Event.Kind) throws {
                try writer.write(Event(time: now, connection: connection.number, kind: kind), statements)
            }
            if connection.client > 0 { try record(.gap(bytes: connection.client, offset: 0, from: .client)) }
            if connection.server > 0 { try record(.gap(bytes: connection.server, offset: 0, from: .server)) }
            try record(
                .finding(Finding(.notRecorded, "The archive was removed; earlier data is not in this one.")))
        }
    }

    /// Marks the recording as ended.
    func finish() throws {
        guard let archive, let recording else { return }
        try archive.guarded {
            try archive.queue.write { db in
                try numbers.giveBack(db)
                let update = try PreparedStatement("UPDATE recording SET ended_ns = ? WHERE id = ?", in: db)
                update.bind(1, Clock.now().nanoseconds)
                update.bind(2, recording)
                try update.run()
            }
        }
    }

    private func currentIdentity() -> (device: UInt, number: UInt)? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return (UInt(status.st_dev), UInt(status.st_ino))
    }
}
