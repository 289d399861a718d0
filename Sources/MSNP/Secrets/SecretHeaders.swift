// Finds secrets in the headers and peer-to-peer packets of payloads (auth.md section 6).

extension Secrets {
    /// The secrets in the headers of a payload and of nested bodies. A payload without a content type is searched too.
    static func ofHeaders(_ frame: Frame, _ headers: Headers.Kind?) -> [Range<Int>] {
        let payload = frame.payloadStart..<frame.bytes.count
        switch frame.verb {
        case "MSG":
            if let type = headers?.type ?? Headers.value(of: "content-type", in: frame.payload) {
                guard !isHarmless(frame.bytes[type]) else { return [] }
                if Headers.equal(frame.bytes[type], "application/x-msnmsgrp2p") { return ofPacket(frame) }
            } else if Headers.value(of: "chunk", in: frame.payload) != nil {
                // A later part of a long text message: lines that look like headers are part of the text.
                return []
            }
        case "SDG": return ofDatagram(frame)
        default: break
        }
        return ofLines(frame.bytes, payload)
    }

    /// The secrets in text extracted from a payload, in lines of the form `Name: value`.
    package static func ranges(inLines bytes: ByteSlice) -> [Range<Int>] { ofLines(bytes, bytes.indices) }

    /// The secrets in the query of a URL.
    package static func ranges(inAddress bytes: ByteSlice) -> [Range<Int>] { query(in: bytes, bytes.indices) }

    /// Whether a header with this name holds a secret, ignoring case, hyphens and underscores.
    package static func isSecret(header name: some StringProtocol) -> Bool {
        secretNames.contains(name.lowercased().filter { $0 != "-" && $0 != "_" })
    }

    /// The secrets in lines of the form `Name: value`, and in the queries of headers whose name ends in `url`.
    static func ofLines(_ bytes: ByteSlice, _ range: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        Headers.forEachLine(in: bytes[range]) { name, value in
            if isSecretHeader(bytes[name]) {
                if let value = value.isEmpty ? foldedValue(bytes, range, value.upperBound) : value {
                    found.append(value)
                }
            } else if Headers.hasSuffix(bytes[name], "url") {
                found += query(in: bytes, value)
            }
        }
        return found
    }

    private static func isSecretHeader(_ name: ByteSlice) -> Bool {
        guard name.count <= 32 else { return false }
        var digest = NameDigest()
        for byte in name { digest.append(byte) }
        return SecretNames.headerDigests.contains(digest)
    }

    /// The value of an empty header that continues in the next, indented line; nil if the next line is not indented.
    private static func foldedValue(_ bytes: ByteSlice, _ range: Range<Int>, _ start: Int) -> Range<Int>? {
        guard let lineEnd = bytes[start..<range.upperBound].firstIndex(of: .lineFeed) else { return nil }
        let next = bytes[(lineEnd + 1)..<range.upperBound]
        let blank = next.prefix { $0 == 0x20 || $0 == 0x09 }
        guard !blank.isEmpty else { return nil }
        let value = next[blank.endIndex...].prefix { $0 != 0x0D && $0 != .lineFeed }
        return value.isEmpty ? nil : value.startIndex..<value.endIndex
    }

    /// The secrets in a peer-to-peer packet. In version 1, chunks of a picture or file start with a session identifier,
    /// and chunks of MSNSLP text start with 0 (p2p.md sections 2 and 3).
    private static func ofPacket(_ frame: Frame) -> [Range<Int>] {
        let lines = ofLines(frame.bytes, frame.payloadStart..<frame.bytes.count)
        let start = Headers.bodyStart(in: frame.payload)
        let body = frame.bytes[start...]
        guard PeerVersion(of: body, inMessage: frame.payload) == .one else {
            return merged(lines, restOfText(frame.bytes, start))
        }
        func number(at offset: Int) -> UInt32 {
            body.dropFirst(offset).prefix(4).reversed().reduce(0) { $0 &<< 8 | UInt32($1) }
        }
        // The handshake of a direct connection has its nonce in the acknowledgement fields.
        if body.count >= 48, number(at: 28) & 0x100 != 0 { return merged(lines, start + 32..<start + 48) }
        guard body.count >= 52 else { return lines }
        // A header of 48 bytes and a footer of 4. Some clients send a length that differs from the size of the data.
        if number(at: 0) != 0 { return number(at: 24) == UInt32(clamping: body.count - 52) ? [] : lines }
        return number(at: 8) == 0 && number(at: 12) == 0 ? lines : merged(lines, restOfLine(frame.bytes, start + 48))
    }

