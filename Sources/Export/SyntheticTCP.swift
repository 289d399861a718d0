// Converts events into TCP packets that could have carried them.
//
// The packets come in the order of the events, and each acknowledges everything that the other side sent before, so a
// reassembler finds the same order. Data that one side sent at one time is one packet, as in the capture.

internal import Events
internal import MSNP

/// Builds synthetic TCP connections around recorded data.
struct SyntheticTCP: Sendable {
    /// A packet of the pcapng file; times are nanoseconds since 1970.
    struct Packet: Sendable {
        var time: Int64
        var bytes: [UInt8]
        /// Original length in bytes; exceeds `bytes.count` where a part was never captured.
        var length: Int
        var comments: [String] = []
    }

    /// Data of one side at one time that may continue.
    private struct PendingData: Sendable {
        var connection: Int
        var side: Side
        var time: Int64
        var bytes: [UInt8]
        /// The reason of the last piece if it is noise.
        var noise: Noise.Reason?
    }

    private var connections: [Int: Connection] = [:]
    private var endpoints = SyntheticEndpoints()
    private var pending: PendingData?
    /// The beginnings of HTTP connections of which no byte was recorded so far.
    private var unrecorded: [Int: Event] = [:]

    /// A reassembler accepts a gap only after this many packets behind it (`ReassemblyLimits.reorderPackets`). All of
    /// them are acknowledged, so that it declares the gap about as early as in the recording.
    private static let packetsToGap = 34
    /// This many packets fix the start of a stream without a handshake (`ReassemblyLimits.startPackets`).
    private static let packetsToStart = 12
    /// The limit on a written gap at the end in bytes: the largest jump that a reader accepts
    /// (`ReassemblyLimits.plausibleJump`).
    private static let maxMissing: UInt64 = 16 << 20
    /// The limit on comments that wait for the next packet of a connection.
    private static let maxComments = 16
    /// The options of a SYN: maximum segment size, and windows of up to 1 GiB, so that none is ever full.
    private static let synOptions: [UInt8] = [2, 4, 0xFF, 0xD7, 1, 3, 3, 14]

    /// Returns the names that got a synthetic address since the last call.
    mutating func takeNewNames() -> [SyntheticEndpoints.Name] { endpoints.takeNewNames() }

    /// Adds an event.
    ///
    /// - Parameter emit: receives completed packets, of this event or of earlier ones.
    mutating func add(_ event: Event, emit: (Packet) -> Void) {
        guard event.connection > 0, takeUnrecorded(event, emit) else { return }
        switch event.kind {
        case .frame(let frame, let side): addData(frame.bytes, side, event, emit)
        case .noise(let noise, let side): addData(noise.bytes, side, event, noise: noise.reason, emit)
        case .gap(let count, _, let side):
            update(event, emit) { connection in
                connection.sides[side].next &+= UInt32(truncatingIfNeeded: count)
                connection.sides[side].gap &+= count
                connection.immediateAcks = Self.packetsToGap
            }
        case .opened(let ends):
            finish(emit: emit)
            connections[event.connection] = Connection(ends: ends, opened: event.time.nanoseconds)
        case .closed(_, let reason, let client, let server):
            let time = event.time.nanoseconds
            update(event, emit) { connection in
                Self.end(
                    &connection, time, reason,
                    PerSide(client: client.ackedUnseenBytes, server: server.ackedUnseenBytes),
                    emit)
            }
            if let connection = connections.removeValue(forKey: event.connection) {
                endpoints.release(connection.sides.client.end, connection.sides.server.end)
            }
        case .finding(let finding): comment("\(finding.name.text): \(finding.text)", event)
        case .rewritten(let rewriting):
            comment("sent to the client: \(rewriting.from) is now \(rewriting.to)", event)
        case .tunnel(let tunnel): comment("tunnel: \(tunnel.text)", event)
        case .listening, .message, .http, .notPrinted: break
        }
    }

    /// Keeps the beginning of an HTTP connection until there are bytes of it. Requests to a gateway are not recorded: the
    /// connections inside them are, under their own numbers.
    ///
    /// - Returns: whether the event is to be added.
    private mutating func takeUnrecorded(_ event: Event, _ emit: (Packet) -> Void) -> Bool {
        guard event.role == .http, connections[event.connection] == nil else { return true }
        switch event.kind {
        case .opened: unrecorded[event.connection] = event
        case .closed: unrecorded[event.connection] = nil
        case .noise, .frame:
            guard case .opened(let ends)? = unrecorded[event.connection]?.kind else { return true }
            let opened = unrecorded.removeValue(forKey: event.connection)?.time ?? event.time
            finish(emit: emit)
            connections[event.connection] = Connection(ends: ends, opened: opened.nanoseconds)
            return true
        default: break
        }
        return false
    }

    /// Emits data that waited for a possible continuation.
    mutating func finish(emit: (Packet) -> Void) {
        guard let pending else { return }
        self.pending = nil
        guard var connection = connections.removeValue(forKey: pending.connection) else { return }
        Self.sendData(pending.bytes, pending.side, pending.time, &connection, emit)
        connections[pending.connection] = connection
    }

    /// Extends the pending data, or emits it and starts anew. Two pieces of noise with the same reason were recorded
    /// separately and must stay separate.
    private mutating func addData(
        _ bytes: ByteSlice, _ side: Side, _ event: Event, noise: Noise.Reason? = nil, _ emit: (Packet) -> Void
    ) {
        let time = event.time.nanoseconds
        if let pending, pending.connection == event.connection, pending.side == side, pending.time == time,
            pending.bytes.count + bytes.count <= TCPPacket.maxPayload, noise == nil || noise != pending.noise
        {
            self.pending?.bytes += bytes
            self.pending?.noise = noise
            return
        }
        update(event, emit) { _ in }
        pending = PendingData(connection: event.connection, side: side, time: time, bytes: Array(bytes), noise: noise)
    }

