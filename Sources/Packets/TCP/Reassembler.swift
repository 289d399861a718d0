// Many connections: segments in, the events of their streams out.

/// Turns TCP segments, in the order of the capture, into ordered byte streams, and says what is missing.
///
/// One instance may read several captures after each other; connections go on. Memory is bounded by `ReassemblyLimits`.
///
/// What it promises: per side, the bytes of `.data` and the lengths of `.gap`, in order, are the stream. The sides
/// come out in the order in which they were said: what a side says comes after all that it had acknowledged.
package struct Reassembler: Sendable {
    /// The bounds it works within.
    package let limits: ReassemblyLimits
    /// Payload bytes dropped because they came after their connection had been closed, or given up.
    package private(set) var strayBytes = 0

    private var table = ConnectionTable()
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var connections: [TCPConnection?] = []
    private var freeConnections: [Int] = []
    private var nextNumber = 0
    private var held = 0
    private var historyHeld = 0
    private var waiting = WaitingList()
    /// Time of the last packet, and the older of the last two: one packet with a wild time must not age all others.
    private var lastTime: Int64 = 0
    private var now: Int64 = 0
    private var sweepPlace = 0
    private var untilSweep = 0

    /// So many packets pass between two looks at the oldest slots.
    private static let sweepInterval = 32

    /// A reassembler without connections.
    package init(limits: ReassemblyLimits = ReassemblyLimits()) {
        self.limits = limits
    }

    /// Connections that are remembered now, ignored and closed ones included.
    package var rememberedConnections: Int { slots.count &- freeSlots.count }

    /// Bytes held back now, with the cost of bookkeeping.
    package var heldBytes: Int { held }

    /// Takes in one segment.
    /// - Parameters:
    ///   - segment: from the dissector
    ///   - packet: the bytes that the segment's `payloadOffset` counts in
    ///   - time: nanoseconds since 1970
    ///   - deliver: is called for each event, in order
    package mutating func receive(
        _ segment: Segment, in packet: Span<UInt8>, at time: Int64, deliver: StreamReceiver
    ) {
        guard segment.payloadOffset >= 0, segment.captured >= 0, segment.captured <= segment.length,
            segment.length <= Part.longest, segment.captured <= packet.count &- segment.payloadOffset
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
        look(segment, packet, ends, hash, fromLow: fromLow, at: time, deliver)
    }
}

extension Reassembler {
    /// Tells that a connection is of no interest: no further event comes for it, and its packets cost next to nothing.
    /// It stays remembered, so that another connection between the same ends is noticed.
    package mutating func ignore(_ connection: ConnectionID) {
        guard slots.indices.contains(connection.slot), slots[connection.slot].number == connection.number,
            slots[connection.slot].state == .open
        else { return }
        retire(connection.slot, to: .ignored)
    }

    /// Ends all connections: what is held comes out, then each is closed, in order of their numbers.
    package mutating func finish(deliver: StreamReceiver) {
        let open = slots.indices.filter { slots[$0].state == .open }
        for slot in open.sorted(by: { slots[$0].number < slots[$1].number }) {
            close(slot, .endOfCapture, deliver)
        }
        for slot in slots.indices where slots[slot].state != .free { forget(slot) }
        waiting = WaitingList()
    }

    /// The way of packets that are not simply next in order on an open connection.
    private mutating func look(
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
        if feed(segment, packet, slot, fromLow: fromLow, at: time, deliver) {
            close(slot, .reused, deliver)
            forget(slot)
            let fresh = open(ends, hash, at: time, deliver)
            slots[fresh].note(segment, fromLow: fromLow)
            _ = feed(segment, packet, fresh, fromLow: fromLow, at: time, deliver)
        }
    }

