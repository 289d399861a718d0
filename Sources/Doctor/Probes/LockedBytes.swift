// Bytes that grow on an event loop.

internal import NIOConcurrencyHelpers

/// A growing list of bytes, at most `ServerAnswer.most` and one read long.
final class NIOLockedBytes: Sendable {
    private let bytes = NIOLockedValueBox<[UInt8]>([])

    /// Adds bytes and returns all.
    func append(_ more: [UInt8]) -> [UInt8] {
        bytes.withLockedValue { bytes in
            bytes += more
            return bytes
        }
    }
}
