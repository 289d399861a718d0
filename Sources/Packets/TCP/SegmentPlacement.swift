// Places the payload of each segment: delivers it at once, queues it, or drops it as repeated.

extension Direction {
    /// Delivers bytes that are next in order.
    @inline(__always)
    mutating func deliver(_ bytes: Span<UInt8>, _ id: ConnectionID, _ time: Int64, _ deliver: StreamReceiver) {
        let place = next
        next &+= Int64(bytes.count)
        summary.bytes &+= Int64(bytes.count)
        history.record(bytes, at: place)
        deliver(StreamEvent(connection: id, time: time, kind: .data(side, offset: place &- origin)), bytes)
    }

    /// Reports a finding about `count` bytes at an offset; keeps it until `opened` was reported.
    mutating func report(
        _ name: StreamFinding.Name, _ offset: Int64, _ count: Int64, _ id: ConnectionID, _ time: Int64,
        _ deliver: StreamReceiver
    ) {
        if isNamed {
            let finding = StreamFinding(name: name, side: side, offset: offset &- origin, count: count)
            deliver(StreamEvent(connection: id, time: time, kind: .finding(finding)), Span())
        } else if early.count < Self.maxEarlyFindings {
            early.append((name, offset, count, time))
        }
    }

    /// Sets the side, and reports the findings from before it was known.
    mutating func name(_ side: StreamSide, _ id: ConnectionID, _ deliver: StreamReceiver) {
        self.side = side
        isNamed = true
        for (name, offset, count, time) in early { report(name, offset, count, id, time, deliver) }
        early = []
    }

    /// Delivers, queues or drops the payload of a segment.
    mutating func place(
        _ arrival: Arrival, _ packet: Span<UInt8>, _ peer: borrowing Direction, _ id: ConnectionID,
        _ deliver: StreamReceiver
    ) {
        var segment = arrival
        if isKeepAlive(segment) {
            summary.keepAlives &+= 1
            return
        }
        if segment.end > fin {
            let from = max(segment.start, fin)
            report(.dataAfterFin, from, segment.end &- from, id, segment.time, deliver)
            segment.length = Int(max(0, fin &- segment.start))
            segment.captured = min(segment.captured, segment.length)
        }
        if isAnchored, segment.start < next {
            repeated(segment, packet, id, deliver)
            let old = Int(min(next &- segment.start, Int64(segment.length)))
            segment.start &+= Int64(old)
            segment.length &-= old
            segment.captured = max(0, segment.captured &- old)
            segment.payload &+= old
        }
        if segment.length == 0 { return }
        if segment.start < end, hasPayload { summary.outOfOrder &+= 1 }
        end = max(end, segment.end)
        if !isAnchored {
            if lowest == .max {
                firstTime = segment.time
                firstPacket = segment.packet
            }
            lowest = min(lowest, segment.start)
        }
        if segment.captured == 0 { return }
        if isAnchored, segment.start == next, queue.isEmpty, peer.satisfies(segment.need) {
            let payload = segment.payload..<(segment.payload &+ segment.captured)
            self.deliver(packet.extracting(payload), id, segment.time, deliver)
            return
        }
        let (repeated, difference) = queue.insert(segment, packet)
        summary.repeatedBytes &+= repeated
        reportDifference(difference, id, segment.time, deliver)
    }

    /// Whether this is a keep-alive: it repeats the last byte, or has any byte in its place (RFC 1122 section 4.2.3.6).
    private func isKeepAlive(_ segment: Arrival) -> Bool {
        guard segment.length == 1 else { return false }
        if fin != .max, segment.start == fin { return true }
        if isAnchored { return segment.start == next &- 1 && next > origin }
        if lowest != .max { return segment.start == end &- 1 }
        return acked != .min && segment.end <= acked
    }

    /// Handles the bytes of a segment before `next`: counts them and compares them with the history.
    private mutating func repeated(
        _ segment: Arrival, _ packet: Span<UInt8>, _ id: ConnectionID, _ deliver: StreamReceiver
    ) {
        let stop = min(segment.end, next)
        if segment.start < origin {
            let count = min(stop, origin) &- segment.start
            report(.beforeStart, segment.start, count, id, segment.time, deliver)
        }
        let start = max(segment.start, origin)
        if start >= stop { return }
        let late = lost(in: start..<stop)
        if late > 0 { report(.lateAfterGap, start, late, id, segment.time, deliver) }
        summary.repeatedBytes &+= stop &- start &- late
        let seen = segment.start..<min(stop, segment.capturedEnd)
        guard late == 0, seen.lowerBound < seen.upperBound else { return }
        reportDifference(history.compare(seen, packet, from: segment.payload), id, segment.time, deliver)
    }

    private mutating func reportDifference(
        _ difference: Difference?, _ id: ConnectionID, _ time: Int64, _ deliver: StreamReceiver
    ) {
        guard let difference else { return }
        summary.differingBytes &+= difference.count
        report(.overlapDiffers, difference.offset, difference.count, id, time, deliver)
    }

    /// Records a FIN, which fixes the end of the stream.
    mutating func noteFin(_ segment: Arrival, _ id: ConnectionID, _ deliver: StreamReceiver) {
        if fin != .max { return }
        if segment.end < end {
            report(.finMisplaced, segment.end, 0, id, segment.time, deliver)
            return
        }
        if !hasPayload {
            lowest = segment.end
            firstTime = segment.time
            firstPacket = segment.packet
        }
        fin = segment.end
        end = fin
        queue.append(HeldSegment(finAt: fin, of: segment))
    }

    /// Handles a segment far from the stream. The first one is only held; a second one that continues it confirm both.
    /// - Returns: true if the caller places the new segment as usual; false if it is held or belongs to another
    ///   connection
    mutating func confirm(
        _ segment: Arrival, _ packet: Span<UInt8>, _ id: ConnectionID, _ deliver: StreamReceiver
    ) -> Bool {
        if let old = suspect, old.start &+ old.declared == segment.start {
            suspect = nil
            let isAhead = segment.start > horizon && isAnchored
            if isAhead, old.start > horizon {
                end = max(end, old.end)
                queue.append(old)
                return true
            }
            report(.implausibleSequence, old.start, old.declared, id, segment.time, deliver)
            belongsElsewhere = true
            return false
        }
        dropSuspect(id, segment.time, deliver)
        suspect = HeldSegment(segment.start..<segment.capturedEnd, of: segment, packet)
        suspect?.declared = Int64(segment.length)
        return false
    }

    /// Drops and reports a distant segment that no other segment continued.
    mutating func dropSuspect(_ id: ConnectionID, _ time: Int64, _ deliver: StreamReceiver) {
        guard let old = suspect else { return }
        suspect = nil
        report(.implausibleSequence, old.start, old.declared, id, time, deliver)
    }
}
