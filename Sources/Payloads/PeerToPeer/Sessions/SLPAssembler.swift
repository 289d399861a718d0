// Reassembles MSNSLP messages that are split over several packets.

internal import MSNP

/// Keeps the parts of messages until they are complete.
struct SLPAssembler: Sendable {
    /// Identifies a message.
    struct Key: Hashable, Sendable {
        var connection: Int
        var isFromClient: Bool
        var sender: String
        var recipient: String
        /// The message identifier of version 1, the package number of version 2.
        var message: UInt32
    }

    private struct Parts: Sendable {
        var received = ByteRanges()
        var bytes: [UInt8] = []
        var total: Int?
        /// The same message in order of arrival, for clients that send wrong offsets.
        var arrival = ArrivalOrderAssembler()
        var inOrder: [UInt8] = []
        var count: Int { bytes.count + inOrder.count }
    }

    private var open: BoundedDictionary<Key, Parts>
    private var held = 0
    private let mostBytes: Int

    init(_ limits: TransferLimits) {
        open = BoundedDictionary(most: limits.texts)
        mostBytes = limits.textBytes
    }

    /// Adds a part.
    ///
    /// - Parameters:
    ///   - offset: the part's position in the message; in version 2, counted from the end of the message.
    ///   - total: the length of the message, if this part has it.
    ///   - fromEnd: whether `offset` is counted from the end.
    /// - Returns: the message if it is now complete.
    mutating func add(
        _ data: ByteSlice, at offset: UInt64, total: UInt64?, fromEnd: Bool = false,
        order: PacketOrder? = nil, _ key: Key
    ) -> [UInt8]? {
        guard !data.isEmpty, let start = Int(exactly: offset), start <= SLPMessage.mostBytes - data.count,
            data.count <= SLPMessage.mostBytes
        else { return nil }
        let end = start + data.count
        if let total, total == UInt64(data.count), start == 0 { return Array(data) }
        if let total, total > UInt64(SLPMessage.mostBytes) || UInt64(end) > total { return nil }
        var parts = open.remove(key) ?? Parts()
        held -= parts.count
        if let order, let total, let range = parts.arrival.add(data, at: offset, of: total, order) {
            if parts.inOrder.isEmpty { parts.inOrder = Array(parts.bytes.prefix(Int(range.lowerBound))) }
            parts.inOrder += data.prefix(range.count)
            if parts.arrival.isWhole(total) { return parts.inOrder }
        }
        if let total { parts.total = Int(total) }
        if parts.bytes.count < end { parts.bytes += [UInt8](repeating: 0, count: end - parts.bytes.count) }
        // If offsets are counted from the end, the bytes are kept in reverse order.
        let ordered = fromEnd ? Array(data.reversed()) : Array(data)
        for range in parts.received.insert(UInt64(start)..<UInt64(end)) {
            let part = Int(range.lowerBound)..<Int(range.upperBound)
            parts.bytes.replaceSubrange(part, with: ordered[part.lowerBound - start..<part.upperBound - start])
        }
        if let total = parts.total, parts.received.isWhole(to: UInt64(total)) {
            let bytes = parts.bytes.prefix(total)
            return fromEnd ? bytes.reversed() : Array(bytes)
        }
        guard held + parts.count <= mostBytes else { return nil }
        held += parts.count
        if let dropped = open.set(parts, for: key) { held -= dropped.count }
        return nil
    }
}
