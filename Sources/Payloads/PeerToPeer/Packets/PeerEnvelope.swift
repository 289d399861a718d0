// Finds peer-to-peer packets in MSG, UUN, UBN and SDG (p2p.md sections 2, 3, 6; addresses.md section 11).

package import MSNP

/// The peer-to-peer content of a command, with sender and recipient.
///
/// It is parsed once: the analysis passes it on to the formats, and to the analysis of several connections together.
package struct PeerEnvelope: Sendable, Hashable {
    /// The sender's account; empty if the command does not name it.
    package let from: String
    /// The recipient's account; empty if the command does not name it.
    package let to: String
    /// The version of the packets.
    package let version: PeerPacket.Version
    /// The packets with their headers.
    package let packets: [ByteSlice]
    /// The parsed packets, or what is wrong with them, in the same order.
    package let contents: [Result<PeerPacket, PeerPacket.Fault>]
    /// An MSNSLP message that is not in a packet.
    package let text: ByteSlice?

    private init(_ parts: Parts) {
        from = Self.account(parts.sender)
        to = Self.account(parts.recipient)
        (version, packets, text) = (parts.version, parts.packets, parts.text)
        contents = packets.map { bytes in
            Result { () throws(PeerPacket.Fault) in try PeerPacket(bytes, version: parts.version) }
        }
    }

    /// Parses a command; nil if it has no peer-to-peer content. The test is cheap for other commands.
    package init?(_ frame: Frame, from side: Side) {
        switch frame.verb {
        case "MSG":
            let payload = frame.payload
            guard let type = Headers.value(of: "content-type", in: payload), Self.isType(payload[type]) else {
                return nil
            }
            self.init(message: frame, from: side)
        case "UUN", "UBN":
            guard let parts = Parts(notification: frame, from: side) else { return nil }
            self.init(parts)
        case "SDG":
            guard let parts = Parts(datagram: frame.payload) else { return nil }
            self.init(parts)
        default: return nil
        }
    }

    /// Parses a MSG whose content type is that of the peer-to-peer layer.
    package init(message frame: Frame, from side: Side) {
        var parts = Parts(plainMessage: frame) ?? Parts(message: MIMEMessage(frame.payload))
        if parts.sender.isEmpty, side == .server { parts.sender = Command.sender(of: frame) ?? [] }
        self.init(parts)
    }

    /// Parses a message with peer-to-peer content: that of a MSG, or of an SDG after its first two header blocks.
    init(message: MIMEMessage) { self.init(Parts(message: message)) }

    /// The content as named fields: those of the only packet, or a list of packets.
    package var fields: [Field] {
        if let text { return SLPMessage(text).map { [Field("slp", .fields($0.fields))] } ?? [] }
        let each = contents.compactMap { try? $0.get().fields }
        if each.count == 1, packets.count == 1 { return each[0] }
        return each.isEmpty ? [] : [Field("packets", .list(each.map(Field.Value.fields)))]
    }

    /// Whether this is the content type of the peer-to-peer layer.
    package static func isType(_ type: ByteSlice) -> Bool {
        Headers.equal(type.prefix { $0 != 0x3B && $0 != 0x20 }, "application/x-msnmsgrp2p")
    }

    /// The account in `account;{guid}` or `network:account;epid={guid}`.
    private static func account(_ token: ByteSlice) -> String {
        var token = token
        let network = token.prefix { $0 >= 0x30 && $0 <= 0x39 }
        if !network.isEmpty, token.dropFirst(network.count).first == 0x3A { token = token.dropFirst(network.count + 1) }
        return String(decoding: Account.of(token), as: UTF8.self)
    }
}

/// The parts of a command with peer-to-peer content, as sent.
private struct Parts {
    var sender: ByteSlice
    var recipient: ByteSlice
    var version: PeerPacket.Version
    var packets: [ByteSlice]
    var text: ByteSlice?

