// Converts messages with a peer-to-peer packet to JSON directly from their bytes. No two packets are the same.

internal import MSNP
internal import Payloads

/// A fast path for messages with the usual headers: `MIME-Version`, `Content-Type`, `P2P-Dest`, `P2P-Src`.
enum PeerMessageJSON {
    /// Appends the fields of a message; the output equals the fields of `MessagePayload`.
    ///
    /// - Parameter message: the headers and the packet.
    /// - Returns: false, with nothing appended, if the headers need `MessagePayload`.
    static func append(_ message: ArraySlice<UInt8>, to bytes: inout ByteWriter) -> Bool {
        let mark = bytes.count
        bytes.append(plain: "{\"content_type\":\"application/x-msnmsgrp2p\",\"kind\":\"peer_to_peer\"")
        let (lines, body) = Headers.list(in: message, most: mostLines + 1)
        guard lines.count <= mostLines, let namesEndpoint = append(lines, of: message, to: &bytes) else {
            bytes.cut(to: mark)
            return false
        }
        let version = PeerVersion(of: message[body...], namesEndpoint: namesEndpoint)
        if let packet = try? PeerPacket(message[body...], version: version) {
            bytes.append(plain: ",\"peer\":")
            PayloadFields.append(json: .fields(packet.fields), to: &bytes)
        }
        bytes.append(0x7D)
        return true
    }

    /// Messages in the usual form have three or four lines.
    private static let mostLines = 8

    /// Appends the addresses.
    ///
    /// - Returns: whether one of them has an endpoint; nil if the headers need `MessagePayload`.
    private static func append(
        _ lines: [(name: Range<Int>, value: Range<Int>)], of message: ArraySlice<UInt8>, to bytes: inout ByteWriter
    ) -> Bool? {
        var hasType = false
        var hasRecipient = false
        var hasSender = false
        var namesEndpoint = false
        for (name, value) in lines {
            if Headers.equal(message[name], "content-type") {
                guard !hasType, Headers.equal(message[value], "application/x-msnmsgrp2p") else { return nil }
                hasType = true
                continue
            }
            if Headers.equal(message[name], "mime-version") { continue }
            if !hasRecipient, message[name].elementsEqual("P2P-Dest".utf8) {
                hasRecipient = true
                bytes.append(plain: ",\"p2p_dest\":")
            } else if !hasSender, message[name].elementsEqual("P2P-Src".utf8) {
                hasSender = true
                bytes.append(plain: ",\"p2p_src\":")
            } else {
                return nil
            }
            // Text that may be encoded, and an object, need `MessagePayload`.
            guard let first = message[value].first, first != 0x25, first != 0x26, first != 0x3C else { return nil }
            guard !message[value].contains(0x3D) else { return nil }
            let base = message.startIndex
            guard bytes.append(json: message.span, value.lowerBound - base..<value.upperBound - base) else {
                return nil
            }
            namesEndpoint = namesEndpoint || PeerVersion.namesEndpoint(message[value])
        }
        return hasType ? namesEndpoint : nil
    }
}
