// A histogram of durations with fixed bounds. Pure.

/// Counts of durations by upper bounds.
struct Histogram: Sendable, Hashable {
    /// The upper bounds in seconds; beyond the last there is one more count.
    static let bounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15]

    private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    private(set) var sum = 0.0

    /// The number of durations.
    var count: UInt64 { counts.reduce(0, &+) }

    mutating func add(seconds: Double) {
        let place = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        counts[place] &+= 1
        sum += seconds
    }
}
