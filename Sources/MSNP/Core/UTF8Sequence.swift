// Validates UTF-8, one encoded character at a time (RFC 3629).

/// Validation of ASCII and UTF-8.
package enum UTF8Sequence {
    /// Whether all bytes are ASCII.
    package static func isASCII(_ span: Span<UInt8>) -> Bool {
        var all: UInt64 = 0
        var index = 0
        while span.count &- index >= 8 {
            // At least eight bytes remain, so the load stays within the span.
            all |= unsafe span.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        while index < span.count {
            all |= UInt64(span[index])
            index &+= 1
        }
        return all & .everyByte(0x80) == 0
    }

    /// Whether all bytes are valid UTF-8.
    package static func isValid(_ span: Span<UInt8>) -> Bool { firstFault(span) == nil }

    /// The index of the first invalid byte sequence; nil if all bytes are valid UTF-8.
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

    /// The number of bytes of the character at an index, all before `end`; 0 for invalid UTF-8 (RFC 3629 section 4).
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
