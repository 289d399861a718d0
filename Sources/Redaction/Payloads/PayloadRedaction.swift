// Redacts payloads: dispatches by command and media type.

internal import MSNP
internal import Payloads

extension RedactionBuffer {
    /// Redacts the payload of a frame.
    ///
    /// - Parameter peer: its peer-to-peer content.
    mutating func payload(
        of frame: Frame, from side: Side, _ peer: PeerEnvelope?, _ multipart: inout MultipartTexts
    ) {
        let range = frame.payloadStart..<frame.bytes.count
        guard !range.isEmpty else { return }
        switch frame.verb {
        case "QRY": redact(range, .hex(.secret))
        case "MSG": message(peer, range, side, &multipart)
        case "UUM", "UBM":
            Headers.kind(of: slice(range)).type == nil ? xmlOrText(range) : message(peer, range, side, &multipart)
        case "SDG", "PUT", "DEL", "NFY": blocks(peer, range, side, &multipart)
        case "UUN", "UBN": notification(range, &multipart)
        default: xmlOrText(range)
        }
    }

    private mutating func xmlOrText(_ range: Range<Int>) {
        bytes[range].first { $0 > 0x20 } == 0x3C ? xml(range) : redact(range, .text)
    }

    /// Redacts messages between endpoints through the notification server: XML, MSNSLP, SIP or address lists.
    private mutating func notification(_ range: Range<Int>, _ multipart: inout MultipartTexts) {
        guard SLPMessage.begins(slice(range)) else { return xmlOrText(range) }
        var text = SLPTextProgress()
        slpText(range, &text, isEnd: true, &multipart)
    }

    // MARK: - MIME

    private mutating func message(
        _ peer: PeerEnvelope?, _ range: Range<Int>, _ side: Side, _ multipart: inout MultipartTexts
    ) {
        let kind = Headers.kind(of: slice(range))
        let type = kind.type.map { mediaType($0) }
        let id = kind.messageID.map { Array(bytes[$0]) }
        let body = headers(range)
        guard body < range.upperBound else { return }
        let rest = body..<range.upperBound
        guard let type else {
            // A later part of a message has the type of its first part.
            guard id != nil, kind.chunk != nil else {
                refusals.append(.missingContentType)
                return redact(rest, .text)
            }
            return id.flatMap { multipart.types[side]?[$0] } == .ink
                ? redact(rest, .base64(.data)) : redact(rest, .text)
        }
        if let id, kind.chunks != nil { multipart.note(id, Self.drawings.contains(type) ? .ink : .text, side) }
        self.body(peer, rest, type, side, &multipart)
    }

    /// Type and subtype in lowercase, without parameters.
    private func mediaType(_ range: Range<Int>) -> String {
        String(decoding: bytes[range].prefix { $0 != 0x3B && $0 != 0x20 }, as: UTF8.self).lowercased()
    }

    private mutating func body(
        _ peer: PeerEnvelope?, _ range: Range<Int>, _ type: String, _ side: Side, _ multipart: inout MultipartTexts
    ) {
        switch type {
        case "text/plain", "text/x-msmsgscontrol", "text/x-keepalive": redact(range, .text)
        case "text/x-mms-emoticon", "text/x-mms-animemoticon":
            for part in parts(of: range, at: [0x09]) { xmlOrText(part) }
        case _ where Self.drawings.contains(type):
            let mark = "base64:"
            if bytes[range].starts(with: mark.utf8) {
                redact(range.lowerBound + mark.utf8.count..<range.upperBound, .base64(.data))
            } else {
                fill(range)
            }
        case "application/x-msnmsgrp2p": peerPackets(peer, range, side, &multipart)
        case _ where Self.headersOnly.contains(type): allHeaders(range)
        default:
            refusals.append(.unknownContentType(String(type.prefix(RedactionReport.longestContentType))))
            redact(range, .text)
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

    /// Redacts three blocks of headers, then a body of the type that they name (p2p.md section 6).
    private mutating func blocks(
        _ peer: PeerEnvelope?, _ range: Range<Int>, _ side: Side, _ multipart: inout MultipartTexts
    ) {
        var start = range.lowerBound
        var kind = ""
        for _ in 0..<3 where start < range.upperBound {
            let block = start..<range.upperBound
            if let value = Headers.value(of: "message-type", in: slice(block)) { kind = lowered(value) }
            start = headers(block)
        }
        let body = start..<range.upperBound
        guard !body.isEmpty else { return }
        switch kind {
        case "data":
            // Several packets may follow each other; the stated offsets may be wrong.
            peerPackets(peer, body, side, &multipart)
        case "signal/p2p": notification(body, &multipart)
        case "customemoticon": for part in parts(of: body, at: [0x09]) { xmlOrText(part) }
        default: xmlOrText(body)
        }
    }
}
