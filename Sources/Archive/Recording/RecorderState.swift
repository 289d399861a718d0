// The state of a recorder: backlog, disk speed, and whether callers should pause. Pure: the caller passes the time.

/// The backlog and the observed behaviour of the disk. Times are nanoseconds.
struct RecorderState {
    /// How many seconds the writer may be behind before callers should pause. Together with the collecting time this is
    /// less than half of the 0.5 s after which every event must be in the file.
    ///
    /// Without these pauses, callers at full speed are faster than any disk: at 20 MB/s the backlog would hold three
    /// seconds, which a kill would lose.
    static let lag = 0.1
    static let mostBehind: Int64 = 200_000_000
    /// A longer transaction means a slow disk: its events are late already, and a pause would not help.
    static let slow: Int64 = 250_000_000
    /// A disk that has written nothing for this long counts as hanging.
    static let hanging: Int64 = 5_000_000_000
    /// Batches below half of this many bytes are too small to measure the speed of the disk.
    static let enoughToMeasure = 512 << 10

    var backlog: Backlog
    /// The bytes that the disk writes within `lag`, as measured.
    private(set) var allowance = enoughToMeasure
    /// When the oldest event of the batch being written arrived; nil if no batch is being written.
    private var handedOut: Int64?
    /// When the write of this batch started.
    private var writingSince: Int64?
    /// The number of batches written.
    private(set) var written = 0
    /// Whether the last transaction was slow.
    private var isSlow = false
    /// Whether the last attempt failed.
    private(set) var isFailing = false
    /// Whether a message reported that nothing is being recorded.
    private var hasReportedFailure = false
    /// Whether a message reported that events are being lost.
    private var hasReportedLoss = false
    var isClosing = false
    var callbacks: [@Sendable () -> Void] = []

    init(backlog: Backlog) { self.backlog = backlog }

    /// Whether callers may continue without a pause.
    func keepsUp(_ now: Int64) -> Bool {
        if isFailing || stall(now) > Self.hanging { return true }
        if backlog.isNearlyFull { return false }
        if isSlow || stall(now) > Self.slow { return true }
        return backlog.size <= allowance && now - (handedOut ?? backlog.oldest ?? now) < Self.mostBehind
    }

    /// Whether new events will be written: the disk responds, and the backlog has space until then.
    func isRecording(_ now: Int64) -> Bool { !isFailing && stall(now) <= Self.hanging && !backlog.isLosing }

    /// The lines to report to users now, once for each occurrence of a problem.
    mutating func news(_ now: Int64) -> [String] {
        var lines: [String] = []
        let most = backlog.most >> 20
        if stall(now) > Self.hanging, !hasReportedFailure {
            hasReportedFailure = true
            lines.append(
                "NOT RECORDING: the disk has not answered for \(Self.hanging / 1_000_000_000) s; connections continue, and up to "
                    + "\(most) MiB are kept in memory")
        }
        if backlog.isLosing, !hasReportedLoss {
            hasReportedLoss = true
            lines.append("\(most) MiB are waiting for the archive already: further data will be missing from it")
        }
        return lines
    }

    /// Removes the next batch from the backlog: about twice the bytes that the disk writes within `lag`.
    mutating func handOut(_ now: Int64) -> [Backlog.Piece] {
        handedOut = backlog.oldest
        writingSince = now
        return backlog.take(max(Backlog.pieceSize, allowance * 2))
    }

    /// Notes that a batch was written in this time.
    ///
    /// - Returns: whether this ends a reported failure.
    mutating func settle(_ batch: [Backlog.Piece], _ elapsed: Int64) -> Bool {
        let size = batch.reduce(0) { $0 + $1.size }
        backlog.settle(batch)
        handedOut = nil
        writingSince = nil
        written += 1
        if elapsed > Self.slow { isSlow = true } else if elapsed < Self.slow / 2 { isSlow = false }
        if size > Self.enoughToMeasure / 2 {
            let inTime = min(Double(size) / Double(max(1, elapsed)) * 1e9 * Self.lag, Double(Backlog.most / 2))
            // Decreases at once, increases halfway.
            allowance = max(Self.enoughToMeasure, Int(min(inTime, Double(allowance) * 0.5 + inTime * 0.5)))
        }
        isFailing = false
        if !backlog.isLosing { hasReportedLoss = false }
        defer { hasReportedFailure = false }
        return hasReportedFailure
    }

    /// Notes that a batch could not be written.
    ///
    /// - Returns: whether the failure is to be reported.
    mutating func fail() -> Bool {
        isFailing = true
        defer { hasReportedFailure = true }
        return !hasReportedFailure
    }

    /// How long the current write has lasted.
    private func stall(_ now: Int64) -> Int64 { writingSince.map { now - $0 } ?? 0 }
}
