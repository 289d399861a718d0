// The record kept for every connection, open or not, until it is dropped.

/// One entry of the table of connections. It holds no reference, so reading it causes no reference counting.
struct ConnectionSlot: Sendable {
    let ends: EndpointPair
    var number = -1
    var lastTime: Int64 = 0
    /// Index of the connection's state while it is open.
    var connection = -1
    var state = State.free
    /// Whether both FINs or a reset came: the slot is then kept for `ReassemblyLimits.lingerTime` only.
    var isEnded = false
    var wasReset = false
    private var lowFin = false
    private var highFin = false
    /// Sequence numbers of the SYNs.
    private(set) var initialLow: UInt32?
    private(set) var initialHigh: UInt32?
    /// Sequence numbers at the end of a closed connection's streams.
    var endLow: UInt32 = 0
    var endHigh: UInt32 = 0

    enum State: UInt8, Sendable {
        case free
        case open
        /// The consumer ignores it.
        case ignored
        /// Reported closed; late packets may follow.
        case closed
    }

    init(ends: EndpointPair) {
        self.ends = ends
    }

    /// Records the numbers and flags that distinguish this connection from the next one between the same endpoints.
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
