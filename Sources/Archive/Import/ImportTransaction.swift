// Writes the events of an import in short transactions.

internal import Events
internal import GRDB
internal import MSNP

/// Writes an import in short transactions, and decodes without one, so that a relay can write between them.
final class ImportTransaction: EventSink {
    private let db: Database
    private var tables: TableWriter?
    private var writer = RecordWriter()
    private var log = RowLog()
    /// The row of this import; 0 before it is inserted.
    private(set) var recording: Int64 = 0
    /// The first error in writing events.
    private(set) var failure: (any Error)?
    private var bytesSinceCommit = 0

    /// Bytes of events per transaction, which takes less than a tenth of a second.
    private static let pieceSize = 4 << 20

    init(_ db: Database) { self.db = db }

    func begin(_ files: [SourceFile], _ toolVersion: String, _ now: Timestamp) throws {
        try db.inTransaction(.immediate) {
            try insertRecording(files, toolVersion, now)
            return .commit
        }
    }

    private func insertRecording(_ files: [SourceFile], _ toolVersion: String, _ now: Timestamp) throws {
        recording = try Recordings.begin("import", toolVersion, now, isComplete: false, db)
        let insert = try PreparedStatement(
            "INSERT INTO source_file (recording, name, sha256, bytes, modified_ns) VALUES (?, ?, ?, ?, ?)", in: db)
        var rows: [String: Int64] = [:]
        for file in files {
            insert.bind(1, recording)
            insert.bind(2, file.name)
            insert.bind(3, blob: file.digest)
            insert.bind(4, file.bytes)
            insert.bind(5, file.modified.nanoseconds)
            try insert.run()
            // With --again the same file may be given twice; its connections are those of the first.
            if rows[file.path] == nil { rows[file.path] = insert.lastRow }
        }
        tables = try TableWriter(db, recording: recording, files: rows)
    }

    func receive(_ events: [Event]) -> Bool {
        guard failure == nil else { return false }
        do {
            for event in events { try write(event) }
        } catch {
            failure = error
        }
        return failure == nil
    }

    private func write(_ event: Event) throws {
        writer.write(event, &log)
        switch event.kind {
        case .frame(let frame, _): bytesSinceCommit += frame.bytes.count + 128
        case .noise(let noise, _): bytesSinceCommit += noise.bytes.count + 128
        default: bytesSinceCommit += 128
        }
        if writer.bufferedBytes > RecordWriter.mostHeld { writer.flush(&log) }
        guard bytesSinceCommit >= Self.pieceSize || log.bytes.count >= Self.pieceSize else { return }
        bytesSinceCommit = 0
        try writeRows()
    }

    private func writeRows(andThen complete: () throws -> Void = {}) throws {
        try db.inTransaction(.immediate) {
            try tables?.write(RowBatch([log.bytes]))
            try complete()
            return .commit
        }
        log.clear()
    }

    func finish(_ troubles: [String]) throws {
        writer.flush(&log)
        try writeRows()
        try MediaDerivation.derive(recording: recording, db)
        try writeRows {
            try TalkDerivation.derive(recording: recording, db)
            try Recordings.complete(recording, troubles: troubles, db)
        }
    }
}
