// MSNSLP, which comes cut anywhere: what is whole is treated by its name, what is cut is filled after its kind.

internal import MSNP

/// How far a text has come.
struct PeerText {
    /// Bytes so far.
    var length: UInt64 = 0
    fileprivate enum Place {
        case lineStart
        /// A name that goes on, or a line that does.
        case name([UInt8])
        /// A value, and what of it may have stayed.
        case value(Rule, [UInt8])
    }
    fileprivate var line = Place.lineStart
    /// Which of its connection's cut texts it is; 0 for those in one packet.
    fileprivate let place: Int
    /// All of it as it was, where a first reading put it together.
    fileprivate let known: [UInt8]?
    /// All of it as it stands in the copy.
    fileprivate var copy: [UInt8]?
    /// All of it so far, as it was.
    fileprivate var original: [UInt8] = []

    init(place: Int = 0, known: [UInt8]? = nil) {
        self.place = place
        self.known = known
    }

    /// A text of which something is missing: the line that goes on is anybody's.
    static var broken: PeerText {
        var text = PeerText()
        text.line = .value(.replace(.text), [])
        return text
    }
}

extension RedactionBuffer {
    /// Treats a part of a text.
    ///
    /// - Parameters:
    ///   - text: how far it has come; changed.
    ///   - isEnd: whether nothing follows.
    mutating func peerText(_ range: Range<Int>, _ text: inout PeerText, isEnd: Bool, _ peers: inout PeerTexts) {
        let start = Int(clamping: text.length)
        text.length &+= UInt64(range.count)
        if start == 0, let known = text.known { text.copy = whole(known) }
        if let copy = text.copy, copy.count >= start + range.count {
            return put(Array(copy[start..<start + range.count]), at: range, .text)
        }
        if text.place > 0, text.original.count == start, start + range.count <= PeerTexts.longest {
            text.original += bytes[range]
        }
        peerText(range, &text, isEnd: isEnd)
        if isEnd, text.place > 0, text.known == nil, text.original.count == start + range.count {
            peers.learn(text.original, at: text.place)
        }
    }

    /// What stands for a text of which all is known.
    private mutating func whole(_ original: [UInt8]) -> [UInt8] {
        var all = RedactionBuffer(original, placeholders)
        var text = PeerText()
        all.peerText(0..<original.count, &text, isEnd: true)
        take(all)
        return all.bytes
    }

    private mutating func peerText(_ range: Range<Int>, _ text: inout PeerText, isEnd: Bool) {
        var start = range.lowerBound
        while start < range.upperBound {
            let hasEnd = bytes[start..<range.upperBound].contains(0x0A)
            var line = line(from: start, to: range.upperBound)
            start = hasEnd ? behind(line, range.upperBound) : range.upperBound
            // A zero byte ends the text.
            while let last = bytes[line].last, last == 0 { line = line.lowerBound..<line.upperBound - 1 }
            let isWhole = hasEnd || isEnd
            switch text.line {
            case .lineStart where isWhole: peerLine(line)
            case .lineStart: text.line = begin(line, [])
            case .name(let start): text.line = begin(line, start)
            case .value(let rule, let start): text.line = piece(line, rule, behind: start)
            }
            if isWhole { text.line = .lineStart }
        }
    }

    /// A whole line: a request, an answer, or a field.
    private mutating func peerLine(_ line: Range<Int>) {
        let isRequest = bytes[line].starts(with: "MSNSLP/".utf8) || holdsRequest(line)
        guard isRequest else { return header(line) }
        for part in parts(of: line, at: [0x20]) {
            let scheme = "msnmsgr:"
            if bytes[part].count > scheme.utf8.count,
                holds(part.lowerBound..<part.lowerBound + scheme.utf8.count, "msnmsgr:")
            {
                treat(part.lowerBound + scheme.utf8.count..<part.upperBound, .account)
            } else if !Self.requestWords.holds(bytes[part]) {
                treat(part, bytes[part].allSatisfy(\.isDigit) ? .token(.text) : .text)
            }
        }
    }

    private func holdsRequest(_ line: Range<Int>) -> Bool {
        bytes[line].suffix(11).elementsEqual(" MSNSLP/1.0".utf8)
    }

    /// A line that goes on in a later part.
    private mutating func begin(_ line: Range<Int>, _ start: [UInt8]) -> PeerText.Place {
        guard let colon = bytes[line].firstIndex(of: 0x3A) else {
            let name = start + bytes[line]
            if name.count <= 48, HeaderRules.mayBegin(name[...]) { return .name(name) }
            return piece(line, .replace(.text), behind: [])
        }
        let name = String(decoding: start + bytes[line.lowerBound..<colon], as: UTF8.self).lowercased()
        guard HeaderRules.isKnown(name) else { return piece(line, .replace(.text), behind: []) }
        let value =
            (bytes[(colon + 1)..<line.upperBound].firstIndex { $0 != 0x20 } ?? line.upperBound)..<line.upperBound
        return piece(value, HeaderRules.rule(of: name), behind: [])
    }

    /// A part of a value: nobody knows the whole, so it gets no placeholder that could be followed. What may begin a
    /// harmless value stays.
    private mutating func piece(_ range: Range<Int>, _ rule: Rule, behind start: [UInt8]) -> PeerText.Place {
        let end = bytes[range].lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? range.lowerBound
        let part = range.lowerBound..<end
        let soFar = start + bytes[part].prefix(PeerTexts.longestPiece)
        if soFar.count <= PeerTexts.longestPiece, rule.harmless.mayBegin(soFar[...]) { return .value(rule, soFar) }
        switch rule.treatment {
        case .context, .base64: put(value(part).map { $0 == 0x3D || $0 == 0x20 ? $0 : 0x41 }, at: part, .text)
        case .token, .session, .size, .address, .addresses, .backwards:
            put(value(part).map { $0.isDigit ? 0x31 : Self.cutMarks.contains($0) ? $0 : 0x78 }, at: part, .text)
        default: put([UInt8](repeating: 0x78, count: part.count), at: part, .text)
        }
        return .value(.replace(rule.treatment), [])
    }

    private static let cutMarks = Set(".:, ".utf8)
    private static let requestWords = HarmlessValues.list(
        """
        invite bye ack msnslp/1.0 ok decline unacceptable busy internal error not found no such call session \
        200 404 480 481 486 488 500 501 503 603 604 606
        """)
}
