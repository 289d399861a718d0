// Captures into the archive: in pieces, so that memory stays flat, and whole or not at all.

internal import Crypto
package import Events
internal import GRDB
internal import Glibc
internal import MSNP

/// A capture file before it is read.
package struct SourceFile: Sendable, Hashable {
    /// The path that was given.
    package var name: String
    /// SHA-256 of its bytes.
    package var digest: [UInt8]
    /// How long it is.
    package var bytes: Int64
    /// When it was last changed.
    package var modified: Timestamp

    /// Looks at a file.
    ///
    /// - Parameter progress: is told how many bytes were read since the last call.
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
    /// When a file with this digest was imported; nil if it never was, or not to the end.
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
    ///   - files: what the events come from.
    ///   - toolVersion: what reads them.
    ///   - now: the time.
    ///   - read: reads the captures into the sink, which wants no more once the archive cannot be written; returns what
    ///     went wrong with the captures, one line each, or nil to leave no trace of the import.
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

    /// Removes imports that were broken off: their program is gone, and they were never completed.
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
                // Words that a damaged index keeps lead nowhere; rows that stay would be half an import.
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

    /// Runs something, and says in one line why it failed.
    func guarded<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw ArchiveError(error, path)
        }
    }
}

/// The transactions of an import: each short, so that a relay can write beside it.
private final class ImportTransaction: EventSink {
    private let db: Database
    private var tables: InsertStatements?
    private var writer = Writer()
    /// The row of this import; 0 before it is there.
    private(set) var recording: Int64 = 0
    /// Why events could not be written.
    private(set) var failure: (any Error)?
    private var sinceCommit = 0

    /// After how many bytes the next transaction begins; a tenth of a second or so.
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
