// Converts bytes to hexadecimal digits and digits to values, for all modules.

/// Hexadecimal encoding and digit values.
package enum Hexadecimal {
    /// The digit of a value below 16.
    @inlinable
    @inline(__always)
    package static func digit(_ value: UInt8, isUpperCase: Bool = false) -> UInt8 {
        value < 10 ? 0x30 &+ value : (isUpperCase ? 0x37 : 0x57) &+ value
    }

    /// The value (0 to 15) of a digit in either case; nil for any other byte.
    @inlinable
    @inline(__always)
    package static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit &- 0x30
        case 0x41...0x46: digit &- 0x37
        case 0x61...0x66: digit &- 0x57
        default: nil
        }
    }

    /// Two ASCII digits for each byte.
    package static func digits(_ bytes: some Sequence<UInt8>, isUpperCase: Bool = false) -> [UInt8] {
        // An array, because generic code asks for each byte through the sequence's iterator, which is slow.
        let bytes = Array(bytes)
        var result: [UInt8] = []
        result.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            result.append(digit(byte &>> 4, isUpperCase: isUpperCase))
            result.append(digit(byte & 15, isUpperCase: isUpperCase))
        }
        return result
    }

    /// Two digits for each byte, as a string.
    package static func text(_ bytes: some Sequence<UInt8>, isUpperCase: Bool = false) -> String {
        String(decoding: digits(bytes, isUpperCase: isUpperCase), as: UTF8.self)
    }
}
