// JSON out of bytes that nobody vouches for.

internal import MSNP

extension ByteWriter {
    /// Appends a number in decimal.
    mutating func append(number: some BinaryInteger) {
        guard let value = UInt64(exactly: number) else { return append(String(number)) }
        guard value > 9 else { return append(0x30 | UInt8(truncatingIfNeeded: value)) }
        var digits = InlineArray<20, UInt8>(repeating: 0x30)
        var first = 20
        var rest = value
        repeat {
            first &-= 1
            digits[first] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        append(digits.span, first..<20)
    }

    /// Appends a command's name.
    @inline(__always)
    mutating func append(_ verb: Verb) {
        guard verb != .empty else { return }
        append(UInt8(truncatingIfNeeded: verb.packed &>> 16))
        append(UInt8(truncatingIfNeeded: verb.packed &>> 8))
        append(UInt8(truncatingIfNeeded: verb.packed))
    }

    /// Appends a JSON string.
    mutating func append(json text: String) {
        append(0x22)
        let utf8 = text.utf8Span.span
        _ = append(escaped: utf8, 0..<utf8.count)
        append(0x22)
    }

    /// Appends bytes as a JSON string.
    ///
    /// - Returns: false, and nothing appended, where the bytes are not UTF-8.
    mutating func append(json bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let mark = count
        append(0x22)
        guard append(escaped: bytes, range) else {
            cut(to: mark)
            return false
        }
        append(0x22)
        return true
    }

    /// Appends bytes as a JSON string, U+FFFD for what is not UTF-8.
    ///
    /// - Returns: whether all of it was UTF-8.
    mutating func append(lossyJSON bytes: [UInt8], _ range: Range<Int>) -> Bool {
        if append(json: bytes.span, range) { return true }
        append(json: String(decoding: bytes[range], as: UTF8.self))
        return false
    }

    /// Appends the inside of a JSON string: escapes what JSON wants escaped, and what a terminal would obey or a reader be
    /// fooled by.
    ///
    /// - Returns: false at the first byte that is not UTF-8; what was appended by then is worth nothing.
    mutating func append(escaped bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let end = range.upperBound
        var index = range.lowerBound
        while true {
            index = append(
                plainPartOf: bytes, from: index, to: end, special: Self.needEscape,
                isPlain: { $0 &- 0x20 < 0x5F && $0 != 0x22 && $0 != 0x5C })
            guard index < end else { return true }
            let byte = bytes[index]
            if byte < 0x80 {
                append(escape: byte)
                index &+= 1
                continue
            }
            let length = UTF8Sequence.length(in: bytes, at: index, end: end)
            guard length > 0 else { return false }
            if let scalar = Unseen.scalar(in: bytes, at: index, length: length, end: end) {
                append(escape: scalar)
            } else {
                append(bytes, index..<index &+ length)
            }
            index &+= length
        }
    }

    /// The top bit of the first of eight bytes that is not printable ASCII which JSON takes as it is.
    @inline(__always)
    private static func needEscape(_ word: UInt64) -> UInt64 {
        let ones = UInt64.everyByte(1)
        // Bytes equal to another are those that are 0 after XOR, and borrow when 1 is subtracted.
        let quote = word ^ ones &* 0x22
        let backslash = word ^ ones &* 0x5C
        return notPrintable(word) | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
    }

    /// The top bit of the first of eight bytes that is not printable ASCII.
    @inline(__always)
    static func notPrintable(_ word: UInt64) -> UInt64 {
        let ones = UInt64.everyByte(1)
        let delete = word ^ ones &* 0x7F
        // A byte below n borrows from its top bit when n is subtracted.
        return (word &- ones &* 0x20) & ~word | (delete &- ones) & ~delete | word
    }

    private mutating func append(escape byte: UInt8) {
        switch byte {
        case 0x0D: append(plain: "\\r")
        case 0x0A: append(plain: "\\n")
        case 0x22: append(plain: "\\\"")
        case 0x5C: append(plain: "\\\\")
        case 0x09: append(plain: "\\t")
        default: append(codeUnit: UInt16(byte))
        }
    }

    private mutating func append(escape scalar: UInt32) {
        guard scalar > 0xFFFF else { return append(codeUnit: UInt16(truncatingIfNeeded: scalar)) }
        let rest = scalar &- 0x10000
        append(codeUnit: 0xD800 | UInt16(truncatingIfNeeded: rest &>> 10))
        append(codeUnit: 0xDC00 | UInt16(truncatingIfNeeded: rest & 0x3FF))
    }

    private mutating func append(codeUnit: UInt16) {
        append(plain: "\\u")
        append(UInt8.hexDigit(UInt8(truncatingIfNeeded: codeUnit &>> 12) & 15))
        append(UInt8.hexDigit(UInt8(truncatingIfNeeded: codeUnit &>> 8) & 15))
        append(UInt8.hexDigit(UInt8(truncatingIfNeeded: codeUnit &>> 4) & 15))
        append(UInt8.hexDigit(UInt8(truncatingIfNeeded: codeUnit) & 15))
    }

    /// Appends base64 with padding (RFC 4648 section 4).
    mutating func append(base64 bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let first = rest.popFirst() {
            let second = rest.popFirst()
            let third = rest.popFirst()
            let bits = UInt32(first) &<< 16 | UInt32(second ?? 0) &<< 8 | UInt32(third ?? 0)
            append(Self.base64Digit(bits &>> 18))
            append(Self.base64Digit(bits &>> 12))
            append(second == nil ? 0x3D : Self.base64Digit(bits &>> 6))
            append(third == nil ? 0x3D : Self.base64Digit(bits))
        }
    }

    private static func base64Digit(_ bits: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 63)
        switch value {
        case 0..<26: return 0x41 &+ value
        case 26..<52: return 0x61 &+ (value &- 26)
        case 52..<62: return 0x30 &+ (value &- 52)
        case 62: return 0x2B
        default: return 0x2F
        }
    }
}

