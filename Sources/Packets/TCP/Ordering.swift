// When held bytes go out: in the order in which the two sides said them, and not later than the limits allow.

extension TCPConnection {
    /// Lets out what may go out at `now`; with `force` everything, as at the end.
    mutating func advance(to now: Int64, _ limits: ReassemblyLimits, force: Bool, _ deliver: StreamReceiver) {
        open(at: now, limits, force: force, deliver)
        if isOpened {
            Self.fixStart(&low, at: now, packets, limits, force: force)
            Self.fixStart(&high, at: now, packets, limits, force: force)
            repeat {
                drain(deliver)
            } while giveUp(at: now, limits, force: force, deliver)
            relieve(true, limits, now, deliver)
            relieve(false, limits, now, deliver)
        }
        if low.suspect != nil || high.suspect != nil { forgetSuspects(at: now, limits, force: force, deliver) }
        if low.isFinished, high.isFinished, finishTime == nil { finishTime = now }
        isCalm =
            isOpened && low.queue.isEmpty && high.queue.isEmpty && low.isAnchored && high.isAnchored
            && finishTime == nil && resetTime == nil && low.suspect == nil && high.suspect == nil
    }

    /// Whether time alone may change something.
    var waits: Bool {
        !isOpened || !low.queue.isEmpty || !high.queue.isEmpty || finishTime != nil || resetTime != nil
            || low.suspect != nil || high.suspect != nil
    }

    /// Whether the connection ended long enough ago to be reported closed.
    func isOver(at now: Int64, _ limits: ReassemblyLimits) -> StreamEnd? {
        if let finishTime, now &- finishTime > limits.closeDelay { return .fin }
        if let resetTime, now &- resetTime > limits.closeDelay { return .reset }
        return nil
    }

    /// Lets out all that is held, says what is missing, and closes the books.
    mutating func close(_ reason: StreamEnd, _ limits: ReassemblyLimits, _ deliver: StreamReceiver) {
        advance(to: lastTime, limits, force: true, deliver)
        lose(fromLow: true, upTo: low.end, limits, deliver)
        lose(fromLow: false, upTo: high.end, limits, deliver)
        let lowEnded = low.fin != .max || resetTime != nil
        let highEnded = high.fin != .max || resetTime != nil
        low.settleAccounts(otherSideEnded: highEnded)
        high.settleAccounts(otherSideEnded: lowEnded)
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

    /// Says `opened` as soon as it is clear who the client is, or no longer worth waiting for.
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

    /// The port of MSN's servers decides, else the lower port is the server's.
    private var guessLowIsClient: Bool {
        if (ends.low.port == 1863) != (ends.high.port == 1863) { return ends.high.port == 1863 }
        return ends.high.port < ends.low.port
    }

    /// Fixes where a stream without SYN starts: at once if a number says that nothing came before, else after a while.
    private static func fixStart(
        _ me: inout Direction, at now: Int64, _ packets: Int, _ limits: ReassemblyLimits, force: Bool
    ) {
        guard !me.isAnchored, me.hasPayload else { return }
        let isKnown = me.lowest == me.acked || me.lowest == me.stands
        let waited =
            packets &- me.firstPacket >= limits.startPackets
            || (now &- me.firstTime).magnitude > limits.startTime.magnitude
        if isKnown || waited || force { me.anchor(at: me.lowest) }
    }

    /// Lets out everything that nothing stands before.
    private mutating func drain(_ deliver: StreamReceiver) {
        while true {
            let lowFront = low.isAnchored ? low.queue.front : nil
            let highFront = high.isAnchored ? high.queue.front : nil
            let lowIsNext = lowFront.map { $0.start == low.next } ?? false
            let highIsNext = highFront.map { $0.start == high.next } ?? false
            let lowMay = lowIsNext && high.satisfies(lowFront?.need ?? .min)
            let highMay = highIsNext && low.satisfies(highFront?.need ?? .min)
            let lowIsOlder = (lowFront?.packet ?? .max) < (highFront?.packet ?? .max)
            // Each waits for the other: one is a retransmission that carries a newer acknowledgement. No byte is missing.
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

    /// Declares one hole that stands before held bytes, if it is time for that.
    /// - Returns: whether it did
    private mutating func giveUp(at now: Int64, _ limits: ReassemblyLimits, force: Bool, _ deliver: StreamReceiver)
        -> Bool
    {
        let lowFront = low.isAnchored ? low.queue.front : nil
        let highFront = high.isAnchored ? high.queue.front : nil
        let lowIsOlder = (lowFront?.packet ?? .max) < (highFront?.packet ?? .max)
        for fromLow in [lowIsOlder, !lowIsOlder] {
            guard let front = fromLow ? lowFront : highFront else { continue }
            let next = fromLow ? low.next : high.next
            let otherNext = fromLow ? high.next : low.next
            let isHole = front.start > next
            let isAcked = !isHole || (fromLow ? low.acked : high.acked) >= front.start
            guard force || hasWaited(front.time, front.packet, isAcked: isAcked, at: now, limits) else { continue }
            if isHole {
                lose(fromLow: fromLow, upTo: front.start, limits, deliver)
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
                lose(fromLow: !fromLow, upTo: stop, limits, deliver)
            }
            // Whatever the numbers were, each round must come closer to the end.
            if (fromLow ? low.next : high.next) > next || (fromLow ? high.next : low.next) > otherNext { return true }
            guard force, !isHole, front.need > .min else { return false }
            // What the other side lacks cannot be told; the bytes go out all the same.
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

    /// Declares bytes missing, up to an offset.
    private mutating func lose(fromLow: Bool, upTo offset: Int64, _ limits: ReassemblyLimits, _ deliver: StreamReceiver)
    {
        if fromLow {
            low.declareLost(upTo: offset, id, lastTime, limits, deliver)
        } else {
            high.declareLost(upTo: offset, id, lastTime, limits, deliver)
        }
    }

    /// Keeps one direction within its bytes: holes are declared early until it is.
    private mutating func relieve(_ fromLow: Bool, _ limits: ReassemblyLimits, _ now: Int64, _ deliver: StreamReceiver)
    {
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
        } while giveUp(at: now, limits, force: true, deliver)
    }

    /// Segments far off that nothing continued are not kept longer than others.
    private mutating func forgetSuspects(
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
    /// Lets the first held segment out.
    mutating func release(_ id: ConnectionID, _ deliver: StreamReceiver) {
        guard let segment = queue.popFirst() else { return }
        if segment.isFin {
            isFinished = true
        } else {
            self.deliver(segment.bytes.span, id, segment.time, deliver)
        }
    }

    /// Says and notes that everything up to an offset is missing.
    mutating func declareLost(
        upTo offset: Int64, _ id: ConnectionID, _ time: Int64, _ limits: ReassemblyLimits, _ deliver: StreamReceiver
    ) {
        guard isAnchored, offset > next else { return }
        let kind = StreamEvent.Kind.gap(side, offset: next &- origin, count: offset &- next)
        lose(upTo: offset, listing: limits.listedGaps)
        deliver(StreamEvent(connection: id, time: time, kind: kind), Span())
    }
}

extension TCPConnection {
    /// Lets out all that is held, because other connections need the memory.
    mutating func giveWay(_ limits: ReassemblyLimits, _ deliver: StreamReceiver) {
        let lowHolds = low.held >= high.held
        advance(to: lastTime, limits, force: true, deliver)
        if lowHolds {
            low.report(.totalLimit, low.next, 0, id, lastTime, deliver)
        } else {
            high.report(.totalLimit, high.next, 0, id, lastTime, deliver)
        }
    }
}
