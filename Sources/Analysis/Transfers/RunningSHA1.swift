// SHA-1 for the transfer code of `Payloads`, which has no cryptography of its own.

internal import Crypto
internal import Payloads

/// An incremental SHA-1, the digest of MSN objects, files and hashed nonces.
package struct RunningSHA1: RunningDigest {
    private var hash = Insecure.SHA1()

    package init() {}

    package mutating func update(_ bytes: Span<UInt8>) {
        // The memory is borrowed for the duration of this call.
        unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    }
    /// The digest of all bytes so far.
    package var value: [UInt8] { Array(hash.finalize()) }

    /// The digest of a complete sequence of bytes.
    package static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.SHA1.hash(data: bytes)) }
}
