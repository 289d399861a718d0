// A fixed-size cache for output generated from byte strings, because the same values recur in many events.

internal import MSNP

/// A hash table of fixed size from byte strings to the output generated from them. A new entry replaces the one in its
/// slot, so the table never grows, and crafted keys cannot make it slower than no cache.
struct ByteCache: Sendable {
    private struct Entry: Sendable {
        /// The first eight bytes of the key, or all of them.
        var start: UInt64 = 0
        var keyCount = 0
        /// The key followed by the value.
        var bytes: [UInt8] = []

        func matches(_ key: Span<UInt8>, _ start: UInt64) -> Bool {
            guard self.start == start, keyCount == key.count else { return false }
            return keyCount <= 8 || ByteCache.equal(bytes.span.extracting(..<keyCount), key)
        }

        func appendValue(to writer: inout ByteWriter) { writer.append(bytes.span, keyCount..<bytes.count) }
    }

    private var entries: [Entry]
    private let bits: Int
    private let longestKey: Int

    /// Creates an empty cache.
    ///
    /// - Parameters:
    ///   - bits: the base-2 logarithm of the number of slots.
    ///   - longestKey: the maximum length of a cached key in bytes.
    init(bits: Int, longestKey: Int) {
        entries = Array(repeating: Entry(), count: 1 << bits)
        self.bits = bits
        self.longestKey = longestKey
    }

    /// Appends the cached output for a key, or calls `make` and caches what it appends.
    mutating func append(for key: Span<UInt8>, to bytes: inout ByteWriter, _ make: (inout ByteWriter) -> Void) {
        if append(for: key, to: &bytes) { return }
        let mark = bytes.count
        make(&bytes)
        insert(bytes, from: mark, for: key)
    }

    /// Appends the cached output for a key.
    ///
    /// - Returns: false, with nothing appended, if there is none.
    func append(for key: Span<UInt8>, to bytes: inout ByteWriter) -> Bool {
        guard !key.isEmpty, key.count <= longestKey else { return false }
        let (slot, start) = place(of: key)
        guard entries[slot].matches(key, start) else { return false }
        entries[slot].appendValue(to: &bytes)
        return true
    }

    /// Caches the output from an offset on.
    mutating func insert(_ bytes: borrowing ByteWriter, from mark: Int, for key: Span<UInt8>) {
        guard !key.isEmpty, key.count <= longestKey else { return }
        let (slot, start) = place(of: key)
        entries[slot] = Entry(
            start: start, keyCount: key.count, bytes: Array(copying: key) + bytes.copy(from: mark))
    }

    /// The slot of a key, and the first eight bytes of the key. Most keys have no more, and need no other comparison.
    private func place(of key: Span<UInt8>) -> (slot: Int, start: UInt64) {
        let word = key.word(at: 0)
        let start = key.count < 8 ? word & ((1 &<< UInt64(key.count &* 8)) &- 1) : word
        let hash = key.count <= 8 ? start &* 0x9E37_79B9_7F4A_7C15 : key.hash64
        // The highest bits of a product depend on all bits of its factors.
        return (Int(truncatingIfNeeded: hash &>> UInt64(64 &- bits)), start)
    }

    private static func equal(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        var index = 0
        while a.count &- index >= 8 {
            // Safe: both spans have the same length, and at least eight bytes remain.
            let first = unsafe a.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let second = unsafe b.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard first == second else { return false }
            index &+= 8
        }
        while index < a.count {
            guard a[index] == b[index] else { return false }
            index &+= 1
        }
        return true
    }
}
