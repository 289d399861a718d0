// Events into the archive as they happen: a bounded backlog, one thread, a commit every few hundredths of a second.

package import Events
internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOPosix

/// Records what a relay sees.
///
/// What waits for the disk is bounded in bytes over all connections (`Backlog.most`). A disk that keeps up makes callers
/// pause for moments under full load, so that what was said half a second ago is in the file. One that is slower than that
/// costs memory, and only when all of it is used, time. One that is full, locked or gone, or that gives no sign of life,
/// costs neither: the chat goes on, one line says so, and what finds no room is written down as a hole later.
package final class Recorder: LiveEventSink {
    /// How long events gather before they are written. With the writing itself it stays below 200 ms.
    private static let gatherMicroseconds: UInt32 = 50_000
    /// What is written without waiting for more.
    private static let much = 2 << 20
    /// How often it is tried again when the relay stops.
    private static let lastAttempts = 4
    /// How long to wait before the next attempt.
    private static let retryMicroseconds: UInt32 = 200_000
    /// How often those that pause are looked after while the disk does not answer.
    private static let watchMicroseconds: UInt32 = 20_000
    /// How many seconds the disk may take for a piece when the relay stops.
    private static let lastPatience = 10.0

    private enum Condition: Int {
        case idle
        case work
    }

    private let state: NIOLockedValueBox<RecorderState>
    private let condition = ConditionLock(value: Condition.idle)
    private let watched = ConditionLock(value: Condition.idle)
    private let finished = ConditionLock(value: false)
    private let threads = NIOThreadPool(numberOfThreads: 2)
    private let report: @Sendable (String) -> Void
    /// What masks of the archive's secrets are made with.
    package let maskKey: MaskKey

    /// Starts to record.
    ///
    /// - Parameters:
    ///   - path: the archive; made where there is none.
    ///   - toolVersion: who records.
    ///   - report: takes one line for people about trouble.
    /// - Throws: `ArchiveError` where the file can never be used; one that is only locked or full is tried again.
    package convenience init(
        path: String, toolVersion: String, report: @escaping @Sendable (String) -> Void
    ) throws { try self.init(path: path, toolVersion: toolVersion, most: Backlog.most, report: report) }

    /// A recorder with another bound.
    convenience init(
        path: String, toolVersion: String, most: Int, report: @escaping @Sendable (String) -> Void
    ) throws {
        try self.init(
            ArchiveBatchWriter(path: path, toolVersion: toolVersion, report: report), most: most, report: report)
    }

    /// A recorder that writes batches to anything.
    init(_ writer: sending any BatchWriter, most: Int, report: @escaping @Sendable (String) -> Void) throws {
        self.report = report
        state = NIOLockedValueBox(RecorderState(backlog: Backlog(most: most)))
        var trouble: ArchiveError?
        do {
            try writer.open()
            try writer.write([])
        } catch let error as ArchiveError where error.isPassing {
            trouble = error
        }
        maskKey = writer.maskKey
        if let trouble {
            _ = state.withLockedValue { $0.fail() }
            complain(trouble)
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

    /// Whether what comes now finds its way into the archive, as far as that is known.
    package var isRecording: Bool { state.withLockedValue { $0.isRecording(Clock.ticks()) } }

    /// Takes events to record; never waits for the disk.
    package func receive(_ events: [Event]) -> Bool {
        let (isReady, words) = state.withLockedValue { state in
            let now = Clock.ticks()
            state.backlog.append(events, at: now)
            return (state.keepsUp(now), state.news(now))
        }
        for line in words { report(line) }
        wake()
        return isReady
    }

    /// Calls back once more can be taken.
    package func whenReady(_ callback: @escaping @Sendable () -> Void) {
        let isReady = state.withLockedValue { state in
            guard !state.keepsUp(Clock.ticks()) else { return true }
            state.callbacks.append(callback)
            return false
        }
        if isReady { return callback() }
        wake()
        Self.wake(watched)
    }

    /// Writes all that waits and ends the recording. Blocks until that is done, or the disk has done nothing for ten
    /// seconds.
    package func close() {
        state.withLockedValue { $0.isClosing = true }
        wake()
        Self.wake(watched)
        // A pool that is shut down does not wait for work that it has not begun; and a thread that hangs in a write to a
        // disk that does not answer is not waited for.
        var written = state.withLockedValue { $0.written }
        while !finished.lock(whenValue: true, timeoutSeconds: Self.lastPatience) {
            let now = state.withLockedValue { $0.written }
            guard now != written else {
                return report("what was said last could not be recorded: the disk does not answer")
            }
            written = now
        }
        finished.unlock()
        try? threads.syncShutdownGracefully()
    }

    private func wake() { Self.wake(condition) }

    private static func wake(_ condition: ConditionLock<Condition>) {
        condition.lock()
        condition.unlock(withValue: .work)
    }

    /// Lets callers go on that pause for a disk which does not answer: the writer's own thread is stuck in it.
    private func watchUntilClosed() {
        while true {
            watched.lock(whenValue: .work)
            watched.unlock(withValue: .idle)
            var isWaiting = true
            while isWaiting {
                let (callbacks, isClosing) = state.withLockedValue { state -> ([@Sendable () -> Void], Bool) in
                    guard state.keepsUp(Clock.ticks()) else { return ([], state.isClosing) }
                    defer { state.callbacks = [] }
                    return (state.callbacks, state.isClosing)
                }
                for callback in callbacks { callback() }
                if isClosing { return }
                isWaiting = state.withLockedValue { !$0.callbacks.isEmpty }
                if isWaiting { usleep(Self.watchMicroseconds) }
            }
        }
    }

    private func writeUntilClosed(_ writer: any BatchWriter) {
        var isDone = false
        while !isDone {
            condition.lock(whenValue: .work)
            condition.unlock(withValue: .idle)
            let (size, isClosing) = state.withLockedValue { ($0.backlog.size, $0.isClosing) }
            if size < Self.much, !isClosing { usleep(Self.gatherMicroseconds) }
            var rest = 0
            var isClosed = false
            repeat {
                guard write(state.withLockedValue({ $0.handOut(Clock.ticks()) }), writer) else { return }
                (rest, isClosed) = state.withLockedValue { ($0.backlog.pieces.count, $0.isClosing) }
                // What is less than a full piece gathers again.
            } while rest > 1 || rest > 0 && isClosed
            isDone = rest == 0 && isClosed
            if rest > 0 { wake() }
        }
        do { try writer.finish() } catch { complain(error) }
    }

    /// Writes, until it is done or the relay stops.
    ///
    /// - Returns: false where it was given up.
    private func write(_ batch: [Backlog.Piece], _ writer: any BatchWriter) -> Bool {
        var lastAttempts = Self.lastAttempts
        while true {
            do {
                let start = Clock.ticks()
                try writer.write(batch)
                let elapsed = max(1, Clock.ticks() - start)
                let (callbacks, hasRecovered) = state.withLockedValue { state in
                    defer { state.callbacks = [] }
                    return (state.callbacks, state.settle(batch, elapsed))
                }
                if hasRecovered { report("the archive can be written again") }
                for callback in callbacks { callback() }
                return true
            } catch {
                let (callbacks, isNew, isClosing) = state.withLockedValue { state in
                    defer { state.callbacks = [] }
                    return (state.callbacks, state.fail(), state.isClosing)
                }
                if isNew { complain(error) }
                for callback in callbacks { callback() }
                if isClosing { lastAttempts -= 1 }
                if lastAttempts == 0 {
                    report("what was said last could not be recorded")
                    return false
                }
                usleep(Self.retryMicroseconds)
            }
        }
    }

    private func complain(_ error: any Error) {
        report("NOT RECORDING: \(error); connections go on, recording is tried again")
    }
}

/// Where a recorder writes what came, in the order in which it came.
protocol BatchWriter: AnyObject {
    /// Makes ready to write.
    func open() throws
    /// Writes all of this or nothing.
    func write(_ pieces: [Backlog.Piece]) throws
    /// Nothing more comes.
    func finish() throws
    /// What masks of the recorded secrets are made with.
    var maskKey: MaskKey { get }
}

extension BatchWriter {
    /// What is kept nowhere needs no key of its own.
    var maskKey: MaskKey { .ofThisRun }
}

/// Hands the writer over to its thread; nobody else touches it afterwards.
///
/// Proof: the writer was sent to `init`, which put it into this box, and the only other use of the box is the closure that
/// the recorder's own thread runs; `init` keeps no other reference to it, and handing work to a pool orders the two.
private struct WriterHandover: Sendable {
    nonisolated(unsafe) let writer: any BatchWriter

    init(_ writer: any BatchWriter) { self.writer = writer }
}
