// XML in payloads: what stands between and in tags is replaced, unless its place and itself are known to be harmless.

internal import MSNP

extension RedactionBuffer {
    /// Treats a range as XML. What is not well-formed counts as text, so that nothing of it stays.
    mutating func xml(_ range: Range<Int>) {
        var reader = MarkupReader(range)
        var index = range.lowerBound
        var element = ""
        while index < range.upperBound {
            if bytes[index] == 0x3C, let end = markup(from: index, &reader, &element) {
                index = end
                continue
            }
            // Text, and what looks like a tag but is none.
            let stop = bytes[(index + 1)..<range.upperBound].firstIndex(of: 0x3C) ?? range.upperBound
            content(index..<stop, of: element)
            index = stop
        }
    }

    /// Goes over one tag, remark or section.
    ///
    /// - Returns: where it ends; nil where it is none.
    private mutating func markup(from start: Int, _ reader: inout MarkupReader, _ element: inout String) -> Int? {
        let limit = reader.limit
        for (opening, closing) in Self.sections where bytes[start..<limit].starts(with: opening.utf8) {
            let inside = start + opening.utf8.count
            let end = find(closing, in: inside..<limit) ?? limit
            let isKnown = opening == "<?" && Self.declarations.contains(lowered(inside..<min(end, inside + 64)))
            if !isKnown { content(inside..<end, of: "") }
            return min(limit, end + closing.utf8.count)
        }
        guard let tag = reader.tag(from: start, in: bytes) else { return nil }
        let name = lowered(tag.name)
        let isSigned = name == "msnobj" && hasRightDigest(start..<tag.end)
        for attribute in tag.attributes {
            value(attribute.value, of: lowered(attribute.name), in: name)
            if !XMLRules.attributes.contains(lowered(attribute.name)) {
                put(placeholders.letters(self.value(attribute.name)), at: attribute.name, .text)
            }
        }
        if !tag.rest.isEmpty { put(placeholders.letters(self.value(tag.rest)), at: tag.rest, .text) }
        if isSigned { sign(start..<tag.end) }
        element = tag.isOver ? "" : name
        if !XMLRules.elements.contains(name) {
            put(placeholders.letters(self.value(tag.name)), at: tag.name, .text)
        }
        return tag.end
    }

    /// The value of an attribute.
    private mutating func value(_ range: Range<Int>, of name: String, in element: String) {
        guard !range.isEmpty else { return }
        switch (element, name) {
        case ("d", "n"): put(placeholders.domain(value(range)), at: range, .account)
        case ("c", "n"):
            bytes[range].contains(0x40)
                ? treat(range, .account) : put(placeholders.local(value(range)), at: range, .account)
        case ("c", "f"): treatEncoded(range, .name)
        case (_, "size") where isLength(bytes[range]): return
        default:
            guard let rule = XMLRules.rule(of: name, in: element) else { return guess(range) }
            treat(range, rule)
        }
    }

    /// The text in an element.
    private mutating func content(_ range: Range<Int>, of element: String) {
        // White space around it stays: it is how files are laid out.
        let lower = bytes[range].firstIndex { $0 > 0x20 } ?? range.upperBound
        guard let last = bytes[lower..<range.upperBound].lastIndex(where: { $0 > 0x20 }) else { return }
        let text = lower..<last + 1
        if element == "currentmedia" { return media(text) }
        guard let rule = XMLRules.contents[element] else { return guess(text) }
        if !rule.harmless.holds(bytes[text]) { rule.treatment == .text ? guess(text) : treat(text, rule.treatment) }
    }

    /// `\0Music\01\0{0} - {1}\0Title\0Artist\0`, where `\0` is two letters: the parts, one by one.
    private mutating func media(_ range: Range<Int>) {
        var start = range.lowerBound
        var place = 0
        while start < range.upperBound {
            let end = find("\\0", in: start..<range.upperBound) ?? range.upperBound
            let known: HarmlessValues =
                switch place {
                case 1: XMLRules.mediaKinds
                case 2: .flag
                case 3: .mediaFormat
                default: .nothing
                }
            if !known.holds(bytes[start..<end]) { guess(start..<end) }
            start = end + 2
            place += 1
        }
    }

    /// Replaces a value by what it looks like.
    private mutating func guess(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let (part, treatment) = look(of: range)
        treat(part, treatment)
    }

    private func look(of range: Range<Int>) -> (part: Range<Int>, treatment: Replacement) {
        let value = bytes[range]
        if let scheme = ["http://", "https://"].first(where: { value.starts(with: $0.utf8) }) {
            return (range.lowerBound + scheme.utf8.count..<range.upperBound, .text)
        }
        if value.contains(0x40), !value.contains(where: { $0 <= 0x20 }) { return (range, .account) }
        if value.first == 0x7B, value.last == 0x7D { return (range, .hex(.identifier)) }
        let isNumber = value.allSatisfy { $0.isDigit || Self.marks.contains($0) } && value.contains(where: \.isDigit)
        return (range, isNumber ? .token(.text) : .text)
    }

    private func find(_ text: String, in range: Range<Int>) -> Int? {
        let sought = Array(text.utf8)
        var index = range.lowerBound
        while let next = bytes[index..<range.upperBound].firstIndex(of: sought[0]) {
            if bytes[next..<range.upperBound].starts(with: sought) { return next }
            index = next + 1
        }
        return nil
    }

    private static let marks = Set(".:-+/T".utf8)
    private static let sections = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")]
    private static let declarations: Set<String> = [
        "xml version=\"1.0\"", "xml version=\"1.0\" ", "xml version='1.0'", "xml version=\"1.0\" encoding=\"utf-8\"",
        "xml version=\"1.0\" encoding=\"utf-8\" ", "xml version=\"1.0\" encoding=\"utf-16\"",
        "xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"",
    ]
}

/// Cuts tags out of XML. However odd it is, every byte is looked at a few times only.
struct MarkupReader {
    /// A tag: its name, its attributes, and what in it is neither.
    struct Tag {
        var name: Range<Int>
        var attributes: [(name: Range<Int>, value: Range<Int>)] = []
        /// From where on it makes no sense.
        var rest = 0..<0
        var end: Int
        /// It ends an element, or is one without content.
        var isOver: Bool
    }

    let limit: Int
    /// Where the next of some signs stands, for those that were looked for: nothing is searched twice.
    private var known: [UInt8: Int] = [:]

    init(_ range: Range<Int>) { limit = range.upperBound }

    /// The tag that begins at a `<`; nil where there is none.
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
                    // The rest of it is text.
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
        let equals = behindBlanks(name.upperBound, in: bytes)
        guard !name.isEmpty, equals < limit, bytes[equals] == 0x3D else { return nil }
        let quote = behindBlanks(equals + 1, in: bytes)
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
        while end < limit, Self.standsInName(bytes[end]) { end += 1 }
        return min(start, limit)..<end
    }

    private func behindBlanks(_ start: Int, in bytes: [UInt8]) -> Int {
        var index = start
        while index < limit, bytes[index] <= 0x20 { index += 1 }
        return index
    }

    private static func standsInName(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte >= 0x80 || [0x2D, 0x2E, 0x3A, 0x5F].contains(byte)
    }
}
