// Deletes sign-ins, recordings, connections and conversations from an archive, so that nothing of them stays in its files.

package import Events
internal import GRDB
internal import Glibc

/// What to delete.
package enum DeletionTarget: Sendable, Hashable {
    /// These, each with everything that belongs to it.
    case items([ArchiveID])
    /// Sign-ins and connections that ended before this time, and recordings of which nothing is left then. Those without
    /// a known date stay.
    case before(Timestamp)
}

/// How much a deletion covers.
package struct DeletionSummary: Sendable, Hashable {
    /// Whole recordings.
    package var recordings: Int64 = 0
    package var signIns: Int64 = 0
    package var connections: Int64 = 0
    package var messages: Int64 = 0
    /// The bytes that both sides had sent on these connections.
    package var bytes: Int64 = 0
    /// Recordings that match and stay because a relay is still writing them.
    package var running: [ArchiveID] = []

    /// Whether there is nothing to delete.
    package var isEmpty: Bool { recordings == 0 && signIns == 0 && connections == 0 }
}

extension Archive {
    /// Counts what a deletion would delete; deletes nothing.
    ///
    /// - Throws: `ArchiveError` if nothing has one of the identifiers, or a relay is still writing it.
    package func deletionSummary(of target: DeletionTarget) throws -> DeletionSummary {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try completeTables(db)
                var summary = DeletionSummary()
                try db.inTransaction(.deferred) {
                    summary = try DeletionSelection(target, path: path, db).summary()
                    return .rollback
                }
                return summary
            }
        }
    }

    /// Deletes rows and their words in the search index, in one transaction. `compact` then removes what is left of them
    /// in unused parts of the files.
    ///
    /// - Throws: `ArchiveError` if nothing has one of the identifiers, a relay is still writing it, an import is under
    ///   way, or there is no room for `compact`; then nothing was deleted.
    package func delete(_ target: DeletionTarget) throws -> DeletionSummary {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try requireRoom(db)
                try completeTables(db)
                // Foreign keys stay off: to check them, SQLite would look through all messages for each account.
                try db.execute(sql: "PRAGMA secure_delete = ON; PRAGMA foreign_keys = OFF")
                defer { try? db.execute(sql: "PRAGMA foreign_keys = ON") }
                var summary = DeletionSummary()
                try db.inTransaction(.immediate) {
                    try refuseWhileImporting(db, "delete")
                    let selection = try DeletionSelection(target, path: path, db)
                    summary = try selection.summary()
                    if summary.isEmpty { return .rollback }
                    try selection.delete()
                    return .commit
                }
                return summary
            }
        }
    }

    /// Writes the database anew without unused parts, and empties its write-ahead log.
    ///
    /// - Returns: false if another program was reading the archive all the time, so that its log could not be emptied.
    /// - Throws: `ArchiveError`, for example if the disk is full; the archive is then as before.
    package func compact() throws -> Bool {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try requireRoom(db)
                // Frees the log for reuse, as far as no other program reads it.
                try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)")
                try PreparedStatement("VACUUM", in: db, isShared: false).run()
                return try emptyLog(db)
            }
        }
    }

    /// Copies the write-ahead log into the database and truncates it; waits for readers as long as for other writers.
    ///
    /// - Returns: false if another program was reading it all the time.
    private func emptyLog(_ db: Database) throws -> Bool {
        let checkpoint = try PreparedStatement("PRAGMA wal_checkpoint(TRUNCATE)", in: db, isShared: false)
        defer { checkpoint.reset() }
        return try checkpoint.step() && checkpoint.integer(0) == 0
    }

    /// The bytes of the database and its write-ahead log.
    package var size: Int64 {
        ["", "-wal"].reduce(0) { total, end in
            var status = stat()
            return stat(file + end, &status) == 0 ? total &+ Int64(status.st_size) : total
        }
    }

    /// Throws if the disk has no room for a copy of the archive in the folder for temporary files and one beside it,
    /// which `VACUUM` makes.
    private func requireRoom(_ db: Database) throws {
        func number(_ name: String) throws -> Int64 {
            let select = try PreparedStatement("PRAGMA \(name)", in: db, isShared: false)
            defer { select.reset() }
            return try select.step() ? select.integer(0) : 0
        }
        let pages = try max(0, number("page_count") &- number("freelist_count"))
        let (size, isTooLarge) = try pages.multipliedReportingOverflow(by: number("page_size"))
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
        let temporary = Self.temporaryFolder
        let isOneDisk = Disk(folder)?.device == Disk(temporary)?.device
        for place in isOneDisk ? [folder] : [folder, temporary] {
            guard let disk = Disk(place) else { continue }
            let needed = isTooLarge ? Int64.max : isOneDisk ? size &* 2 : size
            guard disk.free < needed else { continue }
            throw ArchiveError(
                "not enough space to shrink the archive \(path): it needs \(needed >> 20) MiB in \(place), where "
                    + "\(disk.free >> 20) MiB are free")
        }
    }

    /// Where SQLite puts temporary files.
    private static var temporaryFolder: String {
        let names: [String] = ["SQLITE_TMPDIR", "TMPDIR"]
        let named: [String] = names.compactMap { name in getenv(name).map { String(cString: $0) } }
        return (named + ["/var/tmp", "/usr/tmp", "/tmp"]).first { access($0, W_OK | X_OK) == 0 } ?? "."
    }
}

/// The disk of a folder.
private struct Disk {
    let device: UInt64
    /// The bytes that this user may still write.
    let free: Int64

    init?(_ folder: String) {
        var status = stat()
        var space = statvfs()
        guard stat(folder, &status) == 0, statvfs(folder, &space) == 0 else { return nil }
        device = UInt64(status.st_dev)
        let (free, isTooLarge) = UInt64(space.f_bavail).multipliedReportingOverflow(by: UInt64(space.f_frsize))
        self.free = isTooLarge ? .max : Int64(clamping: free)
    }
}