    /// Whether a segment begins another connection between ends that are known already.
    private func isNewConnection(_ segment: Segment, _ place: Int, fromLow: Bool) -> Bool {
        let slot = slots[place]
        let initial = fromLow ? slot.initialLow : slot.initialHigh
        if segment.flags.contains(.syn), !segment.flags.contains(.rst) {
            if let initial { return initial != segment.sequence }
            guard slot.state == .open, let connection = connections[slot.connection] else { return true }
            // A SYN that comes late stands right before the start of its stream.
            return !(fromLow ? connection.low : connection.high).couldStart(after: segment.sequence, limits)
        }
        // After a reset that was none, the stream simply goes on.
        guard slot.state == .closed, slot.wasReset, segment.length > 0 else { return false }
        let end = fromLow ? slot.endLow : slot.endHigh
        return Int32(bitPattern: segment.sequence &+ UInt32(truncatingIfNeeded: segment.length) &- end) > 0
    }

    /// Gives a segment to an open connection and sees what that leads to.
    /// - Returns: whether the segment belongs to another connection
    private mutating func feed(
        _ segment: Segment, _ packet: Span<UInt8>, _ slot: Int, fromLow: Bool, at time: Int64,
        _ deliver: StreamReceiver
    ) -> Bool {
        let place = slots[slot].connection
        let before = connections[place]?.held ?? 0
        connections[place]?.receive(segment, packet, fromLow: fromLow, at: time, limits, deliver)
        held &+= (connections[place]?.held ?? 0) &- before
        if connections[place]?.wantsRestart == true { return true }
        wait(slot, at: time)
        relieve(deliver)
        return false
    }

    /// Puts a connection on the list of those to look at again, if time alone can change something there.
    private mutating func wait(_ slot: Int, at time: Int64) {
        let place = slots[slot].connection
        guard let waits = connections[place]?.waits, waits, connections[place]?.isQueued == false else { return }
        connections[place]?.isQueued = true
        waiting.append(slot: slot, number: slots[slot].number, at: time &+ WaitingList.interval)
    }

    /// Keeps all connections within `ReassemblyLimits.totalBytes`: the one that has waited longest gives way.
    private mutating func relieve(_ deliver: StreamReceiver) {
        while held > limits.totalBytes, let entry = waiting.popFirst() {
            guard slots[entry.slot].number == entry.number, slots[entry.slot].state == .open else { continue }
            let place = slots[entry.slot].connection
            connections[place]?.isQueued = false
            let before = connections[place]?.held ?? 0
            if before > 0 { connections[place]?.giveWay(limits, deliver) }
            held &+= (connections[place]?.held ?? 0) &- before
            wait(entry.slot, at: now)
        }
    }

    /// Lets time pass: connections that wait, and a few slots in turn.
    @inline(__always)
    private mutating func tick(_ time: Int64, _ deliver: StreamReceiver) {
        now = min(time, lastTime)
        lastTime = time
        if waiting.isDue(at: now) { wake(deliver) }
        untilSweep &-= 1
        if untilSweep <= 0 { sweep(deliver) }
    }

    private mutating func wake(_ deliver: StreamReceiver) {
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

    /// Opens a connection; the first packet is not given to it yet.
    private mutating func open(_ ends: EndpointPair, _ hash: UInt64, at time: Int64, _ deliver: StreamReceiver) -> Int {
        if freeSlots.isEmpty, slots.count >= max(1, limits.connections) { makeRoom(deliver) }
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = slots.count
            slots.append(Slot(ends: ends))
        }
        let remembers = historyHeld &+ 2 &* limits.historyBytes <= limits.totalHistoryBytes
        if remembers { historyHeld &+= 2 &* limits.historyBytes }
        let connection = TCPConnection(
            id: ConnectionID(number: nextNumber, slot: slot), ends: ends, time: time,
            historyBytes: remembers ? limits.historyBytes : 0)
        if nextNumber == 0 { (lastTime, now) = (time, time) }
        nextNumber &+= 1
        slots[slot] = Slot(ends: ends)
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

    /// At the limit: of some slots, in turn, the one that was silent longest is given up, ended ones first.
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

    /// Frees what an open connection holds, and leaves the entry that remembers its ends.
    private mutating func retire(_ slot: Int, to state: Slot.State) {
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

    /// Frees a slot of a connection that is not open.
    private mutating func forget(_ slot: Int) {
        table.remove(table.hash(slots[slot].ends), slot)
        slots[slot].state = .free
        slots[slot].number = -1
        freeSlots.append(slot)
    }
}
