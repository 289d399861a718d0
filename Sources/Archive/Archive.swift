// The file: opened with care, private to its owner, refused where it is something else.

internal import GRDB
internal import Glibc
public import Transcript

/// One SQLite file that keeps recordings.
public final class Archive: Sendable {
    /// Where it lies.
    public let path: String
    let queue: DatabaseQueue
    /// What masks of this archive's secrets are made with.
    public let maskKey: MaskKey

    /// How long one writer waits for another before it gives up for now.
    static let patience = 1.0
    /// No value in a row is longer than this: blocks are cut at 64 KiB, a frame may have 1 MiB.
    private static let longestValue: Int32 = 64 << 20

    /// Opens an archive that is there.
    ///
    /// - Throws: `ArchiveError` where there is none, or where it cannot be read.
    public static func open(_ path: String) throws -> Archive {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ArchiveError(
                errno == ENOENT
                    ? "there is no archive at \(path); relay, demo and import make one, --archive names another"
                    : "cannot open the archive \(path): \(String(cString: strerror(errno)))")
        }
        if status.st_size == 0 { throw ArchiveError("\(path) is empty, and no archive; --archive names another") }
        return try Archive(path, isReadOnly: access(path, W_OK) != 0, waiting: 10)
    }

    /// Opens an archive to write to it, and makes it where there is none: readable by its owner only.
    ///
    /// - Parameters:
    ///   - patience: how long to wait for another program that writes, in seconds.
    ///   - newKey: what masks are made with, where the archive has no key yet.
    public static func openOrCreate(_ path: String, patience: Double = 10, newKey: MaskKey = .random()) throws
        -> Archive
    {
        // The file is made before SQLite sees it, so that it never is readable by others; -wal and -shm take its mode.
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_EXCL, 0o600)
        if descriptor >= 0 {
            fchmod(descriptor, 0o600)
            close(descriptor)
        } else if errno == EEXIST {
            // An empty file becomes an archive, and as private as one.
            var status = stat()
            if stat(path, &status) == 0, status.st_size == 0 { chmod(path, 0o600) }
        } else {
            throw ArchiveError(
                "cannot create the archive \(path): \(String(cString: strerror(errno)))", isPassing: errno == ENOSPC)
        }
        return try Archive(path, isReadOnly: false, waiting: patience, newKey: newKey)
    }

    init(_ path: String, isReadOnly: Bool, waiting: Double, newKey: MaskKey = .random()) throws {
        self.path = path
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.busyMode = .timeout(waiting)
        configuration.maximumReaderCount = 1
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
            if !isReadOnly { try db.execute(sql: "PRAGMA page_size = 4096") }
            Limits.set(db, longestValue: Self.longestValue)
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            if !isReadOnly { try queue.writeWithoutTransaction { try Self.claim($0) } }
            let isCurrent = try queue.writeWithoutTransaction { try Self.check($0) }
            if !isReadOnly {
                try queue.writeWithoutTransaction {
                    try $0.execute(
                        sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384")
                }
            }
            if isReadOnly {
                maskKey = try queue.writeWithoutTransaction { db in
                    guard try isCurrent || Schema.canBeRead(db) else { throw Refusal.older }
                    return try ArchiveKey.kept(db) ?? ArchiveKey.derived(db)
                }
            } else {
                if !isCurrent { try Self.migrate(queue) }
                maskKey = try queue.writeWithoutTransaction { try ArchiveKey.keptOrNew(newKey, $0) }
            }
        } catch let error as DatabaseError {
            throw ArchiveError(error, path)
        } catch Refusal.notOurs {
            throw ArchiveError("\(path) is an SQLite file of another program; name another file with --archive")
        } catch Refusal.newer {
            throw ArchiveError("\(path) was written by a newer butterflynet; this version cannot read it")
        } catch Refusal.older {
            throw ArchiveError(
                "\(path) was written by an older butterflynet and must be brought up to date, but cannot be written")
        }
    }

    private enum Refusal: Error { case notOurs, newer, older }

    /// Marks a new, empty file as an archive, before any table is in it: two programs may make the same one at once.
    private static func claim(_ db: Database) throws {
        try db.inTransaction(.immediate) {
            let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
            let owner = try Int64.fetchOne(db, sql: "PRAGMA application_id")
            if isEmpty, owner == 0 { try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)") }
            return .commit
        }
    }

    /// Brings the tables up to date. Another program may do the same at this moment: then its work is taken.
    private static func migrate(_ queue: DatabaseQueue) throws {
        for attempt in 1... {
            do {
                try Schema.migrator.migrate(queue)
                return
            } catch let error as DatabaseError {
                if try queue.read({ try Schema.migrator.hasCompletedMigrations($0) }) { return }
                guard attempt < 20, [.SQLITE_ERROR, .SQLITE_CONSTRAINT].contains(error.resultCode) else { throw error }
                usleep(50_000)
            }
        }
    }

    /// Looks whether this is an archive that this version understands.
    ///
    /// - Returns: whether its tables are those of this version.
    private static func check(_ db: Database) throws -> Bool {
        func number(_ sql: String) throws -> Int64 {
            let query = try Prepared(sql, in: db)
            defer { query.reset() }
            return try query.step() ? query.integer(0) : 0
        }
        let migrator = Schema.migrator
        guard try number("SELECT count(*) FROM sqlite_schema") > 0 else { return false }
        guard try number("PRAGMA application_id") == Schema.applicationID else { throw Refusal.notOurs }
        guard try !migrator.hasBeenSuperseded(db) else { throw Refusal.newer }
        return try migrator.hasCompletedMigrations(db)
    }
}

/// Why an archive could not be used; the text is for people.
public struct ArchiveError: Error, CustomStringConvertible, Sendable {
    /// What happened, and what to try.
    public let description: String
    /// Whether it may work later: another program writes, or the disk is full.
    let isPassing: Bool

    init(_ description: String, isPassing: Bool = false) {
        self.description = description
        self.isPassing = isPassing
    }

    init(_ error: DatabaseError, _ path: String) {
        let why =
            switch error.resultCode {
            case .SQLITE_NOTADB: "it is no SQLite file"
            case .SQLITE_CORRUPT: "it is damaged (\(error.message ?? "no details"))"
            case .SQLITE_BUSY, .SQLITE_LOCKED: "another program has locked it"
            case .SQLITE_FULL: "the disk is full"
            case .SQLITE_CANTOPEN: "it cannot be opened"
            default: error.message ?? "\(error.resultCode)"
            }
        let passing: [ResultCode] = [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR]
        self.init("cannot use the archive \(path): \(why)", isPassing: passing.contains(error.resultCode))
    }
}
