// The bounded queue of the live log: formatted bytes, and the count of events left out at the limit. Pure.

internal import Events

/// Formatted events between the callers and the writing thread.
struct LogQueue {
    /// The behaviour at the limit.
    let overflow: LiveLog.Overflow

    private var bytes: [UInt8] = []
    /// The number of bytes that the writing thread has taken and not yet written.
    private var inFlight = 0
    /// The events left out since the last one that was queued; nil if none.
    private(set) var omission: Omission?
    /// Whether the output is behind: from the first event left out, or the first caller asked to wait, until the queue
    /// is empty.
    private(set) var isBehind = false
    /// The number of times that the output has fallen behind.
    private(set) var episode = 0

    var isClosing = false
    /// Whether the reader has closed the pipe.
    private(set) var isBroken = false
    /// The number of bytes that could not be written before the end.
    var lost = 0
    var callbacks: [@Sendable () -> Void] = []

    init(_ overflow: LiveLog.Overflow) { self.overflow = overflow }

    /// The limit of waiting bytes.
    static func mostWaiting(of overflow: LiveLog.Overflow) -> Int {
        overflow == .wait ? LiveLog.mostHeld : LiveLog.mostKept
    }

    /// The number of bytes queued or in flight.
    var waiting: Int { bytes.count + inFlight }

    /// Whether callers should wait.
    var isFull: Bool { overflow == .wait && waiting > LiveLog.mostWaiting && !isBroken }

    /// Whether waiting callers can go on.
    var isReady: Bool { overflow == .leaveOut || waiting <= LiveLog.mostWaiting / 2 || isBroken }

    /// Whether the next event is left out, whatever its size.
    var isLeavingOut: Bool { omission != nil && !isBroken }

    /// Queues formatted events, or counts them as left out at the limit.
    mutating func append(_ piece: [UInt8], of events: Omission) {
        guard !isBroken, events.events > 0 else { return }
        let most = Self.mostWaiting(of: overflow)
        // An empty queue accepts any piece: otherwise a piece above the limit would never be printed.
        guard omission == nil, waiting == 0 || waiting + piece.count <= most else { return leaveOut(events) }
        bytes += piece
        if isFull { fallBehind() }
    }

    /// Counts events as left out.
    mutating func leaveOut(_ events: Omission) {
        guard !isBroken, events.events > 0 else { return }
        omission = omission.map { $0 + events } ?? events
        fallBehind()
    }

    /// Moves all queued bytes to the writing thread.
    ///
    /// - Parameter buffer: receives the bytes; its content is discarded and its memory reused.
    /// - Returns: the events left out after them; nil if none.
    mutating func take(into buffer: inout [UInt8]) -> Omission? {
        buffer.removeAll(keepingCapacity: true)
        swap(&bytes, &buffer)
        inFlight = buffer.count
        defer { omission = nil }
        return omission
    }

    /// Notes that `count` of the bytes in flight were written.
    mutating func wrote(_ count: Int) { inFlight = max(0, inFlight - count) }

    /// Notes that all bytes in flight were written or given up.
    ///
    /// - Returns: whether the output has caught up with this; always false after bytes were lost.
    mutating func settle() -> Bool {
        inFlight = 0
        guard isBehind, bytes.isEmpty, omission == nil, lost == 0, !isBroken else { return false }
        isBehind = false
        return true
    }

    /// Discards everything: the reader has closed the pipe.
    mutating func abandon() {
        isBroken = true
        bytes = []
        omission = nil
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
