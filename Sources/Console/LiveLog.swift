// Events onto standard output: formatted by whoever brings them, written by one thread, in bounded memory.

internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOPosix
public import Transcript

/// A log that never makes its callers wait, and never loses a line while its output lives.
///
/// When more waits than it likes, it says so, and its callers stop to read from their sockets until it has caught up.
public final class LiveLog: EventOutlet {
    /// How the events look.
    public enum Style: String, Sendable, CaseIterable {
        /// Lines for people.
        case text
        /// One JSON object a line.
        case jsonl
    }

    /// How many bytes may wait before callers are told to pause. A terminal shows less in a second.
    static let mostWaiting = 2 << 20
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

    private struct Queue {
        var bytes: [UInt8] = []
        var isClosing = false
        var isBroken = false
        /// How many bytes could not be written before the end.
        var lost = 0
        var callbacks: [@Sendable () -> Void] = []
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
    private let queue = NIOLockedValueBox(Queue())
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
    ///   - report: takes one line for people about trouble.
    ///   - onBrokenPipe: called once when nobody reads any more.
    public init(
        descriptor: Int32, style: Style, presentation: Presentation, filter: Filter? = nil,
        report: @escaping @Sendable (String) -> Void, onBrokenPipe: @escaping @Sendable () -> Void
    ) {
        self.descriptor = descriptor
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
    public func receive(_ events: [Event]) -> Bool {
        var scribe = scribes.withLockedValue { $0.popLast() } ?? Scribe(format: makeFormat())
        for event in events where filter?.matches(event) ?? true { scribe.format.append(event, to: &scribe.bytes) }
        let (isFull, isNews) = queue.withLockedValue { queue in
            guard !queue.isBroken else { return (false, false) }
            queue.bytes += scribe.bytes
            return (queue.bytes.count > Self.mostWaiting, true)
        }
        scribe.bytes.removeAll(keepingCapacity: scribe.bytes.capacity <= 1 << 18)
        scribes.withLockedValue { if $0.count < 16 { $0.append(scribe) } }
        if isNews { wake() }
        return !isFull
    }

    /// Calls back when at most half of what may wait still does.
    public func whenReady(_ callback: @escaping @Sendable () -> Void) {
        let isReady = queue.withLockedValue { queue in
            guard queue.bytes.count > Self.mostWaiting / 2, !queue.isBroken else { return true }
            queue.callbacks.append(callback)
            return false
        }
        if isReady { callback() } else { wake() }
    }

    /// Writes all that waits and ends the thread. Blocks until that is done, or the reader has not read for five seconds.
    ///
    /// - Returns: false, after saying so, where some of the log could not be written.
    public func close() -> Bool {
        queue.withLockedValue { $0.isClosing = true }
        wake()
        // A pool that is shut down does not wait for work that it has not begun.
        finished.wait()
        try? thread.syncShutdownGracefully()
        let lost = queue.withLockedValue { $0.lost }
        if lost > 0 { report("the end of the log is missing: \(lost) bytes could not be written") }
        return lost == 0
    }

    private func wake() {
        condition.lock()
        condition.unlock(withValue: .work)
    }

    private func writeUntilClosed() {
        var bytes: [UInt8] = []
        var isDone = false
        while !isDone {
            condition.lock(whenValue: .work)
            condition.unlock(withValue: .idle)
            bytes.removeAll(keepingCapacity: true)
            let callbacks = queue.withLockedValue { queue in
                swap(&queue.bytes, &bytes)
                isDone = queue.isClosing
                defer { queue.callbacks = [] }
                return queue.callbacks
            }
            write(bytes)
            for callback in callbacks { callback() }
            if !isDone, bytes.count < Self.fullWrite { usleep(Self.gatherMicroseconds) }
        }
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
                if hasComplained { report("the log can be written again") }
                hasComplained = false
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: _ = isWritable()
            case EPIPE:
                queue.withLockedValue { $0.isBroken = true }
                onBrokenPipe()
                return
            default:
                if giveUp(rest.count) { return }
                if !hasComplained {
                    let why = String(cString: strerror(errno))
                    report("the log cannot be written: \(why); connections wait until it can")
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
