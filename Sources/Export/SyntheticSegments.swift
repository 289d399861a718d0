// One synthetic connection: the sequence numbers of both sides, and the segments they send.

internal import Events
internal import MSNP

extension SyntheticTCP {
    /// The state of one connection.
    struct Connection: Sendable {
        let ends: Endpoints
        let opened: Int64
        var hasBegun = false
        var sides = PerSide(both: SideState())
        var comments: [String] = []
        /// For this many further packets, acknowledgements included, each data packet gets its own acknowledgement.
        var immediateAcks = 0

    }

    /// The sequence numbers of one side.
    struct SideState: Sendable {
        var end = TCPEndpoint(address: [], port: 0)
        /// Sequence number of its next byte.
        var next: UInt32 = 0
        /// The other side's last acknowledgement.
        var acknowledged: UInt32 = 0
        /// The other side's last acknowledgement in a segment with data.
        var acknowledgedByData: UInt32 = 0
        /// Number of missing bytes behind its last present byte.
        var gap: UInt64 = 0
    }
}

/// How the synthetic packets of a connection end.
enum Ending: Equatable {
    case both
    case reset(Side)
    /// No end: the recording stopped first.
    case none

    init(_ reason: CloseReason) {
        switch reason {
        case .resetBy(let side): self = .reset(side)
        case .reset: self = .reset(.server)
        case .closed, .closedBy, .relayStopped, .noConnection, .gatewayRefused: self = .both
        case .gaveWay, .handshakeFailed, .gatewayIdle, .portsReused, .idle, .tooManyConnections, .captureEnds, .logEnds,
            .other:
            self = .none
        }
    }
}

extension SyntheticTCP {
    /// The limit on unacknowledged bytes: the other side then acknowledges without data of its own.
    private static let maxUnacknowledged = 16_384

    static func sendData(
        _ bytes: [UInt8], _ side: Side, _ time: Int64, _ connection: inout Connection, _ emit: (Packet) -> Void
    ) {
        var start = 0
        while start < bytes.count {
            let stop = min(bytes.count, start + TCPPacket.maxPayload)
            var segment = segment(side, TCPPacket.psh | TCPPacket.ack, connection)
            segment.payload = bytes[start..<stop]
            send(segment, time, comments: connection.comments, emit)
            connection.comments = []
            connection.sides[side].next &+= UInt32(truncatingIfNeeded: stop - start)
            connection.sides[side].gap = 0
            let acknowledgedByData = connection.sides[side.other].next
            connection.sides[side.other].acknowledged = acknowledgedByData
            connection.sides[side.other].acknowledgedByData = acknowledgedByData
            start = stop
        }
        let state = connection.sides[side]
        guard connection.immediateAcks > 0 || state.next &- state.acknowledged > maxUnacknowledged else { return }
        connection.immediateAcks = max(0, connection.immediateAcks - 2)
        send(segment(side.other, TCPPacket.ack, connection), time, emit)
        connection.sides[side].acknowledged = connection.sides[side].next
    }

    /// A segment at a side's current sequence number, which acknowledges everything that the other side sent.
    static func segment(_ side: Side, _ flags: UInt8, _ connection: Connection) -> TCPPacket {
        let (here, there) = (connection.sides[side], connection.sides[side.other])
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
