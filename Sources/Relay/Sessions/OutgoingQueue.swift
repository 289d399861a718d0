// The server's bytes between their arrival and their way to the client.

internal import MSNP

/// The bytes of the server that wait to be sent, in the order in which they came.
///
/// Each byte enters once and leaves once, at the front. Whoever decodes may name places in the stream up to which bytes
/// may leave, and replace bytes at the front by others; nothing else can be done.
struct OutgoingQueue: Sendable {
    /// Bytes as they came; those before `start` have left.
    private(set) var bytes: [UInt8] = []
    private var start = 0
    /// How many of `bytes` were decoded.
    private(set) var decoded = 0
    /// The place in the server's stream of the first byte that waits.
    private(set) var offset: UInt64 = 0

    /// Whether no byte waits.
    var isEmpty: Bool { start == bytes.count }

    /// The place in the stream of the next byte to come.
    var end: UInt64 { offset &+ UInt64(bytes.count &- start) }

    /// Takes bytes that came. What left earlier is given up first, so that the queue is no longer than what waits.
    mutating func append(_ more: Span<UInt8>) {
        if start > 0 {
            bytes.removeSubrange(..<start)
            decoded = max(0, decoded &- start)
            start = 0
        }
        bytes.append(copying: more)
    }

    /// Counts bytes that came and are sent on at once, without waiting here.
    mutating func pass(_ count: Int) { offset &+= UInt64(count) }

    /// Notes how far the bytes here were decoded.
    mutating func markDecoded(_ count: Int) {
        decoded = count
        reset()
    }

    /// Removes the bytes in front of a place in the stream; those that left already are not among them.
    mutating func take(until place: UInt64) -> [UInt8] {
        guard place > offset else { return [] }
        let count = min(Int(clamping: place &- offset), bytes.count &- start)
        defer { leave(count) }
        return Array(bytes[start..<(start &+ count)])
    }

    /// Removes these bytes where exactly they stand at the front.
    ///
    /// - Returns: false, with nothing changed, where other bytes stand there.
    mutating func remove(_ expected: [UInt8]) -> Bool {
        guard bytes[start...].starts(with: expected) else { return false }
        leave(expected.count)
        return true
    }

    private mutating func leave(_ count: Int) {
        start &+= count
        offset &+= UInt64(count)
        reset()
    }

    /// Frees the memory once every byte was decoded and has left.
    private mutating func reset() {
        guard start == bytes.count, decoded == bytes.count else { return }
        bytes = []
        start = 0
        decoded = 0
    }
}
