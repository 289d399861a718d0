// XML in payloads: what stands between and in tags is replaced, unless its place is known to be harmless.

internal import MSNP

extension Draft {
    /// Treats a range as XML. What is not well-formed counts as text, so that nothing of it stays.
    mutating func xml(_ range: Range<Int>) {
        var index = range.lowerBound
        var element: Range<Int>?
        while index < range.upperBound {
            if bytes[index] == 0x3C, let end = markup(from: index, to: range.upperBound, &element) {
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
    /// - Returns: where it ends; nil where it does not.
    private mutating func markup(from start: Int, to limit: Int, _ element: inout Range<Int>?) -> Int? {
        let rest = bytes[start..<limit]
        for (opening, closing) in Self.sections where rest.starts(with: opening.utf8) {
            let inside = start + opening.utf8.count
            let end = find(closing, in: inside..<limit)
            let known = opening == "<?" && bytes[inside..<(end ?? limit)].starts(with: "xml version=\"1.0\"".utf8)
            if !known { content(inside..<(end ?? limit), of: nil) }
            return end.map { $0 + closing.utf8.count } ?? limit
        }
        guard let close = rest.firstIndex(of: 0x3E) else { return nil }
        let isEnd = start + 1 < close && bytes[start + 1] == 0x2F
        let nameStart = start + (isEnd ? 2 : 1)
        let nameEnd = bytes[nameStart..<close].firstIndex { !Self.standsInName($0) } ?? close
        let name = nameStart..<nameEnd
        let isFollowed = nameEnd == close || bytes[nameEnd] == 0x2F || bytes[nameEnd] <= 0x20
        guard !name.isEmpty, isFollowed else { return nil }
        attributes(nameEnd..<close, of: name)
        element = isEnd || bytes[close - 1] == 0x2F ? nil : name
        if !Self.elements.contains(lowered(name)) { put(placeholders.letters(bytes[name]), at: name, .text) }
        return close + 1
    }

    private mutating func attributes(_ range: Range<Int>, of element: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound {
            guard !(bytes[index] <= 0x20 || bytes[index] == 0x2F) else {
                index += 1
                continue
            }
            let nameEnd = bytes[index..<range.upperBound].firstIndex { !Self.standsInName($0) } ?? range.upperBound
            let name = index..<nameEnd
            guard nameEnd + 1 < range.upperBound, bytes[nameEnd] == 0x3D,
                bytes[nameEnd + 1] == 0x22 || bytes[nameEnd + 1] == 0x27,
                let close = bytes[(nameEnd + 2)..<range.upperBound].firstIndex(of: bytes[nameEnd + 1])
            else {
                // No attribute: the rest of the tag is text.
                return treat(index..<range.upperBound, .text)
            }
            value(nameEnd + 2..<close, of: lowered(name), in: lowered(element))
            if !Self.attributes.contains(lowered(name)) { put(placeholders.letters(bytes[name]), at: name, .text) }
            index = close + 1
        }
    }

    /// The value of an attribute.
    private mutating func value(_ range: Range<Int>, of name: String, in element: String) {
        let value = bytes[range]
        switch (element, name) {
        case ("d", "n"): put(placeholders.domain(value), at: range, .account)
        case ("c", "n"):
            value.contains(0x40) ? treat(range, .account) : put(placeholders.local(value), at: range, .account)
        case ("s", "n"), ("text", "xml:space"): if !Self.isWord(value) { guess(range) }
        case (_, "creator"): treat(range, .account)
        case (_, "friendly"), (_, "sha1d"), (_, "sha1c"):
            if !value.elementsEqual("AAA=".utf8) { treat(range, .base64(.identifier)) }
        case (_, "l"), (_, "t"), (_, "size"), (_, "type"), (_, "ver"), (_, "version"), (_, "flags"), (_, "pri"),
            (_, "lang"), (_, "lcid"), (_, "opcode"), (_, "maj"), (_, "min"), (_, "minbld"), (_, "maxbld"):
            if !Self.isNumber(value) { guess(range) }
        case ("c", "f"): treatEncoded(range, .name)
        default: guess(range)
        }
    }

    /// The text in an element.
    private mutating func content(_ range: Range<Int>, of element: Range<Int>?) {
        // White space around it stays: it is how files are laid out.
        let lower = bytes[range].firstIndex { $0 > 0x20 } ?? range.upperBound
        guard let last = bytes[lower..<range.upperBound].lastIndex(where: { $0 > 0x20 }) else { return }
        let text = lower..<last + 1
        switch element.map(lowered) ?? "" {
        case "state", "clienttype", "capabilities", "capability", "idle", "locations", "mfs", "iu":
            if Self.isWord(bytes[text]) || Self.isNumber(bytes[text]) { return }
        // How much mail there is, and of what kind.
        case "e", "i", "o", "ou", "q", "qtm", "qnm", "s", "sz", "t": if Self.isNumber(bytes[text]) { return }
        case "rt": if Self.isTime(bytes[text]) { return }
        case "f": if bytes[text].elementsEqual(".!!OIM".utf8) { return }
        case "currentmedia": return media(text)
        default: break
        }
        guess(text)
    }

    /// `\0Music\01\0{0} - {1}\0Title\0Artist\0`, where `\0` is two letters: the parts, one by one.
    private mutating func media(_ range: Range<Int>) {
        var start = range.lowerBound
        var place = 0
        while start < range.upperBound {
            let end = find("\\0", in: start..<range.upperBound) ?? range.upperBound
            let part = bytes[start..<end]
            let isKnown: Bool
            switch place {
            case 1: isKnown = ["Music", "Games", "Office"].contains { part.elementsEqual($0.utf8) }
            case 2: isKnown = part.elementsEqual([0x30]) || part.elementsEqual([0x31])
            case 3: isKnown = part.allSatisfy { $0.isDigit || [0x7B, 0x7D, 0x20, 0x2D].contains($0) }
            default: isKnown = part.isEmpty
            }
            if !isKnown { guess(start..<end) }
            start = end + 2
            place += 1
        }
    }

    /// Treats a value by what it looks like.
    private mutating func guess(_ range: Range<Int>) {
        let value = bytes[range]
        if let scheme = ["http://", "https://"].first(where: { value.starts(with: $0.utf8) }) {
            treat(range.lowerBound + scheme.utf8.count..<range.upperBound, .text)
        } else if value.contains(0x40), !value.contains(where: { $0 <= 0x20 }) {
            treat(range, .account)
        } else if value.first == 0x7B, value.last == 0x7D {
            treat(range, .hex(.identifier))
        } else if value.allSatisfy({ $0.isDigit || Self.marks.contains($0) }), value.contains(where: \.isDigit) {
            treat(range, .token(.text))
        } else {
            treat(range, .text)
        }
    }

    private func find(_ text: String, in range: Range<Int>) -> Int? {
        let sought = Array(text.utf8)
        guard range.count >= sought.count else { return nil }
        return (range.lowerBound...(range.upperBound - sought.count)).first { bytes[$0...].starts(with: sought) }
    }

    func lowered(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self).lowercased() }

    private static func standsInName(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || [0x2D, 0x2E, 0x3A, 0x5F].contains(byte)
    }

    /// Statuses and services: two or three capitals.
    private static func isWord(_ value: ArraySlice<UInt8>) -> Bool {
        value.count <= 4 && value.allSatisfy { $0 &- 0x41 < 26 }
    }

    /// `2007-05-14T15:52:53.377Z`: the events around it tell the day as well.
    private static func isTime(_ value: ArraySlice<UInt8>) -> Bool {
        guard 19...30 ~= value.count else { return false }
        let shape = Array("0000-00-00T00:00:00".utf8)
        return zip(value, shape).allSatisfy { $1 == 0x30 ? $0.isDigit : $0 == $1 }
            && value.dropFirst(19).dropLast().allSatisfy { $0.isDigit || $0 == 0x2E }
            && (value.last == 0x5A || value.last?.isDigit ?? false)
    }

    /// Counts, flags and capabilities: nothing as long as a telephone number, but the pairs of 32-bit capabilities.
    private static func isNumber(_ value: ArraySlice<UInt8>) -> Bool {
        let parts = value.split(separator: 0x3A, omittingEmptySubsequences: false)
        return parts.count <= 2
            && parts.allSatisfy { $0.count <= (parts.count == 2 ? 10 : 7) && $0.allSatisfy(\.isDigit) }
    }

    private static let marks = Set(".:-+/T".utf8)
    private static let sections = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")]

    /// The names that MSN's own XML has; others might be anybody's words.
    private static let elements: Set<String> = [
        "action", "annotation", "annotations", "bdy", "block", "body", "c", "capabilities", "capability", "cat", "cid",
        "circle",
        "cli", "clienttype", "colorscheme", "config", "contact", "currentmedia", "d", "data", "ddp", "dom", "e",
        "endpoint",
        "endpointdata", "epname", "f", "from", "friendlyname", "i", "id", "idle", "iu", "l", "locations", "m",
        "machineguid",
        "md", "mfs", "ml", "mobile", "msg", "msnobj", "n", "name", "notification", "nt", "o", "ou", "p", "presence",
        "policies", "policy", "privateendpointdata", "props", "psm", "q", "qnm", "qtm", "recipient", "resolve", "rnt",
        "roster", "rs", "rt", "s", "scene", "sep",
        "shield", "shields",
        "signaturesound", "sn", "state", "status", "su", "subscr", "sz", "t", "text", "to", "tx", "user",
        "userlocation",
        "usertilelocation", "value", "via", "viewer",
    ]
    private static let attributes: Set<String> = [
        "act", "agent", "avatarid", "bdr", "c", "checksum", "contentid", "contenttype", "creator", "deny", "email",
        "enc", "encoding", "epid", "f", "flags",
        "friendly",
        "friendlyname", "id", "l", "lang", "lcid", "location", "machineguid", "maj", "maxbld", "member", "min",
        "minbld", "n", "name", "nid", "opcode", "pid", "pri", "role",
        "service",
        "sha1c", "sha1d", "siteid", "siteurl", "size", "src", "stamp", "t", "type", "uri", "url", "ver", "version",
        "via",
        "xml:space", "xmlns",
    ]
}
