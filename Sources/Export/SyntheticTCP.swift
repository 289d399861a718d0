// Events into TCP packets that could have carried them.
//
// The packets come in the order of the events, and each acknowledges all that the other side said before: whoever puts
// the streams together again finds the same order. What one side said at one time is one packet, as it was in the capture.

internal import Events
internal import MSNP

/// Makes up TCP connections around what was recorded of them.
struct SyntheticTCP: Sendable {
    /// A packet of the file.
    struct Packet: Sendable {
        var time: Int64
        var bytes: [UInt8]
        /// More than `bytes` has where a part was never captured.
        var length: Int
        var comments: [String] = []
    }

    /// What one side said at one time, while more of it may come.
    private struct Words: Sendable {
        var connection: Int
        var side: Side
        var time: Int64
        var bytes: [UInt8]
        /// The reason of the last piece, if that was noise.
        var noise: Noise.Reason?
    }

    private var lines: [Int: Line] = [:]
    private var ends = SyntheticEndpoints()
    private var words: Words?

    /// A hole is believed only when so many packets came behind it (`ReassemblyLimits.reorderPackets`); for so long all
    /// are acknowledged, so that it is declared about as soon as it was.
    private static let packetsToHole = 34
    /// As many say where a stream without a handshake starts (`ReassemblyLimits.startPackets`).
    private static let packetsToStart = 12
    /// How much of a hole at the end is told: as far as a jump may go (`ReassemblyLimits.plausibleJump`).
    private static let mostMissing: UInt64 = 16 << 20
    /// How many remarks wait for the next packet of a connection.
    private static let mostComments = 16
    /// The options of a SYN: the largest segment, and windows of up to 1 GiB, so that none is ever full.
    private static let openingOptions: [UInt8] = [2, 4, 0xFF, 0xD7, 1, 3, 3, 14]

    /// The names for which addresses were made up since the last call.
    mutating func takeNewNames() -> [SyntheticEndpoints.Name] { ends.takeNewNames() }

    /// Takes an event.
    ///
    /// - Parameter emit: is given the packets that carry it, or those that carry what came before.
    mutating func take(_ event: Event, emit: (Packet) -> Void) {
        // Requests to a gateway are not recorded; the connections in them are, and have numbers of their own.
        guard event.connection > 0, event.role != .http else { return }
        switch event.kind {
        case .frame(let frame, let side): say(frame.bytes, side, event, emit)
        case .noise(let noise, let side): say(noise.bytes, side, event, noise: noise.reason, emit)
        case .gap(let count, _, let side):
            change(event, emit) { line in
                line.halves[side].next &+= UInt32(truncatingIfNeeded: count)
                line.halves[side].hole &+= count
                line.eager = Self.packetsToHole
            }
        case .opened(let ends):
            finish(emit: emit)
            lines[event.connection] = Line(ends: ends, opened: event.time.nanoseconds)
        case .closed(_, let reason, let client, let server):
            let time = event.time.nanoseconds
            change(event, emit) { line in
                Self.end(&line, time, reason, client.ackedUnseenBytes, server.ackedUnseenBytes, emit)
            }
            if let line = lines.removeValue(forKey: event.connection) {
                ends.release(line.halves.client.end, line.halves.server.end)
            }
        case .finding(let finding): annotation("\(finding.name): \(finding.text)", event)
        case .rewritten(let rewriting):
            annotation("sent to the client: \(rewriting.from) is now \(rewriting.to)", event)
        case .listening, .message, .notPrinted: break
        }
    }

    /// Emits what waited for more to come.
    mutating func finish(emit: (Packet) -> Void) {
        guard let words else { return }
        self.words = nil
        guard var line = lines.removeValue(forKey: words.connection) else { return }
        Self.say(words.bytes, words.side, words.time, &line, emit)
        lines[words.connection] = line
    }

    /// Adds to what a side says, or begins anew. Two noises with the same reason came in two pieces, and still must.
    private mutating func say(
        _ bytes: [UInt8], _ side: Side, _ event: Event, noise: Noise.Reason? = nil, _ emit: (Packet) -> Void
    ) {
        let time = event.time.nanoseconds
        if let words, words.connection == event.connection, words.side == side, words.time == time,
            words.bytes.count + bytes.count <= TCPPacket.mostPayload, noise == nil || noise != words.noise
        {
            self.words?.bytes += bytes
            self.words?.noise = noise
            return
        }
        change(event, emit) { _ in }
        words = Words(connection: event.connection, side: side, time: time, bytes: bytes, noise: noise)
    }

    /// Changes a connection that has begun, after all that was said before.
    private mutating func change(_ event: Event, _ emit: (Packet) -> Void, _ change: (inout Line) -> Void) {
        finish(emit: emit)
        // An archive that somebody else made may lack the beginning.
        var line =
            lines.removeValue(forKey: event.connection)
            ?? Line(ends: Endpoints(client: "unknown", server: "unknown"), opened: event.time.nanoseconds)
        begin(&line, event, emit)
        change(&line)
        lines[event.connection] = line
    }

