// Writes the parsed fields of payloads: as the object `body` in JSON, as one line in text.

internal import Analysis
internal import Charsets
internal import Events
internal import MSNP
internal import Payloads

/// Parses payloads, and writes their fields.
struct PayloadFields: Sendable {
    /// The output syntax.
    enum Style: Sendable {
        case json
        case text
    }

    private let style: Style
    /// The output before the text of a text message, by its headers, which often repeat.
    private var fieldsBeforeText = ByteCache(bits: mostCacheBits, longestKey: 512)
    /// The output after the text of a text message, by its headers.
    private var fieldsAfterText = ByteCache(bits: mostCacheBits, longestKey: 512)
    /// The output for other messages, such as nudges, which often repeat.
    private var messages = ByteCache(bits: 12, longestKey: 512)
    /// The output for personal data (`UBX`, `UUX`), which often repeats.
    private var personalData = ByteCache(bits: 10, longestKey: 1_024)

    private static let mostCacheBits = 14
    private static let fewestCacheBits = 10

    init(_ style: Style) { self.style = style }

    /// Empties the caches and makes them smaller, because each of several copies sees fewer connections.
    mutating func divideCaches(by copies: Int) {
        guard copies > 1 else { return }
        let log = copies.bitWidth - 1 - copies.leadingZeroBitCount
        let bits = max(Self.fewestCacheBits, Self.mostCacheBits - log)
        fieldsBeforeText = ByteCache(bits: bits, longestKey: 512)
        fieldsAfterText = ByteCache(bits: bits, longestKey: 512)
        messages = ByteCache(bits: min(bits, 12), longestKey: 512)
    }

    /// The fields of a payload without secrets; empty if its format is unknown.
    private static func fields(of frame: Frame) -> [Field] { Payload(frame, charsets: .iconv)?.fields ?? [] }

    /// The fields of a payload with its secrets masked.
    ///
    /// - Parameter secrets: the ranges of secrets in the frame.
    static func fields(
        of frame: Frame, from side: Side, _ secrets: [Range<Int>], _ masking: inout Masking
    ) -> [Field] {
        if secrets.isEmpty { return fields(of: frame) }
        if PeerEnvelope(frame, from: side) != nil {
            // Masks would change the lengths that the peer-to-peer layer contains, so it is parsed before masking.
            return masking.masked(Payload(frame, charsets: .iconv)?.fields ?? [])
        }
        let payload = masking.masked(frame.bytes, frame.payloadStart..<frame.bytes.count, secrets)
        return Payload(frame, payload: ByteSlice(payload), charsets: .iconv)?.fields ?? []
    }

    /// Appends the fields of a payload.
    ///
    /// - Parameter prefix: text before the fields; omitted if there are none.
    mutating func append(
        _ frame: Frame, from side: Side, _ annotation: Annotation, _ secrets: [Range<Int>], _ masking: inout Masking,
        prefix: StaticString, to bytes: inout ByteWriter
    ) {
        guard frame.payloadStart < frame.bytes.count else { return }
        let mark = bytes.count
        bytes.append(plain: prefix)
        let start = bytes.count
        if secrets.isEmpty {
            append(frame, from: side, annotation, &bytes)
        } else {
            append(Self.fields(of: frame, from: side, secrets, &masking), to: &bytes)
        }
        if bytes.count == start { bytes.cut(to: mark) }
    }

