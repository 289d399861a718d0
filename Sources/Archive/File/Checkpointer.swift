// Carries what was recorded from the write-ahead log into the file proper, beside the recording.

internal import GRDB
internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOPosix

/// Waiting for a disk to have everything safely can take a second. While it does, recording goes on: on a connection and
/// a thread of its own, a checkpoint keeps no writer from adding to the log.
final class Checkpointer: Sendable {
    private let archive: Archive
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let isRunning = NIOLockedValueBox(false)

    /// How long the log may get before it is looked after, and before the recording waits for that: a log that is
    /// written to without a pause can only start from its beginning again when the writer waits.
    private static let long: off_t = 4 << 20
    private static let tooLong: off_t = 64 << 20

    init(_ path: String) throws {
        archive = try Archive.openOrCreate(path, patience: Archive.patience)
        thread.start()
    }

    deinit { thread.shutdownGracefully { _ in } }

    /// Looks how long the log is. Called after each transaction, on the writer's thread.
    func lookAfter(_ writer: Archive) {
        var status = stat()
        guard stat(writer.file + "-wal", &status) == 0, status.st_size > Self.long else { return }
        if status.st_size > Self.tooLong {
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
