// A direct link between two clients: packets with a length in front (p2p.md section 4, direct TCP link).

internal import MSNP

/// One side of a direct link.
struct PeerStream: Sendable {
    /// What a side says.
    enum Piece: Sendable {
        /// The nonce that both clients agreed on.
        case nonce(GUID)
        /// A packet.
        case packet(PeerPacket)
        /// Bytes of a length that no packet has, or a packet whose lengths do not fit.
        case fault(String)
    }

    private var stream = LinkStream()
    private var version: PeerPacket.Version?

    /// Takes bytes, and says what they complete.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        var position = 0
        while let noise = stream.next(bytes.span, from: &position) { read(noise, &pieces) }
        return pieces
    }

    /// Notes that bytes are missing.
    mutating func lose(_ count: UInt64) -> [Piece] {
        var pieces: [Piece] = []
        for noise in stream.lose(count) { read(noise, &pieces) }
        return pieces
    }

    /// What is left at the end.
    mutating func finish() -> [Piece] {
        var pieces: [Piece] = []
        for noise in stream.finish() { read(noise, &pieces) }
        return pieces
    }

    private mutating func read(_ noise: Noise, _ pieces: inout [Piece]) {
        guard noise.reason == .peerData else {
            if let told = Self.impossibleLength(noise) {
                pieces.append(.fault("a packet of \(told) bytes is announced"))
            }
            return
        }
        let packet = LinkPacket(content: noise.bytes.dropFirst(4), version: version)
        if let nonce = packet.nonce {
            if case .nonce = packet.content { version = .two } else { version = version ?? .one }
            return pieces.append(.nonce(nonce))
        }
        switch packet.content {
        case .packet(let packet): pieces.append(.packet(packet))
        case .fault(let fault): pieces.append(.fault(fault.description))
        case .nothing, .greeting, .nonce: break
        }
    }

    /// The length that a packet tells, where no packet can have it.
    static func impossibleLength(_ noise: Noise) -> UInt32? {
        guard noise.reason == .payloadTooLong else { return nil }
        var cursor = ByteCursor(noise.bytes[...])
        return cursor.little(UInt32.self)
    }
}

/// Both sides of a direct link.
struct PeerLink: Sendable {
    var client = PeerStream()
    var server = PeerStream()
    /// Where each side spoke last.
    var clientPlace: Place?
    var serverPlace: Place?
    /// The session for which it was made, once the nonce told.
    var session: Int?
    /// The nonces that were not judged yet, and where they were said.
    var nonces: [(guid: GUID, place: Place)] = []
    /// One of them was none of those agreed on.
    var isDoubtful = false
    /// Each side says one.
    static let mostNonces = 2
}
