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
        guard mayHave(frame.verb) || !isKnown(frame.verb) else { return [] }
        switch (frame.verb, side) {
        case ("USR", .client): return ofUser(frame)
        case ("USR", .server): return ofReceiver(frame)
        case ("XFR", .server), ("RNG", .server): return behindWord("cki", in: frame)
        case ("ANS", .client): return arguments([2], of: frame)
        case ("QRY", .client): return frame.payload.isEmpty ? [] : [frame.payloadStart..<frame.bytes.count]
        case ("URL", .server): return queries(in: frame.bytes, frame.argumentRanges)
        case ("MSG", _), ("SDG", _), ("UUN", _), ("UBN", _): return ofHeaders(frame, headers)
        case ("USR", _), ("XFR", _), ("RNG", _), ("ANS", _), ("QRY", _), ("URL", _): return []
        default:
            var scanner = SecretScanner(side: side)
            return scanner.ranges(in: frame.bytes.span)
        }
    }

    /// The byte ranges of noise that hold secrets, in rising order, where nothing is known of what came before it.
    public static func ranges(in noise: Noise, from side: Side, role: Role = .unknown) -> [Range<Int>] {
        var tracker = SecretTracker(side: side)
        return tracker.ranges(inFirst: noise, role: role)
    }

    /// Whether a command of this kind never holds secrets in its payload.
    static func areImpossible(in frame: Frame) -> Bool {
        guard frame.verb == "MSG" else { return isKnown(frame.verb) && !mayHave(frame.verb) }
        return Headers.value(of: "content-type", in: frame.payload).map { isHarmless(frame.bytes[$0]) } ?? false
    }

    /// The nonce in the handshake of a direct link: in version 1 behind 32 bytes of a packet with the flag 0x100, in
    /// version 2 a packet of 16 bytes (p2p.md section 4).
    static func ofLink(_ bytes: [UInt8]) -> [Range<Int>] {
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

    /// The same in bytes of which nobody knows where a packet starts: what may be such a nonce.
    static func ofLostLink(_ bytes: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for start in bytes.indices where bytes.count - start >= 4 {
            let length = bytes[start..<start + 4]
            let packet = start + 4
            if length.elementsEqual([16, 0, 0, 0]) {
                found.append(packet..<min(packet + 16, bytes.count))
            } else if length.elementsEqual([48, 0, 0, 0]), bytes.count > packet + 32, bytes[packet + 29] & 1 != 0 {
                found.append(packet + 32..<min(packet + 48, bytes.count))
            }
        }
        return found
    }

    /// A packet of version 1 that holds a nonce, with its length.
    static let longestHandshake = 52

    private static func mayHave(_ verb: Verb) -> Bool {
        switch verb {
        case "USR", "XFR", "RNG", "ANS", "QRY", "URL", "MSG", "SDG", "UUN", "UBN": true
        // Rare ones, of which no source knows all that may be in them.
        case "NOT", "GCF", "GET", "PUT", "DEL", "NFY", "IPG": true
        default: false
        }
    }

    private static let known: [Bool] = {
        var table = [Bool](repeating: false, count: Verb.tableSize)
        for form in CommandForm.all { if let verb = form.verb { table[verb.tableIndex] = true } }
        return table
    }()

    /// Whether any side is known to say this; `GET` and the like are lines of HTTP.
    static func isKnown(_ verb: Verb) -> Bool {
        verb.isError || verb == .empty || known[verb.tableIndex]
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

    private static let secretParameters = Set(SecretNames.parameters.map(\.description))
}
