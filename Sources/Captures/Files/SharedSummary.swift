// Passes the summary from the reader thread to the caller.

internal import NIOConcurrencyHelpers

/// One summary behind a lock.
final class SharedSummary: Sendable {
    private let box = NIOLockedValueBox(Captures.Summary())

    func set(_ summary: Captures.Summary) { box.withLockedValue { $0 = summary } }
    func get() -> Captures.Summary { box.withLockedValue { $0 } }
}
