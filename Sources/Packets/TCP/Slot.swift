// What is remembered of a connection whatever becomes of it, and the list of those to be looked at again.

/// One entry of the table of connections. It holds no reference, so that looking at it costs no counting.
struct Slot: Sendable {
    let ends: EndpointPair
    var number = -1
    var lastTime: Int64 = 0
    /// Index of the connection's state while it is open.
    var connection = -1
    var state = State.free
    /// Whether FINs or a reset were seen: it is then remembered for `ReassemblyLimits.lingerTime` only.
    var isEnded = false
    var wasReset = false
    private var lowFin = false
    private var highFin = false
    /// Sequence numbers of the SYNs.
    private(set) var initialLow: UInt32?
    private(set) var initialHigh: UInt32?
    /// Where the streams of a closed connection ended.
    var endLow: UInt32 = 0
    var endHigh: UInt32 = 0

    enum State: UInt8, Sendable {
        case free
        case open
        /// The consumer does not want it.
        case ignored
        /// Reported closed; stragglers may come.
        case closed
    }

    init(ends: EndpointPair) {
        self.ends = ends
    }

    /// Keeps what tells this connection from the next one between the same ends.
    mutating func note(_ segment: Segment, fromLow: Bool) {
        if segment.flags.contains(.syn) {
            if fromLow { initialLow = initialLow ?? segment.sequence }
            if !fromLow { initialHigh = initialHigh ?? segment.sequence }
        }
        guard state != .open else { return }
        if segment.flags.contains(.fin) {
            if fromLow { lowFin = true } else { highFin = true }
        }
        if segment.flags.contains(.rst) || (lowFin && highFin) { isEnded = true }
    }
}

/// Connections that wait for time to pass, first come first served.
struct WaitingList: Sendable {
    private var entries: [Entry] = []
    private var head = 0

    /// Each is looked at again after that time.
    static let interval: Int64 = 1_000_000_000

    struct Entry: Sendable {
        let slot: Int
        let number: Int
        let due: Int64
    }

    /// Whether the first one is due; also when the clock of the capture went back.
    @inline(__always)
    func isDue(at now: Int64) -> Bool {
        if head == entries.count { return false }
        let early = entries[head].due &- now
        return early <= 0 || early > 2 &* Self.interval
    }

    mutating func append(slot: Int, number: Int, at due: Int64) {
        entries.append(Entry(slot: slot, number: number, due: due))
    }

    mutating func popFirst() -> Entry? {
        if head == entries.count { return nil }
        let entry = entries[head]
        head &+= 1
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1024, head &* 2 >= entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return entry
    }
}
