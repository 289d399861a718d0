// Secrets in the `Name: value` lines of payloads, and in what lies around them (auth.md section 6).

extension Secrets {
    /// Secrets in `Name: value` lines of a payload, those of bodies inside bodies included. A payload that does not say
    /// what it is is searched.
    static func ofHeaders(_ frame: Frame, _ headers: Headers.Kind?) -> [Range<Int>] {
        let payload = frame.payloadStart..<frame.bytes.count
        switch frame.verb {
        case "MSG":
            if let type = headers?.type ?? Headers.value(of: "content-type", in: frame.payload) {
                guard !isHarmless(frame.bytes[type]) else { return [] }
                if Headers.equal(frame.bytes[type], "application/x-msnmsgrp2p") { return ofPacket(frame) }
            } else if Headers.value(of: "chunk", in: frame.payload) != nil {
                // A later part of a long text: what looks like a header in it was said by somebody.
                return []
            }
        case "SDG": return ofDatagram(frame)
        default: break
        }
        return ofLines(frame.bytes, payload)
    }

    /// The secrets in text that was taken out of a payload, in lines of the form `Name: value`.
    package static func ranges(inLines bytes: [UInt8]) -> [Range<Int>] { ofLines(bytes, 0..<bytes.count) }

    /// The secrets in an address.
    package static func ranges(inAddress bytes: [UInt8]) -> [Range<Int>] { query(in: bytes, 0..<bytes.count) }

    /// Whether a header of this name holds a secret, however its words are set apart.
    package static func isSecret(header name: some StringProtocol) -> Bool {
        secretNames.contains(name.lowercased().filter { $0 != "-" && $0 != "_" })
    }

    /// The secrets in lines of the form `Name: value`.
    static func ofLines(_ bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
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

    private static func isSecretHeader(_ name: ArraySlice<UInt8>) -> Bool {
        guard name.count <= 32 else { return false }
        var digest = NameDigest()
        for byte in name { digest.append(byte) }
        return SecretNames.headerDigests.contains(digest)
    }

    /// What stands in the next line, where that goes on with a header without a value.
    private static func foldedValue(_ bytes: [UInt8], _ range: Range<Int>, _ start: Int) -> Range<Int>? {
        guard let lineEnd = bytes[start..<range.upperBound].firstIndex(of: .lineFeed) else { return nil }
        let next = bytes[(lineEnd + 1)..<range.upperBound]
        let blank = next.prefix { $0 == 0x20 || $0 == 0x09 }
        guard !blank.isEmpty else { return nil }
        let value = next[blank.endIndex...].prefix { $0 != 0x0D && $0 != .lineFeed }
        return value.isEmpty ? nil : value.startIndex..<value.endIndex
    }

    /// A packet of the peer-to-peer layer. Chunks of a picture or a file in version 1 start with a session's number, those
    /// of MSNSLP's own text with 0 (p2p.md sections 2 and 3).
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
        // The handshake of a direct link has its nonce where others acknowledge.
        if body.count >= 48, number(at: 28) & 0x100 != 0 { return merged(lines, start + 32..<start + 48) }
        guard body.count >= 52 else { return lines }
        // A header of 48 bytes and a footer of 4. Some clients tell another length than that of what lies between them.
        if number(at: 0) != 0 { return number(at: 24) == UInt32(clamping: body.count - 52) ? [] : lines }
        return number(at: 8) == 0 && number(at: 12) == 0 ? lines : merged(lines, restOfLine(frame.bytes, start + 48))
    }

    /// The beginning of the nonce in a packet that is cut off inside it.
    static func ofCutPacket(_ frame: Frame) -> [Range<Int>] {
        let start = Headers.bodyStart(in: frame.payload)
        guard frame.verb == "MSG", case 33..<48 = frame.bytes.count - start, frame.bytes[start + 29] & 1 != 0,
            let type = Headers.value(of: "content-type", in: frame.payload),
            Headers.equal(frame.bytes[type], "application/x-msnmsgrp2p")
        else { return [] }
        return [start + 32..<frame.bytes.count]
    }

    /// What an SDG holds is said by its `Message-Type`; its `Content-Type` is `text/plain` for nearly all (p2p.md section 6).
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

    /// The same in version 2, where the second header says whether a packet is the first of its message.
    private static func restOfText(_ bytes: [UInt8], _ start: Int) -> Range<Int> {
        guard start < bytes.count else { return start..<start }
        let data = start + Int(bytes[start])
        guard data + 8 <= bytes.count, bytes[data + 1] == 0, bytes[(data + 4)..<(data + 8)].allSatisfy({ $0 == 0 })
        else { return start..<start }
        let text = min(data + Int(bytes[data]), bytes.count)
        return restOfLine(bytes, text)
    }

    /// What a message that was cut into packets goes on with: maybe the end of a secret whose name stands in front of the
    /// cut.
    private static func restOfLine(_ bytes: [UInt8], _ start: Int) -> Range<Int> {
        let end = bytes[start...].firstIndex { $0 < 0x20 } ?? bytes.count
        return start..<end
    }

    /// Ranges in rising order, with one in front of those that do not overlap it.
    private static func merged(_ ranges: [Range<Int>], _ first: Range<Int>) -> [Range<Int>] {
        first.isEmpty ? ranges : [first] + ranges.filter { $0.lowerBound >= first.upperBound }
    }

    /// Chat, typing notices and the like are most of all messages, and have no such lines.
    static func isHarmless(_ type: ArraySlice<UInt8>) -> Bool {
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
