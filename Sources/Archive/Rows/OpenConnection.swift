// The state of one connection while it is recorded.

internal import Events
internal import MSNP

/// The state of one connection while it is recorded.
struct OpenConnection {
    var row: Int64 = 0
    var ends: Endpoints
    var opened: Int64
    var lastTime: Int64
    var state = ConnectionState()
    var frames = 0
    /// The bytes captured from each side, and those missing.
    var total = PerSide<UInt64>(both: 0)
    var missing = PerSide<UInt64>(both: 0)
    var isDirty = false
    var isClosed = false

    var index = EventIndexWriter()
    var bytes = PerSide<[UInt8]>(both: [])
    var blockStart: Int64 = 0
    var nextBlock = 0
    /// The number of the first small block that is still to be merged.
    var firstSmallBlock = 0
    var smallBlocks = 0
    var smallBytes = 0

    var derivation = DerivedRows()

    var size: Int { bytes.client.count + bytes.server.count + index.bytes.count }
}
