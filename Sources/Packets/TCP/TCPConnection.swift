// The state of one TCP connection: applies each segment. `Ordering.swift` decides when held bytes are delivered.

/// Receives the events of connections, each with its bytes (empty except for `.data`).
///
/// The bytes are valid during the call. The receiver must not use the reassembler.
package typealias StreamReceiver = (_ event: StreamEvent, _ bytes: Span<UInt8>) -> Void

/// Two directions, named by the order of their senders' endpoints, and their shared state.
struct TCPConnection: Sendable {
    let id: ConnectionID
    let ends: EndpointPair
    var low = Direction()
    var high = Direction()
    /// Whether `opened` was reported.
    var isOpened = false
    var lowIsClient: Bool?
    /// Number of packets so far.
    var packets = 0
    let firstTime: Int64
    var lastTime: Int64
    /// Time of a reset; `resetFromLow` has its sender.
    var resetTime: Int64?
    var resetFromLow = false
    var finishTime: Int64?
    /// Nothing is held and nothing pends: in-order segments may take the fast path `pass`.
    var allowsFastPath = false
    /// Whether the connection is in the reassembler's waiting list.
    var isQueued = false
    /// A confirmed jump that no gap explains: the remaining segments belong to another connection.
    var belongsElsewhere = false

    init(id: ConnectionID, ends: EndpointPair, time: Int64, historyBytes: Int) {
        self.id = id
        self.ends = ends
        firstTime = time
        lastTime = time
        low.history.capacity = historyBytes
        high.history.capacity = historyBytes
    }

    var held: Int { low.held &+ high.held }

    /// The fast path for most packets: in order, complete, and without new information about the connection.
    /// - Returns: false if `receive` must process the segment; the state is then unchanged
    mutating func pass(
        _ segment: Segment, _ packet: Span<UInt8>, fromLow: Bool, at time: Int64, _ deliver: StreamReceiver
    ) -> Bool {
        guard allowsFastPath, segment.flags.isDisjoint(with: [.syn, .fin, .rst]), segment.flags.contains(.ack) else {
            return false
        }
        let passed =
            fromLow
            ? Self.pass(segment, packet, &low, &high, id, time, deliver)
            : Self.pass(segment, packet, &high, &low, id, time, deliver)
        if passed {
            packets &+= 1
            lastTime = time
        }
        return passed
    }

    @inline(__always)
    private static func pass(
        _ segment: Segment, _ packet: Span<UInt8>, _ sender: inout Direction, _ peer: inout Direction,
        _ id: ConnectionID, _ time: Int64, _ deliver: StreamReceiver
    ) -> Bool {
        guard sender.isAnchored, peer.isAnchored, sender.fin == .max, segment.captured == segment.length else {
            return false
        }
        let acknowledged = peer.offset(segment.acknowledgement)
        guard acknowledged <= peer.next else { return false }
        if segment.length > 0 {
            guard segment.sequence == sender.nextSequence else { return false }
            sender.summary.dataSegments &+= 1
            let payload = segment.payloadOffset..<(segment.payloadOffset &+ segment.captured)
            sender.deliver(packet.extracting(payload), id, time, deliver)
            sender.end = max(sender.end, sender.next)
        }
        peer.acked = max(peer.acked, acknowledged)
        sender.summary.packets &+= 1
        if segment.padding > 0 { sender.summary.paddedFrames &+= 1 }
        return true
    }

    /// Processes any segment.
    mutating func receive(
        _ segment: Segment, _ packet: Span<UInt8>, fromLow: Bool, at time: Int64, _ limits: ReassemblyLimits,
        _ deliver: StreamReceiver
    ) {
        packets &+= 1
        lastTime = time
        if segment.flags.contains(.syn), !segment.flags.contains(.rst), lowIsClient == nil, !isOpened {
            lowIsClient = segment.flags.contains(.ack) ? !fromLow : fromLow
            open(at: time, limits, force: false, deliver)
        }
        if segment.flags.contains(.rst) {
            noteReset(segment, fromLow: fromLow, at: time, limits, deliver)
        } else {
            let before = fromLow ? low.horizon : high.horizon
            let isOther =
                fromLow
                ? Self.accept(segment, packet, &low, &high, id, time, packets, limits, deliver)
                : Self.accept(segment, packet, &high, &low, id, time, packets, limits, deliver)
            if isOther { belongsElsewhere = true }
            let added = (fromLow ? low.horizon : high.horizon) &- before
            if resetTime != nil, resetFromLow == fromLow, added > 0 { resume(after: before, added, deliver) }
        }
        advance(to: time, limits, force: false, deliver)
    }

