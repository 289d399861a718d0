// // Imports capture files into the archive: in short transactions, so that memory use stays constant; complete or not
// at all.

internal import Crypto
package import Events
internal import GRDB
internal import Glibc
internal import MSNP

/// A capture file and its digest, before it is decoded.
package struct SourceFile: Sendable, Hashable {
    /// The path as the user gave it.
    package var name: String
    /// The SHA-256 of its bytes.
    package var digest: [UInt8]
    /// Its length in bytes.
    package var bytes: Int64
    /// The time of its last modification.
    package var modified: Timestamp

    /// Reads the metadata of a file and computes its digest.
    ///
    /// - Parameter progress: is called with the number of bytes read since the last call.
    /// - Throws: `ArchiveError` if it is not a regular file or cannot be read.
    package init(path: String, progress: (Int) -> Void = { _ in }) throws {
        name = path
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ArchiveError("cannot read \(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ArchiveError("cannot import \(path): it is no plain file")
        }
        modified = Timestamp(
            nanoseconds: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec))
        var hash = SHA256()
        var total: Int64 = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ArchiveError("cannot read \(path): \(String(cString: strerror(errno)))") }
            guard count > 0 else { break }
            buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            total += Int64(count)
            progress(count)
        }
        bytes = total
        digest = Array(hash.finalize())
    }
}

extension Archive {
    /// When a file with this digest was imported; nil if it was not, or not completely.
    package func importTime(of digest: [UInt8]) throws -> Timestamp? {
        try guarded {
            try queue.writeWithoutTransaction { db in
                let select = try Prepared(
                    """
                    SELECT max(started_ns) FROM source_file JOIN recording ON recording.id = source_file.recording
                    WHERE sha256 = ? AND is_complete
                    """, in: db)
                defer { select.reset() }
                select.bind(1, blob: digest)
                guard try select.step(), let time = select.optionalInteger(0) else { return nil }
                return Timestamp(nanoseconds: time)
            }
        }
    }

    /// Imports captures.
    ///
    /// - Parameters:
    ///   - files: the capture files of the events.
    ///   - toolVersion: the version of this program.
    ///   - now: the start time of the import.
    ///   - read: decodes the captures into the sink; the sink refuses events once the archive cannot be written. It
    ///     returns the problems of the captures, one line each, or nil to remove all rows of the import.
    package func importing(
        _ files: [SourceFile], toolVersion: String, now: Timestamp, read: (any EventSink) -> [String]?
    ) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try removeBrokenOff(db)
                let transaction = ImportTransaction(db)
                do {
                    try transaction.begin(files, toolVersion, now)
                    let troubles = read(transaction)
                    if let failure = transaction.failure { throw failure }
                    if let troubles { return try transaction.finish(troubles) }
                    transaction.rollBack()
                    try remove(transaction.recording, db)
                } catch {
                    transaction.rollBack()
                    try? remove(transaction.recording, db)
                    throw error
                }
            }
        }
    }

    /// Removes interrupted imports: incomplete ones whose process no longer runs.
    private func removeBrokenOff(_ db: Database) throws {
        let select = try Prepared(
            "SELECT id, process FROM recording WHERE kind = 'import' AND NOT is_complete", in: db, isShared: false)
        var gone: [Int64] = []
        while try select.step() {
            if !ProcessMark.isAlive(select.text(1)) { gone.append(select.integer(0)) }
        }
        for recording in gone { try remove(recording, db) }
    }

    private func remove(_ recording: Int64, _ db: Database) throws {
        try db.inTransaction(.immediate) {
            let messages = try Prepared(
                """
                SELECT message.id, message.text FROM message JOIN connection ON connection.id = message.connection
                WHERE connection.recording = ?
                """, in: db)
            let forget = try Prepared(
                "INSERT INTO message_search (message_search, rowid, words) VALUES ('delete', ?, ?)", in: db)
            messages.bind(1, recording)
            do {
                while try messages.step() {
                    forget.bind(1, messages.integer(0))
                    forget.bind(2, SearchText.words(of: messages.text(1)))
                    try forget.run()
                }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
                // Stale words in a damaged index refer to no message; remaining rows would be half an import.
                messages.reset()
            }
            for sentence in [
                "DELETE FROM finding WHERE recording = ?", "DELETE FROM connection WHERE recording = ?",
                "DELETE FROM recording WHERE id = ?",
            ] {
                let delete = try Prepared(sentence, in: db)
                delete.bind(1, recording)
                try delete.run()
            }
            return .commit
        }
    }

    /// Runs an operation on the database and converts its errors into `ArchiveError`.
    func guarded<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw ArchiveError(error, path)
        }
    }
}

/// Writes an import in short transactions, so that a relay can write between them.
private final class ImportTransaction: EventSink {
    private let db: Database
    private var tables: InsertStatements?
    private var writer = Writer()
    /// The row of this import; 0 before it is inserted.
    private(set) var recording: Int64 = 0
    /// The first error in writing events.
    private(set) var failure: (any Error)?
    private var sinceCommit = 0

    /// Bytes per transaction, which takes about a tenth of a second.
    private static let pieceSize = 16 << 20

    init(_ db: Database) { self.db = db }

    func begin(_ files: [SourceFile], _ toolVersion: String, _ now: Timestamp) throws {
        try db.beginTransaction(.immediate)
        recording = try Recordings.begin("import", toolVersion, now, isComplete: false, db)
        let insert = try Prepared(
            "INSERT INTO source_file (recording, name, sha256, bytes, modified_ns) VALUES (?, ?, ?, ?, ?)", in: db)
        for file in files {
            insert.bind(1, recording)
            insert.bind(2, file.name)
            insert.bind(3, blob: file.digest)
            insert.bind(4, file.bytes)
            insert.bind(5, file.modified.nanoseconds)
            try insert.run()
        }
        tables = try InsertStatements(db, recording: recording)
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
        guard let tables else { return }
        try writer.take(event, tables)
        switch event.kind {
        case .frame(let frame, _): sinceCommit += frame.bytes.count + 128
        case .noise(let noise, _): sinceCommit += noise.bytes.count + 128
        default: sinceCommit += 128
        }
        if writer.waiting > Writer.mostHeld { try writer.flush(tables) }
        guard sinceCommit >= Self.pieceSize else { return }
        sinceCommit = 0
        try db.commit()
        try db.beginTransaction(.immediate)
    }

    func finish(_ troubles: [String]) throws {
        guard let tables else { return }
        try writer.flush(tables)
        try Recordings.complete(recording, troubles: troubles, db)
        try db.commit()
    }

    func rollBack() { try? db.rollback() }
}
