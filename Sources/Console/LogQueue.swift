// The bounded queue of the live log: formatted events in order of time, and the count of events left out at the limit.
// Pure.

internal import Events

/// Formatted events between the callers and the writing thread.
struct LogQueue {
    /// The behaviour at the limit.
    let overflow: LiveLog.Overflow

    /// From this many waiting bytes on, events are no longer held back: at full speed callers would wait for the hold.
    static let mostHeldBack = 256 << 10
    /// Larger buffers are freed when they are empty.
    private static let mostReserved = 512 << 10

    /// The queued events; `start` of the first one is the number of bytes in `bytes` that were already taken.
    private var pieces: [Piece] = []
    private var bytes: [UInt8] = []
    private var taken = 0
    private var isSorted = true
    /// Whether the events' bytes are in the order of the events.
    private var isInOrder = true
    /// The number of bytes that the writing thread has taken and not yet written.
    private var inFlight = 0
    /// The events left out since the last one that was queued; nil if none.
    private(set) var omission: Omission?
    /// Whether the output is behind: from the first event left out, or the first caller asked to wait, until the queue
    /// is empty.
    private(set) var isBehind = false
    /// The number of times that the output has fallen behind.
    private(set) var episode = 0

    private var sleep = Sleep.no
    var isClosing = false
    /// Whether the reader has closed the pipe.
    private(set) var isBroken = false
    /// The number of bytes that could not be written before the end.
    var lost = 0
    /// Called when the output has almost caught up.
    var callbacks: [@Sendable () -> Void] = []
    /// Called when everything is written.
    var emptyCallbacks: [@Sendable () -> Void] = []

    init(_ overflow: LiveLog.Overflow) { self.overflow = overflow }

    /// How the writing thread sleeps.
    enum Sleep: Equatable {
        /// It works, or is about to.
        case no
        /// Nothing is queued.
        case untilWork
        /// Events are held that arrived from this time on.
        case since(Timestamp)
    }

    /// One formatted event in a buffer.
    struct Piece {
        /// When it happened.
        var time: Timestamp
        /// When it was queued.
        var arrival = Timestamp(nanoseconds: 0)
        /// Its place in the buffer.
        var start: Int
        var end: Int
    }

    /// The limit of waiting bytes.
    static func mostWaiting(of overflow: LiveLog.Overflow) -> Int {
        overflow == .wait ? LiveLog.mostHeld : LiveLog.mostKept
    }

    /// The number of bytes queued or in flight.
    var waiting: Int { bytes.count - taken + inFlight }

    /// Whether events are queued that are held back to be put in order.
    var isHolding: Bool { !pieces.isEmpty }

    /// Whether the queued events are written at once.
    private var isUrgent: Bool { omission != nil || isClosing || bytes.count - taken >= Self.mostHeldBack }

    /// Whether callers should wait.
    var isFull: Bool { overflow == .wait && waiting > LiveLog.mostWaiting && !isBroken }

    /// Whether waiting callers can go on.
    var isReady: Bool { overflow == .leaveOut || waiting <= LiveLog.mostWaiting / 2 || isBroken }

    /// Whether the next event is left out, whatever its size.
    var isLeavingOut: Bool { omission != nil && !isBroken }

    /// Queues formatted events, or counts them as left out at the limit.
    ///
    /// - Parameters:
    ///   - added: the events, in places of `buffer` that follow each other.
    ///   - buffer: their bytes; an empty queue takes it and leaves its own.
    ///   - arrival: the time now.
    ///   - events: a summary of the same events.
    mutating func append(_ added: [Piece], in buffer: inout [UInt8], at arrival: Timestamp, of events: Omission) {
        guard !isBroken, events.events > 0 else { return }
        let most = Self.mostWaiting(of: overflow)
        // An empty queue accepts any piece: otherwise a piece above the limit would never be printed.
        guard omission == nil, waiting == 0 || waiting + buffer.count <= most else { return leaveOut(events) }
        for piece in added {
            if let last = pieces.last, last.time > piece.time { isSorted = false }
            pieces.append(
                Piece(
                    time: piece.time, arrival: arrival, start: bytes.count + piece.start, end: bytes.count + piece.end))
        }
        if bytes.isEmpty { swap(&bytes, &buffer) } else { bytes += buffer }
        if isFull { fallBehind() }
    }

    /// Counts events as left out.
    mutating func leaveOut(_ events: Omission) {
        guard !isBroken, events.events > 0 else { return }
        omission = omission.map { $0 + events } ?? events
        fallBehind()
    }

