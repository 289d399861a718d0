// Writes JSON strings and numbers from untrusted bytes.

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

    /// Appends a verb.
    @inline(__always)
    mutating func append(_ verb: Verb) {
        guard verb != .empty else { return }
        append(UInt8(truncatingIfNeeded: verb.packed &>> 16))
        append(UInt8(truncatingIfNeeded: verb.packed &>> 8))
        append(UInt8(truncatingIfNeeded: verb.packed))
    }

    /// Appends a JSON string.
    mutating func append(json text: String) {
        let utf8 = text.utf8Span.span
        _ = append(json: utf8, 0..<utf8.count)
    }

    /// Appends bytes as a JSON string.
    ///
    /// - Returns: false, with nothing appended, if the bytes are not UTF-8.
    mutating func append(json bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        if append(shortPlain: bytes, range, between: 0x22, special: { $0.needEscape }) { return true }
        let mark = count
        append(0x22)
        guard append(escaped: bytes, range) else {
            cut(to: mark)
            return false
        }
        append(0x22)
        return true
    }

    /// Appends bytes as a JSON string, with U+FFFD for bytes that are not UTF-8.
    ///
    /// - Returns: whether all bytes are UTF-8.
    mutating func append(lossyJSON bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        if append(json: bytes, range) { return true }
        append(json: String(decoding: [UInt8](copying: bytes.extracting(range)), as: UTF8.self))
        return false
    }

    /// Appends the contents of a JSON string. Escapes the characters that JSON requires, terminal control characters,
    /// and invisible or direction-changing characters.
    ///
    /// - Returns: false at the first byte that is not UTF-8; the caller must then remove the bytes appended so far.
    mutating func append(escaped bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        append(escaped: bytes, range, special: { $0.needEscape }) { $0.append(escape: $1) }
    }

    /// Appends words that are separated by single spaces as the contents of JSON strings with `","` between them.
    ///
    /// - Returns: false at the first byte that is not UTF-8; the caller must then remove the bytes appended so far.
    mutating func append(escapedWords bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        append(escaped: bytes, range, special: { $0.needEscape .| $0.equal(0x20) }) { writer, byte in
            if byte == 0x20 { writer.append(plain: "\",\"") } else { writer.append(escape: byte) }
        }
    }

    /// - Parameters:
    ///   - special: finds the bytes that are not copied, as in `append(plainPartOf:)`.
    ///   - escape: appends what replaces such a byte if it is ASCII.
    @inline(__always)
    private mutating func append(
        escaped bytes: Span<UInt8>, _ range: Range<Int>, special: (SIMD16<Int8>) -> SIMDMask<SIMD16<Int8>>,
        escape: (inout ByteWriter, UInt8) -> Void
    ) -> Bool {
        let end = range.upperBound
        var index = range.lowerBound
        while true {
            index = append(plainPartOf: bytes, from: index, to: end, special: special)
            guard index < end else { return true }
            let byte = bytes[index]
            if byte < 0x80 {
                escape(&self, byte)
                index &+= 1
                continue
            }
            index = append(visibleLettersOf: bytes, from: index, to: end)
            guard index < end else { return true }
            guard bytes[index] >= 0x80 else { continue }
            let length = UTF8Sequence.length(in: bytes, at: index, end: end)
            guard length > 0 else { return false }
            if let scalar = InvisibleCharacters.scalar(in: bytes, at: index, length: length, end: end) {
                append(escape: scalar)
            } else {
                append(bytes, index..<index &+ length)
            }
            index &+= length
        }
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
        append(hex: UInt8(truncatingIfNeeded: codeUnit &>> 8))
        append(hex: UInt8(truncatingIfNeeded: codeUnit))
    }

    /// Appends a byte as two hexadecimal digits.
    @inline(__always)
    mutating func append(hex byte: UInt8) {
        append(Self.digit(byte &>> 4))
        append(Self.digit(byte & 15))
    }

    /// The hexadecimal digit of a value below 16; `Hexadecimal` of another module is a call.
    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x57 &+ value }

    /// Appends base64 with padding.
    mutating func append(base64 bytes: ByteSlice) { Base64.encode(bytes) { append($0) } }
}

extension SIMD16<Int8> {
    /// Marks all bytes that are not printable ASCII or that JSON escapes.
    @inline(__always)
    var needEscape: SIMDMask<SIMD16<Int8>> { notPrintable .| equal(0x22) .| equal(0x5C) }
}

extension [UInt8] {
    /// Appends text that needs no escaping.
    @inline(__always)
    package mutating func append(plain text: StaticString) {
        // Safe: the bytes of a static string exist for the lifetime of the program.
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a number in decimal.
    package mutating func append(number: some BinaryInteger) { write { $0.append(number: number) } }

    /// Appends a JSON string.
    package mutating func append(json text: String) { write { $0.append(json: text) } }
}
