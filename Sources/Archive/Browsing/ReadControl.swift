// Ends reading early: when its time is used up, or when nobody waits for the answer any more.

internal import NIOConcurrencyHelpers

/// Controls one request to an `ArchiveReader`. May be cancelled from any thread.
package final class ReadControl: Sendable {
    /// The reader stopped because of `cancel`.
    package struct Cancelled: Error {}

    private struct State {
        var isCancelled = false
        /// When the request should end, by the system's monotonic clock, in nanoseconds; nil before it begins to read:
        /// it may wait for others first.
        var deadline: Int64?
        /// Interrupts the statement that is running.
        var interrupt: (@Sendable () -> Void)?
    }

    private let state = NIOLockedValueBox(State())
    /// How long it may read, in nanoseconds.
    private let time: Int64?

    /// - Parameter milliseconds: how long a search may take before it says how far it came; nil for any time. What is
    ///   asked for directly, such as one event, is not cut off by it.
    package init(milliseconds: Int? = nil) {
        time = milliseconds.map { Int64($0) &* 1_000_000 }
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
    var isOver: Bool { state.withLockedValue { $0.deadline.map { Clock.ticks() >= $0 } ?? false } }

    /// Throws if it was cancelled.
    package func check() throws { if isCancelled { throw Cancelled() } }

    func begin(_ interrupt: @escaping @Sendable () -> Void) {
        state.withLockedValue { state in
            state.interrupt = interrupt
            if state.deadline == nil { state.deadline = time.map { Clock.ticks() &+ $0 } }
        }
    }

    func end() { state.withLockedValue { $0.interrupt = nil } }
}
