// Batches of events into the file that lies at the path now, whole or not at all.

internal import Events
internal import GRDB
internal import Glibc
internal import MSNP

/// Writes batches into the file that is there now. Lives on the recorder's thread.
final class ArchiveBatchWriter: BatchWriter {
    private let path: String
    private let toolVersion: String
    private var archive: Archive?
    private var checkpointer: Checkpointer?
    private var identity: (device: UInt, number: UInt)?
    private var recording: Int64?
    private var writer = Writer()
    private var hasBegun = false
    /// What masks are made with: the key of the first archive, and of every one that is begun after it.
    private(set) var maskKey = MaskKey.ofThisRun

    private let report: @Sendable (String) -> Void

    init(path: String, toolVersion: String, report: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.toolVersion = toolVersion
        self.report = report
    }

    /// Opens the file, or a new one where it is gone.
    func open() throws {
        archive = nil
        let opened = try Archive.openOrCreate(path, patience: Archive.patience, newKey: maskKey)
        try opened.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
        checkpointer = try Checkpointer(path)
        archive = opened
        maskKey = opened.maskKey
        identity = currentIdentity()
        recording = nil
        if hasBegun { writer.startAnew() }
    }

    /// Writes a batch in one transaction; after a failure everything is as before.
    func write(_ pieces: [Backlog.Piece]) throws {
        let current = currentIdentity()
        if archive == nil {
            try open()
        } else if current == nil || current?.number != identity?.number || current?.device != identity?.device {
            archive = nil
            report("THE ARCHIVE WAS REMOVED: a new one is begun at \(path)")
            try open()
        }
        guard let archive else { return }
        let saved = writer
        let savedRecording = recording
        do {
            try archive.guarded {
                try archive.queue.writeWithoutTransaction { db in
                    try db.inTransaction(.immediate) {
                        try write(pieces, db)
                        return .commit
                    }
                }
            }
            hasBegun = true
            checkpointer?.lookAfter(archive)
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
        let tables = try InsertStatements(db, recording: row)
        if isNew, hasBegun { try sayWhatIsGone(tables) }
        for piece in pieces {
            for event in piece.events { try writer.take(event, tables) }
            for event in piece.holes { try writer.take(event, tables) }
        }
        try writer.flush(tables)
    }

    /// The archive was deleted: what it held of connections that go on is a hole in the new one.
    private func sayWhatIsGone(_ tables: InsertStatements) throws {
        let now = Clock.now()
        for connection in writer.open {
            func take(_ kind: Event.Kind) throws {
                try writer.take(Event(time: now, connection: connection.number, kind: kind), tables)
            }
            if connection.client > 0 { try take(.gap(bytes: connection.client, offset: 0, from: .client)) }
            if connection.server > 0 { try take(.gap(bytes: connection.server, offset: 0, from: .server)) }
            try take(
                .finding(Finding(.notRecorded, "The archive was removed; what was said before is not in this one.")))
        }
    }

    /// Notes that the recording ended in order.
    func finish() throws {
        guard let archive, let recording else { return }
        try archive.guarded {
            try archive.queue.write { db in
                let update = try Prepared("UPDATE recording SET ended_ns = ? WHERE id = ?", in: db)
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
