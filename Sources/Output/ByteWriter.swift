// A fast output buffer in which the formats assemble a line.

internal import MSNP

/// A growing byte buffer. An append costs a comparison and the copy. For pieces of a few bytes, an append to an array
/// takes three times as long as the copy.
@safe struct ByteWriter: ~Copyable {
    /// Memory for `capacity` bytes, of which the first `count` are initialized.
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0
    /// Whether this value allocated `memory`, because the caller's memory was too small.
    private var hasOwnMemory = false

    /// The number of bytes that an append may write past the bytes it reserved, because it stores whole 8-byte words.
    private static let slack = 8

    fileprivate init(_ borrowed: UnsafeMutableRawBufferPointer) {
        if let start = borrowed.baseAddress, borrowed.count > Self.slack {
            unsafe memory = start
            capacity = borrowed.count
        } else {
            capacity = 1_024
            unsafe memory = .allocate(byteCount: capacity, alignment: 1)
            hasOwnMemory = true
        }
    }

    deinit {
        if hasOwnMemory { unsafe memory.deallocate() }
    }

    /// Reserves memory for this many more bytes, plus `slack`.
    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity &- count < more &+ Self.slack { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        precondition(more >= 0)
        let wanted = capacity * 2 + more + Self.slack
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 1)
        unsafe larger.copyMemory(from: memory, byteCount: count)
        if hasOwnMemory { unsafe memory.deallocate() }
        unsafe memory = larger
        capacity = wanted
        hasOwnMemory = true
    }

    /// Appends a byte.
    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    /// Appends text that needs no escaping.
    @inline(__always)
    mutating func append(plain text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length)
        // Safe: the bytes of a static string exist for the lifetime of the program.
        unsafe memory.advanced(by: count).copyMemory(from: text.utf8Start, byteCount: length)
        count &+= length
    }

    /// Appends bytes as they are.
    @inline(__always)
    mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

    /// Appends text as it is.
    @inline(__always)
    mutating func append(_ text: String) { append(text.utf8Span.span) }

    /// Appends bytes as they are.
    @inline(__always)
    mutating func append(_ span: Span<UInt8>) {
        reserve(span.count)
        unsafe span.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe memory.advanced(by: count).copyMemory(from: start, byteCount: source.count)
        }
        count &+= span.count
    }

    /// Appends a range of bytes.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) { append(bytes.extracting(range)) }

    /// Removes all bytes from an offset on.
    mutating func cut(to offset: Int) {
        precondition(offset >= 0 && offset <= count)
        count = offset
    }

    /// The bytes from an offset on.
    func copy(from offset: Int) -> [UInt8] {
        precondition(offset >= 0 && offset <= count)
        return unsafe Array(UnsafeRawBufferPointer(start: memory.advanced(by: offset), count: count &- offset))
    }

    /// Appends bytes up to the first that is not plain.
    ///
    /// - Parameters:
    ///   - special: for a word of eight bytes, sets the top bit of the lowest byte that is not plain; the bits of
    ///     higher bytes are undefined.
    ///   - isPlain: the same test for one byte.
    /// - Returns: the index of the first byte that is not plain, or `end`.
    @inline(__always)
    mutating func append(
        plainPartOf bytes: Span<UInt8>, from start: Int, to end: Int, special: (UInt64) -> UInt64,
        isPlain: (UInt8) -> Bool
    ) -> Int {
        precondition(start >= 0 && end <= bytes.count)
        var index = start
        reserve(end &- start)
        while end &- index >= 8 {
            // Safe: at least eight bytes remain before `end`, and memory for all remaining bytes is reserved.
            let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            unsafe memory.storeBytes(of: word, toByteOffset: count, as: UInt64.self)
            let found = special(word) & 0x8080_8080_8080_8080
            guard found == 0 else {
                let clean = found.trailingZeroBitCount &>> 3
                count &+= clean
                return index &+ clean
            }
            count &+= 8
            index &+= 8
        }
        if index < end, bytes.count &- index >= 8 {
            // Safe: at least eight bytes remain in the span, and `slack` covers the store past the reserved bytes. The
            // mask and `count` ignore the bytes after `end`.
            let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            unsafe memory.storeBytes(of: word, toByteOffset: count, as: UInt64.self)
            let found = special(word) & 0x8080_8080_8080_8080 & ((1 &<< ((end &- index) &* 8)) &- 1)
            let clean = found == 0 ? end &- index : found.trailingZeroBitCount &>> 3
            count &+= clean
            return index &+ clean
        }
        while index < end {
            let byte = bytes[index]
            guard isPlain(byte) else { return index }
            unsafe memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
            count &+= 1
            index &+= 1
        }
        return end
    }

    fileprivate func appendAll(to bytes: inout [UInt8]) {
        unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: memory, count: count))
    }
}

extension [UInt8] {
    /// Appends the output of `body`, which is buffered on the stack as long as it is short.
    mutating func write(_ body: (inout ByteWriter) -> Void) {
        unsafe withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 1) { memory in
            var writer = unsafe ByteWriter(memory)
            body(&writer)
            writer.appendAll(to: &self)
        }
    }

    /// Appends the output of `body`.
    ///
    /// - Parameter room: memory for the buffer; its contents are undefined before and after.
    mutating func write(in room: inout [UInt8], _ body: (inout ByteWriter) -> Void) {
        unsafe room.withUnsafeMutableBytes { memory in
            var writer = unsafe ByteWriter(memory)
            body(&writer)
            writer.appendAll(to: &self)
        }
    }
}
