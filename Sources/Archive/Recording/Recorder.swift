// Records live events into the archive: a bounded backlog, and one writer thread that appends a commit several times a
// second and completes the tables in between.

internal import Dispatch
package import Events
internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOPosix

/// Records the events of a relay.
///
/// A commit is one row with the events of all connections; the tables follow behind. The data that waits for the disk is
/// bounded in bytes over all connections (`Backlog.most`) and by nothing else: a slow disk costs memory, and callers pause
/// only when the backlog is nearly full. If the disk is full, locked, removed or does not respond, callers do not pause:
/// connections continue, one line reports it, and events without space in the backlog are recorded as gaps later.
package final class Recorder: LiveEventSink {
    /// How long events are collected before they are written, in nanoseconds. Together with the writing, and with a portion
    /// of the tables before it, this stays below half a second.
    private static let gatherTime: Int64 = 150_000_000
    /// How long recorded rows wait before they are written to their tables, and how many bytes of them wait at most.
    private static let tablesTime: Int64 = 4_000_000_000
    private static let tablesBytes = 4 << 20
    /// The number of failing attempts to write after the relay stops.
    private static let lastAttempts = 4
    /// The pause before the next attempt.
    private static let retryMicroseconds: UInt32 = 200_000
    /// How often pausing callers are checked while the disk does not respond.
    private static let watchMicroseconds: UInt32 = 20_000
    /// How long the tables are completed after the relay stops, in nanoseconds.
    private static let lastTablesTime: Int64 = 10_000_000_000
    /// How many seconds one batch may take after the relay stops.
    private static let lastPatience = 10.0

    private enum Condition: Int {
        case idle
        case work
    }

    private let state: NIOLockedValueBox<RecorderState>
    private let calls = DispatchSemaphore(value: 0)
    private let watched = ConditionLock(value: Condition.idle)
    private let finished = ConditionLock(value: false)
    private let threads = NIOThreadPool(numberOfThreads: 2)
    private let report: @Sendable (String) -> Void
    private let numbers: RowNumbers
    /// Shows whether the disk still writes.
    private let progress: @Sendable () -> Int64
    private let lastTotals = NIOLockedValueBox(RecordingTotals())
    private let committed = NIOLockedValueBox<(@Sendable () -> Void)?>(nil)
    /// The key for masks of the archive's secrets.
    package let maskKey: MaskKey

    /// Starts a recording.
    ///
    /// - Parameters:
    ///   - path: the archive; created if there is none.
    ///   - toolVersion: the version of this program.
    ///   - report: receives lines for people about problems.
    /// - Throws: `ArchiveError` if the file can never be used; a locked file or a full disk is tried again later.
    package convenience init(
        path: String, toolVersion: String, report: @escaping @Sendable (String) -> Void
    ) throws { try self.init(path: path, toolVersion: toolVersion, most: Backlog.most, report: report) }

    /// A recorder with another backlog limit in bytes.
    convenience init(
        path: String, toolVersion: String, most: Int, report: @escaping @Sendable (String) -> Void
    ) throws {
        try self.init(
            ArchiveBatchWriter(path: path, toolVersion: toolVersion, report: report), most: most, report: report)
    }

    /// A recorder with another batch writer.
    init(_ writer: sending any BatchWriter, most: Int, report: @escaping @Sendable (String) -> Void) throws {
        self.report = report
        state = NIOLockedValueBox(RecorderState(backlog: Backlog(most: most)))
        var trouble: ArchiveError?
        do {
            try writer.open()
            try writer.write([])
        } catch let error as ArchiveError where error.isTransient {
            trouble = error
        }
        maskKey = writer.maskKey
        numbers = writer.numbers
        progress = writer.progress
        if let trouble {
            _ = state.withLockedValue { $0.fail() }
            reportFailure(trouble)
        }
        let box = WriterHandover(writer)
        threads.start()
        threads.submit { [self] _ in
            writeUntilClosed(box.writer)
            finished.lock()
            finished.unlock(withValue: true)
        }
        threads.submit { [self] _ in watchUntilClosed() }
    }

    /// The number for a new connection: the same as in the archive.
    package func nextConnection() -> Int { numbers.take(.connection) }

    /// The number for a new sign-in: the same as in the archive.
    package func nextSignIn() -> Int { numbers.take(.signIn) }

    /// Calls back after each commit, on the thread that writes; the callback must return at once. Only the latest one
    /// is called.
    package func whenCommitted(_ callback: @escaping @Sendable () -> Void) {
        committed.withLockedValue { $0 = callback }
    }

    /// Has rows written to their tables right after each commit, while somebody looks at lists made from these. That
    /// costs more time than to collect the rows of some seconds. Returns at once.
    package func followTables(_ isFollowed: Bool) {
        state.withLockedValue { $0.isFollowed = isFollowed }
        calls.signal()
    }

    /// Whether new events will be recorded, as far as is known.
    package var isRecording: Bool { state.withLockedValue { $0.isRecording(Clock.ticks()) } }

    /// How far the recording is behind.
    package var lag: RecordingLag {
        state.withLockedValue { state in
            let now = Clock.ticks()
            let oldest = state.backlog.size > 0 ? state.backlog.oldest : nil
            return RecordingLag(
                seconds: oldest.map { Double(max(0, now - $0)) / 1e9 } ?? 0, bytes: state.backlog.size,
                failures: state.failures, lostBytes: state.backlog.lostBytes, isRecording: state.isRecording(now))
        }
    }

    /// Adds events to record; never waits for the disk.
    ///
    /// - Returns: false if the caller should pause until `whenReady` calls back.
    package func receive(_ events: [Event]) -> Bool {
        let (isReady, lines, isCalled) = state.withLockedValue { state in
            let now = Clock.ticks()
            if state.needsProgress(now) { state.note(progress: progress(), now) }
            state.backlog.append(events, at: now)
            return (state.keepsUp(now), state.news(now), state.nextCall() != nil)
        }
        for line in lines { report(line) }
        if isCalled { calls.signal() }
        return isReady
    }

    /// Calls back once the recorder is ready for more events.
    package func whenReady(_ callback: @escaping @Sendable () -> Void) {
        guard state.withLockedValue({ $0.add(callback, Clock.ticks()) }) else { return callback() }
        wakeWatcher()
    }

    /// Writes the backlog and ends the recording. Blocks until that is done, or the disk has written nothing for ten
    /// seconds.
    ///
    /// - Returns: what was recorded; nil if the end of the recording could not be written.
    @discardableResult
    package func close() -> RecordingTotals? {
        state.withLockedValue { $0.isClosing = true }
        calls.signal()
        wakeWatcher()
        // A pool that is shut down does not wait for work that has not started, and a thread that hangs in a write to a
        // disk that does not respond must not be waited for.
        var written = (state.withLockedValue { $0.written }, progress())
        while !finished.lock(whenValue: true, timeoutSeconds: Self.lastPatience) {
            let now = (state.withLockedValue { $0.written }, progress())
            guard now != written else {
                // What the tables still lack is added when the archive is opened the next time.
                if state.withLockedValue({ $0.isRecorded }) { return lastTotals.withLockedValue { $0 } }
                report("the last data could not be recorded: the disk does not respond")
                return nil
            }
            written = now
        }
        finished.unlock()
        try? threads.syncShutdownGracefully()
        return state.withLockedValue { $0.isFailing } ? nil : lastTotals.withLockedValue { $0 }
    }

    private func wakeWatcher() {
        watched.lock()
        watched.unlock(withValue: .work)
    }

    /// Resumes callers that pause for a disk which does not respond: the writer's thread is blocked in the write.
    private func watchUntilClosed() {
        while true {
            watched.lock(whenValue: .work)
            watched.unlock(withValue: .idle)
            var isWaiting = true
            while isWaiting {
                let (callbacks, isClosing) = state.withLockedValue { state -> ([@Sendable () -> Void], Bool) in
                    let now = Clock.ticks()
                    if state.needsProgress(now) { state.note(progress: progress(), now) }
                    return (state.takeCallbacks(now), state.isClosing)
                }
                for callback in callbacks { callback() }
                if isClosing { return }
                isWaiting = state.withLockedValue { $0.isAwaited }
                if isWaiting { usleep(Self.watchMicroseconds) }
            }
        }
    }

    private func writeUntilClosed(_ writer: any BatchWriter) {
        var tablesDue = Clock.ticks() + Self.tablesTime
        /// Whether the last portion of the tables could not be written: it is not tried again at once.
        var hasFailed = false
        while true {
            let now = Clock.ticks()
            let (commitDue, isSlow, isClosing, isFollowed) = state.withLockedValue { state in
                (
                    state.isHurried ? now : state.backlog.oldest.map { $0 + Self.gatherTime }, state.isSlow,
                    state.isClosing, state.isFollowed
                )
            }
            if isFollowed, !hasFailed { tablesDue = min(tablesDue, now) }
            if let commitDue, commitDue <= now {
                guard write(handOut(), writer) else { return }
                if isClosing, state.withLockedValue({ $0.backlog.pieces.isEmpty }) { break }
            } else if writer.pendingBytes > 0, !isSlow, tablesDue <= now || writer.pendingBytes >= Self.tablesBytes {
                // One portion at a time: a commit must not wait long.
                let isMore = completeTables(writer)
                if !isMore || writer.pendingBytes == 0 { tablesDue = Clock.ticks() + Self.tablesTime }
                hasFailed = !isMore && writer.pendingBytes > 0
                if isFollowed { committed.withLockedValue { $0 }?() }
            } else if writer.hasWaitingMedia, !isSlow, !isClosing {
                deriveMedia(writer)
            } else {
                let due = [commitDue, writer.pendingBytes > 0 && !isSlow ? tablesDue : nil].compactMap { $0 }.min()
                let timeout = due.map { DispatchTime.now() + .nanoseconds(Int($0 - now)) } ?? .distantFuture
                _ = calls.wait(timeout: timeout)
            }
        }
        state.withLockedValue { $0.isRecorded = true }
        // What would take long is left to whoever opens the archive the next time.
        let end = Clock.ticks() + Self.lastTablesTime
        while !state.withLockedValue({ $0.isSlow }), Clock.ticks() < end, writer.pendingBytes > 0,
            completeTables(writer)
        {}
        while !state.withLockedValue({ $0.isSlow }), Clock.ticks() < end, writer.hasWaitingMedia { deriveMedia(writer) }
        do {
            try writer.finish()
            lastTotals.withLockedValue { [totals = writer.totals] in $0 = totals }
        } catch {
            reportFailure(error)
        }
    }

    private func handOut() -> [Backlog.Piece] {
        state.withLockedValue { state in
            let now = Clock.ticks()
            state.note(progress: progress(), now)
            return state.handOut(now)
        }
    }

    /// Writes a portion of the recorded rows to their tables. If that fails, they are not lost; it is tried again.
    ///
    /// - Returns: whether it succeeded and there may be more.
    private func completeTables(_ writer: any BatchWriter) -> Bool {
        state.withLockedValue { $0.startTables(Clock.ticks()) }
        defer { state.withLockedValue { $0.endTables() } }
        return (try? writer.completeTables()) ?? false
    }

    /// Reads the transfers of connections that have ended, for a few milliseconds. If that fails, it is tried again later.
    private func deriveMedia(_ writer: any BatchWriter) {
        state.withLockedValue { $0.startTables(Clock.ticks()) }
        defer { state.withLockedValue { $0.endTables() } }
        try? writer.deriveMedia()
    }

    /// Writes a batch, with retries until it succeeds or the relay stops.
    ///
    /// - Returns: false if the attempts after the stop failed.
    private func write(_ batch: [Backlog.Piece], _ writer: any BatchWriter) -> Bool {
        var lastAttempts = Self.lastAttempts
        while true {
            do {
                let start = Clock.ticks()
                try writer.write(batch)
                lastTotals.withLockedValue { [totals = writer.totals] in $0 = totals }
                let elapsed = max(1, Clock.ticks() - start)
                let (hasRecovered, callbacks) = state.withLockedValue { state in
                    (state.settle(batch, elapsed), state.takeCallbacks(Clock.ticks()))
                }
                if hasRecovered { report("the archive can be written again") }
                for callback in callbacks { callback() }
                committed.withLockedValue { $0 }?()
                return true
            } catch {
                let (isNew, callbacks, isClosing) = state.withLockedValue { state in
                    (state.fail(), state.takeCallbacks(Clock.ticks()), state.isClosing)
                }
                if isNew { reportFailure(error) }
                for callback in callbacks { callback() }
                if isClosing { lastAttempts -= 1 }
                if lastAttempts == 0 {
                    report("the last data could not be recorded")
                    return false
                }
                usleep(Self.retryMicroseconds)
            }
        }
    }

    private func reportFailure(_ error: any Error) {
        report("NOT RECORDING: \(error); connections continue, and recording is retried")
    }
}

/// Transfers the writer to its thread; no other thread uses it afterwards.
///
/// Proof: the writer was sent to `init`, which put it into this box. The only other use of the box is the closure that
/// the recorder's own thread runs. `init` keeps no other reference to it, and submitting work to a pool orders the two.
private struct WriterHandover: Sendable {
    nonisolated(unsafe) let writer: any BatchWriter

    init(_ writer: any BatchWriter) { self.writer = writer }
}
