// Events onto standard output: formatted by whoever brings them, written by one thread, in bounded memory.

internal import Dispatch
package import Events
internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOPosix
package import Output
package import Query

/// A log that never blocks its callers, and holds a bounded number of bytes however many they are.
///
/// What happens when its output is not read, or takes no more, is decided by `Overflow`.
package final class LiveLog: LiveEventSink {
    /// How the events look.
    package enum Style: String, Sendable, CaseIterable {
        /// Lines for people.
        case text
        /// One JSON object a line.
        case jsonl
    }

    /// What happens when the output does not take what is there to print.
    package enum Overflow: Sendable {
        /// Callers are asked to wait, for this log is the only record.
        case wait
        /// Nobody waits: an archive is written beside. What finds no room is left out, and one event `not_printed` stands
        /// in its place.
        case leaveOut
    }

    /// How many bytes may wait before callers are asked to pause. A terminal shows less in a second.
    static let mostWaiting = 2 << 20
    /// How many bytes may wait in all where events can be left out.
    static let mostKept = 4 << 20
    /// How many bytes may wait in all where callers are asked to pause. Those that wait still bring something: the ends
    /// of their connections, and what had come before them. Only what finds no room here is left out.
    static let mostHeld = 32 << 20
    /// How long the output may be behind before a line about it is due.
    private static let millisecondsBehind = 1_500
    /// Buffers of more than that are given back once they are written.
    private static let mostBuffered = 1 << 20
    /// What is written with one call; less than this is left to gather for `gatherMicroseconds`.
    private static let fullWrite = 256 << 10
    private static let gatherMicroseconds: UInt32 = 2_000
    /// What a pipe that has room takes without blocking (POSIX: PIPE_BUF).
    private static let pipeWrite = 4_096
    /// How many seconds a reader may not read before the end of the log is given up, once the program wants to end.
    private static let patience = 5

    /// A format with its own memory, so that several threads can format at once.
    private struct Scribe: Sendable {
        var format: any EventFormat & Sendable
        var bytes: [UInt8] = []
    }

    private enum Condition: Int {
        case idle
        case work
    }

    private let descriptor: Int32
    private let isFile: Bool
    private let filter: Filter?
    private let makeFormat: @Sendable () -> any EventFormat & Sendable
    private let report: @Sendable (String) -> Void
    private let onBrokenPipe: @Sendable () -> Void
    private let scribes = NIOLockedValueBox<[Scribe]>([])
    private let queue: NIOLockedValueBox<LogQueue>
    private let overflow: Overflow
    private let isRecording: @Sendable () -> Bool
    /// Which time that the output fell behind was told of last.
    private let told = NIOLockedValueBox(0)
    private let condition = ConditionLock(value: Condition.idle)
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let finished = DispatchSemaphore(value: 0)

    /// A log on an open file.
    ///
    /// - Parameters:
    ///   - descriptor: where to write; stays open.
    ///   - style: how events look.
    ///   - presentation: what of them is shown.
    ///   - filter: which of them are shown; nil for all.
    ///   - overflow: what happens when the output is not read, or takes no more.
    ///   - isRecording: whether an archive takes what comes now; asked when something is left out of the log.
    ///   - report: takes one line for people about trouble.
    ///   - onBrokenPipe: called once when nobody reads any more.
    package init(
        descriptor: Int32, style: Style, presentation: Presentation, filter: Filter? = nil,
        overflow: Overflow = .wait, isRecording: @escaping @Sendable () -> Bool = { false },
        report: @escaping @Sendable (String) -> Void, onBrokenPipe: @escaping @Sendable () -> Void
    ) {
        self.descriptor = descriptor
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
            case .text: TextFormat(presentation)
            case .jsonl: JSONFormat(presentation)
            }
        }
        thread.start()
        thread.submit { [self] _ in
            writeUntilClosed()
            finished.signal()
        }
    }

    /// Formats events and queues them for writing.
    package func receive(_ events: [Event]) -> Bool {
        var scribe = scribes.withLockedValue { $0.popLast() } ?? Scribe(format: makeFormat())
        var summary = Omission.nothing(isRecorded: true)
        // While there is no room, nothing is formatted.
        let isLeavingOut = queue.withLockedValue { $0.isLeavingOut }
        for event in events where filter?.matches(event) ?? true {
            guard scribe.format.shows(event) else { continue }
            summary.count(event)
            if !isLeavingOut { scribe.format.append(event, to: &scribe.bytes) }
        }
        if overflow == .wait || !isRecording() { summary.isRecorded = false }
        let (isFull, episode) = queue.withLockedValue { queue -> (Bool, Int?) in
            let before = queue.episode
            if isLeavingOut { queue.leaveOut(summary) } else { queue.append(scribe.bytes, of: summary) }
            return (queue.isFull, queue.episode == before ? nil : queue.episode)
        }
        scribe.bytes.removeAll(keepingCapacity: scribe.bytes.capacity <= 1 << 18)
        scribes.withLockedValue { if $0.count < 16 { $0.append(scribe) } }
        if summary.events > 0 { wake() }
        if let episode { lookAgain(at: episode) }
        return !isFull
    }

    /// Calls back when at most half of what may wait still does.
    package func whenReady(_ callback: @escaping @Sendable () -> Void) {
        let isReady = queue.withLockedValue { queue in
            if !queue.isReady { queue.callbacks.append(callback) }
            return queue.isReady
        }
        if isReady { callback() } else { wake() }
    }

    /// Writes all that waits and ends the thread. Blocks until that is done, or nothing was written for some seconds.
    ///
    /// - Returns: false, after saying so, where some of the log could not be written.
    package func close() -> Bool {
        queue.withLockedValue { $0.isClosing = true }
        wake()
        // A pool that is shut down does not wait for work that it has not begun; and a thread that hangs in a write to a
        // disk that does not answer is not waited for.
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

    /// Looks a moment later whether the output is still behind, and says so then: once each time that it falls behind.
    private func lookAgain(at episode: Int) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Self.millisecondsBehind)) { [weak self] in
            guard let self else { return }
            let isBehind = queue.withLockedValue { $0.isBehind && $0.episode == episode && !$0.isClosing }
            guard isBehind else { return }
            told.withLockedValue { $0 = episode }
            let what = isFile ? "standard output is not written in time" : "standard output is not read in time"
            switch overflow {
            case .leaveOut:
                let place = isRecording() ? "the archive has it" : "the archive cannot be written either"
                report("\(what): what finds no room is left out of the log, and no chat waits; \(place)")
            case .wait:
                let whom = isFile ? "for standard output" : "for the reader of standard output"
                report("\(what): chats wait \(whom), for nothing else records them")
            }
        }
    }

    /// How many bytes wait.
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
            condition.lock(whenValue: .work)
            condition.unlock(withValue: .idle)
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.mostBuffered)
            let (omission, callbacks) = queue.withLockedValue { queue in
                isDone = queue.isClosing
                defer { queue.callbacks = [] }
                return (queue.take(into: &bytes), queue.callbacks)
            }
            let size = bytes.count
            if let omission {
                format.append(Event(time: Self.now(), connection: 0, kind: .notPrinted(omission)), to: &bytes)
            }
            write(bytes)
            let episode = queue.withLockedValue { $0.settle() ? $0.episode : nil }
            if let episode, told.withLockedValue({ $0 == episode }) {
                report("standard output has caught up" + (overflow == .wait ? "; chats go on" : ""))
            }
            for callback in callbacks { callback() }
            if !isDone, size < Self.fullWrite { usleep(Self.gatherMicroseconds) }
        }
    }

    private static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// Writes everything, or says once why not and goes on trying: a full disk must not end the relay.
    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var hasComplained = false
        var secondsStuck = 0
        while !rest.isEmpty {
            if !isFile {
                // A reader that does not read must not keep the program from ending.
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
                if hasComplained { report("the log can be written again") }
                hasComplained = false
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: _ = isWritable()
            case EPIPE:
                queue.withLockedValue { $0.abandon() }
                onBrokenPipe()
                return
            default:
                let why = String(cString: strerror(errno))
                if giveUp(rest.count) { return }
                if !hasComplained {
                    let place =
                        isRecording()
                        ? "the archive has what is left out of it" : "the archive cannot be written either"
                    let what = overflow == .wait ? "connections wait until it can" : place
                    report("the log cannot be written: \(why); \(what)")
                }
                hasComplained = true
                usleep(200_000)
            }
        }
    }

    /// Waits a second at most for room in a pipe or on a terminal.
    private func isWritable() -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&poll, 1, 1_000) != 0
    }

    /// Counts bytes as lost if the log is being closed.
    private func giveUp(_ bytes: Int) -> Bool {
        queue.withLockedValue { queue in
            if queue.isClosing { queue.lost += bytes }
            return queue.isClosing
        }
    }
}
