// Checks the structure of payloads: XML, header blocks, Content-Length, offsets (commands.tsv; p2p.md section 6).

internal import Charsets
internal import Events
internal import MSNP
internal import Payloads

/// Checks that a payload has the structure that its command requires.
enum PayloadCheck {
    /// The findings on a payload: its first structural error, and a wrong Content-Length.
    static func findings(_ frame: Frame, _ side: Side) -> [Finding] {
        guard frame.payloadStart < frame.bytes.count else { return [] }
        switch frame.verb {
        case "ADL", "RML", "FQY", "UBX", "UUX", "NOT", "IPG", "GCF":
            return xml(frame.payload, of: frame, side).map { [$0] } ?? []
        case "SDG", "PUT", "DEL", "NFY":
            return [envelope(frame, side), contentLength(frame, side)].compactMap { $0 }
        default: return []
        }
    }

    private static func xml(_ bytes: ByteSlice, of frame: Frame, _ side: Side) -> Finding? {
        let start = bytes.startIndex
        let fault =
            UTF8Sequence.firstFault(bytes.span).map { (start + $0, "bytes that are not UTF-8") }
            ?? XMLCheck.fault(in: bytes).map { (start + $0.byte, $0.what) }
        return fault.map { finding(frame, side, "invalid XML", at: $0.0, $0.1) }
    }

    /// Checks the header blocks of an envelope: Routing, Reliability, then Messaging, Publication or Notification,
    /// whose Content-Length is the length of the body.
    private static func envelope(_ frame: Frame, _ side: Side) -> Finding? {
        func missing(_ what: String, at place: Int) -> Finding {
            finding(frame, side, "invalid headers", at: place, "\(what) is missing")
        }
        let bytes = frame.bytes
        guard Headers.value(of: "routing", in: frame.payload) != nil else {
            return missing("Routing", at: frame.payloadStart)
        }
        let reliability = Headers.bodyStart(in: frame.payload)
        guard Headers.value(of: "reliability", in: bytes[reliability...]) != nil else {
            return missing("Reliability", at: reliability)
        }
        // Acknowledgements and the replies to publications end after the second block.
        let content = Headers.bodyStart(in: bytes[reliability...])
        guard content < bytes.count else { return nil }
        let headers = MIMEMessage(bytes[content...])
        guard headers["messaging"] != nil || headers["publication"] != nil || headers["notification"] != nil else {
            return missing("Messaging, Publication or Notification", at: content)
        }
        guard headers["content-length"] != nil else { return missing("Content-Length", at: content) }
        let body = headers.body.prefix(Int(clamping: headers.number("content-length") ?? .max))
        if headers["messaging"] == nil {
            return headers.type.contains("xml") && !body.isEmpty ? xml(body, of: frame, side) : nil
        }
        guard let type = headers["message-type"] else { return nil }
        if Headers.equal(type, "data"), let offsets = headers["bridging-offsets"] {
            return offsetFault(offsets, in: headers.body.count).map {
                finding(
                    frame, side, "invalid Bridging-Offsets", at: offsets.startIndex + $0, "not the place of a packet")
            }
        }
        if Headers.equal(type, "text"), let fault = UTF8Sequence.firstFault(body.span),
            CharsetDecoder.iconv.isMisdeclared(Array(body), type: headers["content-type"])
        {
            let text = "The text of a message is declared as UTF-8, but is not valid at byte \(fault)."
            return Finding(.invalidUTF8, text, side: side)
        }
        return nil
    }

    /// Checks the Content-Length in the third header block against the length of the content after it.
    private static func contentLength(_ frame: Frame, _ side: Side) -> Finding? {
        let reliability = Headers.bodyStart(in: frame.payload)
        let content = Headers.bodyStart(in: frame.bytes[reliability...])
        guard let announced = Headers.value(of: "content-length", in: frame.bytes[content...]) else { return nil }
        let length = frame.bytes.count - Headers.bodyStart(in: frame.bytes[content...])
        guard Decimal.value(of: frame.bytes[announced]) != UInt64(length) else { return nil }
        let number = String(decoding: frame.bytes[announced].prefix(20), as: UTF8.self)
        let text = "The Content-Length of \(frame.verb) is \(number); the content has \(length) bytes."
        return Finding(.contentLengthDiffers, text, side: side)
    }

    /// The position of the first error in a comma-separated list of increasing offsets into a body; nil if it is valid.
    private static func offsetFault(_ list: ByteSlice, in count: Int) -> Int? {
        var last = -1
        for token in list.split(separator: 0x2C, omittingEmptySubsequences: false) {
            let digits = token.drop { $0 == 0x20 }
            let value = Decimal.value(of: digits).flatMap(Int.init(exactly:))
            guard let value, value > last, value < max(count, 1) else { return token.startIndex - list.startIndex }
            last = value
        }
        return nil
    }

    private static func finding(
        _ frame: Frame, _ side: Side, _ what: String, at place: Int, _ why: String
    ) -> Finding {
        let byte = place - frame.payloadStart
        let text = "The payload of \(frame.verb): \(what) at byte \(byte): \(why). The readable part is shown."
        return Finding(.payloadMalformed, text, side: side)
    }
}
