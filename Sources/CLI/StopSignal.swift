// Ends a long-running command: on SIGINT, SIGTERM or a broken standard output pipe.

import Glibc
import Synchronization
import UnixSignals

/// Waits for a reason to end. It traps signals from its creation, so that an early one is not lost and output is flushed.
final class StopSignal: Sendable {
    private let stream: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation
    private let isRequested = Atomic(false)
    private let hasBrokenPipe = Atomic(false)

    /// Whether the end was requested; later failures are then a consequence of stopping.
    var isStopping: Bool { isRequested.load(ordering: .acquiring) }

    init() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        self.continuation = continuation
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        Task { [self] in
            var isFirst = true
            for await signal in signals {
                let code: Int32 = signal == .sigint ? 130 : 143
                // A second signal ends the program at once, for example when a blocked output pipe delays the end.
                guard isFirst else { Glibc._exit(code) }
                isFirst = false
                finish(code)
            }
        }
    }

    /// Requests the end because standard output has no reader any more; exit code 0.
    @Sendable func brokenPipe() {
        hasBrokenPipe.store(true, ordering: .releasing)
        finish(0)
    }

    /// Whether standard output has lost its reader.
    var isPipeBroken: Bool { hasBrokenPipe.load(ordering: .acquiring) }

    /// Requests the end with an exit code.
    func finish(_ code: Int32) {
        isRequested.store(true, ordering: .releasing)
        continuation.yield(code)
    }

    /// Waits until the end is requested. Call it only once.
    ///
    /// - Returns: the exit code: 130 after SIGINT, 143 after SIGTERM, else that of `finish`.
    func wait() async -> Int32 {
        for await code in stream { return code }
        return 0
    }
}
