// The nonces by which the two ends of a direct link know each other (p2p.md section 4, addresses.md section 10).

/// What was told of the nonces of one session's link.
struct PeerNonces: Sendable {
    private struct Told: Sendable {
        var guid: GUID
        var isHashed: Bool
        var isByInviter: Bool
        var time: Int64
    }

    private var told: [Told] = []
    private var isFull = false
    /// Clients tell one or two.
    private static let most = 8

    /// Notes what a message tells; zeros stand for none.
    mutating func note(_ guid: GUID, isHashed: Bool, isByInviter: Bool, at time: Int64) {
        guard guid.bytes.contains(where: { $0 != 0 }) else { return }
        guard told.count < Self.most else {
            isFull = true
            return
        }
        told.append(Told(guid: guid, isHashed: isHashed, isByInviter: isByInviter, time: time))
    }

    /// Whether a nonce that a side of the link says at some time is none of those told; nil where that cannot be known.
    ///
    /// With plain nonces both sides say the same one; of digests each side tells its own, so both must have been heard.
    func isAnother(_ nonce: GUID, at time: Int64, _ digest: Transfers.Digest?) -> Bool? {
        let before = told.filter { $0.time <= time }
        guard !isFull, before.count == told.count, !told.isEmpty else { return nil }
        let hashed = told.filter(\.isHashed)
        if !hashed.isEmpty {
            guard digest != nil, Set(hashed.map(\.isByInviter)).count == 2 else { return nil }
        }
        let names = Set([nonce] + Self.digests(of: nonce, digest))
        return !told.contains { names.contains($0.guid) }
    }

    /// The identifiers that clients may make of a nonce's SHA-1: they differ in the order of the bytes.
    static func digests(of nonce: GUID, _ digest: Transfers.Digest?) -> [GUID] {
        guard let digest else { return [] }
        return [nonce.little, nonce.bytes].flatMap { bytes in
            let hash = digest(bytes).prefix(16)
            return [GUID(little: hash), GUID(plain: hash)].compactMap { $0 }
        }
    }
}