extension UInt8 {
    /// The lower-case hexadecimal digit of a number below 16.
    static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x57 &+ value }
}

extension [UInt8] {
    /// Appends text that needs no escaping.
    @inline(__always)
    package mutating func append(plain text: StaticString) {
        // The compiler placed these bytes in the program itself.
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a number in decimal.
    package mutating func append(number: some BinaryInteger) { write { $0.append(number: number) } }

    /// Appends a JSON string.
    package mutating func append(json text: String) { write { $0.append(json: text) } }
}

/// One character in UTF-8.
enum UTF8Sequence {
    /// Whether bytes are ASCII from end to end.
    static func isASCII(_ span: Span<UInt8>) -> Bool {
        var all: UInt64 = 0
        var index = 0
        while span.count &- index >= 8 {
            // Eight bytes are there.
            all |= unsafe span.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        while index < span.count {
            all |= UInt64(span[index])
            index &+= 1
        }
        return all & .everyByte(0x80) == 0
    }

    /// Whether bytes are UTF-8 from end to end.
    static func isValid(_ span: Span<UInt8>) -> Bool { firstFault(span) == nil }

    /// The first place where bytes are not UTF-8.
    static func firstFault(_ span: Span<UInt8>) -> Int? {
        var index = 0
        while index < span.count {
            if span[index] < 0x80 {
                index &+= 1
                continue
            }
            let length = length(in: span, at: index, end: span.count)
            guard length > 0 else { return index }
            index &+= length
        }
        return nil
    }

    /// How many bytes the character at a place has; 0 where the bytes are not UTF-8 (RFC 3629 section 4).
    static func length(in bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
        let first = bytes[index]
        let length: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        switch first {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if first == 0xE0 { low = 0xA0 }
            if first == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            length = 4
            if first == 0xF0 { low = 0x90 }
            if first == 0xF4 { high = 0x8F }
        default: return 0
        }
        guard end &- index >= length, bytes[index &+ 1] >= low, bytes[index &+ 1] <= high else { return 0 }
        if length > 2, bytes[index &+ 2] & 0xC0 != 0x80 { return 0 }
        if length > 3, bytes[index &+ 3] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
