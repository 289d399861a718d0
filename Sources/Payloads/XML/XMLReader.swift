// Parses XML in one pass without recursion. Every step advances, so any input ends.

internal import MSNP

/// A position in the XML, and the elements open there.
struct XMLReader {
    private let bytes: ByteSlice
    private var position: Int
    private var open: [XML] = [XML(name: "")]
    private var texts: [[UInt8]] = [[]]
    /// The number of open elements below the maximum depth; these are not kept.
    private var tooDeep = 0
    private var count = 0

    init(_ bytes: ByteSlice) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func document() -> XML {
        while position < bytes.endIndex, count < XMLLimits.elements {
            if bytes[position] == UInt8(ascii: "<") { markup() } else { content() }
        }
        while open.count > 1 { close() }
        close()
        return open.first ?? XML(name: "")
    }

    /// Reads text up to the next markup.
    private mutating func content() {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.endIndex
        append(Self.unescaped(bytes[position..<end]))
        position = end
    }

    private mutating func append(_ text: ByteSlice) {
        guard tooDeep == 0, !texts.isEmpty else { return }
        texts[texts.count - 1] += text
    }

    /// Reads markup from its `<` on.
    private mutating func markup() {
        switch position + 1 < bytes.endIndex ? bytes[position + 1] : 0 {
        case UInt8(ascii: "!"):
            if starts(with: "<!--") { return skip(4, through: "-->") }
            guard starts(with: "<![CDATA[") else { return skip(2, through: ">") }
            let start = position + 9
            skip(9, through: "]]>")
            let isClosed = position - 3 >= start && bytes[..<position].suffix(3).elementsEqual("]]>".utf8)
            let end = isClosed ? position - 3 : position
            return append(bytes[min(start, end)..<end])
        case UInt8(ascii: "?"): return skip(2, through: "?>")
        case UInt8(ascii: "/"):
            position += 2
            let name = word()
            skip(0, through: ">")
            return end(name)
        default: break
        }
        position += 1
        let name = word()
        // A `<` in a text that should have been escaped.
        guard !name.isEmpty else { return append([UInt8(ascii: "<")]) }
        start(name)
    }

    private func starts(with text: StaticString) -> Bool { bytes.span.holds(text, at: position - bytes.startIndex) }

    /// Moves past the next `end`, or to the end of the input.
    ///
    /// - Parameter end: what ends the markup. Its last character is `>`.
    private mutating func skip(_ count: Int, through end: StaticString) {
        position = min(position + count, bytes.endIndex)
        while position < bytes.endIndex {
            position = bytes[position...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? bytes.endIndex
            if bytes.span.holds(end, at: position - bytes.startIndex - end.utf8CodeUnitCount) { return }
        }
    }

    private mutating func start(_ name: ByteSlice) {
        count += 1
        var element = XML(name: Self.text(name.prefix(XMLLimits.name)))
        var isEmpty = false
        while position < bytes.endIndex {
            let byte = bytes[position]
            if byte == UInt8(ascii: ">") {
                position += 1
                break
            }
            if byte == UInt8(ascii: "<") { break }
            if byte == UInt8(ascii: "/") {
                isEmpty = true
                position += 1
                continue
            }
            let name = word()
            guard !name.isEmpty else {
                position += 1
                continue
            }
            isEmpty = false
            let value = value()
            if element.attributes.count < XMLLimits.attributes {
                element.attributes.append(
                    XML.Attribute(name: Self.text(name.prefix(XMLLimits.name)), value: Self.text(Self.unescaped(value)))
                )
            }
        }
        if isEmpty {
            if tooDeep == 0, open.count <= XMLLimits.depth { open[open.count - 1].children.append(element) }
        } else if tooDeep > 0 || open.count > XMLLimits.depth {
            tooDeep += 1
        } else {
            open.append(element)
            texts.append([])
        }
    }

    /// Reads an attribute's value: quoted, or up to the next white space.
    private mutating func value() -> ByteSlice {
        skipBlanks()
        guard position < bytes.endIndex, bytes[position] == UInt8(ascii: "=") else { return [] }
        position += 1
        skipBlanks()
        guard position < bytes.endIndex else { return [] }
        let quote = bytes[position]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            let value = bytes[position...].prefix { !Self.isBlank($0) && $0 != UInt8(ascii: ">") }
            position = value.endIndex
            return value
        }
        let value = bytes[(position + 1)...].prefix { $0 != quote }
        position = min(value.endIndex + 1, bytes.endIndex)
        return value
    }

    /// Closes the innermost open element with this name; an end tag without a start tag is ignored.
    private mutating func end(_ name: ByteSlice) {
        guard tooDeep == 0 else {
            tooDeep -= 1
            return
        }
        let name = Self.text(name.prefix(XMLLimits.name))
        guard let index = open.lastIndex(where: { $0.name == name }), index > 0 else { return }
        while open.count > index { close() }
    }

    private mutating func close() {
        guard let text = texts.popLast(), var element = open.popLast() else { return }
        element.text = Self.text(Self.trimmed(text))
        if open.isEmpty { open = [element] } else { open[open.count - 1].children.append(element) }
    }

    private mutating func word() -> ByteSlice {
        let word = bytes[position...].prefix { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F, 0x80...: true
            default: false
            }
        }
        position = word.endIndex
        return word
    }

    private mutating func skipBlanks() {
        while position < bytes.endIndex, Self.isBlank(bytes[position]) { position += 1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }

    private static func trimmed(_ text: [UInt8]) -> ByteSlice {
        var rest = ByteSlice(text).drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Replaces entities; an unknown entity stays as it is.
    static func unescaped(_ bytes: ByteSlice) -> ByteSlice {
        guard bytes.contains(UInt8(ascii: "&")) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            // The longest entity is `#x10FFFF` with some leading zeros.
            if byte == UInt8(ascii: "&"), let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let scalar = entity(rest[..<end])
            {
                result += UTF8.encode(scalar).map(Array.init) ?? []
                rest = rest[(end + 1)...]
            } else {
                result.append(byte)
            }
        }
        return ByteSlice(result)
    }

    private static func entity(_ name: ByteSlice) -> Unicode.Scalar? {
        switch text(name) {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        case let name where name.hasPrefix("#x") || name.hasPrefix("#X"):
            return UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init)
        case let name where name.hasPrefix("#"):
            return UInt32(name.dropFirst(), radix: 10).flatMap(Unicode.Scalar.init)
        default: return nil
        }
    }
}
