// The offsets of a time zone from UTC, as a table. Callers make the table; this module never asks the system.

/// A time zone: its offset from UTC at each point in time.
package struct TimeZoneRules: Sendable, Hashable {
    /// An offset, and the time from which it holds.
    private struct Change: Sendable, Hashable {
        /// In seconds since 1970.
        var start: Int64
        /// In seconds east of UTC.
        var offset: Int64
    }

    /// The changes in order of time; the first offset also holds before its time.
    private var changes: [Change] = []

    /// Universal time; texts have `Z` or `UTC`.
    package static let utc = TimeZoneRules()

    private init() {}

    /// The years that the table of a local zone covers, in seconds since 1970: 1970 to 2100.
    private static let covered: ClosedRange<Int64> = 0...4_102_444_800
    /// Offsets that hold for less than a week may be missed; no zone had any since 1970.
    private static let step: Int64 = 7 * 86_400

    /// Makes the table of a local zone. Before 1970 and after 2100 the nearest known offset holds.
    ///
    /// - Parameter offset: the offset from UTC, in seconds to the east, at a second since 1970.
    package init(offset: (_ second: Int64) -> Int64) {
        var last = offset(Self.covered.lowerBound)
        changes = [Change(start: Self.covered.lowerBound, offset: last)]
        for second in stride(from: Self.covered.lowerBound, to: Self.covered.upperBound, by: Int(Self.step)) {
            let end = second + Self.step
            let next = offset(end)
            guard next != last else { continue }
            // The change is in (low, high].
            var (low, high) = (second, end)
            while high - low > 1 {
                let middle = low + (high - low) / 2
                if offset(middle) == last { low = middle } else { high = middle }
            }
            changes.append(Change(start: high, offset: next))
            last = next
        }
    }

    /// Whether this is a local zone, whose offset texts must have.
    package var isLocal: Bool { !changes.isEmpty }

    /// The offset at a second since 1970, in seconds east of UTC.
    package func offset(at second: Int64) -> Int64 {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].start <= second { low = middle + 1 } else { high = middle }
        }
        return changes.isEmpty ? 0 : changes[max(0, low - 1)].offset
    }

    /// The second since 1970 at which clocks of this zone show a date and time. Where they show it twice, the first
    /// one; where they skip it, the second from which they are ahead of it.
    ///
    /// - Parameter local: the date and time as seconds since 1970 of a clock without an offset.
    package func second(ofLocal local: Int64) -> Int64 {
        // Offsets are less than a day.
        let candidates = [offset(at: local &- 86_400), offset(at: local &+ 86_400)].map { local &- $0 }
        if let exact = candidates.filter({ $0 &+ offset(at: $0) == local }).min() { return exact }
        guard let low = candidates.min(), let high = candidates.max() else { return local }
        return changes.first { $0.start > low && $0.start <= high }?.start ?? low
    }

    /// The zone as text: `UTC`, or the offset at a second since 1970, such as `+02:00`.
    package func name(at second: Int64) -> String { isLocal ? Self.text(ofOffset: offset(at: second)) : "UTC" }

    /// An offset as in RFC 3339: `+02:00`. Seconds are added if there are any.
    static func text(ofOffset offset: Int64) -> String {
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let size = abs(offset)
        let seconds = size % 60 == 0 ? "" : ":\(two(size % 60))"
        return "\(offset < 0 ? "-" : "+")\(two(size / 3_600)):\(two(size / 60 % 60))\(seconds)"
    }
}
