// Redacts MSNSLP texts, which packets split anywhere: whole lines by header rule, split lines by filling.

internal import MSNP

/// The progress of one MSNSLP text.
struct SLPTextProgress {
    /// Length so far in bytes.
    var length: UInt64 = 0
    fileprivate enum LinePosition {
        case lineStart
        /// A header name or other line that continues in the next packet.
        case name([UInt8])
        /// A value that continues, and its beginning if it may be harmless.
        case value(Rule, [UInt8])
    }
    fileprivate var line = LinePosition.lineStart
    /// Number of the text among the connection's split texts; 0 for a text in one packet.
    fileprivate let number: Int
    /// The whole original, if the first pass assembled it.
    fileprivate let known: [UInt8]?
    /// The whole redacted text.
    fileprivate var copy: [UInt8]?
    /// The original so far.
    fileprivate var original: [UInt8] = []

    init(number: Int = 0, known: [UInt8]? = nil) {
        self.number = number
        self.known = known
    }

    /// A text with a missing part: the rest of its current line may be anything.
    static var afterGap: SLPTextProgress {
        var text = SLPTextProgress()
        text.line = .value(.replace(.text), [])
        return text
    }
}

extension RedactionBuffer {
    /// Redacts one packet's part of a text.
    ///
    /// - Parameters:
    ///   - text: the progress so far; updated.
    ///   - isEnd: whether this is the last part.
    mutating func slpText(
        _ range: Range<Int>, _ text: inout SLPTextProgress, isEnd: Bool, _ multipart: inout MultipartTexts
    ) {
        let start = Int(clamping: text.length)
        text.length &+= UInt64(range.count)
        if start == 0, let known = text.known { text.copy = whole(known) }
        if let copy = text.copy, copy.count >= start + range.count {
            return put(Array(copy[start..<start + range.count]), at: range, .text)
        }
        if text.number > 0, text.original.count == start, start + range.count <= MultipartTexts.maxLength {
            text.original += bytes[range]
        }
        slpText(range, &text, isEnd: isEnd)
        if isEnd, text.number > 0, text.known == nil, text.original.count == start + range.count {
            multipart.learn(text.original, at: text.number)
        }
    }

    /// Redacts a completely known text.
    private mutating func whole(_ original: [UInt8]) -> [UInt8] {
        var all = RedactionBuffer(original, placeholders)
        var text = SLPTextProgress()
        all.slpText(0..<original.count, &text, isEnd: true)
        merge(all)
        return all.bytes
    }

    private mutating func slpText(_ range: Range<Int>, _ text: inout SLPTextProgress, isEnd: Bool) {
        var start = range.lowerBound
        while start < range.upperBound {
            let hasEnd = bytes[start..<range.upperBound].contains(0x0A)
            var line = line(from: start, to: range.upperBound)
            start = hasEnd ? indexAfter(line, range.upperBound) : range.upperBound
            // A zero byte terminates the text.
            while let last = bytes[line].last, last == 0 { line = line.lowerBound..<line.upperBound - 1 }
            let isWhole = hasEnd || isEnd
            switch text.line {
            case .lineStart where isWhole: slpLine(line)
            case .lineStart: text.line = begin(line, [])
            case .name(let start): text.line = begin(line, start)
            case .value(let rule, let start): text.line = piece(line, rule, behind: start)
            }
            if isWhole { text.line = .lineStart }
        }
    }

    /// Redacts a whole line: a request, a response, or a header field.
    private mutating func slpLine(_ line: Range<Int>) {
        let isRequest = bytes[line].starts(with: "MSNSLP/".utf8) || holdsRequest(line)
        guard isRequest else { return header(line) }
        for part in parts(of: line, at: [0x20]) {
            let scheme = "msnmsgr:"
            if bytes[part].count > scheme.utf8.count,
                holds(part.lowerBound..<part.lowerBound + scheme.utf8.count, "msnmsgr:")
            {
                redact(part.lowerBound + scheme.utf8.count..<part.upperBound, .account)
            } else if !Self.requestWords.holds(slice(part)) {
                redact(part, bytes[part].allSatisfy(\.isDigit) ? .token(.text) : .text)
            }
        }
    }

    private func holdsRequest(_ line: Range<Int>) -> Bool {
        bytes[line].suffix(11).elementsEqual(" MSNSLP/1.0".utf8)
    }

    /// Redacts the start of a line that continues in a later packet.
    private mutating func begin(_ line: Range<Int>, _ start: [UInt8]) -> SLPTextProgress.LinePosition {
        guard let colon = bytes[line].firstIndex(of: 0x3A) else {
            let name = start + bytes[line]
            if name.count <= 48, HeaderRules.mayBegin(ByteSlice(name)) { return .name(name) }
            return piece(line, .replace(.text), behind: [])
        }
        let name = String(decoding: start + bytes[line.lowerBound..<colon], as: UTF8.self).lowercased()
        guard HeaderRules.isKnown(name) else { return piece(line, .replace(.text), behind: []) }
        let value =
            (bytes[(colon + 1)..<line.upperBound].firstIndex { $0 != 0x20 } ?? line.upperBound)..<line.upperBound
        return piece(value, HeaderRules.rule(of: name), behind: [])
    }

    /// Redacts a part of a value. The whole is unknown, so the part gets no consistent placeholder; the beginning of a
    /// possibly harmless value stays.
    private mutating func piece(_ range: Range<Int>, _ rule: Rule, behind start: [UInt8])
        -> SLPTextProgress.LinePosition
    {
        let end = bytes[range].lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? range.lowerBound
        let part = range.lowerBound..<end
        let soFar = start + bytes[part].prefix(MultipartTexts.maxPieceLength)
        if soFar.count <= MultipartTexts.maxPieceLength, rule.harmless.mayBegin(ByteSlice(soFar)) {
            return .value(rule, soFar)
        }
        switch rule.replacement {
        case .context, .base64: put(value(part).map { $0 == 0x3D || $0 == 0x20 ? $0 : 0x41 }, at: part, .text)
        case .token, .session, .size, .address, .addresses, .reversedAddresses:
            put(value(part).map { $0.isDigit ? 0x31 : Self.cutMarks.contains($0) ? $0 : 0x78 }, at: part, .text)
        default: put([UInt8](repeating: 0x78, count: part.count), at: part, .text)
        }
        return .value(.replace(rule.replacement), [])
    }

    private static let cutMarks = Set(".:, ".utf8)
    private static let requestWords = HarmlessValues.list(
        """
        invite bye ack msnslp/1.0 ok decline unacceptable busy internal error not found no such call session \
        200 404 480 481 486 488 500 501 503 603 604 606
        """)
}
