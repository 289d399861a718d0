// Passes events to the transfer table with their byte offsets.

internal import Events
internal import MSNP
internal import Payloads

/// Counts the bytes of each connection, because events from the archive do not contain their offsets.
struct OffsetTracker {
    private var offsets: [Int: PerSide<UInt64>] = [:]

    /// Passes an event to the transfers and returns what they report.
    mutating func pass(_ event: Event, to transfers: inout Transfers) -> [TransferEvent] {
        switch event.kind {
        case .frame(let frame, let side):
            return transfers.take(frame, at: place(event, side, advancing: UInt64(frame.bytes.count)))
        case .noise(let noise, let side):
            return transfers.take(noise, at: place(event, side, advancing: UInt64(noise.bytes.count)))
        case .gap(let count, _, let side):
            transfers.lose(count, at: place(event, side, advancing: count))
            return []
        case .opened(let ends):
            transfers.open(event.connection, to: HostPort(ends.server), isFromStart: false)
            return []
        default: return []
        }
    }

    /// Removes a connection that has ended.
    mutating func forget(_ connection: Int) { offsets[connection] = nil }

    /// Removes all connections.
    mutating func forgetAll() { offsets = [:] }

    private mutating func place(_ event: Event, _ side: Side, advancing count: UInt64) -> Place {
        var both = offsets[event.connection] ?? PerSide(both: 0)
        let offset = both[side]
        both[side] &+= count
        offsets[event.connection] = both
        return Place(
            connection: event.connection, role: event.role, side: side, time: event.time.nanoseconds, offset: offset)
    }
}
