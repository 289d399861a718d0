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

    var size: Int { bytes.client.count + bytes.server.count + index.bytes.count }
}
