// Converts the headers of text messages to JSON directly from their bytes. Their colours have too many values for a cache.

internal import MSNP
internal import Payloads

/// A fast path for headers in the usual form: `MIME-Version`, `Content-Type` with UTF-8, `X-MMS-IM-Format`.
enum TextHeadersJSON {
    /// Appends the fields of a text message without its text; the output equals the fields of `MessagePayload`.
    ///
    /// - Parameter headers: all bytes before the text.
    /// - Returns: false, with nothing appended, if the headers need `MessagePayload`.
    static func append(_ headers: ArraySlice<UInt8>, to bytes: inout ByteWriter) -> Bool {
        let lines = Headers.list(in: headers, most: mostLines + 1).headers
        guard lines.count <= mostLines else { return false }
        var type: Range<Int>?
        var format: Range<Int>?
        for (name, value) in lines {
            if Headers.equal(headers[name], "x-mms-im-format") {
                format = format ?? value
            } else if Headers.equal(headers[name], "content-type") {
                type = type ?? value
            } else if !Headers.equal(headers[name], "mime-version") {
                return false
            }
        }
        guard let type, Headers.equal(headers[type], "text/plain; charset=utf-8") else { return false }
        let charset = headers[type].suffix(5)
        bytes.append(plain: "{\"content_type\":\"text/plain\",\"charset\":\"")
        bytes.append(charset.span)
        bytes.append(plain: "\",\"kind\":\"text\"")
        if let format { append(TextStyle(headers[format]), to: &bytes) }
        bytes.append(0x7D)
        return true
    }

    /// Messages in the usual form have two or three lines.
    private static let mostLines = 8

    private static func append(_ style: TextStyle, to bytes: inout ByteWriter) {
        bytes.append(plain: ",\"format\":{\"font\":")
        bytes.append(json: style.font)
        bytes.append(plain: ",\"effects\":[")
        var isFirst = true
        for (effect, name) in TextStyle.names where style.effects.contains(effect) {
            bytes.append(plain: isFirst ? "\"" : ",\"")
            bytes.append(name)
            bytes.append(0x22)
            isFirst = false
        }
        bytes.append(0x5D)
        if let color = style.color {
            bytes.append(plain: ",\"color\":\"#")
            for shift: UInt32 in [16, 8, 0] { bytes.append(hex: UInt8(truncatingIfNeeded: color &>> shift)) }
            bytes.append(0x22)
        }
        if let number = style.charsetNumber {
            bytes.append(plain: ",\"font_charset\":")
            bytes.append(number: number)
        }
        if let pitch = style.pitch { append(text: pitch, "pitch", &bytes) }
        if let family = style.family { append(text: family, "family", &bytes) }
        if style.isRightToLeft { bytes.append(plain: ",\"right_to_left\":true") }
        bytes.append(0x7D)
    }

    /// Appends a value that needs no escaping.
    private static func append(text: String, _ key: StaticString, _ bytes: inout ByteWriter) {
        bytes.append(plain: ",\"")
        bytes.append(plain: key)
        bytes.append(plain: "\":\"")
        bytes.append(text)
        bytes.append(0x22)
    }
}
