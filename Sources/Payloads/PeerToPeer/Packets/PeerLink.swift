// A direct link between two clients, packet by packet (p2p.md section 4, direct TCP link).

internal import MSNP

/// Reads the packets of one side of a direct link, which `LinkStream` has cut.
struct LinkReader: Sendable {
    /// What a packet holds.
    enum Content: Sendable {
        /// The nonce that both clients agreed on.
        case nonce(GUID)
        /// A packet of the layer.
        case packet(PeerPacket)
        /// A length that no packet has, or a packet whose lengths do not fit.
        case fault(String)
    }

    private var version: PeerPacket.Version?

    /// What these bytes hold; nil where that means nothing for transfers.
    mutating func read(_ noise: Noise) -> Content? {
        if noise.reason == .payloadTooLong {
            var cursor = ByteCursor(noise.bytes[...])
            return cursor.little(UInt32.self).map { .fault("a packet of \($0) bytes is announced") }
        }
        guard noise.reason == .peerData, let packet = LinkPacket(noise.bytes[...], version: version) else { return nil }
        if let nonce = packet.nonce {
            if case .nonce = packet.content { version = .two } else { version = version ?? .one }
            return .nonce(nonce)
        }
        switch packet.content {
        case .packet(let packet): return .packet(packet)
        case .fault(let fault): return .fault(fault.description)
        case .nothing, .greeting, .nonce: return nil
        }
    }
}

/// Both sides of a direct link.
struct PeerLink: Sendable {
    var readers = PerSide(both: LinkReader())
    /// The session that it was made for, once the nonce is known.
    var session: Int?
    /// The nonces that were not compared yet, and where they were seen.
    var nonces: [(guid: GUID, place: Place)] = []
    /// One of them differs from those agreed on.
    var isDoubtful = false
    /// Each side sends one.
    static let mostNonces = 2
}
