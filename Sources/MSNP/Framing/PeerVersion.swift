// Which version of the peer-to-peer layer a packet is of (p2p.md sections 2 and 3).

/// The two versions of the peer-to-peer layer.
public enum PeerVersion: Sendable, Hashable {
    /// MSNP9 to MSNP15, and later to old clients: a header of 48 bytes, numbers with their lowest byte first.
    case one
    /// Between endpoints of MSNP16 and later: a header that begins with its length, and one for the data behind it.
    case two

    /// Decides by the header itself, and by the endpoint where the header leaves it open.
    ///
    /// The name of the header `P2P-Src` says nothing: WLM 2009 also writes it to contacts of earlier versions.
    ///
    /// - Parameters:
    ///   - packet: a packet with its headers, and the footer where it has one.
    ///   - namesEndpoint: whether the message names a sender or recipient with an endpoint, as in `account;{guid}`.
    public init(of packet: ArraySlice<UInt8>, namesEndpoint: Bool) {
        switch (Self.fitsFirst(packet.span), Self.fitsSecond(packet.span)) {
        case (true, false): self = .one
        case (false, true): self = .two
        default: self = namesEndpoint ? .two : .one
        }
    }

    /// Decides for the body of a message, by its headers `P2P-Dest` and `P2P-Src` and the packet behind them.
    ///
    /// - Parameters:
    ///   - body: the packet.
    ///   - message: the message that starts with the headers.
    public init(of body: ArraySlice<UInt8>, inMessage message: ArraySlice<UInt8>) {
        let addresses = [
            Headers.value(of: "p2p-dest", in: message), Headers.value(of: "p2p-src", in: message),
        ]
        self.init(
            of: body, namesEndpoint: addresses.contains { $0.map { Self.namesEndpoint(message[$0]) } ?? false })
    }

    /// Whether the length that a header of version 2 tells, with one for the data behind it, is that of these bytes.
    package static func fitsSecond(_ packet: Span<UInt8>) -> Bool {
        guard packet.count >= 8 else { return false }
        let header = Int(packet[0])
        // Bits for synchronising and for asking for an acknowledgement; lengths are multiples of four.
        guard header >= 8, header <= 64, header % 4 == 0, packet[1] <= 3, header <= packet.count else { return false }
        let payload = Int(packet[2]) &<< 8 | Int(packet[3])
        let rest = packet.count &- header
        guard rest == payload || rest == payload &+ 4 else { return false }
        guard payload > 0 else { return true }
        guard payload >= 8 else { return false }
        let inner = Int(packet[header])
        return inner >= 8 && inner % 4 == 0 && inner <= payload
    }

    /// Whether the length that a header of version 1 tells is that of these bytes. Some programs tell a wrong one.
    package static func fitsFirst(_ packet: Span<UInt8>) -> Bool {
        guard packet.count >= 48 else { return false }
        let length = number(packet, 24, 4)
        let rest = UInt64(packet.count &- 48)
        guard length == rest || length &+ 4 == rest else { return false }
        let (offset, total) = (number(packet, 8, 8), number(packet, 16, 8))
        // Acknowledgements and handshakes carry nothing; what carries something lies within its message.
        return length == 0 || offset <= total && length <= total &- offset
    }

    private static func number(_ packet: Span<UInt8>, _ place: Int, _ width: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(packet[place &+ index]) &<< UInt64(8 &* index) }
        return value
    }

    /// Whether an address names an endpoint: `account;{guid}`.
    package static func namesEndpoint(_ address: ArraySlice<UInt8>) -> Bool {
        guard let mark = address.firstIndex(of: 0x3B) else { return false }
        return address[mark...].dropFirst().first { $0 != 0x20 } == 0x7B
    }
}
