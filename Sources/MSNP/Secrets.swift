// What must not be shown, and what is shown in its place (auth.md section 6).

/// The secrets in a frame: password answers, tickets, cookies, challenge answers, mail tickets.
public enum Secrets {
    /// The byte ranges of a frame that hold secrets, in rising order.
    ///
    /// - Parameters:
    ///   - frame: any frame.
    ///   - side: who said it.
    ///   - headers: those of a `MSG`, where they are known.
    public static func ranges(in frame: Frame, from side: Side, headers: Headers.Kind? = nil) -> [Range<Int>] {
        guard mayHave(frame.verb) else { return [] }
        switch (frame.verb, side) {
        case ("USR", .client): return ofUser(frame)
        case ("USR", .server): return ofReceiver(frame)
        case ("XFR", .server), ("RNG", .server): return behindWord("cki", in: frame)
        case ("ANS", .client): return arguments([2], of: frame)
        case ("QRY", .client): return frame.payload.isEmpty ? [] : [frame.payloadStart..<frame.bytes.count]
        case ("URL", .server): return queries(in: frame.bytes, frame.argumentRanges)
        case ("MSG", _), ("SDG", _), ("UUN", _), ("UBN", _): return ofHeaders(frame, headers)
        default: return []
        }
    }

    /// The byte ranges of noise that hold secrets, in rising order: noise may be whole lines out of step, or the part of
    /// one that the end of a stream cut off. On a direct link, what may be a part of its handshake is one whole.
    public static func ranges(in noise: Noise, from side: Side, role: Role = .unknown) -> [Range<Int>] {
        let bytes = noise.bytes
        if noise.reason == .peerData { return ofLink(bytes) }
        if role == .peerToPeer { return bytes.count <= longestHandshake ? [0..<bytes.count] : [] }
        var found: [Range<Int>] = []
        var start = 0
        var restOfAnswer = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: .lineFeed).map { $0 + 1 } ?? bytes.count
            if restOfAnswer > 0 {
                // The answer to a challenge stands glued in front of the next line.
                let answer = start..<min(start + restOfAnswer, bytes.count)
                found.append(answer)
                restOfAnswer = 0
                start = answer.upperBound
                continue
            }
            let line = Array(bytes[start..<end])
            if let frame = Frame(line.last == .lineFeed ? line : line + [.lineFeed]) {
                let limit = bytes.count
                found += ranges(in: frame, from: side).compactMap { range in
                    let clamped = (range.lowerBound + start..<range.upperBound + start).clamped(to: 0..<limit)
                    return clamped.isEmpty ? nil : clamped
                }
                if frame.verb == "QRY", side == .client { restOfAnswer = 32 }
            } else {
                let lines = ofLines(bytes, start..<end)
                found += lines.isEmpty ? ofElements(bytes, start..<end) : lines
                if let session = sessionID(in: bytes, start..<end), found.last?.overlaps(session) != true {
                    found.append(session)
                }
            }
            start = end
        }
        return found
    }

    /// The nonce in the handshake of a direct link: in version 1 behind 32 bytes of a packet with the flag 0x100, in
    /// version 2 a packet of 16 bytes (p2p.md section 4).
    private static func ofLink(_ bytes: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start = 0
        func number(at place: Int) -> Int {
            guard place + 4 <= bytes.count else { return 0 }
            return bytes[place..<place + 4].reversed().reduce(0) { $0 &<< 8 | Int($1) }
        }
        while start + 4 <= bytes.count {
            let length = number(at: start)
            let packet = start + 4
            let nonce =
                length == 16
                ? packet..<packet + 16
                : length == 48 && number(at: packet + 28) & 0x100 != 0 ? packet + 32..<packet + 48 : 0..<0
            let there = nonce.clamped(to: 0..<bytes.count)
            if !there.isEmpty { found.append(there) }
            guard length <= bytes.count - packet else { break }
            start = packet + length
        }
        return found
    }

    /// A packet of version 1 that holds a nonce, with its length.
    private static let longestHandshake = 52

    /// The value of `SessionID=` in a gateway's address or header: a bearer secret.
    private static func sessionID(in bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        let name = Array("sessionid=".utf8)
        guard range.count > name.count else { return nil }
        for start in range.lowerBound...(range.upperBound - name.count)
        where zip(bytes[start...], name).allSatisfy({ ($0 &- 0x41 < 26 ? $0 | 0x20 : $0) == $1 }) {
            let value = start + name.count
            let end = bytes[value..<range.upperBound].firstIndex { $0 <= 0x20 || $0 == 0x26 || $0 == 0x3B }
            return value..<(end ?? range.upperBound)
        }
        return nil
    }

    /// What stands for a secret: short, without spaces, and always the same for the same secret.
    ///
    /// The mask is a 24-bit digest: enough to follow a cookie through a session, too little to guess a ticket from.
    public static func mask(of secret: some Sequence<UInt8>) -> String { mask(of: Array(secret)[...]) }

    /// The same for bytes that lie in an array already.
    public static func mask(of secret: ArraySlice<UInt8>) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let bytes = secret.span
        for index in 0..<bytes.count { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        let digest = (hash ^ hash &>> 32) & 0xFF_FFFF
        let digits = String(digest, radix: 16)
        return "‹secret:\(String(repeating: "0", count: 6 - digits.count))\(digits)›"
    }

    private static func mayHave(_ verb: Verb) -> Bool {
        switch verb {
        case "USR", "XFR", "RNG", "ANS", "QRY", "URL", "MSG", "SDG", "UUN", "UBN": true
        default: false
        }
    }

    /// `USR t package S|A secret…`, `USR t account cookie`, and MSNFTP's `USR account cookie`. In odd forms too: what
    /// stands behind an `S` or `A`, and the last of few arguments, is more likely a secret than not.
    private static func ofUser(_ frame: Frame) -> [Range<Int>] {
        let ranges = frame.argumentRanges
        func isStage(_ index: Int) -> Bool {
            frame.bytes[ranges[index]].elementsEqual("S".utf8) || frame.bytes[ranges[index]].elementsEqual("A".utf8)
        }
        if let stage = ranges.indices.first(where: isStage) {
            return ranges[(stage + 1)...].filter { !$0.isEmpty && frame.bytes[$0.lowerBound] != UInt8(ascii: "{") }
        }
        switch ranges.count {
        case 2: return arguments([1], of: frame)
        case 3: return frame.bytes[ranges[1]].elementsEqual("I".utf8) ? [] : arguments([2], of: frame)
        default: return ranges.count > 3 && frame.bytes[ranges[1]].contains(0x40) ? arguments([2], of: frame) : []
        }
    }

    /// `USR account cookie` of a file's receiver that serves it; servers of MSN say more.
    private static func ofReceiver(_ frame: Frame) -> [Range<Int>] {
        let ranges = frame.argumentRanges
        return ranges.count == 2 && frame.bytes[ranges[0]].contains(0x40) ? arguments([1], of: frame) : []
    }

    private static func arguments(_ indices: [Int], of frame: Frame) -> [Range<Int>] {
        let ranges = frame.argumentRanges
        return indices.compactMap { ranges.indices.contains($0) && !ranges[$0].isEmpty ? ranges[$0] : nil }
    }

    private static func behindWord(_ word: StaticString, in frame: Frame) -> [Range<Int>] {
        let ranges = frame.argumentRanges
        guard let index = ranges.firstIndex(where: { Headers.equal(frame.bytes[$0], word) }) else { return [] }
        return arguments([index + 1], of: frame)
    }

    private static func queries(in bytes: [UInt8], _ ranges: [Range<Int>]) -> [Range<Int>] {
        ranges.flatMap { query(in: bytes, $0) }
    }

    /// The values of `auth`, `creds` and the like in an address.
    static func query(in bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        guard let mark = bytes[range].firstIndex(of: 0x3F) else { return [] }
        return bytes[(mark + 1)..<range.upperBound].split(separator: 0x26).compactMap { pair in
            guard let equals = pair.firstIndex(of: 0x3D), equals + 1 < pair.endIndex else { return nil }
            let name = String(decoding: pair[..<equals], as: UTF8.self).lowercased()
            return secretParameters.contains(name) ? equals + 1..<pair.endIndex : nil
        }
    }

    private static let secretParameters: Set<String> = ["auth", "creds", "sl", "t", "p", "sessionid"]
}
