// Secrets in one direction of a connection, also where bytes are missing.

/// Follows what one side says, piece by piece, and tells which bytes of each piece are secret.
///
/// It has to see every piece and every hole of its direction, in order, also those that nobody wants to see: a secret may
/// have begun in an earlier one. What it remembers is a few numbers.
public struct SecretTracker: Sendable {
    private let side: Side
    private var scanner: SecretScanner
    private var hasBegun = false
    private var isBehindHole = false
    /// Whether the command of which a part is missing has a payload without secrets.
    private var isHarmless = false
    /// How many bytes of a direct link behind a hole may be the rest of its handshake.
    private var handshakeLeft = 0

    /// A direction of which nothing was seen yet.
    public init(side: Side) {
        self.side = side
        scanner = SecretScanner(side: side)
    }

    /// The secrets in a command, in rising order.
    ///
    /// - Parameters:
    ///   - frame: the next piece.
    ///   - headers: those of a `MSG`, where they are known.
    public mutating func ranges(in frame: Frame, headers: Headers.Kind? = nil) -> [Range<Int>] {
        hasBegun = true
        isBehindHole = false
        isHarmless = false
        handshakeLeft = 0
        scanner.reset()
        return Secrets.ranges(in: frame, from: side, headers: headers)
    }

    /// The secrets in noise, in rising order: it may be whole lines out of step, a part of one, HTTP, or the rest of what a
    /// hole cut off. On a direct link, what may be a part of its handshake is one whole.
    ///
    /// - Parameters:
    ///   - noise: the next piece.
    ///   - role: what the connection is for.
    public mutating func ranges(in noise: Noise, role: Role) -> [Range<Int>] {
        defer {
            hasBegun = true
            isBehindHole = false
        }
        switch noise.reason {
        case .fileData, .proxyHandshake: return []
        case .peerData:
            handshakeLeft = 0
            return Secrets.ofLink(noise.bytes)
        default: break
        }
        if role == .peerToPeer { return ofLink(noise.bytes) }
        if isBehindHole {
            // The length of a command that was begun tells where its payload ends.
            if isHarmless, noise.reason == .damagedFrame { scanner.reset() } else { scanner.lose() }
        } else if !hasBegun, !Self.startsLine(noise.bytes) {
            scanner.lose()
        }
        let found = scanner.ranges(in: noise.bytes.span)
        if isBehindHole, isHarmless, noise.reason == .damagedFrame { return found }
        isHarmless = false
        guard !isBehindHole, [.damagedFrame, .unfinishedPayload].contains(noise.reason),
            let frame = Frame(noise.bytes)
        else { return found }
        isHarmless = Secrets.areImpossible(in: frame)
        return Self.united(Self.united(found, Secrets.ranges(in: frame, from: side)), Secrets.ofCutPacket(frame))
    }

    /// The same for noise of which nobody knows what came before.
    mutating func ranges(inFirst noise: Noise, role: Role) -> [Range<Int>] {
        hasBegun = true
        return ranges(in: noise, role: role)
    }

    /// Says that bytes are missing here.
    public mutating func lose() {
        hasBegun = true
        isBehindHole = true
        handshakeLeft = Secrets.longestHandshake
    }

    private mutating func ofLink(_ bytes: [UInt8]) -> [Range<Int>] {
        guard bytes.count > Secrets.longestHandshake else { return [0..<bytes.count] }
        let rest = min(handshakeLeft, bytes.count)
        handshakeLeft &-= rest
        return Self.united(rest > 0 ? [0..<rest] : [], Secrets.ofLostLink(bytes))
    }

    /// Whether bytes look like the start of a line, of a command or of HTTP, or like no text at all, and not like the rest
    /// of something.
    private static func startsLine(_ bytes: [UInt8]) -> Bool {
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

    /// Ranges of two lists, each in rising order, as one list without overlaps.
    static func united(_ a: [Range<Int>], _ b: [Range<Int>]) -> [Range<Int>] {
        guard !a.isEmpty else { return b }
        guard !b.isEmpty else { return a }
        var result: [Range<Int>] = []
        for range in (a + b).sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            if let last = result.last, range.lowerBound <= last.upperBound {
                result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}
