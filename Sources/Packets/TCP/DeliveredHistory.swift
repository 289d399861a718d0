// Keeps the last delivered bytes of a direction, to compare retransmissions with.

/// A ring buffer of delivered bytes, addressed by stream offset.
struct DeliveredHistory: Sendable {
    private var ring: [UInt8] = []
    /// The ring holds the offsets from `start` up to `end`.
    private var start: Int64 = 0
    private var end: Int64 = 0

    /// Size in bytes: a power of two, or 0 for no history. The first bytes allocate the memory.
    var capacity = 0

    /// Adds bytes that were delivered at `offset`.
    mutating func record(_ bytes: Span<UInt8>, at offset: Int64) {
        if capacity == 0 { return }
        if ring.isEmpty { ring = [UInt8](repeating: 0, count: capacity) }
        if offset != end { start = offset }
        end = offset &+ Int64(bytes.count)
        let kept = min(bytes.count, capacity)
        let place = Int(truncatingIfNeeded: end &- Int64(kept)) & (capacity &- 1)
        let begin = bytes.count &- kept
        let first = min(kept, capacity &- place)
        ring.overwrite(at: place, with: bytes.extracting(begin..<(begin &+ first)))
        if first < kept { ring.overwrite(at: 0, with: bytes.extracting((begin &+ first)..<bytes.count)) }
        start = max(start, end &- Int64(capacity))
    }

    /// Compares the recorded part of `range` with the packet's bytes from `index` on. Returns nil if nothing differs.
    func compare(_ range: Range<Int64>, _ packet: Span<UInt8>, from index: Int) -> Difference? {
        var difference: Difference?
        let low = max(range.lowerBound, start)
        let high = min(range.upperBound, end)
        if ring.isEmpty || low >= high { return nil }
        let mask = ring.count &- 1
        for place in low..<high
        where ring[Int(truncatingIfNeeded: place) & mask] != packet[index &+ Int(place &- range.lowerBound)] {
            Difference.note(place, in: &difference)
        }
        return difference
    }
}
