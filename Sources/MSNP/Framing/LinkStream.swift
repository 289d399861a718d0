// The packets of a direct link between two clients, cut out of one side's bytes (p2p.md section 4, direct TCP link).

/// Follows one side of a direct link: packets, each with its length in front as 32 bits, the lowest byte first.
///
/// Whole packets come out as noise for the reason `peerData`, each alone and with its length; all else comes out for the
/// reason that it is none: an impossible length alone, as `payloadTooLong`. Where packets begin is not known after a hole,
/// after an impossible length, or in a capture that began in the middle: `LinkSearch` finds the next ones.
public struct LinkStream: Sendable {
    /// Bytes of one packet, its length not counted in; real ones have below 2 KiB.
    public static let mostBytes = 16 << 10

    private enum Place: Sendable {
        case packets
        /// Within a packet that has lost a part.
        case damaged(left: Int)
        case seeking
    }

    private var place: Place
    private var carry: [UInt8] = []
    /// How much of `carry` was handed out.
    private var start = 0
    /// How many bytes came before the next piece, holes counted in.
    public private(set) var offset: UInt64 = 0

    /// A side of a link, heard from its first byte on or from somewhere else.
    public init(startsMidStream: Bool = false) {
        place = startsMidStream ? .seeking : .packets
    }

    /// The next piece, or nil when these bytes hold no further whole one.
    ///
    /// - Parameters:
    ///   - input: bytes as they came.
    ///   - position: where to go on in `input`; all of it is taken.
    public mutating func next(_ input: Span<UInt8>, from position: inout Int) -> Noise? {
        if position < input.count {
            carry.append(copying: input, from: position, count: input.count &- position)
            position = input.count
        }
        return step(ended: false)
    }

    /// Says that bytes are missing at this point of the stream.
    ///
    /// - Returns: what stands before the hole and can never be whole.
    public mutating func lose(_ count: UInt64) -> [Noise] {
        guard count > 0 else { return [] }
        var left: Int?
        switch place {
        case .packets: left = length(at: start).map { 4 &+ $0 &- pending }
        case .damaged(let rest): left = rest
        case .seeking: break
        }
        let pieces = rest(.damagedFrame)
        if let left, count <= UInt64(left) {
            place = count == UInt64(left) ? .packets : .damaged(left: left &- Int(count))
        } else {
            place = .seeking
        }
        offset &+= count
        return pieces
    }

    /// What is left of a side that will say no more.
    public mutating func finish() -> [Noise] { rest(.unfinishedPayload) }

    private var pending: Int { carry.count &- start }

    private func length(at place: Int) -> Int? {
        guard carry.count &- place >= 4 else { return nil }
        return LinkSearch.little(carry.span, place, 4)
    }

    private mutating func step(ended: Bool) -> Noise? {
        while pending > 0 {
            switch place {
            case .packets:
                guard let length = length(at: start) else { return nil }
                guard length > Self.mostBytes else {
                    return length <= pending &- 4 ? release(4 &+ length, .peerData) : nil
                }
                place = .seeking
                return release(4, .payloadTooLong)
            case .damaged(let left):
                let count = min(left, pending)
                place = left == count ? .packets : .damaged(left: left &- count)
                return release(count, .damagedFrame)
            case .seeking:
                let (skipped, isFound) = LinkSearch.look(at: carry.span, from: start, ended: ended)
                if isFound { place = .packets }
                if skipped > 0 { return release(skipped, .unsynchronised) }
                if !isFound { return nil }
            }
        }
        return nil
    }

    /// All that is there, as packets where it can be.
    private mutating func rest(_ reason: Noise.Reason) -> [Noise] {
        var pieces: [Noise] = []
        while let piece = step(ended: true) { pieces.append(piece) }
        if pending > 0 { pieces.append(release(pending, reason)) }
        return pieces
    }

    private mutating func release(_ count: Int, _ reason: Noise.Reason) -> Noise {
        let noise = Noise(bytes: Array(carry[start..<start &+ count]), reason: reason, offset: offset)
        start &+= count
        offset &+= UInt64(count)
        if start == carry.count {
            carry.removeAll(keepingCapacity: true)
            start = 0
        } else if start > Self.mostBytes {
            carry.removeSubrange(..<start)
            start = 0
        }
        return noise
    }
}
