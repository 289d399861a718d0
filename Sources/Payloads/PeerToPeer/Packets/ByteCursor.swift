// Reading numbers and runs out of bytes that nobody vouches for.

/// What is left of some bytes; every read either fits or gives nil and takes nothing.
struct ByteCursor {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// What was not taken yet.
    var rest: ArraySlice<UInt8> { bytes[position...] }

    /// The next bytes, exactly so many.
    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.endIndex - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// The next number, lowest byte first.
    mutating func little<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type) -> Number? {
        big(type)?.byteSwapped
    }

    /// The next number, highest byte first.
    mutating func big<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type) -> Number? {
        let width = Number.bitWidth / 8
        guard width <= bytes.endIndex - position else { return nil }
        var value: Number = 0
        for index in position..<position + width { value = value &<< 8 | Number(truncatingIfNeeded: bytes[index]) }
        position += width
        return value
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
