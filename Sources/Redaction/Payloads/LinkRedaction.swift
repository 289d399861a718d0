// Redacts a direct link between two clients: packets with a length prefix (p2p.md section 4, direct TCP link).

internal import MSNP
internal import Payloads

/// Redacts one side of a direct link, packet by packet: header numbers and nonces are permuted, data is filled, texts
/// follow their header rules.
struct LinkRedaction {
    private var version: PeerVersion?
    /// Bytes are missing or were unreadable, so packet boundaries are unknown.
    private var isLost = false

    /// Redacts one packet with its length prefix. Anything else is filled, and is a reason for refusal.
    mutating func redact(_ draft: inout RedactionBuffer, _ side: Side, _ multipart: inout MultipartTexts) {
        if !isLost, redactPacket(&draft, side, &multipart), draft.refusals.isEmpty { return }
        isLost = true
        draft.fill(0..<draft.bytes.count)
        if draft.refusals.isEmpty { draft.refusals.append(.linkPacket) }
    }

    /// Records a gap.
    mutating func noteGap() { isLost = true }

    private mutating func redactPacket(_ draft: inout RedactionBuffer, _ side: Side, _ multipart: inout MultipartTexts)
        -> Bool
    {
        guard let packet = LinkPacket(ByteSlice(draft.bytes)) else { return false }
        let content = 4..<draft.bytes.count
        if case .nothing = packet.content { return true }
        // The greeting `foo`.
        if case .greeting = packet.content { return true }
        switch version {
        case .two: draft.redactVersion2(content, side, &multipart)
        case .one: return draft.redactVersion1(content, side, &multipart, isOnLink: true)
        case nil:
            // Only a handshake proves the version; for a link recorded from its middle the version is unknown.
            guard let nonce = packet.nonce else { return false }
            guard case .nonce = packet.content else {
                version = .one
                return draft.redactVersion1(content, side, &multipart, isOnLink: true)
            }
            version = .two
            draft.put(draft.placeholders.nonce(nonce).little, at: content, .secret)
        }
        return true
    }
}
