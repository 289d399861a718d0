// The values that the first pass learns, so that the placeholders of the second pass fit each other.

internal import Analysis
internal import Events
internal import MSNP
internal import Payloads

/// Facts known only at the end of an export; each collection is limited, however large the export is.
struct LearnedValues: Sendable {
    /// Original texts of split invitations, by connection and number.
    var texts: [Int: [Int: [UInt8]]] = [:]
    private var textBytes = 0
    /// Length of the data of a digest, by the digest as written without padding.
    private var sizes: [[UInt8]: UInt64] = [:]
    private var digests: [UInt64: [UInt8]] = [:]
    /// Lengths of transfers recorded at least by half: these numbers may stay. A merely claimed length may be any
    /// number.
    private(set) var lengths: Set<UInt64> = []
    /// Claimed lengths of transfers recorded by less than half.
    private(set) var claimed: Set<UInt64> = []
    /// Placeholders of the digests of nonces.
    fileprivate(set) var nonces: [GUID: GUID] = [:]

    private static let maxEntries = 65_536
    private static let maxTextBytes = 32 << 20

    /// The length of the data with this digest, or nil.
    func size(ofDigest digest: [UInt8]) -> UInt64? { sizes[Self.withoutPadding(digest)] }

    private static func withoutPadding(_ digest: [UInt8]) -> [UInt8] { digest.filter { $0 != 0x3D } }

    /// The SHA-1 of `size` filling bytes.
    func digest(ofFilling size: UInt64) -> [UInt8] { digests[size] ?? Self.sha1(ofFilling: size) }

    mutating func note(texts: [Int: [UInt8]], of connection: Int) {
        for (place, text) in texts where textBytes + text.count <= Self.maxTextBytes {
            textBytes += text.count
            self.texts[connection, default: [:]][place] = text
        }
    }

    fileprivate mutating func note(_ transfer: Transfer) {
        guard let size = transfer.size, lengths.count + claimed.count < Self.maxEntries, sizes.count < Self.maxEntries
        else {
            return
        }
        if transfer.received.count >= size - size / 2 {
            lengths.insert(size)
        } else if transfer.object?.size == size {
            claimed.insert(size)
        }
        guard transfer.isComplete, !transfer.findings.contains(.digestDiffers), transfer.object?.dataDigest != nil,
            let digest = transfer.object?["SHA1D"]
        else { return }
        sizes[Self.withoutPadding(Array(digest.utf8))] = size
        // The hashed length equals the recorded one, so this costs no more than reading.
        if digests[size] == nil { digests[size] = Self.sha1(ofFilling: size) }
    }

    private static func sha1(ofFilling size: UInt64) -> [UInt8] {
        var digest = RunningSHA1()
        let piece = [UInt8](repeating: Placeholders.filling, count: 64 << 10)
        var left = size
        while left > 0 {
            let count = Int(min(left, UInt64(piece.count)))
            digest.update(piece.span.extracting(..<count))
            left -= UInt64(count)
        }
        return digest.value
    }
}

/// Collects learned values from the original events.
struct ValueLearner: Sendable {
    private var transfers = Transfers(.checking { RunningSHA1() }, sha1: RunningSHA1.digest)
    /// Nonces of direct links.
    private var nonces: Set<GUID> = []

    private static let maxNonces = 16_384

    /// Processes an original event.
    ///
    /// - Parameter peer: the peer-to-peer content of its frame.
    mutating func observe(_ event: Event, _ peer: PeerEnvelope?, _ learned: inout LearnedValues) {
        var events: [TransferEvent] = []
        switch event.kind {
        case .opened(let ends):
            if event.role != .http {
                transfers.open(event.connection, to: HostPort(ends.server), isFromStart: true)
            }
        case .frame(let frame, let side):
            // The transfers join a message that was sent in parts themselves.
            let isPart = peer != nil && frame.verb == "MSG" && Headers.kind(of: frame.payload).messageID != nil
            events = transfers.take(frame, isPart ? nil : peer, at: place(of: event, side))
            if frame.verb == "MSG", let peer {
                for bytes in peer.packets.prefix(1) { if let nonce = PeerHeader(bytes)?.nonce { note(nonce) } }
            }
        case .noise(let noise, let side):
            events = transfers.take(noise, at: place(of: event, side))
            if noise.reason == .peerData, let nonce = LinkPacket(noise.bytes)?.nonce { note(nonce) }
        case .gap(let count, _, let side): transfers.lose(count, at: place(of: event, side))
        case .closed: events = transfers.close(event.connection, mayGoOn: true)
        case .message, .http, .tunnel, .finding, .rewritten, .listening, .notPrinted: break
        }
        note(events, &learned)
    }

    /// Completes the values at the end of the export.
    mutating func finish(_ learned: inout LearnedValues, _ placeholders: Placeholders) {
        note(transfers.finish(), &learned)
        for nonce in nonces {
            let others = Self.digests(of: placeholders.nonce(nonce))
            for (digest, other) in zip(Self.digests(of: nonce), others) { learned.nonces[digest] = other }
        }
        nonces = []
    }

    private mutating func note(_ nonce: GUID) { if nonces.count < Self.maxNonces { nonces.insert(nonce) } }

    private func note(_ events: [TransferEvent], _ learned: inout LearnedValues) {
        for case .ended(let transfer) in events { learned.note(transfer) }
    }

    private func place(of event: Event, _ side: Side) -> Place {
        Place(connection: event.connection, role: event.role, side: side, time: event.time.nanoseconds, offset: 0)
    }

    /// The identifiers that clients derive from a nonce's SHA-1 (addresses.md section 10); clients differ in the byte
    /// order.
    private static func digests(of nonce: GUID) -> [GUID] {
        [nonce.little, nonce.bytes].flatMap { bytes in
            let hash = ByteSlice(RunningSHA1.digest(bytes)).prefix(16)
            return [GUID(little: hash), GUID(plain: hash)].compactMap { $0 }
        }
    }
}
