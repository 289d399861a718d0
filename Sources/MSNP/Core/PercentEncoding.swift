// Percent coding (RFC 3986 section 2.1): the one place that reads and writes `%XX`.

/// Names and addresses travel percent-encoded, for arguments hold no spaces.
public enum PercentEncoding {
    /// Replaces `%XX` by its byte; what is no such triple stays as it is.
    public static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        decode(bytes.span, into: &result)
        return result
    }

    /// The same into an array that is used again, whose bytes are replaced.
    public static func decode(_ bytes: Span<UInt8>, into result: inout [UInt8]) {
        result.removeAll(keepingCapacity: true)
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let byte = byte(in: bytes, at: index) {
                result.append(byte)
                index &+= 3
            } else {
                result.append(bytes[index])
                index &+= 1
            }
        }
    }

    /// The byte that a triple at a place stands for; nil where there is none.
    @inline(__always)
    package static func byte(in bytes: Span<UInt8>, at index: Int) -> UInt8? {
        guard bytes[index] == 0x25, bytes.count &- index > 2,
            let high = Hexadecimal.value(of: bytes[index &+ 1]), let low = Hexadecimal.value(of: bytes[index &+ 2])
        else { return nil }
        return high &<< 4 | low
    }

    /// The triple that stands for a byte.
    package static func triple(_ byte: UInt8) -> [UInt8] {
        [0x25] + Hexadecimal.digits(CollectionOfOne(byte), isUpperCase: true)
    }
}
