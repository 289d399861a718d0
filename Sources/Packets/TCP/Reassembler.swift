// Reassembles the TCP streams of all connections: segments in, stream events out.

/// Turns TCP segments, in capture order, into ordered byte streams, and reports missing bytes.
///
/// One instance may read several captures in sequence; connections continue. `ReassemblyLimits` bounds the memory.
///
/// Guarantees: for each side, the bytes of `.data` and the lengths of `.gap`, in order, are the stream. The two sides
/// are interleaved as they were sent: a side's bytes come after all bytes that it had acknowledged.
package struct Reassembler: Sendable {
    /// The limits on memory and time.
    package let limits: ReassemblyLimits
    /// Payload bytes dropped because they came after the end of their connection.
    package private(set) var strayBytes = 0

    private var table = ConnectionTable()
    private var slots: [ConnectionSlot] = []
    private var freeSlots: [Int] = []
    private var connections: [TCPConnection?] = []
    private var freeConnections: [Int] = []
    private var nextNumber = 0
    private var held = 0
    private var historyHeld = 0
    private var waiting = WaitingList()
    /// Time of the last packet, and the older of the last two: one packet with a wrong time must not age all
    /// connections.
    private var lastTime: Int64 = 0
    private var now: Int64 = 0
    private var sweepPlace = 0
    private var untilSweep = 0

    /// Number of packets between two sweeps of the oldest slots.
    private static let sweepInterval = 32

    /// A reassembler without connections.
    package init(limits: ReassemblyLimits = ReassemblyLimits()) {
        self.limits = limits
    }

    /// Number of connections in memory, ignored and closed ones included.
    package var rememberedConnections: Int { slots.count &- freeSlots.count }

    /// Bytes held back now, with bookkeeping.
    package var heldBytes: Int { held }

    /// Processes one segment.
    /// - Parameters:
    ///   - segment: from the dissector
    ///   - packet: the bytes that the segment's `payloadOffset` counts in
    ///   - time: nanoseconds since 1970
    ///   - deliver: receives each event, in order
    package mutating func receive(
        _ segment: Segment, in packet: Span<UInt8>, at time: Int64, deliver: StreamReceiver
    ) {
        guard segment.payloadOffset >= 0, segment.captured >= 0, segment.captured <= segment.length,
            segment.length <= PacketRange.longest, segment.captured <= packet.count &- segment.payloadOffset
        else { return }
        let fromLow = segment.source < segment.destination
        let ends =
            fromLow
            ? EndpointPair(low: segment.source, high: segment.destination)
            : EndpointPair(low: segment.destination, high: segment.source)
        let hash = table.hash(ends)
        let found = table.find(hash) { slots[$0].ends == ends }
        if let found {
            slots[found].lastTime = time
            let place = slots[found].connection
            if place >= 0 {
                if connections[place]?.pass(segment, packet, fromLow: fromLow, at: time, deliver) == true {
                    tick(time, deliver)
                    return
                }
            } else if segment.flags.isDisjoint(with: [.syn, .fin, .rst]), slots[found].state == .ignored {
                tick(time, deliver)
                return
            }
        }
        tick(time, deliver)
        processSlowly(segment, packet, ends, hash, fromLow: fromLow, at: time, deliver)
    }
}

extension Reassembler {
    /// Ignores a connection: it causes no further events, and its packets cost almost nothing. Its slot stays, so that
    /// another connection between the same endpoints is noticed.
    package mutating func ignore(_ connection: ConnectionID) {
        guard slots.indices.contains(connection.slot), slots[connection.slot].number == connection.number,
            slots[connection.slot].state == .open
        else { return }
        retire(connection.slot, to: .ignored)
    }

    /// Ends all connections at the end of the capture: delivers all held bytes and reports each closed, in order of
    /// number.
    package mutating func finish(deliver: StreamReceiver) {
        let open = slots.indices.filter { slots[$0].state == .open }
        for slot in open.sorted(by: { slots[$0].number < slots[$1].number }) {
            close(slot, .endOfCapture, deliver)
        }
        for slot in slots.indices where slots[slot].state != .free { forget(slot) }
        waiting = WaitingList()
    }

