// Imports captures into the archive in short transactions, with constant memory; an import is complete or removed.

package import Events
internal import GRDB

extension Archive {
    /// When a file with this digest was imported; nil if it was not, or not completely.
    package func importTime(of digest: [UInt8]) throws -> Timestamp? {
        try guarded {
            try queue.writeWithoutTransaction { db in
                let select = try PreparedStatement(
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

    /// Whether captures of more than one file were imported.
    package func hasSeveralFiles() throws -> Bool {
        try guarded {
            try queue.writeWithoutTransaction { db in
                let select = try PreparedStatement("SELECT id FROM source_file LIMIT 2", in: db)
                defer { select.reset() }
                return try select.step() && select.step()
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
                // The writer inserts what its rows refer to before them. Pages that change with every transaction are
                // copied into the file less often.
                try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA wal_autocheckpoint = \(Self.pagesInLog)")
                defer { try? db.execute(sql: "PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 1000") }
                let transaction = ImportTransaction(db)
                do {
                    try transaction.begin(files, toolVersion, now)
                    let troubles = read(transaction)
                    if let failure = transaction.failure { throw failure }
                    if let troubles { return try transaction.finish(troubles) }
                    try remove(transaction.recording, db)
                } catch {
                    try? remove(transaction.recording, db)
                    throw error
                }
            }
        }
    }

    /// The length of the write-ahead log of an import, in pages: 32 MiB.
    private static let pagesInLog = 8_192

    /// Removes interrupted imports: incomplete ones whose process no longer runs.
    private func removeBrokenOff(_ db: Database) throws {
        let select = try PreparedStatement(
            "SELECT id, process FROM recording WHERE kind = 'import' AND NOT is_complete", in: db, isShared: false)
        var interrupted: [Int64] = []
        while try select.step() {
            if !ProcessMark.isAlive(select.text(1)) { interrupted.append(select.integer(0)) }
        }
        for recording in interrupted { try remove(recording, db) }
    }

    private func remove(_ recording: Int64, _ db: Database) throws {
        // Rows go with those that they refer to.
        try db.execute(sql: "PRAGMA foreign_keys = ON")
        try db.inTransaction(.immediate) {
            let messages = try PreparedStatement(
                """
                SELECT message.id, message.text FROM message JOIN connection ON connection.id = message.connection
                WHERE connection.recording = ?
                """, in: db)
            let index = try SearchIndex(db)
            messages.bind(1, recording)
            do {
                while try messages.step() { try index.delete(messages.integer(0), text: messages.text(1)) }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
                // Stale words in a damaged index refer to no message; remaining rows would be half an import.
                messages.reset()
            }
            for sql in [
                "DELETE FROM finding WHERE recording = ?", "DELETE FROM connection WHERE recording = ?",
                "DELETE FROM recording WHERE id = ?",
            ] {
                let delete = try PreparedStatement(sql, in: db)
                delete.bind(1, recording)
                try delete.run()
            }
            try MediaDerivation.dropUnusedPictures(db)
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
