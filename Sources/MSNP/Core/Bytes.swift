// Copying bytes out of borrowed memory, and looking through it eight at a time: the only place where the codec reaches for
// memory by address.

extension Array where Element == UInt8 {
    /// Copies bytes out of a window; the range is cut down to what is there.
    public init(copying window: Span<UInt8>, from start: Int = 0, count: Int = .max) {
        self = []
        append(copying: window, from: start, count: count)
    }

    /// Copies bytes of a window behind these; the range is cut down to what is there.
    public mutating func append(copying window: Span<UInt8>, from start: Int = 0, count: Int = .max) {
        guard start >= 0, start < window.count, count > 0 else { return }
        let end = start &+ Swift.min(count, window.count &- start)
        // The memory is borrowed for the length of this call and read only within the range checked above.
        unsafe window.extracting(start..<end).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension UInt8 {
    static let space: UInt8 = 0x20
    static let carriageReturn: UInt8 = 0x0D
    static let lineFeed: UInt8 = 0x0A
}

extension Span where Element == UInt8 {
    /// Where a byte stands first in a range; the range's end where it does not.
    @inline(__always)
    package func first(_ byte: UInt8, from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= count)
        var index = start
        while end &- index >= 8 {
            // Eight bytes are there.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let other = word ^ UInt64.everyByte(byte)
            // The lowest byte that is 0 borrows when 1 is subtracted; only above it the answer may be wrong.
            let found = (other &- .everyByte(1)) & ~other & .everyByte(0x80)
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < end, self[index] != byte { index &+= 1 }
        return index
    }

    /// Whether a text stands at a place.
    package func holds(_ text: StaticString, at start: Int) -> Bool {
        guard start >= 0, count &- start >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount {
            // The letters are in the program itself, as many as are counted.
            let letter = unsafe text.utf8Start[index]
            guard self[start &+ index] == letter else { return false }
        }
        return true
    }

    /// How often a byte stands in a range.
    package func count(_ byte: UInt8, from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= count)
        var found = 0
        var index = start
        while end &- index >= 8 {
            // Eight bytes are there.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let other = word ^ UInt64.everyByte(byte)
            // A byte's top bit stays clear in the sum only where the byte is 0.
            let rest = ((other & .everyByte(0x7F)) &+ .everyByte(0x7F)) | other | .everyByte(0x7F)
            found &+= (~rest).nonzeroBitCount
            index &+= 8
        }
        while index < end {
            if self[index] == byte { found &+= 1 }
            index &+= 1
        }
        return found
    }
}

extension UInt64 {
    /// Eight times the same byte.
    @inlinable
    @inline(__always)
    package static func everyByte(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }
}

extension Span<UInt8> {
    /// A hash of these bytes, the same in every run.
    package var hash64: UInt64 {
        var hash = UInt64(truncatingIfNeeded: count)
        var index = 0
        while count &- index >= 8 {
            // Eight bytes are there.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash &>> 32
            index &+= 8
        }
        while index < count {
            hash = (hash ^ UInt64(self[index])) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash &>> 32
            index &+= 1
        }
        return hash
    }
}
