// Finds the secrets in one direction of a connection, including after gaps.

/// A tracker for the secrets in one direction, piece by piece.
///
/// Pass every piece and every gap of the direction in order, even if its result is not needed: a secret may start in an
/// earlier piece. The state has a small constant size.
public struct SecretTracker: Sendable {
    private let side: Side
    private var scanner: SecretScanner
    private var hasBegun = false
    private var isAfterGap = false
    /// Whether the frame of which a part is missing has a payload without secrets.
    private var isHarmless = false
    /// The number of bytes after a gap that may belong to the handshake of a direct connection.
    private var remainingHandshake = 0

    /// A tracker at the start of a direction.
    public init(side: Side) {
        self.side = side
        scanner = SecretScanner(side: side)
    }

    /// The byte ranges of secrets in a frame, in ascending order.
    ///
    /// - Parameters:
    ///   - frame: the next piece.
    ///   - headers: the headers of a `MSG`, if already parsed.
    public mutating func ranges(in frame: Frame, headers: Headers.Kind? = nil) -> [Range<Int>] {
        hasBegun = true
        isAfterGap = false
        isHarmless = false
        remainingHandshake = 0
        scanner.reset()
        return Secrets.ranges(in: frame, from: side, headers: headers)
    }

    /// The byte ranges of secrets in noise, in ascending order. Noise may be unsynchronised lines, part of a line,
    /// HTTP, or the rest of a value after a gap. On a direct connection, bytes that may belong to the handshake are
    /// secret as a whole.
    ///
    /// - Parameters:
    ///   - noise: the next piece.
    ///   - role: the role of the connection.
    public mutating func ranges(in noise: Noise, role: Role) -> [Range<Int>] {
        defer {
            hasBegun = true
            isAfterGap = false
        }
        switch noise.reason {
        case .fileData, .proxyHandshake: return []
        case .peerData:
            remainingHandshake = 0
            return Secrets.ofLink(noise.bytes)
        default: break
        }
        if role == .peerToPeer { return ofLink(noise.bytes) }
        if isAfterGap {
            // The payload length of the incomplete frame is known, so a damaged frame ends where its payload ends.
            if isHarmless, noise.reason == .damagedFrame { scanner.reset() } else { scanner.resumeAfterGap() }
        } else if !hasBegun, !Self.startsLine(noise.bytes) {
            scanner.resumeAfterGap()
        }
        let found = scanner.ranges(in: noise.bytes.span)
        if isAfterGap, isHarmless, noise.reason == .damagedFrame { return found }
        isHarmless = false
        guard !isAfterGap, [.damagedFrame, .unfinishedPayload].contains(noise.reason),
            let frame = Frame(noise.bytes)
        else { return found }
        isHarmless = Secrets.neverHasSecrets(frame)
        return Self.union(Self.union(found, Secrets.ranges(in: frame, from: side)), Secrets.ofCutPacket(frame))
    }

    /// The byte ranges of secrets in noise if the preceding bytes are unknown.
    mutating func ranges(inFirst noise: Noise, role: Role) -> [Range<Int>] {
        hasBegun = true
        return ranges(in: noise, role: role)
    }

    /// Reports a gap.
    public mutating func lose() {
        hasBegun = true
        isAfterGap = true
        remainingHandshake = Secrets.handshakeSize
    }

    private mutating func ofLink(_ bytes: ByteSlice) -> [Range<Int>] {
        guard bytes.count > Secrets.handshakeSize else { return [0..<bytes.count] }
        let rest = min(remainingHandshake, bytes.count)
        remainingHandshake &-= rest
        return Self.union(rest > 0 ? [0..<rest] : [], Secrets.ofUnalignedLink(bytes))
    }

    /// Whether bytes look like the start of a command line or HTTP message, or are not text; otherwise they may be the
    /// rest of a value.
    private static func startsLine(_ bytes: ByteSlice) -> Bool {
        guard let first = bytes.first, first &- 0x20 < 0x5F || first.isBlank || first.isLineEnd else { return true }
        let word = bytes.prefix(9).prefix { $0 &- 0x41 < 26 }
        let next = bytes.dropFirst(word.count).first
        if word.count == 3, let verb = Verb(String(decoding: word, as: UTF8.self)) {
            return (next ?? .space) == .space && Secrets.isKnown(verb)
        }
        return ["HTTP", "POST", "HEAD", "CONNECT", "OPTIONS"].contains { method in
            word.elementsEqual(method.utf8) && (next.map { $0 == .space || $0 == 0x2F } ?? true)
        }
    }

    /// The union of two lists of ranges, in ascending order and without overlaps.
    static func union(_ first: [Range<Int>], _ second: [Range<Int>]) -> [Range<Int>] {
        guard !first.isEmpty else { return second }
        guard !second.isEmpty else { return first }
        return union(first + second)
    }

    /// The union of ranges, in ascending order and without overlaps.
    static func union(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            if let last = result.last, range.lowerBound <= last.upperBound {
                result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}
