// Verifies the bytes of a transfer as they arrive, without keeping all of them.

internal import MSNP

/// An incremental digest, such as SHA-1.
package protocol RunningDigest: Sendable {
    /// Adds the next bytes.
    mutating func update(_ bytes: Span<UInt8>)
    /// The digest of all bytes added so far.
    var value: [UInt8] { get }
}

/// Computes the digest of one transfer and compares repeated bytes. Bytes out of order are kept until the bytes before
/// them arrive. Of the digested bytes only the latest are kept: repetitions follow soon or never.
struct StreamVerifier: Sendable {
    private var store = ByteStore()
    private var digest: (any RunningDigest)?
    private var digested: UInt64 = 0

    /// The number of digested bytes kept for comparison.
    static let window = 32 << 10

    /// Creates a verifier of an empty transfer.
    ///
    /// - Parameter digest: nil if no digest was announced.
    init(digest: (any RunningDigest)?) { self.digest = digest }

    /// The number of bytes kept.
    var count: Int { store.count }

    /// Adds bytes.
    ///
    /// - Parameter fresh: the ranges of them that were not received before.
    /// - Returns: whether all other bytes equal the kept ones.
    mutating func add(_ bytes: ByteSlice, at offset: UInt64, fresh: [Range<UInt64>]) -> Bool {
        let isSame = store.add(bytes, at: offset, fresh: fresh)
        let count = store.add(to: &digest, from: digested)
        guard count > 0 else { return isSame }
        digested += UInt64(count)
        if store.count > 2 * Self.window, digested > UInt64(Self.window) {
            store.discard(below: digested - UInt64(Self.window))
        }
        return isSame
    }

    /// The digest of a transfer of this size; nil if there is none, or if bytes are missing.
    func value(of size: UInt64) -> [UInt8]? { digested == size ? digest?.value : nil }
}
