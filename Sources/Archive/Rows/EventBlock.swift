// A block: the part of a connection that one row of the archive holds.

internal import MSNP

/// A part of the bytes and events of a connection, stored as one row.
struct EventBlock {
    var firstTime: Int64
    var lastTime: Int64
    var events: [UInt8]
    var bytes: PerSide<[UInt8]>

    var size: Int { events.count + bytes.client.count + bytes.server.count }

    /// Appends the following block. Event lists can be concatenated because each starts with the connection state.
    mutating func append(_ next: EventBlock) {
        lastTime = next.lastTime
        events += next.events
        for side in Side.allCases { bytes[side] += next.bytes[side] }
    }
}
