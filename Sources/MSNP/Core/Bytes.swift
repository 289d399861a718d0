// Copies, searches and hashes borrowed bytes: the only file of this module with reads by address, eight bytes at a
// time.

extension Array where Element == UInt8 {
    /// Copies up to `count` bytes of `window` from index `start`; the range is clamped to the window.
    public init(copying window: Span<UInt8>, from start: Int = 0, count: Int = .max) {
        self = []
        append(copying: window, from: start, count: count)
    }

    /// Appends up to `count` bytes of `window` from index `start`; the range is clamped to the window.
    public mutating func append(copying window: Span<UInt8>, from start: Int = 0, count: Int = .max) {
        guard start >= 0, start < window.count, count > 0 else { return }
        let end = start &+ Swift.min(count, window.count &- start)
        // The memory is borrowed for the duration of this call and read only within the range checked above.
        unsafe window.extracting(start..<end).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension OutputSpan where Element == UInt8 {
    /// Appends the bytes of `window` in `start..<end`, which the remaining capacity must hold.
    mutating func append(copying window: Span<UInt8>, from start: Int, to end: Int) {
        precondition(end &- start <= freeCapacity)
        let source = window.extracting(start..<end)
        // The memory is borrowed for the duration of this call, and the range and the capacity were checked.
        unsafe withUnsafeMutableBufferPointer { target, count in
            unsafe source.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[count...])
                    .copyMemory(from: source)
            }
            count += end &- start
        }
    }
}

extension UInt8 {
    static let space: UInt8 = 0x20
    static let carriageReturn: UInt8 = 0x0D
    static let lineFeed: UInt8 = 0x0A
}

extension Span where Element == UInt8 {
    /// The index of the first `byte` in `start..<end`; `end` if there is none.
    @inline(__always)
    package func first(_ byte: UInt8, from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= count)
        var index = start
        let lastLoad = count &- 8
        while index < end {
            guard index <= lastLoad else {
                while index < end, self[index] != byte { index &+= 1 }
                return index
            }
            // At least eight bytes remain in the span, perhaps beyond `end`.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let difference = word ^ UInt64.everyByte(byte)
            // Subtracting 1 from each byte sets the top bit of the lowest zero byte. A borrow makes only higher bytes
            // unreliable.
            let found = (difference &- .everyByte(1)) & ~difference & .everyByte(0x80)
            if found != 0 { return Swift.min(index &+ found.trailingZeroBitCount &>> 3, end) }
            index &+= 8
        }
        return Swift.max(start, end)
    }

    /// Whether the bytes from index `start` on begin with `text`.
    package func holds(_ text: StaticString, at start: Int) -> Bool {
        guard start >= 0, count &- start >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount {
            // The string is static, and `index` is below its length.
            let letter = unsafe text.utf8Start[index]
            guard self[start &+ index] == letter else { return false }
        }
        return true
    }

    /// Whether the bytes equal an ASCII text in lower case, ignoring the case of their letters.
    package func isEqual(toLowercase text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        var index = 0
        // The last eight bytes may overlap with those before them.
        while count >= 8 {
            // At least eight bytes remain in both: the text is static, and its length was compared above.
            let (word, lower) = unsafe (
                bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self),
                UnsafeRawPointer(text.utf8Start).loadUnaligned(fromByteOffset: index, as: UInt64.self)
            )
            // Adding these numbers sets the top bit of the bytes from `a` on, and of those behind `z`.
            let letters = (lower &+ .everyByte(0x80 - 0x61)) & ~(lower &+ .everyByte(0x80 - 0x7B)) & .everyByte(0x80)
            // A capital differs from its letter in one bit.
            guard (word ^ lower) & ~(letters &>> 2) == 0 else { return false }
            if index == count &- 8 { return true }
            index = Swift.min(index &+ 8, count &- 8)
        }
        while index < count {
            let byte = self[index]
            let letter = unsafe text.utf8Start[index]
            guard (byte &- 0x41 < 26 ? byte | 0x20 : byte) == letter else { return false }
            index &+= 1
        }
        return true
    }

    /// Whether the bytes are the same as those of an array.
    package func isEqual(to other: [UInt8]) -> Bool { isEqual(to: other.span) }

    /// Whether the bytes are the same.
    package func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var index = 0
        while count &- index >= 8 {
            // At least eight bytes remain in both, so the loads stay within the spans.
            let words = unsafe (
                bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self),
                other.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            )
            if words.0 != words.1 { return false }
            index &+= 8
        }
        while index < count {
            if self[index] != other[index] { return false }
            index &+= 1
        }
        return true
    }

    /// The number of occurrences of `byte` in `start..<end`.
    package func count(_ byte: UInt8, from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= count)
        var found = 0
        var index = start
        while end &- index >= 8 {
            // At least eight bytes remain, so the load stays within the span.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let difference = word ^ UInt64.everyByte(byte)
            // The top bit of a byte is clear in this result only if the byte is 0.
            let nonzeroBits = ((difference & .everyByte(0x7F)) &+ .everyByte(0x7F)) | difference | .everyByte(0x7F)
            found &+= (~nonzeroBits).nonzeroBitCount
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
    /// A word with `byte` in all eight bytes.
    @inlinable
    @inline(__always)
    package static func everyByte(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }
}

extension Span<UInt8> {
    /// A hash of the bytes that is the same in every run of the program.
    package var hash64: UInt64 {
        var hash = UInt64(truncatingIfNeeded: count)
        var index = 0
        while count &- index >= 8 {
            // At least eight bytes remain, so the load stays within the span.
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
