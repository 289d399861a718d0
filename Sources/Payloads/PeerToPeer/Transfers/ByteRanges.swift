// Tracks which bytes of a transfer were received.

/// A sorted set of disjoint ranges of bytes.
package struct ByteRanges: Sendable, Hashable {
    /// The ranges in ascending order; no two touch.
    package private(set) var ranges: [Range<UInt64>] = []

    package init() {}

    /// The number of bytes; ranges of real data cannot add up to more than 64 bits hold.
    package var count: UInt64 { ranges.reduce(0) { $0 &+ ($1.upperBound &- $1.lowerBound) } }

    /// Whether all bytes below `end` are included.
    package func isWhole(to end: UInt64) -> Bool {
        end == 0 || (ranges.count == 1 && ranges[0].lowerBound == 0 && ranges[0].upperBound >= end)
    }

    /// Adds a range.
    ///
    /// - Returns: the parts of it that were not included before.
    package mutating func insert(_ range: Range<UInt64>) -> [Range<UInt64>] {
        guard !range.isEmpty else { return [] }
        if let last = ranges.last, range.lowerBound >= last.upperBound {
            if range.lowerBound == last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
            return [range]
        }
        // The first range that ends at or after the new one's start, and the first that starts after its end.
        let first = partition { $0.upperBound < range.lowerBound }
        let end = partition { $0.lowerBound <= range.upperBound }
        var fresh: [Range<UInt64>] = []
        var next = range.lowerBound
        for old in ranges[first..<end] {
            if old.lowerBound > next { fresh.append(next..<min(old.lowerBound, range.upperBound)) }
            next = max(next, old.upperBound)
        }
        if next < range.upperBound { fresh.append(next..<range.upperBound) }
        let start = first < end ? min(range.lowerBound, ranges[first].lowerBound) : range.lowerBound
        ranges.replaceSubrange(first..<end, with: CollectionOfOne(start..<max(next, range.upperBound)))
        return fresh
    }

    /// The ranges below `size` that are not included.
    package func missing(of size: UInt64) -> [Range<UInt64>] {
        var missing: [Range<UInt64>] = []
        var next: UInt64 = 0
        for range in ranges where next < size {
            if range.lowerBound > next { missing.append(next..<min(size, range.lowerBound)) }
            next = range.upperBound
        }
        if next < size { missing.append(next..<size) }
        return missing
    }

    /// The index of the first range that does not satisfy a condition; all that satisfy it must come first.
    private func partition(_ fulfils: (Range<UInt64>) -> Bool) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if fulfils(ranges[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