    /// New data from the side that reset: the reset was forged, or its TCP stack is broken. The stream continues.
    private mutating func resume(after place: Int64, _ count: Int64, _ deliver: StreamReceiver) {
        resetTime = nil
        if resetFromLow {
            low.report(.dataAfterReset, place, count, id, lastTime, deliver)
        } else {
            high.report(.dataAfterReset, place, count, id, lastTime, deliver)
        }
    }

    /// Processes a segment without RST, sent by `sender`.
    /// - Returns: whether it belongs to another connection between the same endpoints
    private static func accept(
        _ segment: Segment, _ packet: Span<UInt8>, _ sender: inout Direction, _ peer: inout Direction,
        _ id: ConnectionID, _ time: Int64, _ number: Int, _ limits: ReassemblyLimits, _ deliver: StreamReceiver
    ) -> Bool {
        sender.summary.packets &+= 1
        if segment.padding > 0 { sender.summary.paddedFrames &+= 1 }
        let isSyn = segment.flags.contains(.syn)
        let sequence = segment.sequence &+ (isSyn ? 1 : 0)
        sender.setReference(to: sequence)
        if isSyn, sender.initial == nil {
            sender.initial = segment.sequence
            let start = sender.offset(sequence)
            if !sender.isAnchored { sender.anchor(at: min(start, sender.lowest)) }
        }
        var need = Int64.min
        if segment.flags.contains(.ack) {
            need = peer.acknowledge(segment.acknowledgement, plausible: limits.plausibleJump) ?? .min
            // A SYN-ACK acknowledges the other side's SYN, and so fixes the start of that stream.
            if isSyn, !peer.isAnchored, !peer.hasPayload { peer.anchor(at: peer.offset(segment.acknowledgement)) }
        }
        let arrival = Arrival(
            start: sender.offset(sequence), captured: segment.captured, length: segment.length,
            payload: segment.payloadOffset, need: need, time: time, packet: number)
        if segment.length > 0 {
            sender.summary.dataSegments &+= 1
            if segment.captured < segment.length { sender.summary.cutSegments &+= 1 }
            if sender.hasPayload, (arrival.start &- sender.horizon).magnitude > limits.plausibleJump.magnitude {
                if !sender.confirm(arrival, packet, id, deliver) { return sender.belongsElsewhere }
            }
            sender.place(arrival, packet, peer, id, deliver)
        } else if !isSyn {
            sender.emptySegmentOffset = arrival.start
        }
        if segment.flags.contains(.fin) { sender.noteFin(arrival, id, deliver) }
        return false
    }

    /// Processes a reset. It counts if its sequence number is near the stream, or if it acknowledges the other side's
    /// data.
    private mutating func noteReset(
        _ segment: Segment, fromLow: Bool, at time: Int64, _ limits: ReassemblyLimits, _ deliver: StreamReceiver
    ) {
        var sender = fromLow ? low : high
        let peer = fromLow ? high : low
        let isNear =
            sender.hasReference
            && (sender.offset(segment.sequence) &- sender.horizon).magnitude <= limits.resetDistance.magnitude
        let isAnswer =
            segment.flags.contains(.ack) && peer.hasReference
            && (peer.offset(segment.acknowledgement) &- peer.horizon).magnitude <= limits.resetDistance.magnitude
        sender.summary.packets &+= 1
        if segment.padding > 0 { sender.summary.paddedFrames &+= 1 }
        if isNear || isAnswer || packets == 1 {
            if resetTime == nil { resetFromLow = fromLow }
            resetTime = resetTime ?? time
        } else {
            sender.report(.implausibleReset, sender.next, 0, id, time, deliver)
        }
        if fromLow { low = sender } else { high = sender }
    }
}
