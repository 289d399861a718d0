// Opens and validates the SQLite file of an archive: private to its owner, refused if another program made it.

package import Events
internal import GRDB
internal import Glibc

/// One SQLite file that holds recordings.
package final class Archive: Sendable {
    /// The path as the user gave it.
    package let path: String
    /// The file that the path leads to, with links resolved; the write-ahead log is beside it.
    let file: String
    let queue: DatabaseQueue
    /// The key for masks of this archive's secrets.
    package let maskKey: MaskKey
    let isReadOnly: Bool
    /// How many seconds it waits for other programs that write.
    let waiting: Double

    /// How many seconds one writer waits for another before it gives up for now.
    static let patience = 1.0

    /// Opens an existing archive.
    ///
    /// - Parameter notice: receives a line for people if opening takes long, because the archive is large and of an older
    ///   version.
    /// - Throws: `ArchiveError` if there is no archive, or it cannot be read.
    package static func open(_ path: String, notice: (String) -> Void = { _ in }) throws -> Archive {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ArchiveError(
                errno == ENOENT
                    ? "there is no archive at \(path); relay, demo and import create one, --archive names another file"
                    : "cannot open the archive \(path): \(String(cString: strerror(errno)))")
        }
        if status.st_size == 0 {
            throw ArchiveError("\(path) is empty and not an archive; --archive names another file")
        }
        return try Archive(path, isReadOnly: access(path, W_OK) != 0, waiting: 10, notice: notice)
    }

    /// Opens an archive for writing and creates it if there is none, readable by its owner only.
    ///
    /// - Parameters:
    ///   - patience: how long to wait for another writing program, in seconds.
    ///   - newKey: the key for masks if the archive has none yet.
    ///   - notice: receives a line for people if opening takes long.
    package static func openOrCreate(
        _ path: String, patience: Double = 10, newKey: MaskKey = .random(), notice: (String) -> Void = { _ in }
    ) throws -> Archive {
        try ArchiveFile.make(path)
        return try Archive(
            path, isReadOnly: false, mayBegin: true, waiting: patience, newKey: newKey, notice: notice)
    }

    /// Archives of older versions above this many bytes take more than a moment to bring up to date.
    private static let large: off_t = 64 << 20

    /// Opens an archive.
    ///
    /// - Parameter mayBegin: whether an SQLite file without any table becomes an archive.
    init(
        _ path: String, isReadOnly: Bool, mayBegin: Bool = false, waiting: Double, newKey: MaskKey = .random(),
        notice: (String) -> Void = { _ in }
    ) throws {
        self.path = path
        self.isReadOnly = isReadOnly
        self.waiting = waiting
        file = ArchiveFile.target(of: path)
        try ArchiveFile.refuseForeignCompanions(of: file, patience: min(waiting, 2))
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.busyMode = .timeout(waiting)
        configuration.maximumReaderCount = 1
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
            try db.execute(sql: isReadOnly ? "PRAGMA query_only = ON" : "PRAGMA page_size = 4096")
            ArchiveLimits.set(db)
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            if mayBegin { try queue.writeWithoutTransaction { try Self.claim($0) } }
            let isCurrent = try queue.writeWithoutTransaction { try Self.check($0) }
            if !isReadOnly {
                try Self.useWriteAheadLog(queue, waiting)
                try queue.writeWithoutTransaction {
                    try $0.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384")
                }
            }
            if isReadOnly {
                maskKey = try queue.writeWithoutTransaction { db in
                    guard try isCurrent || Schema.canBeRead(db) else { throw Refusal.older }
                    return try ArchiveKey.kept(db) ?? ArchiveKey.derived(db)
                }
            } else {
                if !isCurrent {
                    guard try !queue.writeWithoutTransaction({ try Recordings.isAnyRunning($0) }) else {
                        throw Refusal.inUse
                    }
                    var status = stat()
                    if stat(path, &status) == 0, status.st_size > Self.large {
                        notice(
                            "bringing \(path) up to date; this takes about as long as copying its "
                                + "\(status.st_size / 1_000_000) MB")
                    }
                    try Self.migrate(queue)
                }
                maskKey = try queue.writeWithoutTransaction { try ArchiveKey.keptOrNew(newKey, $0) }
            }
            try queue.writeWithoutTransaction { db in
                try completeTables(db, notice: notice)
                if !isReadOnly { try completeDerivation(db, wasOlder: !isCurrent) }
            }
        } catch let error as DatabaseError {
            throw ArchiveError(error, path)
        } catch let part as SchemaParts.Foreign {
            throw ArchiveError(
                "cannot use the archive \(path): it is damaged or was changed by another program: \(part.reason)")
        } catch Refusal.notOurs {
            throw ArchiveError("\(path) is an SQLite file of another program; name another file with --archive")
        } catch Refusal.newer {
            throw ArchiveError("\(path) was written by a newer butterflynet; this version cannot read it")
        } catch Refusal.older {
            throw ArchiveError(
                "\(path) was written by an older butterflynet and must be brought up to date, but cannot be written")
        } catch Refusal.inUse {
            throw ArchiveError(
                "an older butterflynet is recording into \(path); this version can use it when that ends")
        }
    }

    private enum Refusal: Error { case notOurs, newer, older, inUse }

    /// Switches an archive that is open for writing to a write-ahead log. SQLite needs exclusive access for this switch
    /// and does not wait for it, so it is retried: another program may be creating the same archive.
    private static func useWriteAheadLog(_ queue: DatabaseQueue, _ patience: Double) throws {
        var rest = patience
        var pause = 0.002
        while true {
            do {
                return try queue.writeWithoutTransaction { db in
                    if try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal" { return }
                    try db.execute(sql: "PRAGMA journal_mode = WAL")
                }
            } catch let error as DatabaseError where transient.contains(error.resultCode) && rest > 0 {
                usleep(UInt32(pause * 1_000_000))
                rest -= pause
                pause = min(pause * 2, 0.1)
            }
        }
    }

    private static let transient: [ResultCode] = [.SQLITE_BUSY, .SQLITE_LOCKED]

    /// Marks a new, empty file as an archive before it has any table: two programs may create the same one at once.
    private static func claim(_ db: Database) throws {
        try db.inTransaction(.immediate) {
            let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
            let owner = try Int64.fetchOne(db, sql: "PRAGMA application_id")
            if isEmpty, owner == 0 { try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)") }
            return .commit
        }
    }

    /// Brings the tables up to date. Another program may do the same at this moment; its result is then accepted.
    private static func migrate(_ queue: DatabaseQueue) throws {
        for attempt in 1... {
            do {
                try Schema.migrator.migrate(queue)
                return
            } catch let error as DatabaseError {
                if try queue.read({ try Schema.migrator.hasCompletedMigrations($0) }) { return }
                guard attempt < 20, contested.contains(error.resultCode) else { throw error }
                usleep(50_000)
            }
        }
    }

    /// The result codes of SQLite if another program migrated first.
    private static let contested: [ResultCode] = [.SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_BUSY, .SQLITE_LOCKED]

    /// Checks that this is an archive that this version understands, and that it holds nothing else.
    ///
    /// - Returns: whether its tables are those of this version.
    private static func check(_ db: Database) throws -> Bool {
        func number(_ sql: String) throws -> Int64 {
            let query = try PreparedStatement(sql, in: db)
            defer { query.reset() }
            return try query.step() ? query.integer(0) : 0
        }
        var isCurrent = false
        // One transaction, so one consistent view: another program may be creating the tables.
        try db.inTransaction(.deferred) {
            guard try number("PRAGMA application_id") == Schema.applicationID else { throw Refusal.notOurs }
            guard try number("SELECT count(*) FROM sqlite_schema") > 0 else { return .commit }
            let migrator = Schema.migrator
            let parts = try SchemaParts(db)
            try parts.requireMigrations()
            guard try !migrator.hasBeenSuperseded(db) else { throw Refusal.newer }
            try parts.require(try SchemaParts.expected(after: migrator.appliedMigrations(db)))
            isCurrent = try migrator.hasCompletedMigrations(db)
            return .commit
        }
        return isCurrent
    }
}
