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
    /// The rows of the commit that is being written.
    private var log = RowLog()
    /// The writer of the tables for the rows of one recording.
    private var tables: (recording: Int64, writer: TableWriter)?
    /// Changes when another program has written to the archive (`PRAGMA data_version`).
    private var dataVersion: Int64?
    private var hasBegun = false
    /// The key for masks: that of the first archive, reused for every archive that replaces it.
    private(set) var maskKey = MaskKey.ofThisRun

    /// What was written so far.
    private(set) var totals = RecordingTotals()
    /// The bytes of recorded rows that are not in their tables yet.
    private(set) var pendingBytes = 0

    /// Whether connections that have ended may wait until their transfers are read.
    private(set) var hasWaitingMedia = false
    private var media: (connection: Int64, reading: MediaReading)?
    /// How long one portion of that takes, in nanoseconds.
    private static let mediaTime: Int64 = 5_000_000

    private let report: @Sendable (String) -> Void

    init(path: String, toolVersion: String, report: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.toolVersion = toolVersion
        self.report = report
    }

    /// When the write-ahead log was last written to.
    var progress: @Sendable () -> Int64 {
        { [log = ArchiveFile.target(of: path) + "-wal"] in
            var status = stat()
            guard stat(log, &status) == 0 else { return 0 }
            return Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        }
    }

    /// Opens the file, or creates a new one if it is gone.
    func open() throws {
        archive = nil
        tables = nil
        media = nil
        let opened = try Archive.openOrCreate(
            path, patience: Archive.patience, newKey: maskKey, notice: report)
        try opened.queue.writeWithoutTransaction {
            // Rows are written after those that they refer to; a checkpoint has its own thread.
            try $0.execute(sql: "PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = OFF")
        }
        checkpointer = try Checkpointer(path)
        archive = opened
        maskKey = opened.maskKey
        identity = currentIdentity()
        recording = nil
        pendingBytes = 0
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
        let saved = (writer, recording)
        do {
            collectRows(of: pieces)
            var reserved: [RowNumbers.Table: Range<Int64>] = [:]
            try archive.guarded {
                try archive.queue.writeWithoutTransaction { db in
                    try db.inTransaction(.immediate) {
                        reserved = try numbers.reserve(db)
                        try append(db)
                        return .commit
                    }
                }
            }
            numbers.add(reserved)
            hasBegun = true
            pendingBytes += log.bytes.count
            log.clear()
            for piece in pieces { for event in piece.events { totals.count(event) } }
            totals.recording = recording.map { .recording($0) }
            checkpointer?.checkpointIfNeeded(archive)
        } catch {
            (writer, recording) = saved
            log.clear()
            throw error
        }
    }

    /// Makes the rows of a batch, before the file is locked.
    private func collectRows(of pieces: [Backlog.Piece]) {
        if recording == nil, hasBegun { reportLostHistory() }
        for piece in pieces {
            for event in piece.events { writer.write(event, &log) }
            for event in piece.holes { writer.write(event, &log) }
        }
        writer.flush(&log)
    }

    private func append(_ db: Database) throws {
        let row = try recording ?? Recordings.begin("relay", toolVersion, Clock.now(), isComplete: true, db)
        recording = row
        if !log.bytes.isEmpty { try PendingRows.append(log.bytes, recording: row, db) }
    }

    /// After the archive was deleted: reports the earlier bytes of open connections as gaps in the new archive.
    private func reportLostHistory() {
        let now = Clock.now()
        for connection in writer.open {
            func record(_ kind: Event.Kind) {
                writer.write(Event(time: now, connection: connection.number, kind: kind), &log)
            }
            if connection.client > 0 { record(.gap(bytes: connection.client, offset: 0, from: .client)) }
            if connection.server > 0 { record(.gap(bytes: connection.server, offset: 0, from: .server)) }
            record(.finding(Finding(.notRecorded, "The archive was removed; earlier data is not in this one.")))
        }
    }

    /// Writes a portion of the recorded rows to their tables, in one transaction.
    ///
    /// - Returns: false if there was nothing left.
    func completeTables() throws -> Bool {
        guard let archive else { return false }
        let size: Int?
        do {
            size = try archive.guarded {
                try archive.queue.writeWithoutTransaction { db in
                    var size: Int?
                    try db.inTransaction(.immediate) {
                        size = try PendingRows.move(db) { try tables(of: $0, db) }
                        return .commit
                    }
                    return size
                }
            }
        } catch {
            // It remembers rows that are not in the file.
            tables = nil
            throw error
        }
        // Readers and other relays may have moved rows, too.
        pendingBytes = size.map { max(0, pendingBytes - $0) } ?? 0
        checkpointer?.checkpointIfNeeded(archive)
        if size != nil { hasWaitingMedia = true }
        return size != nil
    }

    /// Reads the transfers of connections that have ended, for a few milliseconds.
    func deriveMedia() throws {
        guard let archive, let recording else { return hasWaitingMedia = false }
        do {
            try archive.guarded {
                try archive.queue.writeWithoutTransaction { db in
                    guard var job = try media ?? MediaDerivation.next(of: recording, db) else {
                        return hasWaitingMedia = false
                    }
                    media = nil
                    let isMore = try job.reading.read(db, until: Clock.ticks() &+ Self.mediaTime)
                    if !isMore || job.reading.hasRows {
                        try db.inTransaction(.immediate) {
                            try job.reading.writeRows(db)
                            if !isMore { try MediaDerivation.finish(job.connection, db) }
                            return .commit
                        }
                    }
                    if isMore { media = job }
                }
            }
        } catch {
            // It is tried again when more has come.
            (media, hasWaitingMedia) = (nil, false)
            throw error
        }
    }

    private func tables(of recording: Int64, _ db: Database) throws -> TableWriter {
        let version = try PreparedStatement("PRAGMA data_version", in: db)
        defer { version.reset() }
        let isUnchanged = try version.step() && version.integer(0) == dataVersion
        dataVersion = version.integer(0)
        if let tables, tables.recording == recording {
            if !isUnchanged { tables.writer.forget() }
            return tables.writer
        }
        let writer = try TableWriter(db, recording: recording, keepsNumbers: true)
        tables = (recording, writer)
        return writer
    }

    /// Marks the recording as ended, and closes the file.
    func finish() throws {
        guard let archive, let recording else { return }
        (tables, media) = (nil, nil)
        try archive.guarded {
            try archive.queue.write { db in
                try numbers.giveBack(db)
                let update = try PreparedStatement("UPDATE recording SET ended_ns = ? WHERE id = ?", in: db)
                update.bind(1, Clock.now().nanoseconds)
                update.bind(2, recording)
                try update.run()
                totals.signIns = try signInRows(recording, db)
                try TalkDerivation.deriveCutOff(db)
            }
        }
        checkpointer?.finish()
        checkpointer = nil
        self.archive = nil
    }

    /// The rows of the sign-ins of the recording in the order in which they began.
    private func signInRows(_ recording: Int64, _ db: Database) throws -> [ArchiveID] {
        let statements = try InsertStatements(db, recording: recording)
        return try writer.signIns.map { .signIn(try statements.signIn(number: Int64($0))?.row ?? Int64($0)) }
    }

    private func currentIdentity() -> (device: UInt, number: UInt)? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return (UInt(status.st_dev), UInt(status.st_ino))
    }
}
