// Reads the packets of a direct link between two clients (p2p.md section 4, direct TCP link).

internal import MSNP

/// Reads the packets of one side of a direct link; `LinkStream` has split them.
struct LinkReader: Sendable {
    /// The content of a packet.
    enum Content: Sendable {
        /// The nonce of a handshake.
        case nonce(GUID)
        /// A packet of the peer-to-peer layer.
        case packet(PeerPacket)
        /// An impossible length, or a packet with invalid lengths.
        case fault(String)
    }

    private var version: PeerPacket.Version?

    /// Parses a packet; nil if it is irrelevant for transfers.
    mutating func read(_ noise: Noise) -> Content? {
        if noise.reason == .payloadTooLong {
            var cursor = ByteCursor(noise.bytes)
            return cursor.little(UInt32.self).map { .fault("a packet of \($0) bytes is announced") }
        }
        guard noise.reason == .peerData, let packet = LinkPacket(noise.bytes, version: version) else { return nil }
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

/// The state of a direct link.
struct PeerLink: Sendable {
    var readers = PerSide(both: LinkReader())
    /// The session that set it up, once a nonce identifies it.
    var session: Int?
    /// The nonces not yet compared, and where they were seen.
    var nonces: [(guid: GUID, place: Place)] = []
    /// Whether a nonce differs from those announced.
    var hasNonceMismatch = false
    /// The maximum number of nonces: one of each side.
    static let mostNonces = 2
}
