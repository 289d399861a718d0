// Decides when held bytes are delivered: in the order in which the two sides sent them, and within the limits.

extension TCPConnection {
    /// Delivers everything that may be delivered at `now`; with `force`, everything, as at the end.
    mutating func advance(to now: Int64, _ limits: ReassemblyLimits, force: Bool, _ deliver: StreamReceiver) {
        open(at: now, limits, force: force, deliver)
        if isOpened {
            Self.fixStart(&low, at: now, packets, limits, force: force)
            Self.fixStart(&high, at: now, packets, limits, force: force)
            repeat {
                drain(deliver)
            } while declareNextGap(at: now, limits, force: force, deliver)
            enforceLimit(true, limits, now, deliver)
            enforceLimit(false, limits, now, deliver)
        }
        if low.suspect != nil || high.suspect != nil { dropStaleSuspects(at: now, limits, force: force, deliver) }
        if low.isFinished, high.isFinished, finishTime == nil { finishTime = now }
        allowsFastPath =
            isOpened && low.queue.isEmpty && high.queue.isEmpty && low.isAnchored && high.isAnchored
            && finishTime == nil && resetTime == nil && low.suspect == nil && high.suspect == nil
    }

    /// Whether the mere passing of time can change the state.
    var waits: Bool {
        !isOpened || !low.queue.isEmpty || !high.queue.isEmpty || finishTime != nil || resetTime != nil
            || low.suspect != nil || high.suspect != nil
    }

    /// How the connection ended, if that was long enough ago to report it closed; else nil.
    func isOver(at now: Int64, _ limits: ReassemblyLimits) -> StreamEnd? {
        if let finishTime, now &- finishTime > limits.closeDelay { return .fin }
        if let resetTime, now &- resetTime > limits.closeDelay { return .reset }
        return nil
    }

    /// Delivers all held bytes, reports all missing ones, and completes the summaries.
    mutating func close(_ reason: StreamEnd, _ limits: ReassemblyLimits, _ deliver: StreamReceiver) {
        advance(to: lastTime, limits, force: true, deliver)
        declareGap(fromLow: true, upTo: low.end, limits, deliver)
        declareGap(fromLow: false, upTo: high.end, limits, deliver)
        let lowEnded = low.fin != .max || resetTime != nil
        let highEnded = high.fin != .max || resetTime != nil
        low.completeSummary(otherSideEnded: highEnded)
        high.completeSummary(otherSideEnded: lowEnded)
        let actual: StreamEnd
        let isFinished = low.isFinished && high.isFinished
        switch reason {
        case .endOfCapture where isFinished, .reused where isFinished: actual = .fin
        case .endOfCapture, .idle: actual = resetTime != nil ? .reset : reason
        default: actual = reason
        }
        let (a, b) = low.side == .a ? (low.summary, high.summary) : (high.summary, low.summary)
        let kind = StreamEvent.Kind.closed(actual, a: a, b: b)
        deliver(StreamEvent(connection: id, time: finishTime ?? resetTime ?? lastTime, kind: kind), Span())
    }

    /// Reports `opened` once the client is known, or the wait for evidence exceeds its limit.
    mutating func open(at now: Int64, _ limits: ReassemblyLimits, force: Bool, _ deliver: StreamReceiver) {
        if isOpened { return }
        let waited = packets >= limits.startPackets || now &- firstTime > limits.startTime
        guard lowIsClient != nil || waited || force else { return }
        isOpened = true
        let lowIsA = lowIsClient ?? guessLowIsClient
        let kind = StreamEvent.Kind.opened(
            client: lowIsA ? ends.low : ends.high, server: lowIsA ? ends.high : ends.low,
            by: lowIsClient == nil ? .guessed : .syn)
        deliver(StreamEvent(connection: id, time: firstTime, kind: kind), Span())
        low.name(lowIsA ? .a : .b, id, deliver)
        high.name(lowIsA ? .b : .a, id, deliver)
    }

    /// Port 1863 is the server's, as MSN uses it; else the lower port is.
    private var guessLowIsClient: Bool {
        if (ends.low.port == 1863) != (ends.high.port == 1863) { return ends.high.port == 1863 }
        return ends.high.port < ends.low.port
    }

    /// Fixes the start of a stream without SYN: at once if a sequence number proves that nothing came before, else
    /// after a wait.
    private static func fixStart(
        _ sender: inout Direction, at now: Int64, _ packets: Int, _ limits: ReassemblyLimits, force: Bool
    ) {
        guard !sender.isAnchored, sender.hasPayload else { return }
        let isKnown = sender.lowest == sender.acked || sender.lowest == sender.emptySegmentOffset
        let waited =
            packets &- sender.firstPacket >= limits.startPackets
            || (now &- sender.firstTime).magnitude > limits.startTime.magnitude
        if isKnown || waited || force { sender.anchor(at: sender.lowest) }
    }

    /// Delivers all held segments that wait for nothing.
    private mutating func drain(_ deliver: StreamReceiver) {
        while true {
            let lowFront = low.isAnchored ? low.queue.front : nil
            let highFront = high.isAnchored ? high.queue.front : nil
            let lowIsNext = lowFront.map { $0.start == low.next } ?? false
            let highIsNext = highFront.map { $0.start == high.next } ?? false
            let lowMay = lowIsNext && high.satisfies(lowFront?.need ?? .min)
            let highMay = highIsNext && low.satisfies(highFront?.need ?? .min)
            let lowIsOlder = (lowFront?.packet ?? .max) < (highFront?.packet ?? .max)
            // Both sides wait for each other: one segment is a retransmission with a newer acknowledgement. No byte is
            // missing.
            let isCycle = lowIsNext && highIsNext && !lowMay && !highMay
            if (lowMay || isCycle) && (lowIsOlder || !(highMay || isCycle)) {
                low.release(id, deliver)
            } else if highMay || isCycle {
                high.release(id, deliver)
            } else {
                return
            }
        }
    }

