// Queues the server's bytes until the relay may send them to the client.

internal import MSNP

/// The server's unsent bytes, in stream order.
///
/// Each byte enters once and leaves once, at the front. The decoder can only name the offset up to which bytes may leave,
/// and remove a redirect at the front that the relay replaces.
struct OutgoingQueue: Sendable {
    /// The received bytes; those before `start` have left the queue.
    private(set) var bytes: [UInt8] = []
    private var start = 0
    /// The number of decoded bytes in `bytes`.
    private(set) var decoded = 0
    /// The stream offset of the first unsent byte.
    private(set) var offset: UInt64 = 0

    /// Whether all bytes were sent.
    var isEmpty: Bool { start == bytes.count }

    /// The stream offset of the next byte to be received.
    var end: UInt64 { offset &+ UInt64(bytes.count &- start) }

    /// Appends received bytes. It drops sent bytes first, so that memory holds unsent bytes only.
    mutating func append(_ more: Span<UInt8>) {
        if start > 0 {
            bytes.removeSubrange(..<start)
            decoded = max(0, decoded &- start)
            start = 0
        }
        bytes.append(copying: more)
    }

    /// Counts bytes that are forwarded at once and bypass the queue.
    mutating func countForwarded(_ count: Int) { offset &+= UInt64(count) }

    /// Sets the number of decoded bytes.
    mutating func markDecoded(_ count: Int) {
        decoded = count
        reset()
    }

    /// Removes and returns the unsent bytes before a stream offset.
    mutating func remove(until end: UInt64) -> [UInt8] {
        guard end > offset else { return [] }
        let count = min(Int(clamping: end &- offset), bytes.count &- start)
        defer { advance(by: count) }
        return Array(bytes[start..<(start &+ count)])
    }

    /// Removes the given bytes from the front of the queue.
    ///
    /// - Returns: false, with nothing changed, if the queue begins with other bytes.
    mutating func remove(_ expected: ByteSlice) -> Bool {
        guard bytes[start...].starts(with: expected) else { return false }
        advance(by: expected.count)
        return true
    }

    private mutating func advance(by count: Int) {
        start &+= count
        offset &+= UInt64(count)
        reset()
    }

    /// Frees the memory once every byte was decoded and sent.
    private mutating func reset() {
        guard start == bytes.count, decoded == bytes.count else { return }
        bytes = []
        start = 0
        decoded = 0
    }
}