    /// Parses a MSG whose only headers are the usual ones, without a list of its headers; nil for any other.
    init?(plainMessage frame: Frame) {
        let bytes = frame.bytes.span
        let start = frame.payloadStart
        var people: (sender: Range<Int>, recipient: Range<Int>) = (0..<0, 0..<0)
        let body = Headers.forEach(in: bytes.extracting(start...), most: 8) { name, value in
            let name = name.lowerBound &+ start..<name.upperBound &+ start
            let value = value.lowerBound &+ start..<value.upperBound &+ start
            switch name.count {
            case 8 where people.recipient == 0..<0 && Headers.equal(bytes, name, "p2p-dest"): people.recipient = value
            case 7 where people.sender == 0..<0 && Headers.equal(bytes, name, "p2p-src"): people.sender = value
            case 12: return Headers.equal(bytes, name, "mime-version") || Headers.equal(bytes, name, "content-type")
            default: return false
            }
            return true
        }
        guard let body else { return nil }
        sender = frame.bytes[people.sender]
        recipient = frame.bytes[people.recipient]
        let packet = frame.bytes[(body &+ start)...]
        packets = [packet]
        version = PeerVersion(
            of: packet, namesEndpoint: PeerVersion.namesEndpoint(sender) || PeerVersion.namesEndpoint(recipient))
    }

    /// Parses a message with peer-to-peer content: that of a MSG, or of an SDG after its first two header blocks.
    init(message: MIMEMessage) {
        sender = message["p2p-src"] ?? []
        recipient = message["p2p-dest"] ?? []
        // Datagrams exist in version 2 only; their offsets split a body into packets.
        let isDatagram = message["message-type"] != nil
        if let type = message["message-type"], Headers.equal(type, "signal/p2p"), SLPMessage.begins(message.body) {
            version = .two
            packets = []
            text = message.body
            return
        }
        packets = isDatagram ? Self.cut(message.body, at: message["bridging-offsets"] ?? []) : [message.body]
        let namesEndpoint =
            isDatagram || PeerVersion.namesEndpoint(sender) || PeerVersion.namesEndpoint(recipient)
        version = PeerVersion(of: packets.first ?? [], namesEndpoint: namesEndpoint)
    }

    init?(notification frame: Frame, from side: Side) {
        // Type 3 is MSNSLP.
        guard !frame.payload.isEmpty, case .userNotice(let account, let type) = Command(frame, from: side),
            type.elementsEqual("3".utf8)
        else { return nil }
        (sender, recipient) = side == .client ? ([], account) : (account, [])
        version = .two
        packets = []
        text = frame.payload
    }

    init?(datagram payload: ByteSlice) {
        // Three header blocks, each followed by an empty line, then the body.
        let reliability = payload[Headers.bodyStart(in: payload)...]
        let messaging = MIMEMessage(reliability[Headers.bodyStart(in: reliability)...])
        guard let type = messaging["message-type"] else { return nil }
        guard Headers.equal(type, "signal/p2p") || Headers.equal(type, "data") else { return nil }
        self.init(message: messaging)
        let routing = MIMEMessage(payload)
        sender = routing["from"] ?? []
        recipient = routing["to"] ?? []
    }

    /// The maximum number of packets in a body; clients put about a kilobyte into one.
    private static let mostPackets = 256

    /// Splits a body into packets. An offset that does not increase, or exceeds the body, ends the list.
    private static func cut(_ body: ByteSlice, at list: ByteSlice) -> [ByteSlice] {
        var starts = [0]
        for token in list.split(separator: 0x2C) {
            let digits = token.drop { $0 == 0x20 }
            guard let value = Decimal.value(of: digits).flatMap(Int.init(exactly:)), value < body.count else { break }
            guard value > starts[starts.count - 1] else {
                if value == 0 { continue }
                break
            }
            guard starts.count < mostPackets else { break }
            starts.append(value)
        }
        let ends = starts.dropFirst() + [body.count]
        return zip(starts, ends).map { body.dropFirst($0).prefix($1 - $0) }
    }
}
