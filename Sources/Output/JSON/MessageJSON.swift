// Converts the most frequent messages to JSON directly from their bytes. They have too many different values for a cache.

internal import MSNP
internal import Payloads

/// A fast path for texts, typing notifications and peer-to-peer packets with the usual headers.
///
/// The output equals the fields of `MessagePayload`. If a message has other headers, or values that must be decoded,
/// the functions return false, with nothing appended.
enum MessageJSON {
    /// The usual messages have two to four headers.
    private static let mostHeaders = 8

    /// Appends the fields of a text message without its text, given the message's headers.
    static func append(textHeaders headers: Span<UInt8>, to bytes: inout ByteWriter) -> Bool {
        var type: Range<Int>?
        var format: Range<Int>?
        let start = Headers.forEach(in: headers, most: mostHeaders) { name, value in
            switch name.count {
            case 15 where Headers.equal(headers, name, "x-mms-im-format"): format = format ?? value
            case 12 where Headers.equal(headers, name, "content-type"): type = type ?? value
            case 12 where Headers.equal(headers, name, "mime-version"): break
            default: return false
            }
            return true
        }
        guard start != nil, let type, Headers.equal(headers, type, "text/plain; charset=utf-8") else { return false }
        bytes.append(plain: "{\"content_type\":\"text/plain\",\"charset\":\"")
        bytes.append(headers, type.upperBound - 5..<type.upperBound)
        bytes.append(plain: "\",\"kind\":\"text\"")
        if let format { append(TextStyle(headers.extracting(format)), to: &bytes) }
        bytes.append(0x7D)
        return true
    }

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
        if let pitch = style.pitch, let family = style.family {
            bytes.append(plain: ",\"pitch\":\"")
            bytes.append(pitch)
            bytes.append(plain: "\",\"family\":\"")
            bytes.append(family)
            bytes.append(0x22)
        }
        if style.isRightToLeft { bytes.append(plain: ",\"right_to_left\":true") }
        bytes.append(0x7D)
    }

    /// Appends the fields of a typing notification.
    static func append(typing message: Span<UInt8>, to bytes: inout ByteWriter) -> Bool {
        let mark = bytes.count
        var account: Range<Int>?
        let isUsual = Headers.forEach(in: message, most: mostHeaders) { name, value in
            switch name.count {
            case 10 where Headers.equal(message, name, "typinguser"): account = account ?? value
            case 12 where Headers.equal(message, name, "content-type"):
                return Headers.equal(message, value, "text/x-msmsgscontrol")
            case 12 where Headers.equal(message, name, "mime-version"): break
            default: return false
            }
            return true
        }
        guard isUsual != nil else { return false }
        bytes.append(plain: "{\"content_type\":\"text/x-msmsgscontrol\",\"kind\":\"typing\"")
        if let account {
            bytes.append(plain: ",\"account\":")
            guard bytes.append(json: message, account) else {
                bytes.cut(to: mark)
                return false
            }
        }
        bytes.append(0x7D)
        return true
    }

    /// Appends the fields of a message with a peer-to-peer packet.
    ///
    /// - Parameter envelope: its peer-to-peer content.
    static func append(peer message: ByteSlice, _ envelope: PeerEnvelope, to bytes: inout ByteWriter) -> Bool {
        let mark = bytes.count
        bytes.append(plain: "{\"content_type\":\"application/x-msnmsgrp2p\",\"kind\":\"peer_to_peer\"")
        let span = message.span
        var hasRecipient = false
        var hasSender = false
        let isUsual = Headers.forEach(in: span, most: mostHeaders) { name, value in
            if Headers.equal(span, name, "content-type") {
                return Headers.equal(span, value, "application/x-msnmsgrp2p")
            }
            if Headers.equal(span, name, "mime-version") { return true }
            if !hasRecipient, name.count == 8, span.holds("P2P-Dest", at: name.lowerBound) {
                hasRecipient = true
                bytes.append(plain: ",\"p2p_dest\":")
            } else if !hasSender, name.count == 7, span.holds("P2P-Src", at: name.lowerBound) {
                hasSender = true
                bytes.append(plain: ",\"p2p_src\":")
            } else {
                return false
            }
            let address = message[message.startIndex + value.lowerBound..<message.startIndex + value.upperBound]
            // Encoded text, and text that may be an object, need `MessagePayload`.
            guard let first = address.first, first != 0x25, first != 0x26, first != 0x3C, !address.contains(0x3D) else {
                return false
            }
            return bytes.append(json: span, value)
        }
        guard isUsual != nil else {
            bytes.cut(to: mark)
            return false
        }
        if let packet = try? envelope.contents.first?.get() {
            bytes.append(plain: ",\"peer\":")
            PayloadFields.append(json: .fields(packet.fields), to: &bytes)
        }
        bytes.append(0x7D)
        return true
    }
}
