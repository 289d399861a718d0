// Finds the byte ranges of secrets in frames and noise, for masking (auth.md section 6).

/// Finds secrets: password responses, tickets, cookies, challenge responses, mail tickets.
public enum Secrets {
    /// The byte ranges of secrets in a frame, in ascending order.
    ///
    /// - Parameters:
    ///   - frame: any frame.
    ///   - side: the sender.
    ///   - headers: the headers of a `MSG`, if already parsed.
    public static func ranges(in frame: Frame, from side: Side, headers: Headers.Kind? = nil) -> [Range<Int>] {
        guard mayHoldSecrets(frame.verb) || !isKnown(frame.verb) else { return [] }
        switch (frame.verb, side) {
        case ("USR", .client): return ofUser(frame)
        case ("USR", .server): return ofReceiver(frame)
        case ("XFR", .server), ("RNG", .server): return argumentAfter("cki", in: frame)
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

    /// The byte ranges of secrets in noise, in ascending order, if the preceding bytes are unknown.
    public static func ranges(in noise: Noise, from side: Side, role: Role = .unknown) -> [Range<Int>] {
        var tracker = SecretTracker(side: side)
        return tracker.ranges(inFirst: noise, role: role)
    }

    /// Whether the payload of a frame cannot contain secrets, by its verb or content type.
    static func neverHasSecrets(_ frame: Frame) -> Bool {
        guard frame.verb == "MSG" else { return isKnown(frame.verb) && !mayHoldSecrets(frame.verb) }
        return Headers.value(of: "content-type", in: frame.payload).map { isHarmless(frame.bytes[$0]) } ?? false
    }

    /// The nonces in handshakes of a direct connection: in version 1 at offset 32 of a packet with the flag 0x100, in
    /// version 2 a packet of 16 bytes (p2p.md section 4). In an MSNSLP message that was pasted without a packet, those of
    /// its headers.
    static func ofLink(_ bytes: [UInt8]) -> [Range<Int>] {
        // No packet is as long as these letters would say.
        if ["INVITE ", "MSNSLP/", "BYE ", "ACK "].contains(where: { bytes.starts(with: $0.utf8) }) {
            return ranges(inLines: bytes)
        }
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
            let available = nonce.clamped(to: 0..<bytes.count)
            if !available.isEmpty { found.append(available) }
            guard length <= bytes.count - packet else { break }
            start = packet + length
        }
        return found
    }

    /// The ranges that may be such a nonce, in bytes with unknown packet boundaries.
    static func ofUnalignedLink(_ bytes: [UInt8]) -> [Range<Int>] {
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

    /// The size in bytes of a version 1 packet with a nonce, including its length field.
    static let handshakeSize = 52

    private static func mayHoldSecrets(_ verb: Verb) -> Bool {
        switch verb {
        case "USR", "XFR", "RNG", "ANS", "QRY", "URL", "MSG", "SDG", "UUN", "UBN": true
        // Rare commands whose contents are not fully documented.
        case "NOT", "GCF", "GET", "PUT", "DEL", "NFY", "IPG": true
        default: false
        }
    }

    private static let known: [Bool] = {
        var table = [Bool](repeating: false, count: Verb.tableSize)
        for form in CommandForm.all { if let verb = form.verb { table[verb.tableIndex] = true } }
        return table
    }()

    /// Whether either side sends the verb in MSNP. HTTP lines such as `GET` also parse as frames.
    static func isKnown(_ verb: Verb) -> Bool {
        verb.isError || verb == .empty || known[verb.tableIndex]
    }

    /// The secrets in `USR t package S|A secret…`, `USR t account cookie`, and MSNFTP's `USR account cookie`. In
    /// undocumented forms, the arguments after `S` or `A`, and the last of two or three arguments, are treated as
    /// secret.
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

    /// The cookie in MSNFTP's `USR account cookie`, if the receiver of the file accepts the connection. A `USR` of an
    /// MSN server has more arguments.
    private static func ofReceiver(_ frame: Frame) -> [Range<Int>] {
        let ranges = frame.argumentRanges
        return ranges.count == 2 && frame.bytes[ranges[0]].contains(0x40) ? arguments([1], of: frame) : []
    }

    private static func arguments(_ indices: [Int], of frame: Frame) -> [Range<Int>] {
        let ranges = frame.argumentRanges
        return indices.compactMap { ranges.indices.contains($0) && !ranges[$0].isEmpty ? ranges[$0] : nil }
    }

    private static func argumentAfter(_ word: StaticString, in frame: Frame) -> [Range<Int>] {
        let ranges = frame.argumentRanges
        guard let index = ranges.firstIndex(where: { Headers.equal(frame.bytes[$0], word) }) else { return [] }
        return arguments([index + 1], of: frame)
    }

    private static func queries(in bytes: [UInt8], _ ranges: [Range<Int>]) -> [Range<Int>] {
        ranges.flatMap { query(in: bytes, $0) }
    }

    /// The values of secret parameters (`auth`, `creds`, …) in the query of a URL.
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
