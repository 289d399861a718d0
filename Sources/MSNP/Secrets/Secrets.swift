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
        // A header line, of an HTTP message that a relay changed.
        if frame.verb == .empty, frame.lineEnd > 0 { return ranges(inLines: frame.bytes) }
        guard mayHoldSecrets(frame.verb) || !isKnown(frame.verb) else { return [] }
        switch (frame.verb, side) {
        case ("USR", _), ("XFR", _), ("RNG", _), ("ANS", _): return Command.secretArguments(of: frame, from: side)
        case ("QRY", .client): return frame.payload.isEmpty ? [] : [frame.payloadStart..<frame.bytes.count]
        case ("URL", .server): return queries(in: frame.bytes, frame.argumentRanges)
        case ("MSG", _), ("SDG", _), ("UUN", _), ("UBN", _): return ofHeaders(frame, headers)
        case ("QRY", _), ("URL", _): return []
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

    /// The nonce in a packet of a direct connection: in version 1 at offset 32 of a packet with the flag 0x100, in
    /// version 2 a packet of 16 bytes (p2p.md section 4). In an MSNSLP message that was pasted without a packet, those of
    /// its headers.
    ///
    /// - Parameter bytes: one packet with its length, as `LinkStream` returns it. All other bytes are searched at every
    ///   position.
    static func ofLink(_ bytes: ByteSlice) -> [Range<Int>] {
        // No packet is as long as these letters would say.
        if ["INVITE ", "MSNSLP/", "BYE ", "ACK "].contains(where: { bytes.starts(with: $0.utf8) }) {
            return ranges(inLines: bytes)
        }
        guard LinkStream.announcedLength(in: bytes.span, at: 0) == bytes.count - 4 else {
            return ofUnalignedLink(bytes)
        }
        switch bytes.count {
        case 20: return [4..<20]
        case handshakeSize where bytes[33] & 1 != 0: return [36..<handshakeSize]
        default: return []
        }
    }

    /// The ranges that may be such a nonce, in bytes with unknown packet boundaries.
    static func ofUnalignedLink(_ bytes: ByteSlice) -> [Range<Int>] {
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
        return SecretTracker.union(found)
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

    private static func queries(in bytes: ByteSlice, _ ranges: [Range<Int>]) -> [Range<Int>] {
        ranges.flatMap { query(in: bytes, $0) }
    }

    /// The values of secret parameters (`auth`, `creds`, …) in the query of a URL.
    static func query(in bytes: ByteSlice, _ range: Range<Int>) -> [Range<Int>] {
        guard let mark = bytes[range].firstIndex(of: 0x3F) else { return [] }
        return bytes[(mark + 1)..<range.upperBound].split(separator: 0x26).compactMap { pair in
            guard let equals = pair.firstIndex(of: 0x3D), equals + 1 < pair.endIndex else { return nil }
            let name = String(decoding: pair[..<equals], as: UTF8.self).lowercased()
            return secretParameters.contains(name) ? equals + 1..<pair.endIndex : nil
        }
    }

    private static let secretParameters = Set(SecretNames.parameters.map(\.description))
}
