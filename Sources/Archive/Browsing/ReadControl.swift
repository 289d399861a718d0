// Ends reading early: when its time is used up, or when nobody waits for the answer any more.

internal import NIOConcurrencyHelpers

/// Controls one request to an `ArchiveReader`. May be cancelled from any thread.
package final class ReadControl: Sendable {
    /// The reader stopped because of `cancel`.
    package struct Cancelled: Error {}

    private struct State {
        var isCancelled = false
        /// Interrupts the statement that is running.
        var interrupt: (@Sendable () -> Void)?
    }

    private let state = NIOLockedValueBox(State())
    /// When the request should end, by the system's monotonic clock, in nanoseconds.
    private let deadline: Int64?

    /// - Parameter milliseconds: how long a search may take before it says how far it came; nil for any time. What is
    ///   asked for directly, such as one event, is not cut off by it.
    package init(milliseconds: Int? = nil) {
        deadline = milliseconds.map { Clock.ticks() &+ Int64($0) &* 1_000_000 }
    }

    /// Ends the request: it throws `Cancelled`, normally within a few milliseconds.
    package func cancel() {
        // Within the lock, so that the connection is not in use for another request by then.
        state.withLockedValue { state in
            state.isCancelled = true
            state.interrupt?()
        }
    }

    /// Whether it was cancelled.
    package var isCancelled: Bool { state.withLockedValue { $0.isCancelled } }

    /// Whether its time is used up.
    var isOver: Bool { deadline.map { Clock.ticks() >= $0 } ?? false }

    /// Throws if it was cancelled.
    func check() throws { if isCancelled { throw Cancelled() } }

    func begin(_ interrupt: @escaping @Sendable () -> Void) { state.withLockedValue { $0.interrupt = interrupt } }

    func end() { state.withLockedValue { $0.interrupt = nil } }
}
