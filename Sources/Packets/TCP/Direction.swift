// One direction of a connection: sequence numbers become 64-bit offsets, which say what is in order and what is not.

/// The receiving end of one side's stream, without any decision about time.
///
/// Inside the module offsets count from `reference`, the first sequence number met, and can be negative while the
/// start of the stream is not fixed. What goes out counts from `origin`.
struct Direction: Sendable {
    var side = StreamSide.a
    /// Whether `opened` was said, so that `side` is settled.
    var isNamed = false
    /// Findings from before that: name, offset, count, time.
    var early: [(StreamFinding.Name, Int64, Int64, Int64)] = []
    /// No more than these are kept: the packets of the first moments cannot say more that is of use.
    static let earlyFindings = 16
    var reference: UInt32 = 0
    var hasReference = false
    /// Whether `origin` is fixed.
    var isAnchored = false
    var origin: Int64 = 0
    /// Everything before it was delivered or declared missing.
    var next: Int64 = 0
    /// The end of what this side's own segments promised.
    var end: Int64 = 0
    /// The lowest offset of payload, while not anchored.
    var lowest = Int64.max
    /// The highest offset that the other side acknowledged.
    var acked = Int64.min
    /// Where the last packet without payload stood.
    var stands = Int64.min
    var fin = Int64.max
    var isFinished = false
    /// The sequence number of the SYN.
    var initial: UInt32?
    var queue = SegmentQueue()
    /// A segment far off, until another one continues it.
    var suspect: HeldSegment?
    /// A confirmed jump that no hole explains: what comes is another connection.
    var wantsAnother = false
    /// Time and packet number of the first payload, while not anchored.
    var firstTime: Int64 = 0
    var firstPacket = 0
    var history = History()
    var summary = DirectionSummary()

    /// Bytes of segments that wait.
    var held: Int { queue.cost &+ (suspect.map { $0.bytes.count &+ ReassemblyLimits.segmentCost } ?? 0) }
    var hasPayload: Bool { isAnchored || lowest != .max }
    var horizon: Int64 { max(end, next) }

    /// The 64-bit offset of a sequence number: the one nearest to where the stream stands.
    @inline(__always)
    func offset(_ sequence: UInt32) -> Int64 {
        let near = horizon
        let there = reference &+ UInt32(truncatingIfNeeded: near)
        return near &+ Int64(Int32(bitPattern: sequence &- there))
    }

    @inline(__always)
    var nextSequence: UInt32 { reference &+ UInt32(truncatingIfNeeded: next) }

    /// The sequence number that comes after all that was met.
    var horizonSequence: UInt32 { reference &+ UInt32(truncatingIfNeeded: horizon) }

    /// Whether a late SYN with that number can belong to this stream: right before its start if that is fixed, else
    /// before all payload.
    func couldStart(after syn: UInt32, _ limits: ReassemblyLimits) -> Bool {
        if !hasReference { return true }
        let start = offset(syn &+ 1)
        if isAnchored { return start == origin }
        return start <= min(lowest, horizon) && horizon &- start <= Int64(limits.plausibleJump)
    }

    /// Takes a sequence number as offset 0, if none was met before.
    mutating func refer(to sequence: UInt32) {
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

    /// Notes what the other side has acknowledged.
    /// - Returns: the offset, or nil if the number is too far off to be believed
    mutating func acknowledge(_ number: UInt32, plausible: Int) -> Int64? {
        if !hasReference {
            refer(to: number)
            acked = 0
            return 0
        }
        var place = offset(number)
        if (place &- horizon).magnitude > plausible.magnitude { return nil }
        if fin != .max, place == fin &+ 1 { place = fin }
        acked = max(acked, place)
        return place
    }

    /// Whether everything that the other side had seen is out, so that what it said then may follow.
    func satisfies(_ need: Int64) -> Bool {
        !hasPayload || (isAnchored && need <= next)
    }

    /// Puts a hole up to `offset` into the books.
    mutating func lose(upTo offset: Int64, listing limit: Int) {
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

    /// Whether one number more than all bytes was acknowledged: a FIN that was not captured, until a later byte shows
    /// that there was one more.
    func lacksOnlyFin(before stop: Int64) -> Bool {
        fin == .max && next == end && stop == end &+ 1 && queue.isEmpty
    }

    /// How many bytes of a range of offsets lie in declared holes.
    func lost(in range: Range<Int64>) -> Int64 {
        var count: Int64 = 0
        for gap in summary.gaps.reversed() {
            let low = gap.offset &+ origin
            if low &+ gap.count <= range.lowerBound { break }
            count &+= max(0, min(low &+ gap.count, range.upperBound) &- max(low, range.lowerBound))
        }
        return count
    }

    /// Closes the books: what lies behind all promised bytes is no hole but acknowledged and unseen.
    mutating func settleAccounts(otherSideEnded: Bool) {
        while let last = summary.gaps.last, last.offset &+ last.count > end &- origin, summary.unlistedGaps == 0 {
            let kept = max(0, end &- origin &- last.offset)
            summary.missing &-= last.count &- kept
            summary.gaps.removeLast()
            if kept > 0 { summary.gaps.append(DirectionSummary.Gap(offset: last.offset, count: kept)) }
        }
        let unseen = max(0, acked == .min ? 0 : acked &- end)
        // One number more than the bytes is a FIN that was not captured.
        summary.ackedUnseen = unseen == 1 && fin == .max && otherSideEnded ? 0 : unseen
        summary.sawFin = fin != .max
        summary.sawSyn = initial != nil
    }
}
