// Percent-encoding and decoding of `%XX` (RFC 3986 section 2.1), for all modules.

/// Percent-encoding of names and addresses: arguments cannot contain spaces.
public enum PercentEncoding {
    /// Replaces each `%XX` with its byte; leaves malformed escapes unchanged.
    public static func decode(_ bytes: ByteSlice) -> [UInt8] {
        var result: [UInt8] = []
        decode(bytes.span, into: &result)
        return result
    }

    /// Decodes into an existing array to avoid an allocation; replaces its contents.
    public static func decode(_ bytes: Span<UInt8>, into result: inout [UInt8]) {
        result.removeAll(keepingCapacity: true)
        result.append(addingCapacity: bytes.count) { decoded in
            var index = 0
            while index < bytes.count {
                // Most bytes stand for themselves.
                let escape = bytes.first(0x25, from: index, to: bytes.count)
                decoded.append(copying: bytes, from: index, to: escape)
                index = escape
                while index < bytes.count, bytes[index] == 0x25 {
                    if let byte = byte(in: bytes, at: index) {
                        decoded.append(byte)
                        index &+= 3
                    } else {
                        decoded.append(0x25)
                        index &+= 1
                    }
                }
            }
        }
    }

    /// The byte encoded by the `%XX` at an index; nil if there is no valid escape.
    @inline(__always)
    package static func byte(in bytes: Span<UInt8>, at index: Int) -> UInt8? {
        guard bytes[index] == 0x25, bytes.count &- index > 2,
            let high = Hexadecimal.value(of: bytes[index &+ 1]), let low = Hexadecimal.value(of: bytes[index &+ 2])
        else { return nil }
        return high &<< 4 | low
    }

    /// The escape `%XX` for a byte, in upper case.
    package static func triple(_ byte: UInt8) -> [UInt8] {
        [0x25] + Hexadecimal.digits(CollectionOfOne(byte), isUpperCase: true)
    }
}
