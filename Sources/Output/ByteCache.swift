// What was made of bytes, remembered: clients say the same things again and again.

internal import MSNP

/// A table of fixed size from bytes to what was made of them. Whatever falls on a place that is taken takes it over: so
/// it never grows, and nobody can make it slower than no table.
struct ByteCache: Sendable {
    private struct Entry: Sendable {
        /// The key, and behind it the value.
        var bytes: [UInt8] = []
        var keyCount = 0

        func has(_ key: Span<UInt8>) -> Bool {
            keyCount == key.count && ByteCache.equal(bytes.span.extracting(..<keyCount), key)
        }

        func appendValue(to writer: inout ByteWriter) { writer.append(bytes.span.extracting(keyCount...)) }
    }

    private var entries: [Entry]
    private let longestKey: Int

    /// A table.
    ///
    /// - Parameters:
    ///   - bits: there are so many places as a number of so many bits can count.
    ///   - longestKey: longer keys are not remembered.
    init(bits: Int, longestKey: Int) {
        entries = Array(repeating: Entry(), count: 1 << bits)
        self.longestKey = longestKey
    }

    /// Appends what belongs to a key: what is remembered, or what `make` appends now.
    mutating func append(
        for key: ArraySlice<UInt8>, to bytes: inout ByteWriter, _ make: (ArraySlice<UInt8>, inout ByteWriter) -> Void
    ) {
        guard !key.isEmpty, key.count <= longestKey else { return make(key, &bytes) }
        let place = Int(truncatingIfNeeded: key.span.hash64) & (entries.count - 1)
        if entries[place].has(key.span) { return entries[place].appendValue(to: &bytes) }
        let mark = bytes.count
        make(key, &bytes)
        entries[place] = Entry(bytes: key + bytes.copy(from: mark), keyCount: key.count)
    }

    private static func equal(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        var index = 0
        while a.count &- index >= 8 {
            // Eight bytes are there in both, which are equally long.
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
