// Where commands carry the peer-to-peer layer: MSG, UUN, UBN and SDG (p2p.md sections 2, 3, 6; addresses.md section 11).

public import MSNP

/// What a command carries of the peer-to-peer layer, and between whom.
public struct PeerEnvelope: Sendable {
    /// The account that sent it; empty where the command does not name it.
    public var from: String
    /// The account that it is for; empty where the command does not name it.
    public var to: String
    /// How the packets are to be read.
    public var version: PeerPacket.Version
    /// The packets, headers and all.
    public var packets: [ArraySlice<UInt8>]
    /// An MSNSLP message that lies there as it is, in no packet.
    public var text: ArraySlice<UInt8>?

    /// Looks into a command; nil where it carries nothing of the layer. Costs next to nothing for other commands.
    public init?(_ frame: Frame, from side: Side) {
        switch frame.verb {
        case "MSG": self.init(message: frame, from: side)
        case "UUN", "UBN": self.init(notification: frame, from: side)
        case "SDG": self.init(datagram: frame.payload)
        default: return nil
        }
    }

    /// Everything in it by name: of its one packet, or of each.
    public var fields: [Field] {
        if let text { return SLPMessage(text).map { [Field("slp", .fields($0.fields))] } ?? [] }
        let each = packets.compactMap { try? PeerPacket($0, version: version).fields }
        if each.count == 1, packets.count == 1 { return each[0] }
        return each.isEmpty ? [] : [Field("packets", .list(each.map(Field.Value.fields)))]
    }

    private init?(message frame: Frame, from side: Side) {
        let payload = frame.payload
        guard let type = Headers.value(of: "content-type", in: payload),
            Headers.equal(payload[type].prefix { $0 != 0x3B && $0 != 0x20 }, "application/x-msnmsgrp2p")
        else { return nil }
        let source = Headers.value(of: "p2p-src", in: payload)
        let sender = source.map { payload[$0] } ?? (side == .server ? frame.arguments.first : nil) ?? []
        from = Self.account(sender)
        to = Headers.value(of: "p2p-dest", in: payload).map { Self.account(payload[$0]) } ?? ""
        version = source == nil ? .one : .two
        packets = [payload[Headers.bodyStart(in: payload)...]]
    }

    private init?(notification frame: Frame, from side: Side) {
        // UUN transaction account type length; UBN account type length. Type 3 is MSNSLP.
        let arguments = frame.arguments
        let first = side == .client ? 1 : 0
        guard !frame.payload.isEmpty, arguments.count > first + 1, arguments[first + 1].elementsEqual([0x33]) else {
            return nil
        }
        let other = Self.account(arguments[first])
        (from, to) = side == .client ? ("", other) : (other, "")
        version = .two
        packets = []
        text = frame.payload
    }

    private init?(datagram payload: ArraySlice<UInt8>) {
        // Three blocks of headers, each with an empty line behind it, then the body.
        let reliability = payload[Headers.bodyStart(in: payload)...]
        let messaging = reliability[Headers.bodyStart(in: reliability)...]
        guard let type = Headers.value(of: "message-type", in: messaging) else { return nil }
        let isSignal = Headers.equal(messaging[type], "signal/p2p")
        guard isSignal || Headers.equal(messaging[type], "data") else { return nil }
        from = Headers.value(of: "from", in: payload).map { Self.account(payload[$0]) } ?? ""
        to = Headers.value(of: "to", in: payload).map { Self.account(payload[$0]) } ?? ""
        version = .two
        let body = messaging[Headers.bodyStart(in: messaging)...]
        if isSignal, SLPMessage.begins(body) {
            packets = []
            text = body
        } else {
            let offsets = Headers.value(of: "bridging-offsets", in: messaging).map { messaging[$0] } ?? []
            packets = Self.cut(body, at: offsets)
        }
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
