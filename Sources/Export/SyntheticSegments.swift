// One made-up connection: where both sides stand, and the segments with which they go on.

internal import Events
internal import MSNP

extension SyntheticTCP {
    /// One connection.
    struct Line: Sendable {
        let ends: Endpoints
        let opened: Int64
        var hasBegun = false
        var halves = PerSide(both: Half())
        var comments: [String] = []
        /// So many packets more are acknowledged one by one.
        var eager = 0

    }

    /// What one side of a connection said.
    struct Half: Sendable {
        var end = TCPEnd(address: [], port: 0)
        /// The sequence number of its next byte.
        var next: UInt32 = 0
        /// Up to where the other side acknowledged it.
        var acknowledged: UInt32 = 0
        /// Up to where it did so with words of its own.
        var answered: UInt32 = 0
        /// Missing bytes behind the last one that is there.
        var hole: UInt64 = 0
    }
}

/// How the made-up packets of a connection end.
enum Ending: Equatable {
    case both
    case reset(Side)
    /// The recording ended first.
    case none

    init(_ reason: CloseReason) {
        switch reason {
        case .resetBy(let side): self = .reset(side)
        case .reset: self = .reset(.server)
        case .closed, .closedBy, .relayStopped, .noConnection, .gatewayRefused: self = .both
        case .gaveWay, .portsReused, .idle, .tooManyConnections, .captureEnds, .logEnds, .other: self = .none
        }
    }
}

extension SyntheticTCP {
    /// How much is said before the other side acknowledges it, if it says nothing itself.
    private static let mostUnanswered = 16_384

    static func say(
        _ bytes: [UInt8], _ side: Side, _ time: Int64, _ line: inout Line, _ emit: (Packet) -> Void
    ) {
        var start = 0
        while start < bytes.count {
            let stop = min(bytes.count, start + TCPPacket.mostPayload)
            var segment = segment(side, TCPPacket.psh | TCPPacket.ack, line)
            segment.payload = bytes[start..<stop]
            send(segment, time, comments: line.comments, emit)
            line.comments = []
            line.halves[side].next &+= UInt32(truncatingIfNeeded: stop - start)
            line.halves[side].hole = 0
            let answered = line.halves[side.other].next
            line.halves[side.other].acknowledged = answered
            line.halves[side.other].answered = answered
            start = stop
        }
        let half = line.halves[side]
        guard line.eager > 0 || half.next &- half.acknowledged > mostUnanswered else { return }
        line.eager = max(0, line.eager - 2)
        send(segment(side.other, TCPPacket.ack, line), time, emit)
        line.halves[side].acknowledged = line.halves[side].next
    }

    /// A segment of a side at the place where it stands, acknowledging all that the other one said.
    static func segment(_ side: Side, _ flags: UInt8, _ line: Line) -> TCPPacket {
        let (here, there) = (line.halves[side], line.halves[side.other])
        return TCPPacket(
            from: here.end, to: there.end, sequence: here.next, acknowledgement: there.next, flags: flags)
    }

    static func send(
        _ segment: TCPPacket, _ time: Int64, comments: [String] = [], _ emit: (Packet) -> Void
    ) {
        let bytes = segment.bytes
        emit(Packet(time: time, bytes: bytes, length: bytes.count + segment.missing, comments: comments))
    }
}
