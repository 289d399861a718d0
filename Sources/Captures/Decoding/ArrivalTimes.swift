// Keeps the arrival times of bytes that could not be decoded at once.

/// The arrival times of the undecoded bytes of one side.
struct ArrivalTimes {
    /// For each arrival: the end of the bytes, counted from the first undecoded byte, and the time.
    private var marks: [(end: Int, time: Int64)] = []
    private var decoded = 0

    /// The maximum number of times; undecoded bytes are mostly one command in a few segments.
    private static let most = 1_024

    /// Notes that this many bytes are undecoded; the last of them arrived at this time.
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

    /// The arrival time of the last byte of the next piece, which is this many bytes long.
    mutating func time(of count: Int, _ now: Int64) -> Int64 {
        guard !marks.isEmpty else { return now }
        decoded += count
        let time = marks.first { $0.end >= decoded }?.time ?? now
        marks.removeAll { $0.end <= decoded }
        if marks.isEmpty { decoded = 0 }
        return time
    }
}
