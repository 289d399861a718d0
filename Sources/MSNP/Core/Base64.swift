// Base64 encoding (RFC 4648 section 4), and decoding that accepts the variants of MSN clients and servers.

/// Encodes and decodes base64.
package enum Base64 {
    /// The base64 character of a value below 64.
    @inlinable
    @inline(__always)
    package static func digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: 0x41 &+ value
        case 26..<52: 0x47 &+ value
        case 52..<62: value &- 4
        case 62: 0x2B
        default: 0x2F
        }
    }

    /// The value (0 to 63) of a base64 character; nil for any other byte.
    package static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x41...0x5A: digit &- 0x41
        case 0x61...0x7A: digit &- 0x47
        case 0x30...0x39: digit &+ 4
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }

    /// Encodes bytes with padding and passes each character to `emit`.
    @inlinable
    @inline(__always)
    package static func encode(_ bytes: some Sequence<UInt8>, _ emit: (UInt8) -> Void) {
        var remaining = bytes.makeIterator()
        while let first = remaining.next() {
            let second = remaining.next()
            let third = remaining.next()
            let bits = UInt32(first) &<< 16 | UInt32(second ?? 0) &<< 8 | UInt32(third ?? 0)
            emit(digit(UInt8(truncatingIfNeeded: bits &>> 18)))
            emit(digit(UInt8(truncatingIfNeeded: bits &>> 12) & 63))
            emit(second == nil ? 0x3D : digit(UInt8(truncatingIfNeeded: bits &>> 6) & 63))
            emit(third == nil ? 0x3D : digit(UInt8(truncatingIfNeeded: bits) & 63))
        }
    }

    /// Encodes bytes with padding.
    package static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        // An array, because generic code asks for each byte through the collection's iterator, which is slow.
        let bytes = Array(bytes)
        var digits: [UInt8] = []
        digits.reserveCapacity((bytes.count + 2) / 3 * 4)
        encode(bytes) { digits.append($0) }
        return digits
    }

    /// Whether characters are the base64 form of bytes, with padding. Compares without an array of its own.
    package static func isEncoding(_ digits: Span<UInt8>, of bytes: Span<UInt8>) -> Bool {
        guard digits.count == (bytes.count &+ 2) / 3 &* 4 else { return false }
        var place = 0
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let rest = bytes.count &- start
            let second = rest > 1 ? UInt32(bytes[start &+ 1]) : 0
            let third = rest > 2 ? UInt32(bytes[start &+ 2]) : 0
            let bits = UInt32(bytes[start]) &<< 16 | second &<< 8 | third
            guard digits[place] == digit(UInt8(truncatingIfNeeded: bits &>> 18)),
                digits[place &+ 1] == digit(UInt8(truncatingIfNeeded: bits &>> 12) & 63),
                digits[place &+ 2] == (rest > 1 ? digit(UInt8(truncatingIfNeeded: bits &>> 6) & 63) : 0x3D),
                digits[place &+ 3] == (rest > 2 ? digit(UInt8(truncatingIfNeeded: bits) & 63) : 0x3D)
            else { return false }
            place &+= 4
        }
        return true
    }

    /// Decodes base64 characters. Ignores spaces, tabs, line ends and NUL bytes; padding is optional.
    ///
    /// - Returns: nil for any other byte, for characters after the padding, and for a truncated group of one character.
    package static func decode(_ digits: some Sequence<UInt8>) -> [UInt8]? { decode(array: Array(digits)) }

    private static func decode(array digits: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var hasPadding = false
        for digit in digits {
            switch digit {
            case 0x3D:
                hasPadding = true
                continue
            case 0x20, 0x09, 0x0D, 0x0A, 0x00: continue
            default: break
            }
            guard let value = value(of: digit) else { return nil }
            guard !hasPadding else { return nil }
            bits = bits &<< 6 | UInt32(value)
            count += 1
            if count % 4 == 0 {
                result.append(UInt8(truncatingIfNeeded: bits &>> 16))
                result.append(UInt8(truncatingIfNeeded: bits &>> 8))
                result.append(UInt8(truncatingIfNeeded: bits))
            }
        }
        switch count % 4 {
        case 1: return nil
        case 2: result.append(UInt8(truncatingIfNeeded: bits &>> 4))
        case 3:
            result.append(UInt8(truncatingIfNeeded: bits &>> 10))
            result.append(UInt8(truncatingIfNeeded: bits &>> 2))
        default: break
        }
        return result
    }
}
