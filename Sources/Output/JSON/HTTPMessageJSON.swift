// The keys of HTTP messages in JSON lines.

internal import Events
internal import MSNP

extension JSONFormat {
    /// Appends start line, headers and body of an HTTP message, with secrets masked.
    static func append(_ message: HTTPMessage, _ masking: inout Masking, _ bytes: inout ByteWriter) {
        let secrets = masking.secrets(in: message)
        let words = message.words
        if message.side == .client {
            for (index, key) in [(0, ",\"method\":"), (1, ",\"target\":")] as [(Int, StaticString)]
            where words.indices.contains(index) {
                bytes.append(plain: key)
                bytes.append(json: masking.text(message.bytes, words[index], secrets))
            }
        } else {
            if let status = message.status {
                bytes.append(plain: ",\"status\":")
                bytes.append(number: status)
            }
            if let request = message.request {
                bytes.append(plain: ",\"request\":")
                bytes.append(json: request)
            }
            if let latency = message.latency {
                bytes.append(plain: ",\"latency_ns\":")
                bytes.append(number: latency)
            }
        }
        bytes.append(plain: ",\"headers\":[")
        for (index, line) in message.lines.dropFirst().enumerated() {
            if index > 0 { bytes.append(0x2C) }
            bytes.append(json: masking.text(message.bytes, line, secrets))
        }
        bytes.append(plain: "],\"body_bytes\":")
        bytes.append(number: message.bodyBytes)
        appendBody(of: message, secrets, &masking, &bytes)
        if message.isBodyCut { bytes.append(plain: ",\"body_cut\":true") }
        if !message.isComplete { bytes.append(plain: ",\"complete\":false") }
    }

    /// Appends the body if it is UTF-8 text.
    private static func appendBody(
        of message: HTTPMessage, _ secrets: [Range<Int>], _ masking: inout Masking, _ bytes: inout ByteWriter
    ) {
        guard !message.body.isEmpty else { return }
        let mark = bytes.count
        bytes.append(plain: ",\"body\":")
        let masked = masking.masked(message.bytes, message.body, secrets)
        if !bytes.append(json: masked.span, 0..<masked.count) { bytes.cut(to: mark) }
    }
}
