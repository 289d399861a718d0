// Events into the archive as they happen: a bounded backlog, one thread, a commit every few hundredths of a second.

internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOPosix
public import Transcript

/// Records what a relay sees.
///
/// A slow disk makes the relay wait, and nothing is lost. A disk that is full, or an archive that is locked or gone, does
/// not: the chat goes on, one line says so, and what finds no room in the backlog is written down as a hole later.
public final class Recorder: EventOutlet {
    /// How long events gather before they are written. With the writing itself it stays below 200 ms.
    private static let gatherMicroseconds: UInt32 = 50_000
    /// What is written without waiting for more.
    private static let much = 1 << 20
    /// Batches below this say little about how fast the disk is.
    private static let enoughToMeasure = 128 << 10
    /// How often it is tried again when the relay stops.
    private static let lastAttempts = 4
    /// How long to wait before the next attempt.
    private static let retryMicroseconds: UInt32 = 200_000

    /// For how long the writer may be behind, in seconds, before callers are told to pause. With the gathering it is less
    /// than half of the half second after which everything has to be in the file.
    private static let lag = 0.1

    private static let mostNanosecondsBehind: Int64 = 200_000_000

    private struct State {
        var backlog = Backlog()
        /// How much is written in the time of `lag`, as measured.
        var allowance = Recorder.enoughToMeasure
        /// When the oldest of what waits came, in nanoseconds; nil while nothing waits.
        var oldest: Int64?
        /// When what is being written now was handed out.
        var handedOut: Int64?

        /// Whether the writer keeps up.
        func keepsUp(_ now: Int64) -> Bool {
            isFailing
                || backlog.size <= allowance && now - (handedOut ?? oldest ?? now) < Recorder.mostNanosecondsBehind
        }
        var isFailing = false
        var isClosing = false
        var callbacks: [@Sendable () -> Void] = []
    }

    private enum Condition: Int {
        case idle
        case work
    }

    private let state = NIOLockedValueBox(State())
    private let condition = ConditionLock(value: Condition.idle)
    private let finished = ConditionLock(value: false)
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let report: @Sendable (String) -> Void
    /// What masks of the archive's secrets are made with.
    public let maskKey: MaskKey

    /// Starts to record.
    ///
    /// - Parameters:
    ///   - path: the archive; made where there is none.
    ///   - toolVersion: who records.
    ///   - report: takes one line for people about trouble.
    /// - Throws: `ArchiveError` where the file can never be used; one that is only locked or full is tried again.
    public init(path: String, toolVersion: String, report: @escaping @Sendable (String) -> Void) throws {
        self.report = report
        let scribe = Scribe(path: path, toolVersion: toolVersion, report: report)
        var trouble: ArchiveError?
        do {
            try scribe.open()
            try scribe.write([], [:])
        } catch let error as ArchiveError where error.isPassing {
            trouble = error
        }
        maskKey = scribe.maskKey
        if let trouble {
            state.withLockedValue { $0.isFailing = true }
            complain(trouble)
        }
        let box = ScribeHandover(scribe)
        thread.start()
        thread.submit { [self] _ in
            writeUntilClosed(box.scribe)
            finished.lock()
            finished.unlock(withValue: true)
        }
    }

    /// Takes events to record; never waits for the disk.
    public func receive(_ events: [Event]) -> Bool {
        let isReady = state.withLockedValue { state in
            let now = Clock.now().nanoseconds
            state.backlog.append(events, mayLose: state.isFailing)
            if state.oldest == nil { state.oldest = now }
            return state.keepsUp(now)
        }
        wake()
        return isReady
    }

    /// Calls back once more can be taken.
    public func whenReady(_ callback: @escaping @Sendable () -> Void) {
        let isReady = state.withLockedValue { state in
            guard !state.keepsUp(Clock.now().nanoseconds) else { return true }
            state.callbacks.append(callback)
            return false
        }
        if isReady { callback() } else { wake() }
    }

    /// Writes all that waits and ends the recording. Blocks until that is done.
    public func close() {
        state.withLockedValue { $0.isClosing = true }
        wake()
        // A pool that is shut down does not wait for work that it has not begun.
        finished.lock(whenValue: true)
        finished.unlock()
        try? thread.syncShutdownGracefully()
    }

    private func wake() {
        condition.lock()
        condition.unlock(withValue: .work)
    }

    private func writeUntilClosed(_ scribe: Scribe) {
        var isDone = false
        while !isDone {
            condition.lock(whenValue: .work)
            condition.unlock(withValue: .idle)
            let (size, isClosing) = state.withLockedValue { ($0.backlog.size, $0.isClosing) }
            if size < Self.much, !isClosing { usleep(Self.gatherMicroseconds) }
            let batch = state.withLockedValue { state in
                isDone = state.isClosing
                state.handedOut = state.oldest
                state.oldest = nil
                return state.backlog.take()
            }
            write(batch, scribe)
        }
        do { try scribe.finish() } catch { complain(error) }
    }

    /// Writes, until it is done or the relay stops.
    private func write(_ batch: (events: [Event], losses: [Int: Backlog.Loss], size: Int), _ scribe: Scribe) {
        var lastAttempts = Self.lastAttempts
        while true {
            do {
                let start = Clock.now().nanoseconds
                try scribe.write(batch.events, batch.losses)
                let elapsed = Double(max(1, Clock.now().nanoseconds - start)) / 1e9
                let (callbacks, hasRecovered) = state.withLockedValue { state in
                    state.backlog.settle(batch.size)
                    if batch.size > Self.enoughToMeasure / 2 {
                        let written = min(Double(batch.size) / elapsed * Self.lag, Double(Backlog.most))
                        // Down at once, up by halves.
                        let next = min(written, Double(state.allowance) * 0.5 + written * 0.5)
                        state.allowance = max(Self.enoughToMeasure, Int(next))
                    }
                    state.handedOut = nil
                    defer {
                        state.callbacks = []
                        state.isFailing = false
                    }
                    return (state.callbacks, state.isFailing)
                }
                if hasRecovered { report("the archive can be written again") }
                for callback in callbacks { callback() }
                return
            } catch {
                let (callbacks, isNew, isClosing) = state.withLockedValue { state in
                    defer {
                        state.callbacks = []
                        state.isFailing = true
                    }
                    return (state.callbacks, !state.isFailing, state.isClosing)
                }
                if isNew { complain(error) }
                for callback in callbacks { callback() }
                if isClosing { lastAttempts -= 1 }
                if lastAttempts == 0 {
                    report("what was said last could not be recorded")
                    return
                }
                usleep(Self.retryMicroseconds)
            }
        }
    }

    private func complain(_ error: any Error) {
        report("NOT RECORDING: \(error); connections go on, recording is tried again")
    }
}

/// Hands the scribe over to its thread; nobody else touches it afterwards.
///
/// Proof: the scribe is made in `init`, put into this box, and the only other use of the box is the closure that the
/// recorder's own thread runs; `init` keeps no other reference to it, and handing work to a pool orders the two.
private struct ScribeHandover: Sendable {
    nonisolated(unsafe) let scribe: Scribe

    init(_ scribe: Scribe) { self.scribe = scribe }
}
