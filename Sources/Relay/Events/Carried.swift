// What a loop carried for one connection, before it is analysed.

internal import Analysis
internal import Events

/// The occurrences of one connection that the same bytes caused, in order.
struct Carried: Sendable {
    /// The connection's number; 0 for occurrences without a connection.
    var connection: Int
    var occurrences: [Occurrence]
    /// Whether the last occurrence is the end of the connection.
    var isEnd = false
    /// The memory that it takes, estimated in bytes.
    var size: Int

    /// When it happened.
    var time: Timestamp { occurrences.first?.time ?? Timestamp(nanoseconds: .min) }

    /// - Parameter bytes: the number of bytes in which the occurrences were found.
    init(connection: Int, _ occurrences: [Occurrence], bytes: Int, isEnd: Bool = false) {
        self.connection = connection
        self.occurrences = occurrences
        self.isEnd = isEnd
        size = bytes + occurrences.count * MemoryLayout<Occurrence>.stride + MemoryLayout<Carried>.stride
    }
}
