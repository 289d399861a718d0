// Compares the nonces that authenticate a direct link (p2p.md section 4, addresses.md section 10).

internal import MSNP

/// The nonces that MSNSLP messages announced for the direct link of one session.
struct PeerNonces: Sendable {
    private struct Announced: Sendable {
        var guid: GUID
        var isHashed: Bool
        var isByInviter: Bool
        var time: Int64
    }

    private var announced: [Announced] = []
    private var isFull = false
    /// The maximum number of nonces; clients announce one or two.
    private static let most = 8

    /// Records an announced nonce; all zeros mean that there is no nonce.
    mutating func add(_ guid: GUID, isHashed: Bool, isByInviter: Bool, at time: Int64) {
        guard guid.bytes.contains(where: { $0 != 0 }) else { return }
        guard announced.count < Self.most else {
            isFull = true
            return
        }
        announced.append(Announced(guid: guid, isHashed: isHashed, isByInviter: isByInviter, time: time))
    }

    /// Whether a nonce sent on the link matches none of those announced; nil if that is unknown.
    ///
    /// A plain nonce is the same for both sides. Of hashed nonces each side announces its own, so both must be known.
    func isMismatch(_ nonce: GUID, at time: Int64, _ digest: Transfers.Digest?) -> Bool? {
        let before = announced.filter { $0.time <= time }
        guard !isFull, before.count == announced.count, !announced.isEmpty else { return nil }
        let hashed = announced.filter(\.isHashed)
        if !hashed.isEmpty {
            guard digest != nil, Set(hashed.map(\.isByInviter)).count == 2 else { return nil }
        }
        let names = Set([nonce] + Self.digests(of: nonce, digest))
        return !announced.contains { names.contains($0.guid) }
    }

    /// The GUIDs that clients derive from a nonce's SHA-1; they differ in byte order.
    static func digests(of nonce: GUID, _ digest: Transfers.Digest?) -> [GUID] {
        guard let digest else { return [] }
        return [nonce.little, nonce.bytes].flatMap { bytes in
            let hash = ByteSlice(digest(bytes)).prefix(16)
            return [GUID(little: hash), GUID(plain: hash)].compactMap { $0 }
        }
    }
}