    private mutating func annotation(_ text: String, _ event: Event) {
        guard let count = lines[event.connection]?.comments.count, count < Self.mostComments else { return }
        lines[event.connection]?.comments.append(text)
    }
}

// MARK: - Beginning and end

extension SyntheticTCP {
    /// Gives a connection its ends, and opens it: with a handshake, if the first thing known of it is how a client
    /// begins. Else it was joined in the middle, and both sides only say where they stand.
    private mutating func begin(_ line: inout Line, _ event: Event, _ emit: (Packet) -> Void) {
        guard !line.hasBegun else { return }
        line.hasBegun = true
        let isStart = Self.isStart(event.kind)
        (line.halves.client.end, line.halves.server.end) = ends.take(
            line.ends, connection: event.connection, hasHandshake: isStart)
        // Far apart for neighbours, so that the next connection between the same ends is no continuation.
        let number = UInt32(truncatingIfNeeded: event.connection)
        line.halves.client.next = number &* 0x9E37_79B1 &+ 0x1000
        line.halves.server.next = number &* 0x85EB_CA77 &+ 0x2000
        if isStart {
            var syn = Self.segment(.client, TCPPacket.syn, line)
            syn.acknowledgement = 0
            syn.options = Self.openingOptions
            Self.send(syn, line.opened, emit)
            line.halves.client.next &+= 1
            var answer = Self.segment(.server, TCPPacket.syn | TCPPacket.ack, line)
            answer.options = Self.openingOptions
            Self.send(answer, line.opened, emit)
            line.halves.server.next &+= 1
        } else {
            Self.send(Self.segment(.server, TCPPacket.ack, line), line.opened, emit)
            line.eager = Self.packetsToStart
        }
        Self.send(Self.segment(.client, TCPPacket.ack, line), line.opened, emit)
        (line.halves.client.acknowledged, line.halves.client.answered) = (
            line.halves.client.next, line.halves.client.next
        )
        (line.halves.server.acknowledged, line.halves.server.answered) = (
            line.halves.server.next, line.halves.server.next
        )
    }

    private static func isStart(_ first: Event.Kind) -> Bool {
        switch first {
        case .frame(let frame, .client): FirstCommand(frame).role != .unknown
        case .frame(let frame, .server): FirstCommand(frame) == .fileTransfer
        case .noise(let noise, .client):
            noise.reason == .proxyHandshake
                || noise.reason == .peerData && FirstCommand.read(noise.bytes) == .peerToPeer
        // That bytes are missing before all others can only be known by the handshake.
        case .gap, .closed: true
        default: false
        }
    }

    private static func end(
        _ line: inout Line, _ time: Int64, _ reason: CloseReason, _ clientUnseen: UInt64, _ serverUnseen: UInt64,
        _ emit: (Packet) -> Void
    ) {
        let ending = Ending(reason)
        if ending != .both {
            for (side, unseen) in [(Side.client, clientUnseen), (.server, serverUnseen)] {
                tellOfMissing(side, unseen, time, &line, emit)
            }
        }
        switch ending {
        case .both:
            send(segment(.client, TCPPacket.fin | TCPPacket.ack, line), time, comments: line.comments, emit)
            line.halves.client.next &+= 1
            send(segment(.server, TCPPacket.fin | TCPPacket.ack, line), time, emit)
            line.halves.server.next &+= 1
            send(segment(.client, TCPPacket.ack, line), time, emit)
        case .reset(let side):
            send(segment(side, TCPPacket.rst | TCPPacket.ack, line), time, comments: line.comments, emit)
        case .none: break
        }
    }

    /// Bytes at the end of which nothing follows: a packet without them, as a snap length leaves it, and the other side's
    /// acknowledgement of what no packet had.
    private static func tellOfMissing(
        _ side: Side, _ unseen: UInt64, _ time: Int64, _ line: inout Line, _ emit: (Packet) -> Void
    ) {
        let half = line.halves[side]
        if half.hole > 0, half.answered != half.next, unseen < half.hole {
            // A longer hole is nothing that anybody would believe.
            var left = min(half.hole, mostMissing)
            line.halves[side].next &-= UInt32(truncatingIfNeeded: half.hole)
            while left > 0 {
                var segment = segment(side, TCPPacket.ack, line)
                segment.missing = Int(min(left, UInt64(TCPPacket.mostPayload)))
                send(segment, time, emit)
                left -= UInt64(segment.missing)
                line.halves[side].next &+= UInt32(segment.missing)
            }
        } else if half.hole > 0, unseen >= half.hole {
            line.halves[side].next &-= UInt32(truncatingIfNeeded: half.hole)
        }
        guard unseen > 0 else { return }
        line.halves[side].next &+= UInt32(truncatingIfNeeded: unseen)
        send(segment(side.other, TCPPacket.ack, line), time, emit)
    }
}
