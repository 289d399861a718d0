// Whether bytes are UTF-8, character by character (RFC 3629).

/// One character in UTF-8.
package enum UTF8Sequence {
    /// Whether bytes are ASCII from end to end.
    package static func isASCII(_ span: Span<UInt8>) -> Bool {
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
    package static func isValid(_ span: Span<UInt8>) -> Bool { firstFault(span) == nil }

    /// The first place where bytes are not UTF-8.
    package static func firstFault(_ span: Span<UInt8>) -> Int? {
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
    package static func length(in bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
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