    private mutating func append(
        _ frame: Frame, from side: Side, _ annotation: Annotation, _ bytes: inout ByteWriter
    ) {
        let style = style
        switch frame.verb {
        case "UBX", "UUX":
            personalData.append(for: frame.payload.span, to: &bytes) { bytes in
                Self.append(Self.fields(of: frame), style, to: &bytes)
            }
        case "MSG":
            let kind = annotation.headers ?? Headers.kind(of: frame.payload)
            let type = kind.type.map { frame.bytes[$0].prefix { $0 != 0x3B && $0 != 0x20 } } ?? frame.bytes[..<0]
            if Headers.equal(type, "text/plain"), kind.messageID == nil {
                appendText(frame, kind, &bytes)
            } else if Headers.equal(type, "application/x-msnmsgrp2p") {
                let envelope = annotation.envelope ?? PeerEnvelope(message: frame, from: side)
                if style == .json, MessageJSON.append(peer: frame.payload, envelope, to: &bytes) { return }
                append(MessagePayload(frame.payload, charsets: .iconv).fields(with: envelope), to: &bytes)
            } else if style == .json, Headers.equal(type, "text/x-msmsgscontrol"),
                MessageJSON.append(typing: frame.payload.span, to: &bytes)
            {
                return
            } else {
                messages.append(for: frame.payload.span, to: &bytes) { bytes in
                    Self.append(Self.fields(of: frame), style, to: &bytes)
                }
            }
        default: append(Self.fields(of: frame), to: &bytes)
        }
    }

    private mutating func appendText(_ frame: Frame, _ kind: Headers.Kind, _ bytes: inout ByteWriter) {
        let headers = frame.bytes[frame.payloadStart..<kind.body]
        switch style {
        case .json:
            // The text is omitted: it is in `payload`, and in the message event that follows.
            if MessageJSON.append(textHeaders: headers.span, to: &bytes) { return }
            fieldsBeforeText.append(for: headers.span, to: &bytes) { bytes in
                let fields = MessagePayload(headers, charsets: .iconv).fields
                Self.append(fields.filter { $0.name != "text" }, .json, to: &bytes)
            }
        case .text:
            fieldsBeforeText.append(for: headers.span, to: &bytes) { bytes in
                let fields = MessagePayload(headers, charsets: .iconv).fields
                Self.append(text: Array(fields.prefix { $0.name != "text" }), to: &bytes)
            }
            bytes.append(plain: ", text=")
            let text = CharsetDecoder.iconv.utf8(
                Array(frame.bytes[kind.body...]), type: kind.type.map { frame.bytes[$0] },
                format: Headers.value(of: "x-mms-im-format", in: frame.payload).map { frame.bytes[$0] })
            bytes.append(visible: text.span)
            fieldsAfterText.append(for: headers.span, to: &bytes) { bytes in
                let fields = MessagePayload(headers, charsets: .iconv).fields.drop { $0.name != "text" }.dropFirst()
                bytes.append(plain: fields.isEmpty ? "" : ", ")
                Self.append(text: Array(fields), to: &bytes)
            }
        }
    }

    /// Appends the fields of a message reassembled from several parts. JSON omits the text, which is in the message
    /// event.
    static func append(
        whole frame: Frame, from side: Side, _ secrets: [Range<Int>], _ masking: inout Masking, _ style: Style,
        to bytes: inout ByteWriter
    ) {
        let fields = fields(of: frame, from: side, secrets, &masking)
        let isText = fields.contains { $0.name == "kind" && $0.value == .text("text") }
        // The identifier and number of parts are already in the fields of the last part.
        let shown = fields.filter { field in
            !["message_id", "chunks"].contains(field.name) && !(style == .json && isText && field.name == "text")
        }
        if style == .json { append(json: .fields(shown), to: &bytes) } else { append(text: shown, to: &bytes) }
    }

    /// Appends an MSNSLP message as a JSON object.
    static func append(_ joined: Annotation.Joined, _ masking: inout Masking, json bytes: inout ByteWriter) {
        append(json: .fields(masking.masked(joined.fields)), to: &bytes)
    }

    /// Appends an MSNSLP message as text.
    static func append(_ joined: Annotation.Joined, _ masking: inout Masking, text bytes: inout ByteWriter) {
        append(text: masking.masked(joined.fields), to: &bytes)
    }

