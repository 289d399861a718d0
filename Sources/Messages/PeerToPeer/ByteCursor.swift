// Reading numbers and runs out of bytes that nobody vouches for.

/// What is left of some bytes; every read either fits or gives nil and takes nothing.
struct ByteCursor {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next bytes, exactly so many.
    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// The next number, lowest byte first.
    mutating func little<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type) -> Number? {
        take(Number.bitWidth / 8)?.reversed().reduce(0) { $0 &<< 8 | Number(truncatingIfNeeded: $1) }
    }

    /// The next number, highest byte first.
    mutating func big<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type) -> Number? {
        take(Number.bitWidth / 8)?.reduce(0) { $0 &<< 8 | Number(truncatingIfNeeded: $1) }
    }
}

/// Text in UTF-16, lowest byte first, as Windows writes it.
enum WideText {
    /// The characters before the first NUL; U+FFFD for what is none.
    static func decode(_ bytes: ArraySlice<UInt8>) -> String {
        var cursor = ByteCursor(bytes)
        var units: [UInt16] = []
        while let unit = cursor.little(UInt16.self), unit != 0 { units.append(unit) }
        return String(decoding: units, as: UTF16.self)
    }
}

/// Bytes in letters (RFC 4648).
enum Base64Text {
    /// The bytes that letters stand for. Line ends and blanks are passed over; padding may be missing.
    ///
    /// - Returns: nil where a character stands that is none of the alphabet, or one letter is left over.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var letters = 0
        var isPadded = false
        for byte in text {
            let value: UInt8
            switch byte {
            case 0x41...0x5A: value = byte &- 0x41
            case 0x61...0x7A: value = byte &- 0x47
            case 0x30...0x39: value = byte &+ 4
            case 0x2B: value = 62
            case 0x2F: value = 63
            case 0x09, 0x0A, 0x0D, 0x20: continue
            case 0x3D:
                isPadded = true
                continue
            default: return nil
            }
            guard !isPadded else { return nil }
            bits = bits &<< 6 | UInt32(value)
            letters &+= 1
            guard letters % 4 != 1 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: bits &>> UInt32(6 &- 2 &* ((letters &- 1) % 4))))
        }
        return letters % 4 == 1 ? nil : bytes
    }
}