    /// Processes a packet that is not simply the next one in order on an open connection.
    private mutating func processSlowly(
        _ segment: Segment, _ packet: Span<UInt8>, _ ends: EndpointPair, _ hash: UInt64, fromLow: Bool,
        at time: Int64, _ deliver: StreamReceiver
    ) {
        var found = table.find(hash) { slots[$0].ends == ends }
        if let slot = found, isNewConnection(segment, slot, fromLow: fromLow) {
            if slots[slot].state == .open { close(slot, .reused, deliver) }
            forget(slot)
            found = nil
        }
        let slot = found ?? open(ends, hash, at: time, deliver)
        slots[slot].lastTime = time
        slots[slot].note(segment, fromLow: fromLow)
        guard slots[slot].state == .open else {
            if slots[slot].state == .closed { strayBytes &+= segment.length }
            return
        }
        if process(segment, packet, slot, fromLow: fromLow, at: time, deliver) {
            close(slot, .reused, deliver)
            forget(slot)
            let fresh = open(ends, hash, at: time, deliver)
            slots[fresh].note(segment, fromLow: fromLow)
            _ = process(segment, packet, fresh, fromLow: fromLow, at: time, deliver)
        }
    }

    /// Whether a segment starts another connection between known endpoints.
    private func isNewConnection(_ segment: Segment, _ place: Int, fromLow: Bool) -> Bool {
        let slot = slots[place]
        let initial = fromLow ? slot.initialLow : slot.initialHigh
        if segment.flags.contains(.syn), !segment.flags.contains(.rst) {
            if let initial { return initial != segment.sequence }
            guard slot.state == .open, let connection = connections[slot.connection] else { return true }
            // A late SYN has the number right before the start of its stream.
            return !(fromLow ? connection.low : connection.high).couldStart(after: segment.sequence, limits)
        }
        // After a forged reset, the stream simply continues.
        guard slot.state == .closed, slot.wasReset, segment.length > 0 else { return false }
        let end = fromLow ? slot.endLow : slot.endHigh
        return Int32(bitPattern: segment.sequence &+ UInt32(truncatingIfNeeded: segment.length) &- end) > 0
    }

    /// Passes a segment to an open connection, and applies the consequences.
    /// - Returns: whether the segment belongs to another connection
    private mutating func process(
        _ segment: Segment, _ packet: Span<UInt8>, _ slot: Int, fromLow: Bool, at time: Int64,
        _ deliver: StreamReceiver
    ) -> Bool {
        let place = slots[slot].connection
        let before = connections[place]?.held ?? 0
        connections[place]?.receive(segment, packet, fromLow: fromLow, at: time, limits, deliver)
        held &+= (connections[place]?.held ?? 0) &- before
        if connections[place]?.belongsElsewhere == true { return true }
        wait(slot, at: time)
        enforceLimit(deliver)
        return false
    }

    /// Adds a connection to the waiting list, if time alone can change its state.
    private mutating func wait(_ slot: Int, at time: Int64) {
        let place = slots[slot].connection
        guard let waits = connections[place]?.waits, waits, connections[place]?.isQueued == false else { return }
        connections[place]?.isQueued = true
        waiting.append(slot: slot, number: slots[slot].number, at: time &+ WaitingList.interval)
    }

    /// Enforces `ReassemblyLimits.totalBytes`: the connection that has waited longest delivers its held bytes.
    private mutating func enforceLimit(_ deliver: StreamReceiver) {
        while held > limits.totalBytes, let entry = waiting.popFirst() {
            guard slots[entry.slot].number == entry.number, slots[entry.slot].state == .open else { continue }
            let place = slots[entry.slot].connection
            connections[place]?.isQueued = false
            let before = connections[place]?.held ?? 0
            if before > 0 { connections[place]?.releaseHeld(limits, deliver) }
            held &+= (connections[place]?.held ?? 0) &- before
            wait(entry.slot, at: now)
        }
    }

    /// Advances the time: serves waiting connections, and sweeps some slots in turn.
    @inline(__always)
    private mutating func tick(_ time: Int64, _ deliver: StreamReceiver) {
        now = min(time, lastTime)
        lastTime = time
        if waiting.isDue(at: now) { serveWaiting(deliver) }
        untilSweep &-= 1
        if untilSweep <= 0 { sweep(deliver) }
    }

