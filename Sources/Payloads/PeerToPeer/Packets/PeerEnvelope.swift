// Where commands carry the peer-to-peer layer: MSG, UUN, UBN and SDG (p2p.md sections 2, 3, 6; addresses.md section 11).

package import MSNP

/// What a command carries of the peer-to-peer layer, and between whom.
package struct PeerEnvelope: Sendable {
    /// The account that sent it; empty where the command does not name it.
    package var from: String { Self.account(sender) }
    /// The account that it is for; empty where the command does not name it.
    package var to: String { Self.account(recipient) }
    private var sender: ArraySlice<UInt8>
    private var recipient: ArraySlice<UInt8>
    /// How the packets are to be read.
    package var version: PeerPacket.Version
    /// The packets, headers and all.
    package var packets: [ArraySlice<UInt8>]
    /// An MSNSLP message that lies there as it is, in no packet.
    package var text: ArraySlice<UInt8>?

    /// Looks into a command; nil where it carries nothing of the layer. Costs next to nothing for other commands.
    package init?(_ frame: Frame, from side: Side) {
        switch frame.verb {
        case "MSG":
            let payload = frame.payload
            guard let type = Headers.value(of: "content-type", in: payload), Self.isType(payload[type]) else {
                return nil
            }
            self.init(message: frame, from: side)
        case "UUN", "UBN": self.init(notification: frame, from: side)
        case "SDG": self.init(datagram: frame.payload)
        default: return nil
        }
    }

    /// Everything in it by name: of its one packet, or of each.
    package var fields: [Field] {
        if let text { return SLPMessage(text).map { [Field("slp", .fields($0.fields))] } ?? [] }
        let each = packets.compactMap { try? PeerPacket($0, version: version).fields }
        if each.count == 1, packets.count == 1 { return each[0] }
        return each.isEmpty ? [] : [Field("packets", .list(each.map(Field.Value.fields)))]
    }

    /// Whether this content type is the layer's.
    static func isType(_ type: ArraySlice<UInt8>) -> Bool {
        Headers.equal(type.prefix { $0 != 0x3B && $0 != 0x20 }, "application/x-msnmsgrp2p")
    }

    /// Reads a MSG whose content type is the layer's.
    init(message frame: Frame, from side: Side) {
        self.init(message: MIMEMessage(frame.payload))
        if sender.isEmpty, side == .server { sender = frame.arguments.first ?? [] }
    }

    /// Reads a message that is known to carry the layer: of MSG, or what an SDG has behind its first two blocks.
    init(message: MIMEMessage) {
        sender = message["p2p-src"] ?? []
        recipient = message["p2p-dest"] ?? []
        // Only the second version has datagrams, and cuts a body by offsets.
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

    private init?(notification frame: Frame, from side: Side) {
        // UUN transaction account type length; UBN account type length. Type 3 is MSNSLP.
        let arguments = frame.arguments
        let first = side == .client ? 1 : 0
        guard !frame.payload.isEmpty, arguments.count > first + 1, arguments[first + 1].elementsEqual([0x33]) else {
            return nil
        }
        (sender, recipient) = side == .client ? ([], arguments[first]) : (arguments[first], [])
        version = .two
        packets = []
        text = frame.payload
    }

    private init?(datagram payload: ArraySlice<UInt8>) {
        // Three blocks of headers, each with an empty line behind it, then the body.
        let reliability = payload[Headers.bodyStart(in: payload)...]
        let messaging = MIMEMessage(reliability[Headers.bodyStart(in: reliability)...])
        guard let type = messaging["message-type"] else { return nil }
        guard Headers.equal(type, "signal/p2p") || Headers.equal(type, "data") else { return nil }
        self.init(message: messaging)
        let routing = MIMEMessage(payload)
        sender = routing["from"] ?? []
        recipient = routing["to"] ?? []
    }

    /// How many packets one body may hold: far more than fit the kilobyte that clients put into one.
    private static let mostPackets = 256

    /// The packets that are glued together in a body. Offsets that do not rise, or lie behind the end, end the list.
    private static func cut(_ body: ArraySlice<UInt8>, at list: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
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

    /// The account in `account;{guid}` or `network:account;epid={guid}`.
    private static func account(_ token: ArraySlice<UInt8>) -> String {
        var token = token
        let network = token.prefix { $0 >= 0x30 && $0 <= 0x39 }
        if !network.isEmpty, token.dropFirst(network.count).first == 0x3A { token = token.dropFirst(network.count + 1) }
        return String(decoding: Account.of(token), as: UTF8.self)
    }
}
