// The directory of a connection's blocks: which events each one holds, without their bytes.

internal import Events
internal import GRDB
internal import MSNP

/// What was before a block or an event of a connection.
struct EventCounts: Sendable {
    /// The number of events.
    var events: Int64 = 0
    var frames: Int64 = 0
    var findings: Int64 = 0
    var rewritings: Int64 = 0
    /// The offset in the stream of each side, missing bytes included.
    var offset = PerSide<UInt64>(both: 0)
    /// The latest time of any event.
    var time = Int64.min
}

/// The blocks of one connection in order.
struct BlockDirectory: Sendable {
    struct Part: Sendable {
        var place: BlockPlace
        /// The bytes of its events and of both sides.
        var size: Int64
        var before: EventCounts
        /// How many events it has.
        var count: Int
        /// The times of its first and last event in the order of lists.
        var first: Int64
        var last: Int64
    }

    var parts: [Part] = []
    /// What is in all parts.
    var end = EventCounts()

    /// How many parts from the start on are never changed: smaller ones may be merged with later ones.
    var lasting: Int {
        parts.lastIndex {
            guard case .table = $0.place else { return false }
            return $0.size >= Int64(RecordWriter.blockSize)
        }.map { $0 + 1 } ?? 0
    }

    /// The number of the first part that ends at or behind an event; nil if the connection has fewer events.
    func part(of number: Int64) -> Int? {
        guard number > 0, number <= end.events else { return nil }
        // The last part that begins in front of it.
        return firstIndex { $0.before.events >= number } - 1
    }

    /// The number of the first part for which a condition holds, which then holds for all after it.
    func firstIndex(where holds: (Part) -> Bool) -> Int {
        var (low, high) = (0, parts.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(parts[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    mutating func append(_ entries: [BlockEntry], _ place: BlockPlace, size: Int64, counts: EventCounts) {
        guard let first = entries.first, let last = entries.last else { return }
        parts.append(
            Part(
                place: place, size: size, before: end, count: entries.count, first: first.order, last: last.order))
        end = counts
    }
}

/// One event of a block, decoded from its index.
struct BlockEntry: Sendable {
    var kind: EntryKind
    var side: Side
    /// Its own time, and that in the order of lists, which never goes back.
    var time: Int64
    var order: Int64
    var length: UInt64
    var reason: Noise.Reason
    var state: ConnectionState
    /// The place of its bytes in the block's bytes of its side.
    var start: UInt64
    /// The offset of its first byte in the stream.
    var offset: UInt64
    /// How many frames, findings or rewritings are before it, according to its kind.
    var nth: Int64
    /// Whether it stands for the rest of an index that cannot be decoded.
    var isCut = false

    /// Decodes the events of a block.
    ///
    /// - Parameter counts: what is before the block; afterwards, what is before the next one.
    static func decode(_ index: [UInt8], _ counts: inout EventCounts) -> [BlockEntry] {
        var reader = EventIndexReader(index)
        var entries: [BlockEntry] = []
        entries.reserveCapacity(index.count / 4)
        var start = PerSide<UInt64>(both: 0)
        while let entry = reader.next() {
            counts.time = max(counts.time, entry.time)
            var nth: Int64 = 0
            switch entry.kind {
            case .frame: (nth, counts.frames) = (counts.frames, counts.frames + 1)
            case .finding: (nth, counts.findings) = (counts.findings, counts.findings + 1)
            case .rewriting: (nth, counts.rewritings) = (counts.rewritings, counts.rewritings + 1)
            default: break
            }
            counts.events += 1
            entries.append(
                BlockEntry(
                    kind: entry.kind, side: entry.side, time: entry.time, order: counts.time, length: entry.length,
                    reason: entry.reason, state: entry.state, start: start[entry.side],
                    offset: counts.offset[entry.side], nth: nth))
            switch entry.kind {
            case .frame, .noise:
                let (end, isOver) = start[entry.side].addingReportingOverflow(entry.length)
                start[entry.side] = isOver ? .max : end
                counts.offset[entry.side] &+= entry.length
            case .gap: counts.offset[entry.side] &+= entry.length
            default: break
            }
        }
        if reader.isDamaged {
            counts.events += 1
            entries.append(
                BlockEntry(
                    kind: .noise, side: .client, time: entries.last?.time ?? max(counts.time, 0),
                    order: max(counts.time, 0), length: 0, reason: .notMSNP, state: ConnectionState(), start: 0,
                    offset: 0, nth: 0, isCut: true))
            counts.time = max(counts.time, 0)
        }
        return entries
    }
}

/// The bytes of a block; empty where they cannot be decompressed.
struct BlockBytes: Sendable {
    var sides: PerSide<ByteSlice>

    /// The bytes of an entry, which keep those of the block in memory; nil if they are missing.
    func bytes(of entry: BlockEntry) -> ByteSlice? {
        let all = sides[entry.side]
        guard !entry.isCut, entry.start <= UInt64(all.count), entry.length <= UInt64(all.count) - entry.start else {
            return nil
        }
        return all.part(Int(entry.start)..<Int(entry.start + entry.length))
    }
}
