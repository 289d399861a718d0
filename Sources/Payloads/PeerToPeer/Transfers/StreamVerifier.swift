// Verifies the bytes of a transfer as they come, without keeping all of them.

/// A digest that takes its bytes part by part, such as SHA-1.
package protocol RunningDigest: Sendable {
    /// Takes the next bytes.
    mutating func update(_ bytes: ArraySlice<UInt8>)
    /// The digest of all that came.
    var value: [UInt8] { get }
}

/// Follows one transfer: its digest, and whether repeated bytes are the same. Bytes out of order wait; of those digested
/// only the latest are kept, since repetitions come soon or never.
struct StreamVerifier: Sendable {
    private var store = ByteStore()
    private var digest: (any RunningDigest)?
    private var digested: UInt64 = 0

    /// How much is kept of what was digested already.
    static let window = 32 << 10

    /// A check of a transfer of which nothing came yet.
    ///
    /// - Parameter digest: nil where none was announced to compare it with.
    init(digest: (any RunningDigest)?) { self.digest = digest }

    /// How many bytes are kept.
    var count: Int { store.count }

    /// Takes bytes.
    ///
    /// - Parameter fresh: the parts of them that were not here before.
    /// - Returns: whether the others are the same as those that are kept.
    mutating func add(_ bytes: ArraySlice<UInt8>, at offset: UInt64, fresh: [Range<UInt64>]) -> Bool {
        let isSame = store.add(bytes, at: offset, fresh: fresh)
        let next = store.bytes(from: digested)
        guard !next.isEmpty else { return isSame }
        digest?.update(next)
        digested += UInt64(next.count)
        if store.count > 2 * Self.window, digested > UInt64(Self.window) {
            store.forget(below: digested - UInt64(Self.window))
        }
        return isSame
    }

    /// The digest of a transfer of this size; nil where none is made, or not all of it came in time.
    func value(of size: UInt64) -> [UInt8]? { digested == size ? digest?.value : nil }
}
