// `Name: value` lines, one by one.

internal import MSNP

extension RedactionBuffer {
    /// Treats header lines up to the first empty one.
    ///
    /// - Returns: where what follows begins.
    mutating func headers(_ range: Range<Int>) -> Int {
        var start = range.lowerBound
        let length = UInt64(range.upperBound - Headers.bodyStart(in: bytes[range]))
        while start < range.upperBound {
            let line = line(from: start, to: range.upperBound)
            start = behind(line, range.upperBound)
            if line.isEmpty { return start }
            header(line, before: length)
        }
        return range.upperBound
    }

    /// Treats all of these lines, whether or not empty ones stand between.
    mutating func allHeaders(_ range: Range<Int>) {
        var start = range.lowerBound
        while start < range.upperBound { start = headers(start..<range.upperBound) }
    }

    /// Treats one line; one without a name is text.
    ///
    /// - Parameter length: how many bytes follow the headers.
    mutating func header(_ line: Range<Int>, before length: UInt64 = 0) {
        guard let (name, value) = nameAndValue(line) else { return treat(line, .text) }
        let word = lowered(name)
        self.value(value, of: word, before: length)
        // A name that is nobody's might be somebody's words.
        if !HeaderRules.isKnown(word) { put(placeholders.letters(self.value(name)), at: name, .text) }
    }

    /// The two parts of a line, blanks around the value left out; nil where there is no name.
    private func nameAndValue(_ line: Range<Int>) -> (name: Range<Int>, value: Range<Int>)? {
        guard let colon = bytes[line].prefix(49).firstIndex(of: 0x3A), colon > line.lowerBound,
            bytes[line.lowerBound..<colon].allSatisfy({ $0.isLetter || $0.isDigit || $0 == 0x2D || $0 == 0x5F })
        else { return nil }
        let start = bytes[(colon + 1)..<line.upperBound].firstIndex { $0 != 0x20 } ?? line.upperBound
        let end = bytes[start..<line.upperBound].lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? start
        return (line.lowerBound..<colon, start..<end)
    }

    private mutating func value(_ range: Range<Int>, of name: String, before length: UInt64) {
        guard !range.isEmpty else { return }
        let rule = HeaderRules.rule(of: name)
        switch name {
        case "content-type": return contentType(range)
        case "x-mms-im-format": return format(range)
        case "via" where via(range): return
        case "content-length", "application-filesize":
            if HarmlessValues.decimal(bytes[range]) == length || isLength(bytes[range]) { return }
        case "bridging-offsets": return offsets(range, before: length)
        default: break
        }
        switch rule.treatment {
        case .account: accounts(range)
        case .text where bytes[range].first == 0x3C && bytes[range].last == 0x3E: xml(range)
        case .text where name == "mail-data" && holds(range, "too-large"): return
        case .name: treatEncoded(range, .name)
        default: treat(range, rule)
        }
    }

    /// `text/plain; charset=UTF-8`: the type and the set, each if it is known. Nobody needs other parameters.
    private mutating func contentType(_ range: Range<Int>) {
        for (place, part) in parts(of: range, at: [0x3B]).enumerated() {
            let start = bytes[part].firstIndex { $0 != 0x20 } ?? part.upperBound
            let end = bytes[part].lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? start
            let word = start..<max(start, end)
            let key = "charset="
            if place == 0 {
                treat(word, HeaderRules.rule(of: "content-type"))
            } else if bytes[word].count > key.utf8.count, holds(start..<start + key.utf8.count, "charset="),
                let set = parts(of: start + key.utf8.count..<word.upperBound, at: [0x22]).first
            {
                for part in parts(of: start + key.utf8.count..<word.upperBound, at: [0x22]) {
                    treat(part, part == set ? HarmlessValues.charset.holds(bytes[part]) ? .keep : .token(.text) : .text)
                }
            } else {
                treat(word, .text)
            }
        }
    }

