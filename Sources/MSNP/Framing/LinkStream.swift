// Splits one side of a direct connection between clients into packets (p2p.md section 4, direct TCP link).

/// A decoder for one side of a direct connection. Each packet is preceded by its length, a little-endian 32-bit number.
///
/// Each complete packet, including its length, is one `Noise` with the reason `peerData`. Other bytes have the reason
/// of their fault; an invalid length alone is `payloadTooLong`. After a gap, after an invalid length, and at the start
/// of a capture that began mid-stream, packet boundaries are unknown, and `LinkSearch` finds the next packet.
public struct LinkStream: Sendable {
    /// The maximum size of a packet in bytes, without its length. Real packets are smaller than 2 KiB.
    public static let mostBytes = 16 << 10

    private enum State: Sendable {
        case packets
        /// Inside a packet of which a part is missing.
        case damaged(remaining: Int)
        case seeking
    }

    private var state: State
    private var carry: [UInt8] = []
    /// The number of bytes of `carry` that were already returned.
    private var start = 0
    /// The stream offset of the next piece in bytes, including gaps.
    public private(set) var offset: UInt64 = 0

    /// A decoder at the start of the stream, or mid-stream.
    public init(startsMidStream: Bool = false) {
        state = startsMidStream ? .seeking : .packets
    }

    /// Decodes the next piece from borrowed memory. The piece owns its bytes.
    ///
    /// - Parameters:
    ///   - input: bytes in stream order, in segments of any size.
    ///   - position: the start of the unread bytes in `input`; moved behind the consumed bytes.
    /// - Returns: nil if there is no further complete piece. Then all input was consumed.
    public mutating func next(_ input: Span<UInt8>, from position: inout Int) -> Noise? {
        next(input, of: nil, from: &position)
    }

    /// The same for shared memory: a packet that lies whole within the input is a part of it. The position counts from
    /// the start of the slice.
    public mutating func next(_ input: ByteSlice, from position: inout Int) -> Noise? {
        next(input.span, of: input, from: &position)
    }

    /// Decodes the next piece.
    ///
    /// - Parameter owner: the slice whose bytes are `input`; nil if pieces must copy theirs.
    package mutating func next(_ input: Span<UInt8>, of owner: ByteSlice?, from position: inout Int) -> Noise? {
        while true {
            if let packet = wholePacket(in: input, owner, from: &position) { return packet }
            let count = min(wanted, input.count &- position)
            carry.append(copying: input, from: position, count: count)
            position &+= count
            if let piece = step(ended: false) { return piece }
            guard position < input.count else { return nil }
        }
    }

    /// A packet that lies whole within the input, if nothing is buffered.
    private mutating func wholePacket(
        in input: Span<UInt8>, _ owner: ByteSlice?, from position: inout Int
    ) -> Noise? {
        guard pending == 0, case .packets = state, let length = Self.announcedLength(in: input, at: position),
            length <= Self.mostBytes, length <= input.count &- position &- 4
        else { return nil }
        let count = 4 &+ length
        let packet = ByteSlice(input, of: owner, from: position, count: count)
        defer {
            position &+= count
            offset &+= UInt64(count)
        }
        return Noise(bytes: packet, reason: .peerData, offset: offset)
    }

    /// The number of bytes to buffer next: no more than the packet that has begun needs, so that the next one can be a
    /// part of the input.
    private var wanted: Int {
        guard case .packets = state else { return .max }
        guard let length = length(at: start) else { return 4 &- pending }
        return length > Self.mostBytes ? .max : max(0, 4 &+ length &- pending)
    }

    /// Reports a gap of `count` bytes at this point of the stream.
    ///
    /// - Returns: the buffered bytes before the gap, which cannot be completed.
    public mutating func lose(_ count: UInt64) -> [Noise] {
        guard count > 0 else { return [] }
        var remaining: Int?
        switch state {
        case .packets: remaining = length(at: start).map { 4 &+ $0 &- pending }
        case .damaged(let rest): remaining = rest
        case .seeking: break
        }
        let pieces = flush(.damagedFrame)
        if let remaining, count <= UInt64(remaining) {
            state = count == UInt64(remaining) ? .packets : .damaged(remaining: remaining &- Int(count))
        } else {
            state = .seeking
        }
        offset &+= count
        return pieces
    }

    /// Ends the stream and returns the buffered bytes.
    public mutating func finish() -> [Noise] { flush(.unfinishedPayload) }

    private var pending: Int { carry.count &- start }

    private func length(at position: Int) -> Int? {
        Self.announcedLength(in: carry.span, at: position)
    }

    /// The length of the packet that starts at a position, without the four bytes of the length itself; nil if fewer
    /// than four bytes remain.
    static func announcedLength(in bytes: Span<UInt8>, at position: Int) -> Int? {
        guard bytes.count &- position >= 4 else { return nil }
        return LinkSearch.littleEndian(bytes, position, 4)
    }

    private mutating func step(ended: Bool) -> Noise? {
        while pending > 0 {
            switch state {
            case .packets:
                guard let length = length(at: start) else { return nil }
                guard length > Self.mostBytes else {
                    return length <= pending &- 4 ? emit(4 &+ length, .peerData) : nil
                }
                state = .seeking
                return emit(4, .payloadTooLong)
            case .damaged(let remaining):
                let count = min(remaining, pending)
                state = remaining == count ? .packets : .damaged(remaining: remaining &- count)
                return emit(count, .damagedFrame)
            case .seeking:
                let (skipped, isFound) = LinkSearch.find(in: carry.span, from: start, ended: ended)
                if isFound { state = .packets }
                if skipped > 0 { return emit(skipped, .unsynchronised) }
                if !isFound { return nil }
            }
        }
        return nil
    }

    /// Returns all buffered bytes, as packets where possible, and the rest with the given reason.
    private mutating func flush(_ reason: Noise.Reason) -> [Noise] {
        var pieces: [Noise] = []
        while let piece = step(ended: true) { pieces.append(piece) }
        if pending > 0 { pieces.append(emit(pending, reason)) }
        return pieces
    }

    private mutating func emit(_ count: Int, _ reason: Noise.Reason) -> Noise {
        let noise = Noise(bytes: ByteSlice(carry[start..<start &+ count]), reason: reason, offset: offset)
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
