// Splits XML tags into names, attributes and malformed rest.

internal import MSNP

/// Parses XML tags in linear time, also in malformed input.
struct MarkupReader {
    /// A tag: its name, its attributes, and any malformed rest.
    struct Tag {
        var name: Range<Int>
        var attributes: [(name: Range<Int>, value: Range<Int>)] = []
        /// The malformed rest of the tag.
        var rest = 0..<0
        var end: Int
        /// Whether it is an end tag or an empty element.
        var isOver: Bool
    }

    let limit: Int
    /// Index of the next occurrence of a byte, by byte: no range is searched twice.
    private var known: [UInt8: Int] = [:]

    init(_ range: Range<Int>) { limit = range.upperBound }

    /// The tag that begins at a `<`; nil if there is none.
    mutating func tag(from start: Int, in bytes: [UInt8]) -> Tag? {
        let isEnd = start + 1 < limit && bytes[start + 1] == 0x2F
        let name = name(from: start + (isEnd ? 2 : 1), in: bytes)
        guard !name.isEmpty, name.upperBound < limit else { return nil }
        let behind = bytes[name.upperBound]
        guard behind == 0x3E || behind == 0x2F || behind <= 0x20 else { return nil }
        var tag = Tag(name: name, end: limit, isOver: isEnd)
        var index = name.upperBound
        while index < limit {
            switch bytes[index] {
            case 0x3E:
                tag.end = index + 1
                tag.isOver = isEnd || bytes[index - 1] == 0x2F
                return tag
            case 0...0x20, 0x2F: index += 1
            default:
                guard let attribute = attribute(from: index, in: bytes) else {
                    // The malformed rest up to `>` counts as text.
                    guard let close = next(0x3E, from: index, in: bytes) else { return nil }
                    tag.rest = index..<close
                    tag.end = close + 1
                    return tag
                }
                tag.attributes.append(attribute)
                index = attribute.value.upperBound + 1
            }
        }
        return nil
    }

    private mutating func attribute(
        from start: Int, in bytes: [UInt8]
    ) -> (name: Range<Int>, value: Range<Int>)? {
        let name = name(from: start, in: bytes)
        let equals = skipBlanks(name.upperBound, in: bytes)
        guard !name.isEmpty, equals < limit, bytes[equals] == 0x3D else { return nil }
        let quote = skipBlanks(equals + 1, in: bytes)
        guard quote < limit, bytes[quote] == 0x22 || bytes[quote] == 0x27,
            let close = next(bytes[quote], from: quote + 1, in: bytes)
        else { return nil }
        return (name, quote + 1..<close)
    }

    private mutating func next(_ sign: UInt8, from start: Int, in bytes: [UInt8]) -> Int? {
        if let place = known[sign], place >= start { return place < limit ? place : nil }
        let place = start < limit ? bytes[start..<limit].firstIndex(of: sign) ?? limit : limit
        known[sign] = place
        return place < limit ? place : nil
    }

    private func name(from start: Int, in bytes: [UInt8]) -> Range<Int> {
        var end = min(start, limit)
        while end < limit, Self.isNameByte(bytes[end]) { end += 1 }
        return min(start, limit)..<end
    }

    private func skipBlanks(_ start: Int, in bytes: [UInt8]) -> Int {
        var index = start
        while index < limit, bytes[index] <= 0x20 { index += 1 }
        return index
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte >= 0x80 || [0x2D, 0x2E, 0x3A, 0x5F].contains(byte)
    }
}
