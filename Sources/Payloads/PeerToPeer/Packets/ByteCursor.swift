// Reads numbers and byte ranges from untrusted bytes.

internal import MSNP

/// A position in some bytes. A read that exceeds the bytes returns nil and does not move the position.
struct ByteCursor {
    private let bytes: ByteSlice
    private var position: Int

    init(_ bytes: ByteSlice) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// The bytes not read yet.
    var rest: ByteSlice { bytes[position...] }

    /// Reads exactly `count` bytes.
    mutating func take(_ count: Int) -> ByteSlice? {
        guard count >= 0, count <= bytes.endIndex - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// Reads a little-endian number.
    mutating func little<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type) -> Number? {
        big(type)?.byteSwapped
    }

    /// Reads a big-endian number.
    mutating func big<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type) -> Number? {
        let width = Number.bitWidth / 8
        guard width <= bytes.endIndex - position else { return nil }
        var value: Number = 0
        for index in position..<position + width { value = value &<< 8 | Number(truncatingIfNeeded: bytes[index]) }
        position += width
        return value
    }
}

/// Little-endian UTF-16 text, as Windows writes it.
enum WideText {
    /// The characters before the first NUL, with U+FFFD for invalid ones.
    static func decode(_ bytes: ByteSlice) -> String {
        var cursor = ByteCursor(bytes)
        var units: [UInt16] = []
        while let unit = cursor.little(UInt16.self), unit != 0 { units.append(unit) }
        return String(decoding: units, as: UTF16.self)
    }
}
