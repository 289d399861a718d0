// When bytes came that could not be told at once.

/// The times at which the bytes of one side came that nothing was said of yet.
struct ArrivalTimes {
    /// Up to which byte, counted from the first that waits, what came when.
    private var marks: [(end: Int, time: Int64)] = []
    private var told = 0

    /// How many times are kept: what waits is mostly one command, in a few segments.
    private static let most = 1_024

    /// Notes that so many bytes wait, the last of which came now.
    mutating func note(_ count: Int, _ time: Int64) {
        guard count > 0 else {
            if !marks.isEmpty { self = ArrivalTimes() }
            return
        }
        let end = told + count
        guard end > marks.last?.end ?? 0 else { return }
        if marks.count == Self.most { marks.removeLast() }
        marks.append((end, time))
    }

    /// When the last byte of the next piece came.
    mutating func time(of count: Int, _ now: Int64) -> Int64 {
        guard !marks.isEmpty else { return now }
        told += count
        let time = marks.first { $0.end >= told }?.time ?? now
        marks.removeAll { $0.end <= told }
        if marks.isEmpty { told = 0 }
        return time
    }
}
