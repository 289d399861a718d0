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
        case value(Treatment)
    }
    fileprivate var place = Place.lineStart
}

extension Draft {
    /// Treats a part of a text.
    ///
    /// - Parameters:
    ///   - text: how far it has come; changed.
    ///   - isEnd: whether nothing follows.
    mutating func peerText(_ range: Range<Int>, _ text: inout PeerText, isEnd: Bool) {
        var start = range.lowerBound
        while start < range.upperBound {
            let hasEnd = bytes[start..<range.upperBound].contains(0x0A)
            var line = line(from: start, to: range.upperBound)
            start = hasEnd ? behind(line, range.upperBound) : range.upperBound
            // A zero byte ends the text.
            while let last = bytes[line].last, last == 0 { line = line.lowerBound..<line.upperBound - 1 }
            let isWhole = hasEnd || isEnd
            switch text.place {
            case .lineStart where isWhole: peerLine(line)
            case .lineStart: text.place = begin(line, [])
            case .name(let start): text.place = begin(line, start)
            case .value(let treatment): piece(line, treatment)
            }
            if isWhole { text.place = .lineStart }
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
            } else if !Self.requestWords.contains(lowered(part)),
                !(part.count <= 3 && bytes[part].allSatisfy(\.isDigit))
            {
                treat(part, .text)
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
            piece(line, .text)
            return .value(.text)
        }
        let name = String(decoding: start + bytes[line.lowerBound..<colon], as: UTF8.self).lowercased()
        guard HeaderRules.isKnown(name) else {
            piece(line, .text)
            return .value(.text)
        }
        let treatment: Treatment =
            switch HeaderRules.treatment(of: name) {
            case .context, .base64: .base64(.text)
            case .keep: .keep
            case .token, .hex, .address, .addresses, .backwards: .token(.text)
            default: .text
            }
        let value =
            (bytes[(colon + 1)..<line.upperBound].firstIndex { $0 != 0x20 } ?? line.upperBound)..<line.upperBound
        piece(value, treatment)
        return .value(treatment)
    }

    /// A part of a value: nobody knows the whole, so it gets no placeholder that could be followed.
    private mutating func piece(_ range: Range<Int>, _ treatment: Treatment) {
        guard !range.isEmpty else { return }
        switch treatment {
        case .keep where isHarmless(range): break
        case .base64: put(bytes[range].map { $0 == 0x3D || $0 == 0x20 ? $0 : 0x41 }, at: range, .text)
        case .token: put(bytes[range].map { $0.isDigit ? 0x31 : $0.isLetter ? 0x78 : $0 }, at: range, .text)
        default: put([UInt8](repeating: 0x78, count: range.count), at: range, .text)
        }
    }

    private static let requestWords: Set<String> = [
        "invite", "bye", "ack", "msnslp/1.0", "ok", "decline", "unacceptable", "busy", "internal", "error", "not",
        "found",
    ]
}
