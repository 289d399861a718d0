// Carries the summary from the reading thread to the caller.

internal import NIOConcurrencyHelpers

/// A place for one summary.
final class ResultBox: Sendable {
    private let box = NIOLockedValueBox(Captures.Summary())

    func set(_ summary: Captures.Summary) { box.withLockedValue { $0 = summary } }
    func get() -> Captures.Summary { box.withLockedValue { $0 } }
}
