// Redacts `Name: value` lines of MIME, invitations and MSNSLP.

internal import MSNP

extension RedactionBuffer {
    /// Redacts header lines up to the first empty one.
    ///
    /// - Returns: the index behind the empty line.
    mutating func headers(_ range: Range<Int>) -> Int {
        var start = range.lowerBound
        let length = UInt64(range.upperBound - Headers.bodyStart(in: slice(range)))
        while start < range.upperBound {
            let line = line(from: start, to: range.upperBound)
            start = indexAfter(line, range.upperBound)
            if line.isEmpty { return start }
            header(line, before: length)
        }
        return range.upperBound
    }

    /// Redacts all header lines, also those behind empty lines.
    mutating func allHeaders(_ range: Range<Int>) {
        var start = range.lowerBound
        while start < range.upperBound { start = headers(start..<range.upperBound) }
    }

    /// Redacts one header line; a line without a name counts as text.
    ///
    /// - Parameter length: number of bytes behind the headers.
    mutating func header(_ line: Range<Int>, before length: UInt64 = 0) {
        guard let (name, value) = nameAndValue(line) else { return redact(line, .text) }
        let word = lowered(name)
        self.value(value, of: word, before: length)
        // An unknown header name might be personal text.
        if !HeaderRules.isKnown(word) { put(placeholders.letters(self.value(name)), at: name, .text) }
    }

    /// Splits a line into name and value, without blanks around the value. Returns nil if there is no name.
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
            if HarmlessValues.decimal(slice(range)) == length || isLength(slice(range)) { return }
        case "bridging-offsets": return offsets(range, before: length)
        default: break
        }
        switch rule.replacement {
        case .account: accounts(range)
        case .text where bytes[range].first == 0x3C && bytes[range].last == 0x3E: xml(range)
        case .text where name == "mail-data" && holds(range, "too-large"): return
        case .name: redactEncoded(range, .name)
        default: redact(range, rule)
        }
    }

    /// Redacts `text/plain; charset=UTF-8`: type and charset stay if they are known; other parameters are replaced.
    private mutating func contentType(_ range: Range<Int>) {
        for (place, part) in parts(of: range, at: [0x3B]).enumerated() {
            let start = bytes[part].firstIndex { $0 != 0x20 } ?? part.upperBound
            let end = bytes[part].lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? start
            let word = start..<max(start, end)
            let key = "charset="
            if place == 0 {
                redact(word, HeaderRules.rule(of: "content-type"))
            } else if bytes[word].count > key.utf8.count, holds(start..<start + key.utf8.count, "charset="),
                let set = parts(of: start + key.utf8.count..<word.upperBound, at: [0x22]).first
            {
                for part in parts(of: start + key.utf8.count..<word.upperBound, at: [0x22]) {
                    redact(
                        part, part == set ? HarmlessValues.charset.holds(slice(part)) ? .keep : .token(.text) : .text)
                }
            } else {
                redact(word, .text)
            }
        }
    }

    /// Redacts packet offsets in a body: ascending numbers below `length` stay.
    private mutating func offsets(_ range: Range<Int>, before length: UInt64) {
        var least: UInt64 = 0
        for part in parts(of: range, at: [0x20, 0x2C]) {
            if let number = HarmlessValues.decimal(slice(part)), number >= least, number < length {
                least = number + 1
            } else {
                redact(part, .token(.text))
            }
        }
    }

    /// Redacts `anna@example.com`, `<msnmsgr:anna@example.com;{guid}>`, `"Anna" <anna@example.com>`.
    private mutating func accounts(_ range: Range<Int>) {
        guard let open = bytes[range].lastIndex(of: 0x3C),
            let close = bytes[open..<range.upperBound].firstIndex(of: 0x3E)
        else {
            return bytes[range].contains(0x20) ? redact(range, .text) : redact(range, .account)
        }
        redact(range.lowerBound..<open, .text)
        let scheme = bytes[open..<close].firstIndex(of: 0x3A).map { $0 + 1 }
        redact((scheme.map { holds(open + 1..<$0, "msnmsgr:") ? $0 : open + 1 } ?? open + 1)..<close, .account)
        redact(close + 1..<range.upperBound, .text)
    }

    /// Redacts `MSNSLP/1.0/TLP ;branch={guid}` or the address of an endpoint.
    ///
    /// - Returns: false if the value is neither.
    private mutating func via(_ range: Range<Int>) -> Bool {
        let start = "MSNSLP/1.0/TLP ;branch="
        guard bytes[range].starts(with: start.utf8) else {
            guard !bytes[range].contains(0x20), bytes[range].contains(0x40) else { return false }
            redact(range, .account)
            return true
        }
        redact(range.lowerBound + start.utf8.count..<range.upperBound, .hex(.identifier))
        return true
    }

    /// Redacts the format of a text (`X-MMS-IM-Format`). Common fonts and palette colours identify no user and stay.
    private mutating func format(_ range: Range<Int>) {
        for part in parts(of: range, at: [0x3B]) {
            let start = bytes[part].firstIndex { $0 != 0x20 } ?? part.upperBound
            guard let equals = bytes[part].firstIndex(of: 0x3D), start < equals,
                let rule = Self.formatRules[lowered(start..<equals)]
            else {
                redact(start..<part.upperBound, .text)
                continue
            }
            let value = equals + 1..<part.upperBound
            if !rule.harmless.holds(ByteSlice(PercentEncoding.decode(slice(value)))) {
                redactEncoded(value, rule.replacement)
            }
        }
    }

    private static let formatRules: [String: Rule] = [
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

    func indexAfter(_ line: Range<Int>, _ limit: Int) -> Int {
        var next = line.upperBound
        if next < limit, bytes[next] == 0x0D { next += 1 }
        if next < limit, bytes[next] == 0x0A { next += 1 }
        return next
    }
}