    private mutating func serveWaiting(_ deliver: StreamReceiver) {
        while waiting.isDue(at: now), let entry = waiting.popFirst() {
            guard slots[entry.slot].number == entry.number, slots[entry.slot].state == .open else { continue }
            let place = slots[entry.slot].connection
            connections[place]?.isQueued = false
            let before = connections[place]?.held ?? 0
            connections[place]?.advance(to: now, limits, force: false, deliver)
            held &+= (connections[place]?.held ?? 0) &- before
            if let reason = connections[place]?.isOver(at: now, limits) {
                close(entry.slot, reason, deliver)
            } else {
                wait(entry.slot, at: now)
            }
        }
    }

    private mutating func sweep(_ deliver: StreamReceiver) {
        untilSweep = Self.sweepInterval
        for _ in 0..<min(Self.sweepInterval, slots.count) {
            sweepPlace = sweepPlace &+ 1 < slots.count ? sweepPlace &+ 1 : 0
            let slot = slots[sweepPlace]
            guard slot.state != .free,
                now &- slot.lastTime > (slot.isEnded ? limits.lingerTime : limits.idleTime)
            else { continue }
            if slot.state == .open { close(sweepPlace, .idle, deliver) }
            forget(sweepPlace)
        }
    }

    /// Opens a connection; the caller then passes it the first packet.
    private mutating func open(_ ends: EndpointPair, _ hash: UInt64, at time: Int64, _ deliver: StreamReceiver) -> Int {
        if freeSlots.isEmpty, slots.count >= max(1, limits.connections) { makeRoom(deliver) }
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = slots.count
            slots.append(ConnectionSlot(ends: ends))
        }
        let remembers = historyHeld &+ 2 &* limits.historyBytes <= limits.totalHistoryBytes
        if remembers { historyHeld &+= 2 &* limits.historyBytes }
        let connection = TCPConnection(
            id: ConnectionID(number: nextNumber, slot: slot), ends: ends, time: time,
            historyBytes: remembers ? limits.historyBytes : 0)
        if nextNumber == 0 { (lastTime, now) = (time, time) }
        nextNumber &+= 1
        slots[slot] = ConnectionSlot(ends: ends)
        slots[slot].number = connection.id.number
        slots[slot].state = .open
        slots[slot].lastTime = time
        if let free = freeConnections.popLast() {
            slots[slot].connection = free
            connections[free] = connection
        } else {
            slots[slot].connection = connections.count
            connections.append(connection)
        }
        table.insert(hash, slot)
        return slot
    }

    /// At the limit, drops one of the next 64 slots: the one idle longest, ended connections first.
    private mutating func makeRoom(_ deliver: StreamReceiver) {
        var victim = sweepPlace
        for step in 0..<64 {
            let place = (sweepPlace &+ step) % slots.count
            let (new, old) = (slots[place], slots[victim])
            if new.isEnded != old.isEnded ? new.isEnded : new.lastTime < old.lastTime { victim = place }
        }
        sweepPlace = (sweepPlace &+ 64) % slots.count
        if slots[victim].state == .open { close(victim, .limit, deliver) }
        forget(victim)
    }

    private mutating func close(_ slot: Int, _ reason: StreamEnd, _ deliver: StreamReceiver) {
        let place = slots[slot].connection
        let before = connections[place]?.held ?? 0
        connections[place]?.close(reason, limits, deliver)
        held &+= (connections[place]?.held ?? 0) &- before
        retire(slot, to: .closed)
        slots[slot].wasReset = reason == .reset
    }

    /// Frees the state of an open connection; its slot keeps the endpoints.
    private mutating func retire(_ slot: Int, to state: ConnectionSlot.State) {
        let place = slots[slot].connection
        if let connection = connections[place] {
            held &-= connection.held
            historyHeld &-= 2 &* connection.low.history.capacity
            slots[slot].endLow = connection.low.horizonSequence
            slots[slot].endHigh = connection.high.horizonSequence
        }
        connections[place] = nil
        freeConnections.append(place)
        slots[slot].connection = -1
        slots[slot].state = state
        slots[slot].isEnded = slots[slot].isEnded || state == .closed
    }

    /// Frees the slot of a connection that is not open.
    private mutating func forget(_ slot: Int) {
        table.remove(table.hash(slots[slot].ends), slot)
        slots[slot].state = .free
        slots[slot].number = -1
        freeSlots.append(slot)
    }
}