    /// The start of the nonce in a packet that is truncated inside the nonce.
    static func ofCutPacket(_ frame: Frame) -> [Range<Int>] {
        let start = Headers.bodyStart(in: frame.payload)
        guard frame.verb == "MSG", case 33..<48 = frame.bytes.count - start, frame.bytes[start + 29] & 1 != 0,
            let type = Headers.value(of: "content-type", in: frame.payload),
            Headers.equal(frame.bytes[type], "application/x-msnmsgrp2p")
        else { return [] }
        return [start + 32..<frame.bytes.count]
    }

    /// The secrets in an `SDG`. Its `Message-Type` gives the kind of content; its `Content-Type` is nearly always
    /// `text/plain` (p2p.md section 6).
    private static func ofDatagram(_ frame: Frame) -> [Range<Int>] {
        let reliability = Headers.bodyStart(in: frame.payload)
        let content = frame.bytes[Headers.bodyStart(in: frame.bytes[reliability...])...]
        let type = Headers.value(of: "message-type", in: content)
        if let type {
            if harmlessDatagrams.contains(where: { Headers.equal(frame.bytes[type], $0) }) { return [] }
        } else if let type = Headers.value(of: "content-type", in: content), isHarmless(frame.bytes[type]) {
            return []
        }
        let lines = ofLines(frame.bytes, frame.payloadStart..<frame.bytes.count)
        guard let type, Headers.equal(frame.bytes[type], "data") else { return lines }
        return merged(lines, restOfText(frame.bytes, Headers.bodyStart(in: content)))
    }

    /// The same for a version 2 packet of MSNSLP text that is not the first of its message, according to the header of
    /// the data; else an empty range.
    private static func restOfText(_ bytes: ByteSlice, _ start: Int) -> Range<Int> {
        guard start < bytes.count else { return start..<start }
        let data = start + Int(bytes[start])
        guard data + 8 <= bytes.count, bytes[data + 1] == 0, bytes[(data + 4)..<(data + 8)].allSatisfy({ $0 == 0 })
        else { return start..<start }
        let text = min(data + Int(bytes[data]), bytes.count)
        return restOfLine(bytes, text)
    }

    /// The rest of a line at the start of a packet. It may be the end of a secret whose name is in the previous packet.
    private static func restOfLine(_ bytes: ByteSlice, _ start: Int) -> Range<Int> {
        let end = bytes[start...].firstIndex { $0 < 0x20 } ?? bytes.count
        return start..<end
    }

    /// Ranges in ascending order: `first`, and those of `ranges` that start after it.
    private static func merged(_ ranges: [Range<Int>], _ first: Range<Int>) -> [Range<Int>] {
        first.isEmpty ? ranges : [first] + ranges.filter { $0.lowerBound >= first.upperBound }
    }

    /// Whether a content type never has secret headers. Most messages are chat text, typing notifications and the like.
    static func isHarmless(_ type: ByteSlice) -> Bool {
        harmlessTypes.contains { Headers.equal(type.prefix($0.utf8CodeUnitCount), $0) }
    }

    private static let harmlessTypes: [StaticString] = [
        "text/plain", "text/x-msmsgscontrol", "text/x-msnmsgr-datacast", "text/x-clientcaps", "text/x-mms-emoticon",
    ]
    private static let harmlessDatagrams: [StaticString] = [
        "text", "control/typing", "control/recording", "nudge", "wink", "customemoticon",
    ]
    private static let secretNames = Set(SecretNames.headers.map { $0.description.replacing("-", with: "") })
}
