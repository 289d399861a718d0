// What payloads hold, as the object `body` among a frame's fields.

internal import Charsets
internal import MSNP
internal import Messages

/// Reads payloads by field, and writes the fields.
struct PayloadFields: Sendable {
    /// What stands in `body` for a text message, by its headers: people send hundreds with the same ones.
    private var texts = ByteCache(bits: 14, longestKey: 512)
    /// What stands in `body` for other messages, and for personal data: who types, nudges and mottos come again too.
    private var messages = ByteCache(bits: 14, longestKey: 512)
    private var personalData = ByteCache(bits: 10, longestKey: 1_024)

    /// The fields of a payload; none where nothing is known of it.
    ///
    /// - Parameter secrets: what must not be shown.
    static func fields(of frame: Frame, from side: Side, _ secrets: [Range<Int>]) -> [Field] {
        guard !frame.payload.isEmpty else { return [] }
        let masked =
            secrets.isEmpty
            ? frame.payload : Masking.masked(frame.bytes, frame.payloadStart..<frame.bytes.count, secrets)[...]
        switch frame.verb {
        case "MSG", "UUN", "UBN", "SDG":
            // Lengths count in the peer-to-peer layer: it is read as it is, and its secrets are masked by their names.
            guard PeerEnvelope(frame, from: side) != nil else { break }
            let fields = Payload(frame, charsets: .iconv)?.fields ?? []
            return secrets.isEmpty ? fields : fields.map(Self.masked)
        default: break
        }
        return Payload(frame, payload: masked, charsets: .iconv)?.fields ?? []
    }

    /// Appends `"body":{…}`, where anything is known of the payload.
    ///
    /// - Parameter isFirst: whether it is the first thing in its object.
    mutating func append(
        json frame: Frame, from side: Side, _ secrets: [Range<Int>], isFirst: Bool, to bytes: inout [UInt8]
    ) {
        let mark = bytes.count
        bytes.append(plain: isFirst ? "\"body\":" : ",\"body\":")
        let start = bytes.count
        if secrets.isEmpty {
            append(frame, from: side, &bytes)
        } else {
            Self.append(Self.fields(of: frame, from: side, secrets), to: &bytes)
        }
        if bytes.count == start { bytes.removeSubrange(mark...) }
    }

    private mutating func append(_ frame: Frame, from side: Side, _ bytes: inout [UInt8]) {
        switch frame.verb {
        case "UBX", "UUX":
            personalData.append(for: frame.payload, to: &bytes) { _, bytes in
                Self.append(Self.fields(of: frame, from: side, []), to: &bytes)
            }
        case "MSG":
            let kind = Headers.kind(of: frame.payload)
            let type = kind.type.map { frame.bytes[$0].prefix { $0 != 0x3B && $0 != 0x20 } } ?? frame.bytes[..<0]
            if Headers.equal(type, "text/plain"), kind.messageID == nil {
                // A text's own words stand in the payload, and in the message event behind it.
                texts.append(for: frame.bytes[frame.payloadStart..<kind.body], to: &bytes) { headers, bytes in
                    let fields = MessagePayload(headers, charsets: .iconv).fields
                    Self.append(fields.filter { $0.name != "text" }, to: &bytes)
                }
            } else if Headers.equal(type, "application/x-msnmsgrp2p") {
                Self.append(Self.fields(of: frame, from: side, []), to: &bytes)
            } else {
                messages.append(for: frame.payload, to: &bytes) { _, bytes in
                    Self.append(Self.fields(of: frame, from: side, []), to: &bytes)
                }
            }
        default: Self.append(Self.fields(of: frame, from: side, []), to: &bytes)
        }
    }

    /// Appends an MSNSLP message as an object.
    static func append(_ joined: Remark.Joined, secrets areHidden: Bool, json bytes: inout [UInt8]) {
        append(json: .fields(areHidden ? joined.fields.map(masked) : joined.fields), to: &bytes)
    }

    /// Appends an MSNSLP message for people.
    static func append(_ joined: Remark.Joined, secrets areHidden: Bool, text bytes: inout [UInt8]) {
        append(text: areHidden ? joined.fields.map(masked) : joined.fields, to: &bytes)
    }

    /// The fields of a packet of a direct link; none where noise is none.
    ///
    /// - Parameter areHidden: whether its nonce must not be shown.
    static func fields(ofLink noise: Noise, secrets areHidden: Bool) -> [Field] {
        guard noise.reason == .peerData, let packet = LinkPacket(noise.bytes[...]) else { return [] }
        return areHidden ? packet.fields.map(masked) : packet.fields
    }

    /// Appends `,"fields":{…}` for a packet of a direct link, with the MSNSLP message that it completes.
    static func append(
        link noise: Noise, _ joined: Remark.Joined?, secrets areHidden: Bool, json bytes: inout [UInt8]
    ) {
        var fields = fields(ofLink: noise, secrets: areHidden)
        guard !fields.isEmpty else { return }
        if let joined {
            fields.append(Field("slp", .fields(areHidden ? joined.fields.map(masked) : joined.fields)))
        }
        bytes.append(plain: ",\"fields\":")
        append(json: .fields(fields), to: &bytes)
    }

    private static let secretFields: Set<String> = ["nonce", "hashed_nonce", "session_password", "session_username"]

    private static func masked(_ field: Field) -> Field {
        switch field.value {
        case .text(let text) where secretFields.contains(field.name):
            Field(field.name, Secrets.mask(of: Array(text.utf8)[...]))
        case .fields(let fields): Field(field.name, .fields(fields.map(masked)))
        case .list(let values):
            Field(
                field.name,
                .list(
                    values.map { value in
                        if case .fields(let fields) = value { .fields(fields.map(masked)) } else { value }
                    }))
        default: field
        }
    }

    private static func append(_ fields: [Field], to bytes: inout [UInt8]) {
        if !fields.isEmpty { append(json: .fields(fields), to: &bytes) }
    }

    private static func append(json value: Field.Value, to bytes: inout [UInt8]) {
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
                bytes.append(json: field.name)
                bytes.append(0x3A)
                append(json: field.value, to: &bytes)
            }
            bytes.append(0x7D)
        }
    }

    /// Appends fields for people, `name=value` in one line; those one level down with the names above in front.
    static func append(text fields: [Field], to bytes: inout [UInt8]) {
        var isFirst = true
        for field in fields { append(text: field.value, field.name, &isFirst, &bytes) }
    }

    private static func append(
        text value: Field.Value, _ path: String, _ isFirst: inout Bool, _ bytes: inout [UInt8]
    ) {
        func name() {
            bytes.append(plain: isFirst ? "" : ", ")
            isFirst = false
            bytes.append(visible: path)
            bytes.append(0x3D)
        }
        switch value {
        case .text(let text):
            name()
            bytes.append(visible: text)
        case .number(let number):
            name()
            bytes.append(visible: String(number))
        case .flag(let flag):
            name()
            bytes.append(plain: flag ? "yes" : "no")
        case .list(let values):
            for (index, value) in values.enumerated() { append(text: value, "\(path)[\(index)]", &isFirst, &bytes) }
        case .fields(let fields):
            for field in fields { append(text: field.value, "\(path).\(field.name)", &isFirst, &bytes) }
        }
    }
}
