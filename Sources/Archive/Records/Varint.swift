// Numbers of variable length and byte strings, as the blobs of an archive have them.

extension Array where Element == UInt8 {
    /// Appends a number: groups of seven bits, the lowest first.
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a number that may be negative: zigzag, so that small ones take few bytes.
    mutating func append(zigzag value: Int64) { append(varint: UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))) }

    /// Appends a length and that many bytes.
    mutating func append(counted bytes: some Collection<UInt8>) {
        append(varint: UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}

/// Reads numbers and byte strings from bytes that are not trusted. Every function returns nil at the end.
struct ByteReader {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8]) { self.init(bytes, in: bytes.indices) }

    /// Reads a part of the bytes. Places are those in all of them.
    init(_ bytes: [UInt8], in part: Range<Int>) {
        self.bytes = bytes
        position = part.lowerBound
        end = part.upperBound
    }

    var isAtEnd: Bool { position >= end }

    mutating func skipAll() { position = end }

    mutating func byte() -> UInt8? {
        guard position < end else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = byte() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    mutating func zigzag() -> Int64? {
        varint().map { Int64(bitPattern: $0 &>> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    /// The place of a counted byte string.
    mutating func counted() -> Range<Int>? {
        guard let count = varint(), count <= UInt64(end - position) else { return nil }
        let start = position
        position += Int(count)
        return start..<position
    }
}
