// A direct link between two clients: packets with a length in front (p2p.md section 4, direct TCP link).

internal import MSNP
internal import Payloads

/// Goes over what one side of a direct link says, packet by packet: numbers of headers and nonces are exchanged, data is
/// filled, texts go by their fields.
struct LinkRedaction {
    private var version: PeerVersion?
    /// Something is missing, or was not readable: what follows may be anything.
    private var isLost = false

    /// Treats one packet with its length. What is no packet is filled, and a doubt.
    mutating func treat(_ draft: inout RedactionBuffer, _ side: Side, _ peers: inout PeerTexts) {
        if !isLost, isTreated(&draft, side, &peers), draft.doubts.isEmpty { return }
        isLost = true
        draft.fill(0..<draft.bytes.count)
        if draft.doubts.isEmpty { draft.doubts.append("a packet of a direct link that cannot be read") }
    }

    /// Notes that bytes are missing.
    mutating func lose() { isLost = true }

    private mutating func isTreated(_ draft: inout RedactionBuffer, _ side: Side, _ peers: inout PeerTexts) -> Bool {
        guard let packet = LinkPacket(draft.bytes[...]) else { return false }
        let content = 4..<draft.bytes.count
        if case .nothing = packet.content { return true }
        // `foo`, with which a link begins.
        if case .greeting = packet.content { return true }
        switch version {
        case .two: draft.secondVersion(content, side, &peers)
        case .one: return draft.firstVersion(content, side, &peers, isOnLink: true)
        case nil:
            // Only a handshake tells the version for certain: of a link that is recorded from its middle nobody knows it.
            guard let nonce = packet.nonce else { return false }
            guard case .nonce = packet.content else {
                version = .one
                return draft.firstVersion(content, side, &peers, isOnLink: true)
            }
            version = .two
            draft.put(draft.placeholders.nonce(nonce).little, at: content, .secret)
        }
        return true
    }
}