    /// The fields of a direct link's packet, or of an MSNSLP message that was pasted without its packets; empty for other
    /// noise.
    static func fields(ofLink noise: Noise, _ masking: inout Masking) -> [Field] {
        guard noise.reason == .peerData else { return [] }
        if let packet = LinkPacket(noise.bytes) { return masking.masked(packet.fields) }
        guard isPastedMessage(noise), let message = SLPMessage(noise.bytes) else { return [] }
        return masking.masked([Field("kind", "slp"), Field("slp", .fields(message.fields))])
    }

    /// Whether noise is an MSNSLP message without a packet.
    static func isPastedMessage(_ noise: Noise) -> Bool {
        noise.reason == .peerData && SLPMessage.begins(noise.bytes)
    }

    /// Appends `,"fields":{…}` for a direct link's packet, with the MSNSLP message that it completes.
    static func append(
        link noise: Noise, _ joined: Annotation.Joined?, _ masking: inout Masking, json bytes: inout ByteWriter
    ) {
        var fields = fields(ofLink: noise, &masking)
        guard !fields.isEmpty else { return }
        if let joined {
            fields.append(Field("slp", .fields(masking.masked(joined.fields))))
        }
        bytes.append(plain: ",\"fields\":")
        append(json: .fields(fields), to: &bytes)
    }

    private func append(_ fields: [Field], to bytes: inout ByteWriter) { Self.append(fields, style, to: &bytes) }

    private static func append(_ fields: [Field], _ style: Style, to bytes: inout ByteWriter) {
        guard !fields.isEmpty else { return }
        switch style {
        case .json: append(json: .fields(fields), to: &bytes)
        case .text: append(text: fields, to: &bytes)
        }
    }

    /// Appends a value as JSON.
    static func append(json value: Field.Value, to bytes: inout ByteWriter) {
        switch value {
        case .text(let text): bytes.append(json: text)
        case .number(let number): bytes.append(number: number)
        case .flag(let flag): bytes.append(plain: flag ? "true" : "false")
        case .list(let values):
            bytes.append(0x5B)
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                append(json: value, to: &bytes)
            }
            bytes.append(0x5D)
        case .fields(let fields):
            bytes.append(0x7B)
            for (index, field) in fields.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                // Names are in `lower_snake`.
                bytes.append(0x22)
                bytes.append(field.name)
                bytes.append(plain: "\":")
                append(json: field.value, to: &bytes)
            }
            bytes.append(0x7D)
        }
    }

    /// Appends fields as `name=value` in one line. Names of nested fields are prefixed with the outer names.
    static func append(text fields: [Field], to bytes: inout ByteWriter) {
        let start = bytes.count
        for field in fields { append(text: field.value, field.name, start, &bytes) }
    }

    private static func append(text value: Field.Value, _ path: String, _ start: Int, _ bytes: inout ByteWriter) {
        switch value {
        case .text(let text):
            append(name: path, start, &bytes)
            bytes.append(visible: text)
        case .number(let number):
            append(name: path, start, &bytes)
            bytes.append(number: number)
        case .flag(let flag):
            append(name: path, start, &bytes)
            bytes.append(plain: flag ? "yes" : "no")
        case .list(let values):
            let words = values.compactMap { value in if case .text(let word) = value { word } else { nil } }
            if words.count == values.count {
                guard !words.isEmpty else { return }
                append(name: path, start, &bytes)
                bytes.append(0x5B)
                bytes.append(visible: words.joined(separator: ", "))
                bytes.append(0x5D)
                return
            }
            for (index, value) in values.enumerated() { append(text: value, "\(path)[\(index)]", start, &bytes) }
        case .fields(let fields):
            for field in fields { append(text: field.value, "\(path).\(field.name)", start, &bytes) }
        }
    }

    private static func append(name path: String, _ start: Int, _ bytes: inout ByteWriter) {
        if bytes.count > start { bytes.append(plain: ", ") }
        bytes.append(visible: path)
        bytes.append(0x3D)
    }
}
