// When a long-running command ends: a signal, or nobody reads its output any more.

import NIOConcurrencyHelpers
import UnixSignals

/// Waits for the end. Signals are caught from the start: one that comes early is not lost, and kills nothing unflushed.
final class StopSignal: Sendable {
    private let stream: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation

    init() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        self.continuation = continuation
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        Task {
            for await signal in signals { continuation.yield(signal == .sigint ? 130 : 143) }
        }
    }

    /// Nobody reads standard output any more: the program ends quietly.
    @Sendable func brokenPipe() { continuation.yield(0) }

    /// Waits for INT, TERM or a broken pipe. To be called once.
    ///
    /// - Returns: the exit code that goes with it.
    func wait() async -> Int32 {
        for await code in stream { return code }
        return 0
    }
}
