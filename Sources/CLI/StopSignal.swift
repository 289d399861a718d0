// When a long-running command ends: a signal, or nobody reads its output any more.

import NIOConcurrencyHelpers
import UnixSignals

/// Waits for the end.
final class StopSignal: Sendable {
    private let stream: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: Int32.self) }

    /// Nobody reads standard output any more: the program ends quietly.
    @Sendable func brokenPipe() { continuation.yield(0) }

    /// Waits for INT, TERM or a broken pipe.
    ///
    /// - Returns: the exit code that goes with it.
    func wait() async -> Int32 {
        let listener = Task { [continuation] in
            for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                continuation.yield(signal == .sigint ? 130 : 143)
            }
        }
        defer { listener.cancel() }
        for await code in stream { return code }
        return 0
    }
}
