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
