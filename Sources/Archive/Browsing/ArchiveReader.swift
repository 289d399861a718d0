// Reads an archive for many requests at once: read-only connections, short transactions, requests that can be cancelled.

internal import Dispatch
package import Events
internal import GRDB
internal import NIOConcurrencyHelpers

/// A reader of one archive. It cannot write: its connections are opened read-only. It shows what a relay has committed
/// at once, also rows that are still on their way into the tables.
///
/// All functions block the caller's thread, and may be called from several threads: further calls wait for a connection.
package final class ArchiveReader: Sendable {
    /// The number of connections, and so of requests that read at the same time.
    package static let connections = 8
    /// The largest number of events in one answer.
    package static let mostItems = 500

    /// The path as the user gave it.
    package let path: String
    /// The key for masks of this archive's secrets.
    package let maskKey: MaskKey
    let cache = BrowsingCache()
    private let idle: NIOLockedValueBox<[Archive]>
    private let free = DispatchSemaphore(value: connections)
    private let watcher: Archive
    private let identity: ArchiveFile.Identity?

    /// Opens an archive, which must exist.
    ///
    /// - Throws: `ArchiveError` if it cannot be read.
    package init(_ path: String) throws {
        self.path = path
        // SQLite tells each connection only of the commits of others, and since the last question.
        watcher = try Archive(path, isReadOnly: true, waiting: Archive.patience)
        maskKey = watcher.maskKey
        identity = ArchiveFile.identity(of: path)
        idle = NIOLockedValueBox([])
    }

    /// A number that changes whenever something was committed to the archive, by whatever program. It costs a few
    /// microseconds.
    package func commitNumber() throws -> Int64 {
        try watcher.guarded {
            try watcher.queue.writeWithoutTransaction { db in
                let version = try PreparedStatement("PRAGMA data_version", in: db)
                defer { version.reset() }
                return try version.step() ? version.integer(0) : 0
            }
        }
    }

    /// Reads lists: `sessions`, `talkParts`, `contacts`, `search` and whatever else an archive can be asked. These show
    /// the tables, which lack what a relay has recorded in the last few seconds.
    package func lists<T>(_ control: ReadControl = ReadControl(), _ body: (Archive) throws -> T) throws -> T {
        try withArchive(control, body)
    }

    /// Reads events within one short transaction.
    func reading<T>(_ control: ReadControl, _ body: (BrowsingSession) throws -> T) throws -> T {
        try withArchive(control) { archive in
            try archive.guarded {
                try archive.queue.writeWithoutTransaction { db in
                    var result: T?
                    try db.inTransaction(.deferred) {
                        result = try body(BrowsingSession(db, archive, cache, control))
                        return .commit
                    }
                    guard let result else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
                    return result
                }
            }
        }
    }

    private func withArchive<T>(_ control: ReadControl, _ body: (Archive) throws -> T) throws -> T {
        try control.check()
        // What is kept in memory is that of the file that was opened.
        guard ArchiveFile.identity(of: path) == identity else {
            throw ArchiveError("the archive \(path) was removed or replaced since it was opened; start again")
        }
        free.wait()
        defer { free.signal() }
        let archive =
            try idle.withLockedValue { $0.popLast() } ?? Archive(path, isReadOnly: true, waiting: Archive.patience)
        control.begin { archive.queue.interrupt() }
        defer {
            control.end()
            idle.withLockedValue { $0.append(archive) }
        }
        do {
            return try body(archive)
        } catch {
            // An interrupted statement is no damage.
            try control.check()
            throw error
        }
    }
}
