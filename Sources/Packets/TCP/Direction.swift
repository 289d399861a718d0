// The state of one direction of a connection: maps sequence numbers to 64-bit stream offsets and records gaps.

/// One side's stream as a receiver tracks it. It makes no decision that depends on time; `Ordering.swift` does.
///
/// Inside the module, offsets count from `reference`, the first sequence number observed; they can be negative until
/// the start of the stream is fixed. Offsets in events count from `origin`.
struct Direction: Sendable {
    var side = StreamSide.a
    /// Whether `opened` was reported, so that `side` is final.
    var isNamed = false
    /// Findings from before `opened`: name, offset, count, time.
    var early: [(StreamFinding.Name, Int64, Int64, Int64)] = []
    /// The limit on `early`: the first few packets cannot cause more useful findings.
    static let maxEarlyFindings = 16
    var reference: UInt32 = 0
    var hasReference = false
    /// Whether `origin` is fixed.
    var isAnchored = false
    var origin: Int64 = 0
    /// The offset up to which all bytes were delivered or declared missing.
    var next: Int64 = 0
    /// The end of all payload that this side's own segments declare.
    var end: Int64 = 0
    /// The lowest offset of payload, while not anchored.
    var lowest = Int64.max
    /// The highest offset that the other side acknowledged.
    var acked = Int64.min
    /// Offset of the last packet without payload.
    var emptySegmentOffset = Int64.min
    var fin = Int64.max
    var isFinished = false
    /// The sequence number of the SYN.
    var initial: UInt32?
    var queue = SegmentQueue()
    /// A segment far from the stream, until another one continues it.
    var suspect: HeldSegment?
    /// A confirmed jump that no gap explains: the following segments belong to another connection.
    var belongsElsewhere = false
    /// Time and packet number of the first payload, while not anchored.
    var firstTime: Int64 = 0
    var firstPacket = 0
    var history = DeliveredHistory()
    var summary = DirectionSummary()

    /// Bytes of held segments, with bookkeeping.
    var held: Int { queue.cost &+ (suspect.map { $0.bytes.count &+ ReassemblyLimits.segmentCost } ?? 0) }
    var hasPayload: Bool { isAnchored || lowest != .max }
    var horizon: Int64 { max(end, next) }

    /// The 64-bit offset of a sequence number: of all candidates, the one nearest to the stream's current end.
    @inline(__always)
    func offset(_ sequence: UInt32) -> Int64 {
        let near = horizon
        let there = reference &+ UInt32(truncatingIfNeeded: near)
        return near &+ Int64(Int32(bitPattern: sequence &- there))
    }

    @inline(__always)
    var nextSequence: UInt32 { reference &+ UInt32(truncatingIfNeeded: next) }

    /// The sequence number behind everything observed.
    var horizonSequence: UInt32 { reference &+ UInt32(truncatingIfNeeded: horizon) }

    /// Whether a late SYN with this number can belong to the stream: right before its start if that is fixed, else
    /// before all payload.
    func couldStart(after syn: UInt32, _ limits: ReassemblyLimits) -> Bool {
        if !hasReference { return true }
        let start = offset(syn &+ 1)
        if isAnchored { return start == origin }
        return start <= min(lowest, horizon) && horizon &- start <= Int64(limits.plausibleJump)
    }

    /// Makes a sequence number offset 0, if it is the first one observed.
    mutating func setReference(to sequence: UInt32) {
        if hasReference { return }
        reference = sequence
        hasReference = true
    }

    /// Fixes the start of the stream.
    mutating func anchor(at offset: Int64) {
        isAnchored = true
        origin = offset
        next = offset
        end = max(end, offset)
    }

    /// Records an acknowledgement by the other side.
    /// - Returns: the acknowledged offset, or nil if it is more than `plausible` bytes away from the stream
    mutating func acknowledge(_ number: UInt32, plausible: Int) -> Int64? {
        if !hasReference {
            setReference(to: number)
            acked = 0
            return 0
        }
        var place = offset(number)
        if (place &- horizon).magnitude > plausible.magnitude { return nil }
        if fin != .max, place == fin &+ 1 { place = fin }
        acked = max(acked, place)
        return place
    }

    /// Whether all bytes up to `need`, which the other side had received, are delivered; its next bytes may then
    /// follow.
    func satisfies(_ need: Int64) -> Bool {
        !hasPayload || (isAnchored && need <= next)
    }

    /// Records a gap from `next` up to `offset`; lists at most `limit` gaps.
    mutating func recordGap(upTo offset: Int64, listing limit: Int) {
        let gap = DirectionSummary.Gap(offset: next &- origin, count: offset &- next)
        summary.missing &+= gap.count
        if let last = summary.gaps.last, last.offset &+ last.count == gap.offset, summary.unlistedGaps == 0 {
            summary.gaps[summary.gaps.count &- 1].count &+= gap.count
        } else if summary.gaps.count < limit {
            summary.gaps.append(gap)
        } else {
            summary.unlistedGaps &+= 1
        }
        next = offset
    }

    /// Whether the acknowledgement exceeds all bytes by one: an uncaptured FIN, unless a later segment shows one more
    /// byte.
    func lacksOnlyFin(before stop: Int64) -> Bool {
        fin == .max && next == end && stop == end &+ 1 && queue.isEmpty
    }

    /// Number of bytes of an offset range inside declared gaps.
    func lost(in range: Range<Int64>) -> Int64 {
        var count: Int64 = 0
        for gap in summary.gaps.reversed() {
            let low = gap.offset &+ origin
            if low &+ gap.count <= range.lowerBound { break }
            count &+= max(0, min(low &+ gap.count, range.upperBound) &- max(low, range.lowerBound))
        }
        return count
    }

    /// Completes the summary. Missing bytes beyond everything that segments declare are not a gap but acknowledged and
    /// unseen.
    mutating func completeSummary(otherSideEnded: Bool) {
        while let last = summary.gaps.last, last.offset &+ last.count > end &- origin, summary.unlistedGaps == 0 {
            let kept = max(0, end &- origin &- last.offset)
            summary.missing &-= last.count &- kept
            summary.gaps.removeLast()
            if kept > 0 { summary.gaps.append(DirectionSummary.Gap(offset: last.offset, count: kept)) }
        }
        let unseen = max(0, acked == .min ? 0 : acked &- end)
        // An acknowledgement one beyond the last byte is that of an uncaptured FIN.
        summary.ackedUnseen = unseen == 1 && fin == .max && otherSideEnded ? 0 : unseen
        summary.sawFin = fin != .max
    }
}
