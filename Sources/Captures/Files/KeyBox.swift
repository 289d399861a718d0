// Carries the key of a capture from the reading thread to the caller.

internal import Events
internal import NIOConcurrencyHelpers

/// A place for one key, made of what was read when it was first wanted.
final class KeyBox: Sendable {
    private let box = NIOLockedValueBox<MaskKey?>(nil)

    /// Makes the key, unless it is there or nothing was read yet. That depends on nothing but the content: batches are
    /// handed over when they are full, which is after more bytes than a key is made of, or at the end.
    func set(_ content: ContentKey) {
        guard !content.isEmpty else { return }
        box.withLockedValue { if $0 == nil { $0 = content.key } }
    }

    /// The key; nil where there was nothing to read.
    func get() -> MaskKey? { box.withLockedValue { $0 } }
}
