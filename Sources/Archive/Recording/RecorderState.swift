// The state of a recorder: backlog, disk, and whether callers should pause. Pure: the caller passes the time.

/// The backlog and the observed behaviour of the disk. Times are nanoseconds.
struct RecorderState {
    /// A longer transaction means a slow disk: it gets only what must be on it, and the tables wait.
    static let slow: Int64 = 250_000_000
    /// A disk that has written nothing for this long counts as hanging.
    static let hanging: Int64 = 5_000_000_000
    /// The most bytes of one commit, as the backlog counts them. A commit of this size takes about 50 ms.
    static let commitSize = 8 << 20

    var backlog: Backlog
    /// Whether somebody looks at what is made from the tables.
    var isFollowed = false
    /// When the current write started, or the disk last showed that it still writes; nil if nothing is being written.
    private var writingSince: Int64?
    /// What the disk showed last, and when that was looked at.
    private var progress: (mark: Int64, time: Int64) = (0, 0)
    /// The number of transactions so far.
    private(set) var written = 0
    /// Whether the last commit was slow.
    private(set) var isSlow = false
    /// Whether the last attempt failed.
    private(set) var isFailing = false
    /// The number of attempts that failed.
    private(set) var failures = 0
    /// Whether a message reported that nothing is being recorded.
    private var hasReportedFailure = false
    /// Whether a message reported that events are being lost.
    private var hasReportedLoss = false
    /// Whether a message reported that connections wait.
    private var hasReportedWaiting = false
    var isClosing = false
    /// Whether all events are written after the recorder was closed.
    var isRecorded = false
    private var callbacks: [@Sendable () -> Void] = []
    /// What the writer was last woken for.
    private var call = Call.none

    /// What the writer is to do.
    enum Call: Int {
        case none
        /// Write what has come, after a moment in which more may come.
        case write
        /// Write at once.
        case hurry
    }

    init(backlog: Backlog) { self.backlog = backlog }

    /// Whether callers may continue without a pause: as long as there is room in memory. With a disk that does not
    /// respond they continue without it.
    func keepsUp(_ now: Int64) -> Bool { !backlog.isNearlyFull || isFailing || stall(now) > Self.hanging }

    /// Whether new events will be written: the disk responds, and the backlog has space until then.
    func isRecording(_ now: Int64) -> Bool { !isFailing && stall(now) <= Self.hanging && !backlog.isLosing }

    /// Whether the writer is to write at once: much has come, or the relay stops.
    var isHurried: Bool { isClosing || backlog.waiting >= Self.commitSize / 2 }

    /// The call to wake the writer with now; nil if it was called already.
    mutating func nextCall() -> Call? {
        let needed: Call = isHurried ? .hurry : backlog.oldest == nil ? .none : .write
        guard call.rawValue < needed.rawValue else { return nil }
        call = needed
        return needed
    }

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
        if !keepsUp(now), !hasReportedWaiting {
            hasReportedWaiting = true
            lines.append("\(backlog.enough >> 20) MiB are waiting for the archive: connections wait for its disk")
        }
        return lines
    }

    /// Whether to look if the disk still writes: the current write takes long.
    func needsProgress(_ now: Int64) -> Bool {
        stall(now) > Self.hanging / 4 && now - progress.time > Self.hanging / 20
    }

    /// Notes what the disk shows; another value than before means that it is slow but does not hang.
    mutating func note(progress mark: Int64, _ now: Int64) {
        if mark != progress.mark, writingSince != nil { writingSince = now }
        progress = (mark, now)
    }

    /// Adds a callback for when callers may continue; false if they may now.
    mutating func add(_ callback: @escaping @Sendable () -> Void, _ now: Int64) -> Bool {
        guard !keepsUp(now) else { return false }
        callbacks.append(callback)
        return true
    }

    /// Whether callers wait.
    var isAwaited: Bool { !callbacks.isEmpty }

    /// The callbacks of callers that may continue now.
    mutating func takeCallbacks(_ now: Int64) -> [@Sendable () -> Void] {
        guard keepsUp(now) else { return [] }
        defer { callbacks = [] }
        return callbacks
    }

    /// Removes the next commit from the backlog.
    mutating func handOut(_ now: Int64) -> [Backlog.Piece] {
        writingSince = now
        call = .none
        return backlog.take(Self.commitSize)
    }

    /// Notes that the tables are being completed.
    mutating func startTables(_ now: Int64) { writingSince = now }

    /// Notes that they were, or that it failed.
    mutating func endTables() {
        writingSince = nil
        written += 1
    }

    /// Notes that a commit was written in this time.
    ///
    /// - Returns: whether this ends a reported failure.
    mutating func settle(_ batch: [Backlog.Piece], _ elapsed: Int64) -> Bool {
        backlog.settle(batch)
        writingSince = nil
        written += 1
        if elapsed > Self.slow { isSlow = true } else if elapsed < Self.slow / 2 { isSlow = false }
        isFailing = false
        if !backlog.isLosing { hasReportedLoss = false }
        if backlog.size < backlog.most / 8 { hasReportedWaiting = false }
        defer { hasReportedFailure = false }
        return hasReportedFailure
    }

    /// Notes that a commit could not be written.
    ///
    /// - Returns: whether the failure is to be reported.
    mutating func fail() -> Bool {
        isFailing = true
        failures += 1
        defer { hasReportedFailure = true }
        return !hasReportedFailure
    }

    /// How long the current write has lasted.
    private func stall(_ now: Int64) -> Int64 { writingSince.map { now - $0 } ?? 0 }
}
