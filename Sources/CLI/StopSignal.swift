// When a long-running command ends: a signal, or nobody reads its output any more.

import Glibc
import Synchronization
import UnixSignals

/// Waits for the end. Signals are caught from the start: one that comes early is not lost, and kills nothing unflushed.
final class StopSignal: Sendable {
    private let stream: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation
    private let hasCome = Atomic(false)

    /// Whether the end has been asked for: what fails from now on fails because of that.
    var isStopping: Bool { hasCome.load(ordering: .acquiring) }

    init() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        self.continuation = continuation
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        Task { [self] in
            var isFirst = true
            for await signal in signals {
                let code: Int32 = signal == .sigint ? 130 : 143
                // Who asks twice does not want to wait for a reader that does not read.
                guard isFirst else { Glibc._exit(code) }
                isFirst = false
                finish(code)
            }
        }
    }

    /// Nobody reads standard output any more: the program ends quietly.
    @Sendable func brokenPipe() { finish(0) }

    /// It is time to end, with this exit code.
    func finish(_ code: Int32) {
        hasCome.store(true, ordering: .releasing)
        continuation.yield(code)
    }

    /// Waits for INT, TERM or a broken pipe. To be called once.
    ///
    /// - Returns: the exit code that goes with it.
    func wait() async -> Int32 {
        for await code in stream { return code }
        return 0
    }
}
