// Checks that the XML of a payload is well-formed: `XMLReader` accepts everything, strict parsers do not.

package import MSNP

/// Finds the first violation of XML's syntax.
///
/// Two violations are accepted because clients and servers sent them: a `&` that starts no entity, and several
/// top-level elements.
package struct XMLCheck {
    /// A violation and its position.
    package struct Fault: Sendable, Hashable {
        /// The offset from the start of the checked bytes.
        package var byte: Int
        /// A short description.
        package var what: String
    }

    private let bytes: ByteSlice
    private var position: Int
    private var open: [Range<Int>] = []
    private var hasElement = false

    /// The first violation; nil if there is none.
    package static func fault(in bytes: ByteSlice) -> Fault? {
        var check = XMLCheck(bytes)
        return check.run().map { Fault(byte: check.position - bytes.startIndex, what: $0) }
    }

    private init(_ bytes: ByteSlice) {
        self.bytes = bytes
        // A byte order mark is not text.
        position = bytes.startIndex + (bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    }

    /// Checks up to the first violation or the end.
    private mutating func run() -> String? {
        while position < bytes.endIndex {
            let fault = bytes[position] == UInt8(ascii: "<") ? markup() : text()
            if let fault { return fault }
        }
        if let name = open.last {
            position = name.lowerBound - 1
            return "<\(word(name))> is not closed"
        }
        return hasElement ? nil : "there is no element"
    }

    private mutating func text() -> String? {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.endIndex
        // Some payloads end with a NUL byte.
        if open.isEmpty, let invalid = bytes[position..<end].firstIndex(where: { $0 > 0x20 }) {
            position = invalid
            return "text outside of all elements"
        }
        position = end
        return nil
    }

    private mutating func markup() -> String? {
        let next = position + 1 < bytes.endIndex ? bytes[position + 1] : 0
        switch next {
        case UInt8(ascii: "/"): return endTag()
        case UInt8(ascii: "!"), UInt8(ascii: "?"): return skipMarkup()
        default: return startTag()
        }
    }

    /// Skips a comment, a CDATA section, a processing instruction or a declaration.
    private mutating func skipMarkup() -> String? {
        let rest = bytes[position...]
        for (start, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")]
        where rest.starts(with: start.utf8) {
            guard let last = index(after: end, from: position + start.utf8.count) else { return "\(start) has no end" }
            position = last
            return nil
        }
        return startTag()
    }

    private mutating func endTag() -> String? {
        let name = name(from: position + 2)
        guard let last = open.last else { return "</\(word(name))> has no start tag" }
        guard bytes[last].elementsEqual(bytes[name]) else {
            return "</\(word(name))> was found where </\(word(last))> is expected"
        }
        let end = bytes[name.upperBound...].firstIndex { $0 > 0x20 } ?? bytes.endIndex
        guard end < bytes.endIndex, bytes[end] == UInt8(ascii: ">") else { return "</\(word(name)) has no end" }
        open.removeLast()
        position = end + 1
        return nil
    }

    private mutating func startTag() -> String? {
        let name = name(from: position + 1)
        guard !name.isEmpty else { return "< does not begin a tag" }
        var index = name.upperBound
        while true {
            let next = bytes[index...].firstIndex { $0 > 0x20 } ?? bytes.endIndex
            guard next < bytes.endIndex else { return "<\(word(name)) has no end" }
            switch bytes[next] {
            case UInt8(ascii: ">"):
                open.append(name)
                hasElement = true
                position = next + 1
                return nil
            case UInt8(ascii: "/"):
                guard next + 1 < bytes.endIndex, bytes[next + 1] == UInt8(ascii: ">") else {
                    return "<\(word(name)) has no end"
                }
                hasElement = true
                position = next + 2
                return nil
            default:
                guard let behind = attribute(from: next) else {
                    let tag = word(name)
                    position = next
                    return "an attribute of <\(tag)> is invalid"
                }
                index = behind
            }
        }
    }

    /// The index after `name="value"`; nil if no valid attribute starts here.
    private func attribute(from start: Int) -> Int? {
        let name = name(from: start)
        guard !name.isEmpty else { return nil }
        let equals = bytes[name.upperBound...].firstIndex { $0 > 0x20 } ?? bytes.endIndex
        guard equals < bytes.endIndex, bytes[equals] == UInt8(ascii: "=") else { return nil }
        let quote = bytes[(equals + 1)...].firstIndex { $0 > 0x20 } ?? bytes.endIndex
        guard quote < bytes.endIndex, bytes[quote] == UInt8(ascii: "\"") || bytes[quote] == UInt8(ascii: "'") else {
            return nil
        }
        return bytes[(quote + 1)...].firstIndex(of: bytes[quote]).map { $0 + 1 }
    }

    private func name(from start: Int) -> Range<Int> {
        let name = bytes[min(start, bytes.endIndex)...].prefix { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F, 0x80...: true
            default: false
            }
        }
        return name.startIndex..<name.endIndex
    }

    private func index(after end: String, from start: Int) -> Int? {
        var index = start
        while index + end.utf8.count <= bytes.endIndex {
            if bytes[index...].starts(with: end.utf8) { return index + end.utf8.count }
            index += 1
        }
        return nil
    }

    private func word(_ range: Range<Int>) -> String { String(decoding: bytes[range].prefix(40), as: UTF8.self) }
}
