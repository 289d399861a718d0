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

    /// The number of bytes that an append may write past the bytes it reserved, because it stores sixteen bytes at a
    /// time, up to two times.
    private static let slack = 32

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
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        // A call of `memcpy` takes longer than to copy 32 bytes, of which the next append overwrites the rest.
        guard range.count <= 32, range.lowerBound >= 0, bytes.count &- range.lowerBound >= 32 else {
            return append(bytes.extracting(range))
        }
        reserve(range.count)
        // Safe: both the span and the memory have 32 bytes from here on, the latter because of `slack`.
        unsafe memory.storeBytes(
            of: bytes.vector(at: range.lowerBound), toByteOffset: count, as: SIMD16<Int8>.self)
        unsafe memory.storeBytes(
            of: bytes.vector(at: range.lowerBound &+ 16), toByteOffset: count &+ 16, as: SIMD16<Int8>.self)
        count &+= range.count
    }

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
    /// - Parameter special: marks the bytes that are not plain.
    /// - Returns: the index of the first byte that is not plain, or `end`.
    @inline(__always)
    mutating func append(
        plainPartOf bytes: Span<UInt8>, from start: Int, to end: Int,
        special: (SIMD16<Int8>) -> SIMDMask<SIMD16<Int8>>
    ) -> Int {
        precondition(start >= 0 && end <= bytes.count)
        var index = start
        reserve(end &- start)
        while index < end {
            let vector = bytes.vector(at: index)
            // Safe: memory for all bytes up to `end` is reserved, and `slack` covers the rest of the vector.
            unsafe memory.storeBytes(of: vector, toByteOffset: count, as: SIMD16<Int8>.self)
            let clean = min(special(vector).firstIndex, end &- index)
            count &+= clean
            index &+= clean
            if clean < 16 { return index }
        }
        return end
    }

    /// Appends up to 32 plain bytes between two delimiters.
    ///
    /// - Parameter special: marks the bytes that are not plain.
    /// - Returns: false, with nothing appended, if there are more bytes, or one that is not plain.
    @inline(__always)
    mutating func append(
        shortPlain bytes: Span<UInt8>, _ range: Range<Int>, between delimiter: UInt8,
        special: (SIMD16<Int8>) -> SIMDMask<SIMD16<Int8>>
    ) -> Bool {
        guard !range.isEmpty, range.count <= 32 else { return false }
        let first = bytes.vector(at: range.lowerBound)
        guard special(first).firstIndex >= min(range.count, 16) else { return false }
        reserve(range.count &+ 2)
        if range.count > 16 {
            let second = bytes.vector(at: range.lowerBound &+ 16)
            guard special(second).firstIndex >= range.count &- 16 else { return false }
            // Safe: `slack` covers the rest of the vector.
            unsafe memory.storeBytes(of: second, toByteOffset: count &+ 17, as: SIMD16<Int8>.self)
        }
        // Safe: memory for all bytes is reserved, and `slack` covers the rest of the vector.
        unsafe memory.storeBytes(of: delimiter, toByteOffset: count, as: UInt8.self)
        unsafe memory.storeBytes(of: first, toByteOffset: count &+ 1, as: SIMD16<Int8>.self)
        unsafe memory.storeBytes(of: delimiter, toByteOffset: count &+ 1 &+ range.count, as: UInt8.self)
        count &+= range.count &+ 2
        return true
    }

    /// Appends characters outside ASCII, up to the first that may be invisible or is not UTF-8.
    ///
    /// - Returns: the index of that character, of the first ASCII character, or `end`.
    @inline(__always)
    mutating func append(visibleLettersOf bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= bytes.count)
        var index = start
        reserve(end &- start)
        while end &- index >= 2 {
            let length = InvisibleCharacters.visibleLength(bytes[index], bytes[index &+ 1])
            guard length > 0, length == 2 || (end &- index >= 3 && bytes[index &+ 2] & 0xC0 == 0x80) else { break }
            // Safe: memory for all bytes up to `end` is reserved, and `slack` covers the rest of the word.
            unsafe memory.storeBytes(of: bytes.word(at: index), toByteOffset: count, as: UInt64.self)
            count &+= length
            index &+= length
        }
        return index
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
