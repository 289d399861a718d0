// How a recorder stands: what waits, how fast the disk is, and whether callers should wait for it. Pure: times come in.

/// A backlog, and what is known of the disk that takes it. Times are nanoseconds.
struct RecorderState {
    /// For how long the writer may be behind, in seconds, before callers are asked to pause. With the gathering it is less
    /// than half of the half second after which everything has to be in the file.
    ///
    /// Without these pauses callers at full speed are faster than any disk: at 20 MB/s the backlog would be three seconds
    /// long, and what was said before a kill would be gone.
    static let lag = 0.1
    static let mostBehind: Int64 = 200_000_000
    /// A transaction that takes longer is one of a slow disk: what it holds is late already, and a pause would not help.
    static let slow: Int64 = 250_000_000
    /// A disk that has done nothing for so long is taken for one that hangs.
    static let hanging: Int64 = 5_000_000_000
    /// Batches below half of this say little about how fast the disk is.
    static let enoughToMeasure = 512 << 10

    var backlog: Backlog
    /// How much is written in the time of `lag`, as measured.
    private(set) var allowance = enoughToMeasure
    /// When the oldest of what is being written came; nil while nothing is.
    private var handedOut: Int64?
    /// When the writing of it was begun.
    private var writingSince: Int64?
    /// How many batches were written.
    private(set) var written = 0
    /// Whether the last transaction took long.
    private var isSlow = false
    /// Whether the last attempt failed.
    private var isFailing = false
    /// Whether it was said that nothing is recorded just now.
    private var hasComplained = false
    /// Whether it was said that something is lost.
    private var hasSaidHole = false
    var isClosing = false
    var callbacks: [@Sendable () -> Void] = []

    init(backlog: Backlog) { self.backlog = backlog }

    /// Whether callers may go on.
    func keepsUp(_ now: Int64) -> Bool {
        if isFailing || stall(now) > Self.hanging { return true }
        if backlog.isNearlyFull { return false }
        if isSlow || stall(now) > Self.slow { return true }
        return backlog.size <= allowance && now - (handedOut ?? backlog.oldest ?? now) < Self.mostBehind
    }

    /// Whether what comes now will be written: the disk answers, and there is room until it does.
    func isRecording(_ now: Int64) -> Bool { !isFailing && stall(now) <= Self.hanging && !backlog.isLosing }

    /// What should be said now, once each time that it begins.
    mutating func news(_ now: Int64) -> [String] {
        var lines: [String] = []
        let most = backlog.most >> 20
        if stall(now) > Self.hanging, !hasComplained {
            hasComplained = true
            lines.append(
                "NOT RECORDING: the disk has not answered for \(Self.hanging / 1_000_000_000) s; connections go on, and "
                    + "\(most) MiB wait until it does")
        }
        if backlog.isLosing, !hasSaidHole {
            hasSaidHole = true
            lines.append("\(most) MiB wait for the archive already: what is said now will be a hole in it")
        }
        return lines
    }

    /// Hands out what is to be written next: about twice what the disk does in the time of `lag`.
    mutating func handOut(_ now: Int64) -> [Backlog.Piece] {
        handedOut = backlog.oldest
        writingSince = now
        return backlog.take(max(Backlog.pieceSize, allowance * 2))
    }

    /// What was handed out is written, which took so long.
    ///
    /// - Returns: whether it is news that the disk takes something.
    mutating func settle(_ batch: [Backlog.Piece], _ elapsed: Int64) -> Bool {
        let size = batch.reduce(0) { $0 + $1.size }
        backlog.settle(batch)
        handedOut = nil
        writingSince = nil
        written += 1
        if elapsed > Self.slow { isSlow = true } else if elapsed < Self.slow / 2 { isSlow = false }
        if size > Self.enoughToMeasure / 2 {
            let inTime = min(Double(size) / Double(max(1, elapsed)) * 1e9 * Self.lag, Double(Backlog.most / 2))
            // Down at once, up by halves.
            allowance = max(Self.enoughToMeasure, Int(min(inTime, Double(allowance) * 0.5 + inTime * 0.5)))
        }
        isFailing = false
        if !backlog.isLosing { hasSaidHole = false }
        defer { hasComplained = false }
        return hasComplained
    }

    /// What was handed out could not be written.
    ///
    /// - Returns: whether that is news.
    mutating func fail() -> Bool {
        isFailing = true
        defer { hasComplained = true }
        return !hasComplained
    }

    /// For how long the writing of one batch has lasted.
    private func stall(_ now: Int64) -> Int64 { writingSince.map { now - $0 } ?? 0 }
}