    /// Where the packets in a body begin: numbers that rise and lie in it.
    private mutating func offsets(_ range: Range<Int>, before length: UInt64) {
        var least: UInt64 = 0
        for part in parts(of: range, at: [0x20, 0x2C]) {
            if let number = HarmlessValues.decimal(bytes[part]), number >= least, number < length {
                least = number + 1
            } else {
                treat(part, .token(.text))
            }
        }
    }

    /// `anna@example.com`, `<msnmsgr:anna@example.com;{guid}>`, `"Anna" <anna@example.com>`.
    private mutating func accounts(_ range: Range<Int>) {
        guard let open = bytes[range].lastIndex(of: 0x3C),
            let close = bytes[open..<range.upperBound].firstIndex(of: 0x3E)
        else {
            return bytes[range].contains(0x20) ? treat(range, .text) : treat(range, .account)
        }
        treat(range.lowerBound..<open, .text)
        let scheme = bytes[open..<close].firstIndex(of: 0x3A).map { $0 + 1 }
        treat((scheme.map { holds(open + 1..<$0, "msnmsgr:") ? $0 : open + 1 } ?? open + 1)..<close, .account)
        treat(close + 1..<range.upperBound, .text)
    }

    /// `MSNSLP/1.0/TLP ;branch={guid}`, or the address of an endpoint.
    ///
    /// - Returns: false where it is neither.
    private mutating func via(_ range: Range<Int>) -> Bool {
        let start = "MSNSLP/1.0/TLP ;branch="
        guard bytes[range].starts(with: start.utf8) else {
            guard !bytes[range].contains(0x20), bytes[range].contains(0x40) else { return false }
            treat(range, .account)
            return true
        }
        treat(range.lowerBound + start.utf8.count..<range.upperBound, .hex(.identifier))
        return true
    }

    /// The look of a text. A font that everybody has and the colours to choose from say nothing of who uses them.
    private mutating func format(_ range: Range<Int>) {
        for part in parts(of: range, at: [0x3B]) {
            let start = bytes[part].firstIndex { $0 != 0x20 } ?? part.upperBound
            guard let equals = bytes[part].firstIndex(of: 0x3D), start < equals,
                let look = Self.looks[lowered(start..<equals)]
            else {
                treat(start..<part.upperBound, .text)
                continue
            }
            let value = equals + 1..<part.upperBound
            if !look.harmless.holds(PercentEncoding.decode(bytes[value])[...]) { treatEncoded(value, look.treatment) }
        }
    }

    private static let looks: [String: Rule] = [
        "fn": .keep(
            .words([
                "arial", "comic sans ms", "courier new", "georgia", "lucida console", "microsoft sans serif",
                "ms sans serif", "ms shell dlg", "ms shell dlg 2", "segoe ui", "sans serif", "simsun", "tahoma",
                "times new roman", "trebuchet ms", "verdana",
            ]), else: .name),
        "ef": .keep(
            .value { value in
                value.count <= 4 && Set(value).count == value.count && value.allSatisfy { "BIUS".utf8.contains($0) }
            }, else: .name),
        "co": .keep(
            .list(
                """
                0 00 000000 80 8000 008000 800000 8080 800080 808000 808080 c0c0c0 ff 0000ff ff00 00ff00 ff0000 ffff 00ffff \
                ff00ff ffff00 ffffff
                """), else: .hex(.text)),
        "cs": .keep(.list("0 1 2 4d 80 81 82 86 88 a1 a2 a3 b1 b2 ba cc de ee ff"), else: .hex(.text)),
        "pf": .keep(.number(99)), "rl": .keep(.flag),
    ]

    func line(from start: Int, to limit: Int) -> Range<Int> {
        let end = bytes[start..<limit].firstIndex(of: 0x0A) ?? limit
        return start..<(end > start && bytes[end - 1] == 0x0D ? end - 1 : end)
    }

    func behind(_ line: Range<Int>, _ limit: Int) -> Int {
        var next = line.upperBound
        if next < limit, bytes[next] == 0x0D { next += 1 }
        if next < limit, bytes[next] == 0x0A { next += 1 }
        return next
    }
}
