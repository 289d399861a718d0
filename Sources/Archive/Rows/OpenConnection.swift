// The state of one connection while it is recorded.

internal import Events
internal import MSNP

/// The state of one connection while it is recorded.
struct OpenConnection {
    var ends: Endpoints
    var opened: Int64
    var lastTime: Int64
    var state = ConnectionState()
    var frames = 0
    /// The number of its recorded events, and the time of the last one.
    var events: Int64 = 0
    var eventTime = Int64.min
    /// Whether it is known which event led to it, or that none did.
    var hasOrigin = false
    /// The bytes captured from each side, and those missing.
    var total = PerSide<UInt64>(both: 0)
    var missing = PerSide<UInt64>(both: 0)
    /// Whether something of it is to be written with the next flush.
    var isDirty = false
    var isClosed = false

    /// Its place in the log with a number.
    var place = (log: 0, index: 0)

    var index = EventIndexWriter()
    var bytes = PerSide<[UInt8]>(both: [])
    var blockStart: Int64 = 0

    var derivation = DerivedRows()

    /// The number of the event that a message or finding at this time follows from. What is made at the end of a
    /// connection comes before its last event.
    func number(at time: Int64) -> Int64 { time == eventTime ? events : events + 1 }

    /// Notes one more recorded event.
    mutating func note(_ time: Int64) {
        events += 1
        eventTime = time
    }

    var size: Int { bytes.client.count + bytes.server.count + index.bytes.count }
}
