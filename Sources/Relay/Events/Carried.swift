// What a loop carried for one connection, before it is analysed.

internal import Analysis
internal import Events

/// The events of one connection that the same bytes caused, in order, not analysed yet.
struct Carried: Sendable {
    /// The connection's number; 0 for events without a connection.
    var connection: Int
    var events: [Event]
    /// Whether the last event is the end of the connection.
    var isEnd = false
    /// The memory that it takes, estimated in bytes.
    var size: Int

    /// When it happened.
    var time: Timestamp { events.first?.time ?? Timestamp(nanoseconds: .min) }

    /// - Parameter bytes: the number of bytes in which the events were found.
    init(connection: Int, _ events: [Event], bytes: Int, isEnd: Bool = false) {
        self.connection = connection
        self.events = events
        self.isEnd = isEnd
        size = bytes + events.count * MemoryLayout<Event>.stride + MemoryLayout<Carried>.stride
    }
}