    /// Declares one gap before held bytes, if its time has come.
    /// - Returns: whether anything changed
    private mutating func declareNextGap(
        at now: Int64, _ limits: ReassemblyLimits, force: Bool, _ deliver: StreamReceiver
    )
        -> Bool
    {
        let lowFront = low.isAnchored ? low.queue.front : nil
        let highFront = high.isAnchored ? high.queue.front : nil
        let lowIsOlder = (lowFront?.packet ?? .max) < (highFront?.packet ?? .max)
        for fromLow in [lowIsOlder, !lowIsOlder] {
            guard let front = fromLow ? lowFront : highFront else { continue }
            let next = fromLow ? low.next : high.next
            let otherNext = fromLow ? high.next : low.next
            let isGap = front.start > next
            let isAcked = !isGap || (fromLow ? low.acked : high.acked) >= front.start
            guard force || hasWaited(front.time, front.packet, isAcked: isAcked, at: now, limits) else { continue }
            if isGap {
                declareGap(fromLow: fromLow, upTo: front.start, limits, deliver)
            } else if !(fromLow ? high.isAnchored : low.isAnchored) {
                if fromLow { high.anchor(at: high.lowest) } else { low.anchor(at: low.lowest) }
                return true
            } else {
                let otherFront = fromLow ? highFront : lowFront
                let stop = min(front.need, otherFront?.start ?? .max)
                if fromLow ? high.lacksOnlyFin(before: stop) : low.lacksOnlyFin(before: stop) {
                    if fromLow { low.queue.lowerNeed(to: high.next) } else { high.queue.lowerNeed(to: low.next) }
                    return true
                }
                declareGap(fromLow: !fromLow, upTo: stop, limits, deliver)
            }
            // Each round must make progress, whatever the sequence numbers are.
            if (fromLow ? low.next : high.next) > next || (fromLow ? high.next : low.next) > otherNext { return true }
            guard force, !isGap, front.need > .min else { return false }
            // The other side's gap has no known size; its bytes are delivered nevertheless.
            if fromLow { low.queue.lowerNeed(to: .min) } else { high.queue.lowerNeed(to: .min) }
            return true
        }
        return false
    }

    private func hasWaited(_ since: Int64, _ packet: Int, isAcked: Bool, at now: Int64, _ limits: ReassemblyLimits)
        -> Bool
    {
        let time = now &- since
        let count = packets &- packet
        if time > limits.retransmissionTime || count > limits.retransmissionPackets { return true }
        return isAcked && count >= limits.reorderPackets && time >= limits.reorderTime
    }

    /// Declares one side's bytes missing, up to an offset.
    private mutating func declareGap(
        fromLow: Bool, upTo offset: Int64, _ limits: ReassemblyLimits, _ deliver: StreamReceiver
    ) {
        if fromLow {
            low.declareGap(upTo: offset, id, lastTime, limits, deliver)
        } else {
            high.declareGap(upTo: offset, id, lastTime, limits, deliver)
        }
    }

    /// Enforces the memory limit of one direction: declares gaps early until it holds.
    private mutating func enforceLimit(
        _ fromLow: Bool, _ limits: ReassemblyLimits, _ now: Int64, _ deliver: StreamReceiver
    ) {
        guard (fromLow ? low.held : high.held) > limits.directionBytes else { return }
        if fromLow {
            low.report(.directionLimit, low.next, 0, id, lastTime, deliver)
        } else {
            high.report(.directionLimit, high.next, 0, id, lastTime, deliver)
        }
        Self.fixStart(&low, at: now, packets, limits, force: true)
        Self.fixStart(&high, at: now, packets, limits, force: true)
        repeat {
            drain(deliver)
        } while declareNextGap(at: now, limits, force: true, deliver)
    }

    /// Drops distant segments that no other segment continued within `startTime`.
    private mutating func dropStaleSuspects(
        at now: Int64, _ limits: ReassemblyLimits, force: Bool, _ deliver: StreamReceiver
    ) {
        if let time = low.suspect?.time, force || now &- time > limits.startTime {
            low.dropSuspect(id, now, deliver)
        }
        if let time = high.suspect?.time, force || now &- time > limits.startTime {
            high.dropSuspect(id, now, deliver)
        }
    }
}

extension Direction {
    /// Delivers the first held segment.
    mutating func release(_ id: ConnectionID, _ deliver: StreamReceiver) {
        guard let segment = queue.popFirst() else { return }
        if segment.isFin {
            isFinished = true
        } else {
            self.deliver(segment.bytes.span, id, segment.time, deliver)
        }
    }

    /// Reports and records that everything up to an offset is missing.
    mutating func declareGap(
        upTo offset: Int64, _ id: ConnectionID, _ time: Int64, _ limits: ReassemblyLimits, _ deliver: StreamReceiver
    ) {
        guard isAnchored, offset > next else { return }
        let kind = StreamEvent.Kind.gap(side, offset: next &- origin, count: offset &- next)
        recordGap(upTo: offset, listing: limits.listedGaps)
        deliver(StreamEvent(connection: id, time: time, kind: kind), Span())
    }
}

extension TCPConnection {
    /// Delivers all held bytes because other connections need the memory.
    mutating func releaseHeld(_ limits: ReassemblyLimits, _ deliver: StreamReceiver) {
        let lowHolds = low.held >= high.held
        advance(to: lastTime, limits, force: true, deliver)
        if lowHolds {
            low.report(.totalLimit, low.next, 0, id, lastTime, deliver)
        } else {
            high.report(.totalLimit, high.next, 0, id, lastTime, deliver)
        }
    }
}
