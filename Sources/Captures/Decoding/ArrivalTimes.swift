// When bytes arrived that could not be decoded at once.

/// The arrival times of the bytes of one side that are not decoded yet.
struct ArrivalTimes {
    /// What arrived when: up to which byte, counted from the first that waits.
    private var marks: [(end: Int, time: Int64)] = []
    private var decoded = 0

    /// How many times are kept: what waits is mostly one command, in a few segments.
    private static let most = 1_024

    /// Notes that so many bytes wait, the last of which arrived now.
    mutating func note(_ count: Int, _ time: Int64) {
        guard count > 0 else {
            if !marks.isEmpty { self = ArrivalTimes() }
            return
        }
        let end = decoded + count
        guard end > marks.last?.end ?? 0 else { return }
        if marks.count == Self.most { marks.removeLast() }
        marks.append((end, time))
    }

    /// When the last byte of the next piece arrived.
    mutating func time(of count: Int, _ now: Int64) -> Int64 {
        guard !marks.isEmpty else { return now }
        decoded += count
        let time = marks.first { $0.end >= decoded }?.time ?? now
        marks.removeAll { $0.end <= decoded }
        if marks.isEmpty { decoded = 0 }
        return time
    }
}
