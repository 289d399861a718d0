// Payloads: which of the other readers they go to.

internal import MSNP
internal import Payloads

extension RedactionBuffer {
    /// Treats the payload of a frame.
    mutating func payload(of frame: Frame, from side: Side, _ peers: inout PeerTexts) {
        let range = frame.payloadStart..<frame.bytes.count
        guard !range.isEmpty else { return }
        switch frame.verb {
        case "QRY": treat(range, .hex(.secret))
        case "MSG": message(frame, range, side, &peers)
        case "UUM", "UBM":
            Headers.kind(of: bytes[range]).type == nil ? xmlOrText(range) : message(frame, range, side, &peers)
        case "SDG", "PUT", "DEL", "NFY": blocks(frame, range, side, &peers)
        case "UUN", "UBN": notification(range, &peers)
        default: xmlOrText(range)
        }
    }

    private mutating func xmlOrText(_ range: Range<Int>) {
        bytes[range].first { $0 > 0x20 } == 0x3C ? xml(range) : treat(range, .text)
    }

    /// What endpoints tell each other by way of the notification server: XML, MSNSLP, SIP and lists of addresses.
    private mutating func notification(_ range: Range<Int>, _ peers: inout PeerTexts) {
        guard SLPMessage.begins(bytes[range]) else { return xmlOrText(range) }
        var text = PeerText()
        peerText(range, &text, isEnd: true, &peers)
    }

    // MARK: - MIME

    private mutating func message(
        _ frame: Frame, _ range: Range<Int>, _ side: Side, _ peers: inout PeerTexts
    ) {
        let kind = Headers.kind(of: bytes[range])
        let type = kind.type.map { mediaType($0) }
        let id = kind.messageID.map { Array(bytes[$0]) }
        let body = headers(range)
        guard body < range.upperBound else { return }
        let rest = body..<range.upperBound
        guard let type else {
            // A later part of a message is what its first part said.
            guard id != nil, kind.chunk != nil else {
                doubts.append("a message that does not say what it is")
                return treat(rest, .text)
            }
            return id.flatMap { peers.types[side]?[$0] } == .ink ? treat(rest, .base64(.data)) : treat(rest, .text)
        }
        if let id, kind.chunks != nil { peers.note(id, Self.drawings.contains(type) ? .ink : .text, side) }
        self.body(frame, rest, type, side, &peers)
    }

    /// Type and subtype in small letters, without what follows.
    private func mediaType(_ range: Range<Int>) -> String {
        String(decoding: bytes[range].prefix { $0 != 0x3B && $0 != 0x20 }, as: UTF8.self).lowercased()
    }

    private mutating func body(
        _ frame: Frame, _ range: Range<Int>, _ type: String, _ side: Side, _ peers: inout PeerTexts
    ) {
        switch type {
        case "text/plain", "text/x-msmsgscontrol", "text/x-keepalive": treat(range, .text)
        case "text/x-mms-emoticon", "text/x-mms-animemoticon":
            for part in parts(of: range, at: [0x09]) { xmlOrText(part) }
        case _ where Self.drawings.contains(type):
            let mark = "base64:"
            if bytes[range].starts(with: mark.utf8) {
                treat(range.lowerBound + mark.utf8.count..<range.upperBound, .base64(.data))
            } else {
                fill(range)
            }
        case "application/x-msnmsgrp2p": peerPackets(frame, range, side, &peers)
        case _ where Self.headersOnly.contains(type): allHeaders(range)
        default:
            doubts.append("a message of the unknown type \(type.prefix(60))")
            treat(range, .text)
        }
    }

    private static let drawings: Set<String> = ["image/gif", "application/x-ms-ink"]

    private static let headersOnly: Set<String> = [
        "text/x-msnmsgr-datacast", "text/x-msmsgsinvite", "text/x-clientcaps", "text/x-clientinfo",
        "text/x-msmsgsprofile", "text/x-msmsgsinitialemailnotification", "text/x-msmsgsemailnotification",
        "text/x-msmsgsactivemailnotification", "text/x-msmsgsinitialmdatanotification", "text/x-msmsgsoimnotification",
        "application/x-msmsgssystemmessage", "application/x-msmsgsemailnotification",
    ]

    // MARK: - MSNP21

    /// Three blocks of headers, then a body of the kind that they name (p2p.md section 6).
    private mutating func blocks(
        _ frame: Frame, _ range: Range<Int>, _ side: Side, _ peers: inout PeerTexts
    ) {
        var start = range.lowerBound
        var kind = ""
        for _ in 0..<3 where start < range.upperBound {
            let block = start..<range.upperBound
            if let value = Headers.value(of: "message-type", in: bytes[block]) { kind = lowered(value) }
            start = headers(block)
        }
        let body = start..<range.upperBound
        guard !body.isEmpty else { return }
        switch kind {
        case "data":
            // Several packets may be glued together; where each begins is told, but not trusted.
            peerPackets(frame, body, side, &peers)
        case "signal/p2p": notification(body, &peers)
        case "customemoticon": for part in parts(of: body, at: [0x09]) { xmlOrText(part) }
        default: xmlOrText(body)
        }
    }
}
