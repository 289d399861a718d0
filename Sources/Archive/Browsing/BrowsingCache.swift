// What an `ArchiveReader` keeps between requests, all of it bounded: directories, decoded blocks, snapshots.

internal import NIOConcurrencyHelpers

/// A dictionary that drops the least recently used values when their cost exceeds a limit. Safe to share.
final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Slot {
        var value: Value
        var cost: Int
        var used: UInt64
    }
    private struct State {
        var slots: [Key: Slot] = [:]
        var cost = 0
        var clock: UInt64 = 0
    }

    private let most: Int
    private let state = NIOLockedValueBox(State())

    init(most: Int) { self.most = most }

    /// The value of a key, if it is still there.
    func value(_ key: Key) -> Value? {
        state.withLockedValue { state in
            guard state.slots[key] != nil else { return nil }
            state.clock += 1
            state.slots[key]?.used = state.clock
            return state.slots[key]?.value
        }
    }

    /// Keeps a value.
    func keep(_ value: Value, for key: Key, cost: Int) {
        state.withLockedValue { state in
            state.clock += 1
            state.cost += cost - (state.slots[key]?.cost ?? 0)
            state.slots[key] = Slot(value: value, cost: cost, used: state.clock)
            guard state.cost > most else { return }
            // A quarter at once, so that this is rare.
            for (key, slot) in state.slots.sorted(by: { $0.value.used < $1.value.used }) {
                guard state.cost > most / 4 * 3 else { break }
                state.slots[key] = nil
                state.cost -= slot.cost
            }
        }
    }
}

/// The caches of one reader.
final class BrowsingCache: Sendable {
    /// The directories of connections.
    let directories = BoundedCache<Int64, BlockDirectory>(most: 16 << 20)
    /// The numbers of commands of scopes, and at which commit they were counted.
    let totals = BoundedCache<EventScope, (commit: Int64, count: Int64)>(most: 1_000)
    /// The decoded events of blocks.
    let entries = BoundedCache<BlockKey, [BlockEntry]>(most: 16 << 20)
    /// The bytes of blocks.
    let bytes = BoundedCache<BlockKey, BlockBytes>(most: 8 << 20)
    /// The state of the analysis of a connection after some of its events.
    let snapshots = BoundedCache<SnapshotKey, ConnectionAnalysis>(most: 36 << 20)
    /// The commands of connections that are no messages.
    let commands = BoundedCache<Int64, CommandList>(most: 4 << 20)
    /// The rows that are still on their way into the tables.
    let pending = NIOLockedValueBox(PendingOverlay())
    /// The latest names of accounts, and when they were read.
    let names = NIOLockedValueBox<KeptNames?>(nil)
    /// The times of all connections.
    let spans = NIOLockedValueBox(ConnectionSpans())
}

/// The content of a block: the events of a connection from one on, as many as fit into so many bytes. Blocks are merged
/// with later ones and then have another size.
struct BlockKey: Hashable, Sendable {
    var connection: Int64
    /// The number of events before it.
    var before: Int64
    var size: Int64
}

/// Where a block is.
enum BlockPlace: Hashable, Sendable {
    /// In the table, with this number.
    case table(Int64)
    /// In a row of `pending`, the nth block of it.
    case pending(row: Int64, index: Int)
}

/// The latest names of accounts, and when they are read again.
struct KeptNames: Sendable {
    var names: LatestNames
    /// The commit before which they were read.
    var commit: Int64
    /// By the monotonic clock.
    var end: Int64
}
