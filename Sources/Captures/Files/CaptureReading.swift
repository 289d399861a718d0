// The thread that reads capture files.

internal import Events
internal import NIOPosix
internal import Packets

/// Reads capture files on a thread of its own.
struct CaptureReading {
    /// The batches that are read.
    let queue = BatchQueue()
    private let sharedSummary = SharedSummary()
    private let sharedKey = SharedMaskKey()
    private let thread = NIOThreadPool(numberOfThreads: 1)

    /// Starts to read; the parameters are those of `Captures.decode`.
    init(
        _ paths: [String], everything: Bool, slice: AddressSlice?, progress: @escaping @Sendable (Int) -> Void,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        thread.start()
        thread.submit { [queue, sharedSummary, sharedKey] _ in
            var reader = CaptureReader(paths, everything: everything, slice: slice, queue: queue, maskKey: sharedKey)
            reader.run(progress: progress, isCancelled: isCancelled)
            sharedSummary.set(reader.summary)
        }
    }

    /// The key for masks; known when the queue has its first batch.
    var maskKey: MaskKey? { sharedKey.get() }

    /// Waits for the end of the thread. The queue must have ended.
    func finish() -> Captures.Summary {
        try? thread.syncShutdownGracefully()
        return sharedSummary.get()
    }
}
