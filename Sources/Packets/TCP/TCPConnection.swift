// One TCP connection: what a segment means for it. When held bytes go out is decided in Ordering.swift.

/// Receives the events of connections, each with the bytes that belong to it (only `.data` has some).
///
/// The bytes are valid during the call. The reassembler must not be used inside.
package typealias StreamReceiver = (_ event: StreamEvent, _ bytes: Span<UInt8>) -> Void

/// Two directions, named by the order of their senders' endpoints, and the state that they share.
struct TCPConnection: Sendable {
    let id: ConnectionID
    /// The two ends, in their order.
    let ends: EndpointPair
    var low = Direction()
    var high = Direction()
    /// Whether `opened` was said; `lowIsA` is fixed then.
    var isOpened = false
    var lowIsClient: Bool?
    /// Packets so far.
    var packets = 0
    let firstTime: Int64
    var lastTime: Int64
    /// When a reset came, and from which end.
    var resetTime: Int64?
    var resetFromLow = false
    var finishTime: Int64?
    /// Nothing is held and nothing pends: in-order segments may pass at once.
    var isCalm = false
    /// Whether the reassembler has it in its queue of those that wait.
    var isQueued = false
    /// A confirmed jump that no hole explains: the rest belongs to another connection.
    var wantsRestart = false

    init(id: ConnectionID, ends: EndpointPair, time: Int64, historyBytes: Int) {
        self.id = id
        self.ends = ends
        firstTime = time
        lastTime = time
        low.history.capacity = historyBytes
        high.history.capacity = historyBytes
    }

    var held: Int { low.held &+ high.held }

    /// The way of most packets: in order, complete, and saying nothing new about the connection.
    /// - Returns: false if `receive` has to look closer; nothing has happened then
    mutating func pass(
        _ segment: Segment, _ packet: Span<UInt8>, fromLow: Bool, at time: Int64, _ deliver: StreamReceiver
    ) -> Bool {
        guard isCalm, segment.flags.isDisjoint(with: [.syn, .fin, .rst]), segment.flags.contains(.ack) else {
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
        _ segment: Segment, _ packet: Span<UInt8>, _ me: inout Direction, _ peer: inout Direction,
        _ id: ConnectionID, _ time: Int64, _ deliver: StreamReceiver
    ) -> Bool {
        guard me.isAnchored, peer.isAnchored, me.fin == .max, segment.captured == segment.length else { return false }
        let acknowledged = peer.offset(segment.acknowledgement)
        guard acknowledged <= peer.next else { return false }
        if segment.length > 0 {
            guard segment.sequence == me.nextSequence else { return false }
            me.summary.dataSegments &+= 1
            let payload = segment.payloadOffset..<(segment.payloadOffset &+ segment.captured)
            me.deliver(packet.extracting(payload), id, time, deliver)
            me.end = max(me.end, me.next)
        }
        peer.acked = max(peer.acked, acknowledged)
        me.summary.packets &+= 1
        if segment.padding > 0 { me.summary.paddedFrames &+= 1 }
        return true
    }

    /// Takes any segment in.
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
            if isOther { wantsRestart = true }
            let added = (fromLow ? low.horizon : high.horizon) &- before
            if resetTime != nil, resetFromLow == fromLow, added > 0 { goesOn(after: before, added, deliver) }
        }
        advance(to: time, limits, force: false, deliver)
    }

    /// New data from the side that reset: the reset was not its own, or its stack is broken. The stream goes on.
    private mutating func goesOn(after place: Int64, _ count: Int64, _ deliver: StreamReceiver) {
        resetTime = nil
        if resetFromLow {
            low.report(.dataAfterReset, place, count, id, lastTime, deliver)
        } else {
            high.report(.dataAfterReset, place, count, id, lastTime, deliver)
        }
    }

    /// One segment without RST, from `me`.
    /// - Returns: whether it belongs to another connection between the same ends
    private static func accept(
        _ segment: Segment, _ packet: Span<UInt8>, _ me: inout Direction, _ peer: inout Direction,
        _ id: ConnectionID, _ time: Int64, _ number: Int, _ limits: ReassemblyLimits, _ deliver: StreamReceiver
    ) -> Bool {
        me.summary.packets &+= 1
        if segment.padding > 0 { me.summary.paddedFrames &+= 1 }
        let isSyn = segment.flags.contains(.syn)
        let sequence = segment.sequence &+ (isSyn ? 1 : 0)
        me.refer(to: sequence)
        if isSyn, me.initial == nil {
            me.initial = segment.sequence
            let start = me.offset(sequence)
            if !me.isAnchored { me.anchor(at: min(start, me.lowest)) }
        }
        var need = Int64.min
        if segment.flags.contains(.ack) {
            need = peer.acknowledge(segment.acknowledgement, plausible: limits.plausibleJump) ?? .min
            // A SYN-ACK acknowledges the other side's SYN, and so says where that stream starts.
            if isSyn, !peer.isAnchored, !peer.hasPayload { peer.anchor(at: peer.offset(segment.acknowledgement)) }
        }
        let arrival = Arrival(
            start: me.offset(sequence), captured: segment.captured, length: segment.length,
            payload: segment.payloadOffset, need: need, time: time, packet: number)
        if segment.length > 0 {
            me.summary.dataSegments &+= 1
            if segment.captured < segment.length { me.summary.cutSegments &+= 1 }
            if me.hasPayload, (arrival.start &- me.horizon).magnitude > limits.plausibleJump.magnitude {
                if !me.confirms(arrival, packet, id, deliver) { return me.wantsAnother }
            }
            me.place(arrival, packet, peer, id, deliver)
        } else if !isSyn {
            me.stands = arrival.start
        }
        if segment.flags.contains(.fin) { me.noteFin(arrival, id, deliver) }
        return false
    }

    /// A reset counts if its sequence number is near the stream, or if it answers what the other side sent.
    private mutating func noteReset(
        _ segment: Segment, fromLow: Bool, at time: Int64, _ limits: ReassemblyLimits, _ deliver: StreamReceiver
    ) {
        var me = fromLow ? low : high
        let peer = fromLow ? high : low
        let isNear =
            me.hasReference
            && (me.offset(segment.sequence) &- me.horizon).magnitude <= limits.resetDistance.magnitude
        let isAnswer =
            segment.flags.contains(.ack) && peer.hasReference
            && (peer.offset(segment.acknowledgement) &- peer.horizon).magnitude <= limits.resetDistance.magnitude
        me.summary.packets &+= 1
        if segment.padding > 0 { me.summary.paddedFrames &+= 1 }
        if isNear || isAnswer || packets == 1 {
            if resetTime == nil { resetFromLow = fromLow }
            resetTime = resetTime ?? time
        } else {
            me.report(.implausibleReset, me.next, 0, id, time, deliver)
        }
        if fromLow { low = me } else { high = me }
    }
}