    /// Moves queued events to the writing thread, in order of time. Events that arrived recently stay, because an earlier
    /// one of another connection may still arrive; after one was left out, or at the end, all are moved.
    ///
    /// - Parameters:
    ///   - limit: events that arrived later stay, unless they happened before one that is moved.
    ///   - buffer: receives the bytes; its content is discarded and its memory reused.
    ///   - each: called for each event, before its bytes are appended to the buffer; nil if there is nothing to add.
    /// - Returns: the events left out after them; nil if none.
    mutating func take(
        arrivedUntil limit: Timestamp, into buffer: inout [UInt8],
        each: ((Timestamp, inout [UInt8]) -> Void)? = nil
    ) -> Omission? {
        buffer.removeAll(keepingCapacity: true)
        let count = takeable(arrivedUntil: limit)
        if count == pieces.count, isInOrder, taken == 0, each == nil {
            swap(&buffer, &bytes)
        } else {
            for piece in pieces[..<count] {
                each?(piece.time, &buffer)
                buffer += bytes[piece.start..<piece.end]
                taken += piece.end - piece.start
            }
        }
        pieces.removeSubrange(..<count)
        if pieces.isEmpty {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.mostReserved)
            (taken, isSorted, isInOrder) = (0, true, true)
        } else if taken > bytes.count / 2 {
            compact()
        }
        inFlight = buffer.count
        guard pieces.isEmpty else { return nil }
        defer { omission = nil }
        return omission
    }

    /// Sorts the queued events by time.
    ///
    /// - Returns: the number of them that can be moved.
    private mutating func takeable(arrivedUntil limit: Timestamp) -> Int {
        // Sorting is stable, so that events of one time keep their order.
        if !isSorted { pieces.sort { $0.time < $1.time } }
        if !isSorted { isInOrder = false }
        isSorted = true
        guard !isUrgent else { return pieces.count }
        return pieces.lastIndex { $0.arrival <= limit }.map { $0 + 1 } ?? 0
    }

    /// Frees the memory of events that were taken.
    private mutating func compact() {
        var rest: [UInt8] = []
        rest.reserveCapacity(bytes.count - taken)
        for index in pieces.indices {
            let range = pieces[index].start..<pieces[index].end
            pieces[index].start = rest.count
            rest += bytes[range]
            pieces[index].end = rest.count
        }
        bytes = rest
        (taken, isInOrder) = (0, true)
    }

    /// Notes that `count` of the bytes in flight were written.
    mutating func wrote(_ count: Int) { inFlight = max(0, inFlight - count) }

    /// Notes that all bytes in flight were written or given up.
    ///
    /// - Returns: whether the output has caught up with this; always false after bytes were lost.
    mutating func settle() -> Bool {
        inFlight = 0
        guard isBehind, pieces.isEmpty, omission == nil, lost == 0, !isBroken else { return false }
        isBehind = false
        return true
    }

    /// Discards everything: the reader has closed the pipe.
    mutating func abandon() {
        isBroken = true
        pieces = []
        bytes = []
        taken = 0
        omission = nil
    }

    /// Decides whether the writing thread sleeps; until `wakesWriter` it then counts as asleep.
    mutating func letWriterSleep() -> Sleep {
        sleep = isUrgent ? .no : pieces.lazy.map(\.arrival).min().map(Sleep.since) ?? .untilWork
        return sleep
    }

    /// Whether the caller has to wake the writing thread: it sleeps and would sleep too long. Once per sleep.
    mutating func wakesWriter() -> Bool {
        let wakes =
            switch sleep {
            case .no: false
            case .untilWork: isHolding || isUrgent
            case .since: isUrgent
            }
        if wakes { sleep = .no }
        return wakes
    }

    private mutating func fallBehind() {
        guard !isBehind else { return }
        isBehind = true
        episode += 1
    }
}

extension Omission {
    /// The sum of both.
    static func + (a: Omission, b: Omission) -> Omission {
        Omission(
            events: a.events + b.events, from: min(a.from, b.from), to: max(a.to, b.to),
            isRecorded: a.isRecorded && b.isRecorded)
    }

    /// An omission of no events.
    static func nothing(isRecorded: Bool) -> Omission {
        Omission(
            events: 0, from: Timestamp(nanoseconds: .max), to: Timestamp(nanoseconds: .min), isRecorded: isRecorded)
    }

    /// Adds one event.
    mutating func count(_ event: Event) {
        events += 1
        from = min(from, event.time)
        to = max(to, event.time)
    }
}
