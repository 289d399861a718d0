// The live log on standard output: callers format events, one thread writes them, memory is bounded.

internal import Dispatch
package import Events
internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOPosix
package import Output

/// An event sink that never blocks its callers, and holds a bounded number of bytes for any number of callers.
///
/// Events of different connections may come from different threads, or late, so a reply may come before its request. Each
/// event is held for `holdMilliseconds`, and those held are written in order of time.
///
/// `Overflow` decides what happens when the output is not read or cannot be written.
package final class LiveLog: LiveEventSink {
    /// The format of events.
    package enum Style: String, Sendable, CaseIterable {
        /// Readable lines.
        case text
        /// One JSON object per line.
        case jsonl
    }

    /// The behaviour when the output is slower than the events.
    package enum Overflow: Sendable {
        /// Ask callers to pause, because this log is the only record.
        case wait
        /// Never pause callers, because an archive records the events. Events beyond the limit are left out, and one
        /// `not_printed` event replaces them.
        case leaveOut
    }

    /// The number of waiting bytes at which callers are asked to pause. A terminal shows less in a second.
    static let mostWaiting = 2 << 20
    /// The limit of waiting bytes with `Overflow.leaveOut`.
    static let mostKept = 4 << 20
    /// The limit of waiting bytes with `Overflow.wait`. Paused callers still deliver events: those received before the
    /// pause, and the ends of their connections. Only events beyond this limit are left out.
    static let mostHeld = 32 << 20
    /// How long the output may be behind before that is reported.
    private static let millisecondsBehind = 1_500
    /// Larger buffers are freed after writing.
    private static let mostBuffered = 256 << 10
    /// The largest write to a file.
    private static let fullWrite = 256 << 10
    /// How long an event is held so that earlier ones of other connections can be written before it.
    private static let holdMilliseconds: Int64 = 50
    /// How long the thread sleeps at least while it holds events, in nanoseconds: it writes many at a time.
    private static let leastSleep: Int64 = 20_000_000
    /// How often the thread checks whether the reader of an idle pipe has left, in seconds.
    private static let secondsBetweenChecks = 0.5
    /// The size of a write that does not block on a writable pipe (POSIX: PIPE_BUF).
    private static let pipeWrite = 4_096
    /// How long to wait for a reader at the end of the program before the rest of the log is lost, in seconds.
    private static let patience = 5

    /// A format with its own buffer, so that several threads can format at once.
    private struct Formatter: Sendable {
        var format: any EventFormat & Sendable
        var filter: EventFilter?
        var pieces: [LogQueue.Piece] = []
        var bytes: [UInt8] = []
    }

    private enum Condition: Int {
        case idle
        case work
    }

    private let descriptor: Int32
    private let style: Style
    private let isFile: Bool
    private let filter: EventFilter?
    private let makeFormat: @Sendable () -> any EventFormat & Sendable
    private let report: @Sendable (String) -> Void
    private let onBrokenPipe: @Sendable () -> Void
    private let formatters = NIOLockedValueBox<[Formatter]>([])
    private let queue: NIOLockedValueBox<LogQueue>
    private let overflow: Overflow
    private let isRecording: @Sendable () -> Bool
    /// The last episode of falling behind that was reported.
    private let reportedEpisode = NIOLockedValueBox(0)
    private let condition = ConditionLock(value: Condition.idle)
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let finished = DispatchSemaphore(value: 0)

    /// Opens a log and starts its thread.
    ///
    /// - Parameters:
    ///   - descriptor: the file descriptor to write to; stays open.
    ///   - style: the format of events.
    ///   - presentation: the details of events to show.
    ///   - filter: selects the events to show; nil for all.
    ///   - overflow: the behaviour when the output is not read or cannot be written.
    ///   - isRecording: whether an archive records events now; called when events are left out of the log.
    ///   - report: writes one line about a problem.
    ///   - onBrokenPipe: called once when the reader has closed the pipe.
    package init(
        descriptor: Int32, style: Style, presentation: Presentation, filter: EventFilter? = nil,
        overflow: Overflow = .wait, isRecording: @escaping @Sendable () -> Bool = { false },
        report: @escaping @Sendable (String) -> Void, onBrokenPipe: @escaping @Sendable () -> Void
    ) {
        self.descriptor = descriptor
        self.style = style
        self.overflow = overflow
        self.isRecording = isRecording
        queue = NIOLockedValueBox(LogQueue(overflow))
        var status = stat()
        isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        self.filter = filter
        self.report = report
        self.onBrokenPipe = onBrokenPipe
        makeFormat = {
            switch style {
            case .text: TextFormat(presentation, showsDates: false)
            case .jsonl: JSONFormat(presentation)
            }
        }
        thread.start()
        thread.submit { [self] _ in
            writeUntilClosed()
            finished.signal()
        }
    }

    /// Formats events and queues them.
    ///
    /// - Returns: whether the caller can go on; otherwise it should wait for `whenReady`.
    package func receive(_ events: [Event]) -> Bool {
        var formatter = formatters.withLockedValue { $0.popLast() } ?? Formatter(format: makeFormat(), filter: filter)
        var summary = Omission.nothing(isRecorded: true)
        // At the limit nothing is formatted.
        let isLeavingOut = queue.withLockedValue { $0.isLeavingOut }
        // A span, because a loop over the array would copy each event.
        let span = events.span
        for index in span.indices where formatter.filter?.matches(span[index]) ?? true {
            guard formatter.format.shows(span[index]) else { continue }
            summary.count(span[index])
            guard !isLeavingOut else { continue }
            let start = formatter.bytes.count
            formatter.format.append(span[index], to: &formatter.bytes)
            formatter.pieces.append(
                LogQueue.Piece(time: span[index].time, start: start, end: formatter.bytes.count))
        }
        if overflow == .wait || !isRecording() { summary.isRecorded = false }
        let now = Self.now()
        let (isFull, wakes, episode) = queue.withLockedValue { queue -> (Bool, Bool, Int?) in
            let before = queue.episode
            if isLeavingOut {
                queue.leaveOut(summary)
            } else {
                queue.append(formatter.pieces, in: &formatter.bytes, at: now, of: summary)
            }
            return (queue.isFull, queue.wakesWriter(), queue.episode == before ? nil : queue.episode)
        }
        formatter.pieces.removeAll(keepingCapacity: formatter.pieces.capacity <= 1 << 10)
        formatter.bytes.removeAll(keepingCapacity: formatter.bytes.capacity <= Self.mostBuffered)
        formatters.withLockedValue { if $0.count < 16 { $0.append(formatter) } }
        if wakes { wake() }
        if let episode { scheduleReport(of: episode) }
        return !isFull
    }

    /// Calls back when at most half of `mostWaiting` bytes wait.
    package func whenReady(_ callback: @escaping @Sendable () -> Void) {
        let isReady = queue.withLockedValue { queue in
            if !queue.isReady { queue.callbacks.append(callback) }
            return queue.isReady
        }
        if isReady { callback() } else { wake() }
    }

    /// Waits until all events received so far are written, but only some seconds for a reader or a disk.
    package func waitUntilWritten() async {
        await withCheckedContinuation { continuation in
            let hasResumed = NIOLockedValueBox(false)
            let resume: @Sendable () -> Void = {
                let isFirst = hasResumed.withLockedValue { hasResumed in
                    defer { hasResumed = true }
                    return !hasResumed
                }
                if isFirst { continuation.resume() }
            }
            let isEmpty = queue.withLockedValue { queue in
                guard queue.waiting > 0 else { return true }
                queue.emptyCallbacks.append(resume)
                return false
            }
            guard !isEmpty else { return resume() }
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.patience), execute: resume)
        }
    }

    /// Writes all waiting events and ends the thread. Blocks until that is done, or until nothing was written for some
    /// seconds.
    ///
    /// - Returns: false if some of the log could not be written; that is reported.
    package func close() -> Bool {
        queue.withLockedValue { $0.isClosing = true }
        wake()
        // Shutting down the pool does not wait for work not yet begun, hence the semaphore. A thread that hangs in a
        // write to an unresponsive disk is abandoned.
        var waiting = -1
        var hasFinished = true
        while hasFinished, finished.wait(timeout: .now() + .seconds(Self.patience + 2)) == .timedOut {
            let rest = queue.withLockedValue { $0.waiting }
            hasFinished = rest != waiting
            waiting = rest
        }
        if hasFinished { try? thread.syncShutdownGracefully() }
        let (lost, omission) = queue.withLockedValue { queue in
            (hasFinished ? queue.lost : queue.waiting, queue.omission)
        }
        let more = omission.map { ", and \($0.events) events were left out before" } ?? ""
        if lost > 0 || omission != nil {
            report("the end of the log is missing: \(lost) bytes could not be written\(more)")
        }
        return lost == 0 && omission == nil
    }

    /// Checks after `millisecondsBehind` whether the output is still behind, and reports that once per episode.
    private func scheduleReport(of episode: Int) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Self.millisecondsBehind)) { [weak self] in
            guard let self else { return }
            let isBehind = queue.withLockedValue { $0.isBehind && $0.episode == episode && !$0.isClosing }
            guard isBehind else { return }
            reportedEpisode.withLockedValue { $0 = episode }
            let what = isFile ? "standard output is not written in time" : "standard output is not read in time"
            switch overflow {
            case .leaveOut:
                let place = isRecording() ? "the archive has them" : "the archive cannot be written either"
                report("\(what): events that do not fit are left out of the log, and connections do not wait; \(place)")
            case .wait:
                let target = isFile ? "for standard output" : "for the reader of standard output"
                report("\(what): connections wait \(target), because nothing else records them")
            }
        }
    }

    /// The number of bytes not yet written.
    var waiting: Int { queue.withLockedValue { $0.waiting } }

    private func wake() {
        condition.lock()
        condition.unlock(withValue: .work)
    }

    private func writeUntilClosed() {
        var format = makeFormat()
        var bytes: [UInt8] = []
        var isDone = false
        while !isDone {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.mostBuffered)
            let limit = Timestamp(nanoseconds: Self.now().nanoseconds - Self.holdMilliseconds * 1_000_000)
            let (omission, callbacks) = queue.withLockedValue { queue in
                isDone = queue.isClosing
                let omission =
                    style == .text
                    ? queue.take(arrivedUntil: limit, into: &bytes) { format.appendDate(of: $0, to: &$1) }
                    : queue.take(arrivedUntil: limit, into: &bytes)
                defer { queue.callbacks = [] }
                return (omission, queue.callbacks)
            }
            if let omission {
                format.append(Event(time: Self.now(), connection: 0, kind: .notPrinted(omission)), to: &bytes)
            }
            write(bytes)
            let episode = queue.withLockedValue { $0.settle() ? $0.episode : nil }
            if let episode, reportedEpisode.withLockedValue({ $0 == episode }) {
                report("standard output has caught up" + (overflow == .wait ? "; connections continue" : ""))
            }
            for callback in callbacks + emptyCallbacks() { callback() }
            if !isDone { waitForWork() }
        }
    }

    /// The callbacks of those who wait until everything is written, if it is.
    private func emptyCallbacks() -> [@Sendable () -> Void] {
        queue.withLockedValue { queue in
            guard queue.waiting == 0 else { return [] }
            defer { queue.emptyCallbacks = [] }
            return queue.emptyCallbacks
        }
    }

    /// Waits until events are to be written: the oldest was held long enough, or there are too many to hold.
    private func waitForWork() {
        while true {
            let wait = queue.withLockedValue { $0.letWriterSleep() }
            var seconds = Self.secondsBetweenChecks
            switch wait {
            case .no: return
            case .untilWork: break
            case .since(let arrival):
                let due = arrival.nanoseconds + Self.holdMilliseconds * 1_000_000 - Self.now().nanoseconds
                seconds = Double(min(max(due, Self.leastSleep), Self.holdMilliseconds * 1_000_000)) / 1e9
            }
            if condition.lock(whenValue: .work, timeoutSeconds: seconds) {
                condition.unlock(withValue: .idle)
            } else if wait == .untilWork {
                if isPipeClosed() { abandon() }
                continue
            }
            return
        }
    }

    /// Whether the output is a pipe that nobody reads any more. Without writing, this is not noticed otherwise.
    private func isPipeClosed() -> Bool {
        guard !isFile, !queue.withLockedValue({ $0.isBroken }) else { return false }
        var poll = pollfd(fd: descriptor, events: 0, revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0 && poll.revents & Int16(POLLERR) != 0
    }

    /// Discards the log, because nobody reads it any more.
    private func abandon() {
        queue.withLockedValue { $0.abandon() }
        for callback in emptyCallbacks() { callback() }
        onBrokenPipe()
    }

    private static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// Writes all bytes. On failure reports the error once and retries: a full disk must not end the relay.
    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var hasReported = false
        var secondsStuck = 0
        while !rest.isEmpty {
            if !isFile {
                // A stalled reader must not prevent the program from ending.
                guard isWritable() else {
                    secondsStuck += 1
                    guard secondsStuck >= Self.patience, giveUp(rest.count) else { continue }
                    return
                }
                secondsStuck = 0
            }
            let some = rest.prefix(isFile ? Self.fullWrite : Self.pipeWrite)
            let count = some.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
                queue.withLockedValue { $0.wrote(count) }
                if hasReported { report("the log can be written again") }
                hasReported = false
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: _ = isWritable()
            case EPIPE: return abandon()
            default:
                let why = String(cString: strerror(errno))
                if giveUp(rest.count) { return }
                if !hasReported {
                    let place =
                        isRecording()
                        ? "the archive has the missing events" : "the archive cannot be written either"
                    let what = overflow == .wait ? "connections wait until it can be" : place
                    report("the log cannot be written: \(why); \(what)")
                }
                hasReported = true
                usleep(200_000)
            }
        }
    }

    /// Waits up to a second until the pipe or terminal is writable.
    private func isWritable() -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&poll, 1, 1_000) != 0
    }

    /// Counts bytes as lost if the log is closing, and returns whether it is.
    private func giveUp(_ bytes: Int) -> Bool {
        queue.withLockedValue { queue in
            if queue.isClosing { queue.lost += bytes }
            return queue.isClosing
        }
    }
}