    /// Emits pending data, opens the connection if necessary, and changes it.
    private mutating func update(_ event: Event, _ emit: (Packet) -> Void, _ change: (inout Connection) -> Void) {
        finish(emit: emit)
        // An archive of other origin may lack the beginning.
        var connection =
            connections.removeValue(forKey: event.connection)
            ?? Connection(ends: Endpoints(client: "unknown", server: "unknown"), opened: event.time.nanoseconds)
        begin(&connection, event, emit)
        change(&connection)
        connections[event.connection] = connection
    }

    private mutating func comment(_ text: String, _ event: Event) {
        guard let count = connections[event.connection]?.comments.count, count < Self.maxComments else { return }
        connections[event.connection]?.comments.append(text)
    }
}

// MARK: - Beginning and end

extension SyntheticTCP {
    /// Assigns the endpoints and opens the connection: with a handshake if its first event is how a client begins.
    /// Otherwise the recording joined in the middle, and both sides only send their sequence numbers.
    private mutating func begin(_ connection: inout Connection, _ event: Event, _ emit: (Packet) -> Void) {
        guard !connection.hasBegun else { return }
        connection.hasBegun = true
        let isStart = Self.isStart(event.kind)
        (connection.sides.client.end, connection.sides.server.end) = endpoints.allocate(
            connection.ends, connection: event.connection, hasHandshake: isStart)
        // Successive connections start far apart, so that the next one between the same endpoints is no continuation.
        let number = UInt32(truncatingIfNeeded: event.connection)
        connection.sides.client.next = number &* 0x9E37_79B1 &+ 0x1000
        connection.sides.server.next = number &* 0x85EB_CA77 &+ 0x2000
        if isStart {
            var syn = Self.segment(.client, TCPPacket.syn, connection)
            syn.acknowledgement = 0
            syn.options = Self.synOptions
            Self.send(syn, connection.opened, emit)
            connection.sides.client.next &+= 1
            var answer = Self.segment(.server, TCPPacket.syn | TCPPacket.ack, connection)
            answer.options = Self.synOptions
            Self.send(answer, connection.opened, emit)
            connection.sides.server.next &+= 1
        } else {
            Self.send(Self.segment(.server, TCPPacket.ack, connection), connection.opened, emit)
            connection.immediateAcks = Self.packetsToStart
        }
        Self.send(Self.segment(.client, TCPPacket.ack, connection), connection.opened, emit)
        (connection.sides.client.acknowledged, connection.sides.client.acknowledgedByData) = (
            connection.sides.client.next, connection.sides.client.next
        )
        (connection.sides.server.acknowledged, connection.sides.server.acknowledgedByData) = (
            connection.sides.server.next, connection.sides.server.next
        )
    }

    private static func isStart(_ first: Event.Kind) -> Bool {
        switch first {
        case .frame(let frame, .client): FirstCommand(frame).role != .unknown
        case .frame(let frame, .server): FirstCommand(frame) == .fileTransfer
        case .noise(let noise, .client):
            noise.reason == .proxyHandshake || noise.reason == .httpMessage && noise.offset == 0
                || noise.reason == .peerData && FirstCommand.read(Array(noise.bytes.prefix(8))) == .peerToPeer
        // Only a handshake shows a reader that bytes are missing before all others.
        case .gap, .closed: true
        default: false
        }
    }

    private static func end(
        _ connection: inout Connection, _ time: Int64, _ reason: CloseReason, _ unseen: PerSide<UInt64>,
        _ emit: (Packet) -> Void
    ) {
        let ending = Ending(reason)
        if ending != .both {
            for side in Side.allCases { sendMissing(side, unseen[side], time, &connection, emit) }
        }
        switch ending {
        case .both:
            send(segment(.client, TCPPacket.fin | TCPPacket.ack, connection), time, comments: connection.comments, emit)
            connection.sides.client.next &+= 1
            send(segment(.server, TCPPacket.fin | TCPPacket.ack, connection), time, emit)
            connection.sides.server.next &+= 1
            send(segment(.client, TCPPacket.ack, connection), time, emit)
        case .reset(let side):
            send(segment(side, TCPPacket.rst | TCPPacket.ack, connection), time, comments: connection.comments, emit)
        case .none: break
        }
    }

    /// Writes missing bytes at the end of a side's stream: packets without payload, as a snap length leaves them, and
    /// the other side's acknowledgement of bytes that no packet had.
    private static func sendMissing(
        _ side: Side, _ unseen: UInt64, _ time: Int64, _ connection: inout Connection, _ emit: (Packet) -> Void
    ) {
        let state = connection.sides[side]
        if state.gap > 0, state.acknowledgedByData != state.next, unseen < state.gap {
            // No reader accepts a longer gap.
            var left = min(state.gap, maxMissing)
            connection.sides[side].next &-= UInt32(truncatingIfNeeded: state.gap)
            while left > 0 {
                var segment = segment(side, TCPPacket.ack, connection)
                segment.missing = Int(min(left, UInt64(TCPPacket.maxPayload)))
                send(segment, time, emit)
                left -= UInt64(segment.missing)
                connection.sides[side].next &+= UInt32(segment.missing)
            }
        } else if state.gap > 0, unseen >= state.gap {
            connection.sides[side].next &-= UInt32(truncatingIfNeeded: state.gap)
        }
        guard unseen > 0 else { return }
        connection.sides[side].next &+= UInt32(truncatingIfNeeded: unseen)
        send(segment(side.other, TCPPacket.ack, connection), time, emit)
    }
}
