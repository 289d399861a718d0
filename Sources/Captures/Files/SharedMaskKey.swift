// Passes the key for masks from the reader thread to the caller.

internal import Events
internal import NIOConcurrencyHelpers

/// One key, derived from the content read before the first batch was passed on.
final class SharedMaskKey: Sendable {
    private let box = NIOLockedValueBox<MaskKey?>(nil)

    /// Derives the key, unless it exists or nothing was read yet. The key depends on the content only: a batch is
    /// passed on when it is full, which is after more bytes than the key is derived from, or at the end.
    func set(_ content: ContentKey) {
        guard !content.isEmpty else { return }
        box.withLockedValue { if $0 == nil { $0 = content.key } }
    }

    /// The key; nil if there was no content.
    func get() -> MaskKey? { box.withLockedValue { $0 } }
}
