// Which bytes of a thing are there.

/// Ranges of bytes, sorted, apart from each other.
package struct ByteRanges: Sendable, Hashable {
    /// The ranges, in rising order; none touches the next.
    package private(set) var ranges: [Range<UInt64>] = []

    /// Nothing yet.
    package init() {}

    /// How many bytes are there; the ranges of real data cannot add up to more than 64 bits hold.
    package var count: UInt64 { ranges.reduce(0) { $0 &+ ($1.upperBound &- $1.lowerBound) } }

    /// Whether everything below an end is there.
    package func isWhole(to end: UInt64) -> Bool {
        end == 0 || (ranges.count == 1 && ranges[0].lowerBound == 0 && ranges[0].upperBound >= end)
    }

    /// Adds a range.
    ///
    /// - Returns: the parts of it that were not there before.
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
        // The first range that ends at the new one's start or behind it, and the first that starts behind its end.
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

    /// What is not there of a thing of this size.
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

    /// The index of the first range that does not fulfil this; those that do stand first.
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
