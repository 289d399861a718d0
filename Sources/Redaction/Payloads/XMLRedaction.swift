// Redacts XML in payloads: contents, attribute values and unknown names, unless the rule for the place allows the
// value.

internal import MSNP

extension RedactionBuffer {
    /// Redacts a range as XML. Malformed markup counts as text, so that none of it stays.
    mutating func xml(_ range: Range<Int>) {
        var reader = MarkupReader(range)
        var index = range.lowerBound
        var element = ""
        while index < range.upperBound {
            if bytes[index] == 0x3C, let end = markup(from: index, &reader, &element) {
                index = end
                continue
            }
            // Text, or an invalid tag.
            let stop = bytes[(index + 1)..<range.upperBound].firstIndex(of: 0x3C) ?? range.upperBound
            content(index..<stop, of: element)
            index = stop
        }
    }

    /// Redacts one tag, comment or section.
    ///
    /// - Returns: the index behind it; nil if there is none.
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

    /// Redacts the value of an attribute.
    private mutating func value(_ range: Range<Int>, of name: String, in element: String) {
        guard !range.isEmpty else { return }
        switch (element, name) {
        case ("d", "n"): put(placeholders.domain(value(range)), at: range, .account)
        case ("c", "n"):
            bytes[range].contains(0x40)
                ? redact(range, .account) : put(placeholders.local(value(range)), at: range, .account)
        case ("c", "f"): redactEncoded(range, .name)
        case (_, "size") where isLength(slice(range)): return
        default:
            guard let rule = XMLRules.rule(of: name, in: element) else { return redactByShape(range) }
            redact(range, rule)
        }
    }

    /// Redacts the text in an element.
    private mutating func content(_ range: Range<Int>, of element: String) {
        // Surrounding white space stays as the layout of the file.
        let lower = bytes[range].firstIndex { $0 > 0x20 } ?? range.upperBound
        guard let last = bytes[lower..<range.upperBound].lastIndex(where: { $0 > 0x20 }) else { return }
        let text = lower..<last + 1
        if element == "currentmedia" { return media(text) }
        guard let rule = XMLRules.contents[element] else { return redactByShape(text) }
        if !rule.harmless.holds(slice(text)) {
            rule.replacement == .text ? redactByShape(text) : redact(text, rule.replacement)
        }
    }

    /// Redacts `\0Music\01\0{0} - {1}\0Title\0Artist\0` part by part; here `\0` is two characters.
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
            if !known.holds(slice(start..<end)) { redactByShape(start..<end) }
            start = end + 2
            place += 1
        }
    }

    /// Replaces a value without a rule, by its shape.
    private mutating func redactByShape(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let (part, replacement) = shape(of: range)
        redact(part, replacement)
    }

    private func shape(of range: Range<Int>) -> (part: Range<Int>, replacement: Replacement) {
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
