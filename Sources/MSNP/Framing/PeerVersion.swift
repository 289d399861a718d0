// Detects the version of a peer-to-peer packet (p2p.md sections 2 and 3).

/// The two versions of the peer-to-peer layer.
public enum PeerVersion: Sendable, Hashable {
    /// MSNP9 to MSNP15, and later with old clients: a header of 48 bytes, little-endian.
    case one
    /// Between endpoints of MSNP16 and later: a header that begins with its length, followed by a header of the data.
    case two

    /// Detects the version from the packet header or, if that is ambiguous, from the addresses of the message.
    ///
    /// The presence of a `P2P-Src` header proves nothing: WLM 2009 also sends it to contacts of earlier versions.
    ///
    /// - Parameters:
    ///   - packet: a packet with its headers, and its footer if it has one.
    ///   - namesEndpoint: whether the sender or recipient of the message has an endpoint, as in `account;{guid}`.
    public init(of packet: ByteSlice, namesEndpoint: Bool) {
        switch (Self.fitsVersion1(packet.span), Self.fitsVersion2(packet.span)) {
        case (true, false): self = .one
        case (false, true): self = .two
        default: self = namesEndpoint ? .two : .one
        }
    }

    /// Detects the version from the body of a message and its headers `P2P-Dest` and `P2P-Src`.
    ///
    /// - Parameters:
    ///   - body: the packet.
    ///   - message: the message, which starts with its headers.
    public init(of body: ByteSlice, inMessage message: ByteSlice) {
        let addresses = [
            Headers.value(of: "p2p-dest", in: message), Headers.value(of: "p2p-src", in: message),
        ]
        self.init(
            of: body, namesEndpoint: addresses.contains { $0.map { Self.namesEndpoint(message[$0]) } ?? false })
    }

    /// Whether the lengths in a version 2 header and in the header of its data match the size of the packet.
    package static func fitsVersion2(_ packet: Span<UInt8>) -> Bool {
        guard packet.count >= 8 else { return false }
        let header = Int(packet[0])
        // The operation byte has two bits: synchronise, and acknowledgement requested. Lengths are multiples of four.
        guard header >= 8, header <= 64, header % 4 == 0, packet[1] <= 3, header <= packet.count else { return false }
        let payload = Int(packet[2]) &<< 8 | Int(packet[3])
        let rest = packet.count &- header
        guard rest == payload || rest == payload &+ 4 else { return false }
        guard payload > 0 else { return true }
        guard payload >= 8 else { return false }
        let inner = Int(packet[header])
        return inner >= 8 && inner % 4 == 0 && inner <= payload
    }

    /// Whether the length in a version 1 header matches the size of the packet. Some programs send a wrong length.
    package static func fitsVersion1(_ packet: Span<UInt8>) -> Bool {
        guard packet.count >= 48 else { return false }
        let length = number(packet, 24, 4)
        let rest = UInt64(packet.count &- 48)
        guard length == rest || length &+ 4 == rest else { return false }
        let (offset, total) = (number(packet, 8, 8), number(packet, 16, 8))
        // Acknowledgements and handshakes carry no data. Data must lie within its message.
        return length == 0 || offset <= total && length <= total &- offset
    }

    private static func number(_ packet: Span<UInt8>, _ place: Int, _ width: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(packet[place &+ index]) &<< UInt64(8 &* index) }
        return value
    }

    /// Whether an address contains an endpoint: `account;{guid}`.
    package static func namesEndpoint(_ address: ByteSlice) -> Bool {
        guard let mark = address.firstIndex(of: 0x3B) else { return false }
        return address[mark...].dropFirst().first { $0 != 0x20 } == 0x7B
    }
}
