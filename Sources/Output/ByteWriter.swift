// Where lines are put together before they go into an array.

internal import MSNP

/// Bytes in the making. Appending to an array costs three times as much as the few bytes that most pieces have; here
/// it costs a comparison and the copy.
@safe struct ByteWriter: ~Copyable {
    /// Room for `capacity` bytes, of which the first `count` are written.
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0
    /// Whether the room that was lent had become too small.
    private var hasOwnMemory = false

    /// More than any one piece writes behind the bytes it asked room for: words are stored whole.
    private static let slack = 8

    fileprivate init(_ lent: UnsafeMutableRawBufferPointer) {
        if let start = lent.baseAddress, lent.count > Self.slack {
            unsafe memory = start
            capacity = lent.count
        } else {
            capacity = 1_024
            unsafe memory = .allocate(byteCount: capacity, alignment: 1)
            hasOwnMemory = true
        }
    }

    deinit {
        if hasOwnMemory { unsafe memory.deallocate() }
    }

    /// Makes room for so many more bytes, and a word.
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
        // The compiler placed these bytes in the program itself.
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

    /// Appends a part of some bytes.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) { append(bytes.extracting(range)) }

    /// Takes back what was written behind a place.
    mutating func cut(to place: Int) {
        precondition(place >= 0 && place <= count)
        count = place
    }

    /// What was written behind a place.
    func copy(from place: Int) -> [UInt8] {
        precondition(place >= 0 && place <= count)
        return unsafe Array(UnsafeRawBufferPointer(start: memory.advanced(by: place), count: count &- place))
    }

    /// Appends bytes as long as they are such as `isPlain` lets through.
    ///
    /// - Parameter special: has the top bit of the lowest byte set that must be looked at, of eight; those above it may
    ///   be wrong.
    /// - Returns: where the first one stands that is not; the end where there is none.
    @inline(__always)
    mutating func append(
        plainPartOf bytes: Span<UInt8>, from start: Int, to end: Int, special: (UInt64) -> UInt64,
        isPlain: (UInt8) -> Bool
    ) -> Int {
        precondition(start >= 0 && end <= bytes.count)
        var index = start
        reserve(end &- start)
        while end &- index >= 8 {
            // Eight bytes are there to be read, and room for all that is left was made.
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
            // As above; what belongs to somebody else is neither judged nor counted.
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

    fileprivate func give(to bytes: inout [UInt8]) {
        unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: memory, count: count))
    }
}

extension [UInt8] {
    /// Appends what is written; a few hundred bytes cost no memory.
    mutating func write(_ body: (inout ByteWriter) -> Void) {
        unsafe withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 1) { memory in
            var writer = unsafe ByteWriter(memory)
            body(&writer)
            writer.give(to: &self)
        }
    }

    /// Appends what is written.
    ///
    /// - Parameter room: where it is put together; its bytes are worth nothing before and after.
    mutating func write(in room: inout [UInt8], _ body: (inout ByteWriter) -> Void) {
        unsafe room.withUnsafeMutableBytes { memory in
            var writer = unsafe ByteWriter(memory)
            body(&writer)
            writer.give(to: &self)
        }
    }
}
