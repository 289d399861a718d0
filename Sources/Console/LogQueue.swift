// What waits to be written to the log, in bytes, and what was left out of it for want of room. Pure.

internal import Events

/// Formatted events between those who bring them and the one who writes them.
struct LogQueue {
    /// What happens to events for which there is no room.
    let overflow: LiveLog.Overflow

    private var bytes: [UInt8] = []
    /// How much was taken to be written, and is not written yet.
    private var inFlight = 0
    /// What was left out since the last event that found room.
    private(set) var omission: Omission?
    /// Whether the output has fallen behind: from the first event that found no room, or the first caller that was asked
    /// to wait, until nothing waits any more.
    private(set) var isBehind = false
    /// Counts how often the output has fallen behind.
    private(set) var episode = 0

    var isClosing = false
    /// Nobody reads any more.
    private(set) var isBroken = false
    /// How many bytes could not be written before the end.
    var lost = 0
    var callbacks: [@Sendable () -> Void] = []

    init(_ overflow: LiveLog.Overflow) { self.overflow = overflow }

    /// How much may wait in all.
    static func mostWaiting(of overflow: LiveLog.Overflow) -> Int {
        overflow == .wait ? LiveLog.mostHeld : LiveLog.mostKept
    }

    /// Everything that waits.
    var waiting: Int { bytes.count + inFlight }

    /// Whether those who bring events should wait.
    var isFull: Bool { overflow == .wait && waiting > LiveLog.mostWaiting && !isBroken }

    /// Whether callers that wait can go on.
    var isReady: Bool { overflow == .leaveOut || waiting <= LiveLog.mostWaiting / 2 || isBroken }

    /// Whether an event that comes now would be left out, whatever its size.
    var isLeavingOut: Bool { omission != nil && !isBroken }

    /// Takes a piece of the log, or notes that it was left out.
    mutating func append(_ piece: [UInt8], of events: Omission) {
        guard !isBroken, events.events > 0 else { return }
        let most = Self.mostWaiting(of: overflow)
        // One piece always finds room: else one that is larger than all the room would never be printed.
        guard omission == nil, waiting == 0 || waiting + piece.count <= most else { return leaveOut(events) }
        bytes += piece
        if isFull { fallBehind() }
    }

    /// Notes that events were left out.
    mutating func leaveOut(_ events: Omission) {
        guard !isBroken, events.events > 0 else { return }
        omission = omission.map { $0 + events } ?? events
        fallBehind()
    }

    /// Hands out everything, and what has to be said behind it.
    ///
    /// - Parameter room: where it goes; its memory is used again, what it holds is given up.
    mutating func take(into room: inout [UInt8]) -> Omission? {
        room.removeAll(keepingCapacity: true)
        swap(&bytes, &room)
        inFlight = room.count
        defer { omission = nil }
        return omission
    }

    /// So many bytes that were handed out are written.
    mutating func wrote(_ count: Int) { inFlight = max(0, inFlight - count) }

    /// All that was handed out is written or given up.
    ///
    /// - Returns: whether the output has caught up just now; it never does where some of the log is given up.
    mutating func settle() -> Bool {
        inFlight = 0
        guard isBehind, bytes.isEmpty, omission == nil, lost == 0, !isBroken else { return false }
        isBehind = false
        return true
    }

    /// Nobody reads any more: nothing is kept.
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
    /// Both together.
    static func + (a: Omission, b: Omission) -> Omission {
        Omission(
            events: a.events + b.events, from: min(a.from, b.from), to: max(a.to, b.to),
            isRecorded: a.isRecorded && b.isRecorded)
    }

    /// No event yet.
    static func nothing(isRecorded: Bool) -> Omission {
        Omission(
            events: 0, from: Timestamp(nanoseconds: .max), to: Timestamp(nanoseconds: .min), isRecorded: isRecorded)
    }

    /// One event more.
    mutating func count(_ event: Event) {
        events += 1
        from = min(from, event.time)
        to = max(to, event.time)
    }
}
