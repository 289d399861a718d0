// The SHA-256 of the bytes of one direction.

internal import Crypto

/// Computes the SHA-256 of the bytes of one direction, gaps skipped.
package struct StreamDigest: Sendable {
    private var digest = SHA256()

    package init() {}

    /// Adds the next bytes.
    package mutating func update(_ bytes: Span<UInt8>) {
        // Safe because the digest reads the borrowed bytes only within this call.
        unsafe bytes.withUnsafeBytes { unsafe digest.update(bufferPointer: $0) }
    }

    /// The digest of the bytes so far.
    package var value: [UInt8] { Array(digest.finalize()) }
}
