// Runs SQLite checkpoints: copies the write-ahead log into the database file while recording continues.

internal import GRDB
internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOPosix

/// A checkpoint may wait for the disk for a second. It has a connection and a thread of its own, so writers can append
/// to the log meanwhile.
final class Checkpointer: Sendable {
    private let archive: Archive
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let isRunning = NIOLockedValueBox(false)

    /// Log sizes in bytes: above `checkpointLength` a checkpoint is started; above `blockingLength` the recording waits
    /// for it. A log that is written without pause can restart at its beginning only while the writer waits.
    private static let checkpointLength: off_t = 4 << 20
    private static let blockingLength: off_t = 64 << 20

    init(_ path: String) throws {
        archive = try Archive.openOrCreate(path, patience: Archive.patience)
        thread.start()
    }

    /// Waits for a checkpoint that is under way; none begins afterwards.
    func finish() { try? thread.syncShutdownGracefully() }

    deinit { thread.shutdownGracefully { _ in } }

    /// Checks the length of the log and starts a checkpoint if needed. Called after each transaction, on the writer's
    /// thread.
    func checkpointIfNeeded(_ writer: Archive) {
        var status = stat()
        guard stat(writer.file + "-wal", &status) == 0, status.st_size > Self.checkpointLength else { return }
        if status.st_size > Self.blockingLength {
            try? writer.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            return
        }
        let mayStart = isRunning.withLockedValue { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard mayStart else { return }
        thread.submit { [archive, isRunning] _ in
            try? archive.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
            isRunning.withLockedValue { $0 = false }
        }
    }
}
