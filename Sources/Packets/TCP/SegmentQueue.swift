// Segments that came too early: kept apart from each other and in stream order.

/// Bytes that wait for earlier ones, or for what the other side said before them.
struct HeldSegment: Sendable {
    /// Offsets in the direction's own count (see `Direction.reference`).
    var start: Int64
    var end: Int64
    /// What the sender had seen of the other direction: those bytes come first.
    var need: Int64
    /// Time of the packet, and its number within the connection.
    var time: Int64
    var packet: Int
    /// Marks the FIN; carries no bytes.
    var isFin = false
    /// How many bytes the headers promised; only of interest for one that is far off.
    var promised: Int64 = 0
    var bytes: [UInt8]

    /// The part `range` of a segment whose payload starts at `payload` in the packet.
    init(_ range: Range<Int64>, of segment: Arrival, _ packet: Span<UInt8>) {
        start = range.lowerBound
        end = range.upperBound
        need = segment.need
        time = segment.time
        self.packet = segment.packet
        let from = segment.payload &+ Int(range.lowerBound &- segment.start)
        bytes = []
        bytes.append(packet.extracting(from..<(from &+ Int(range.upperBound &- range.lowerBound))))
    }

    /// The FIN at `place`.
    init(finAt place: Int64, of segment: Arrival) {
        start = place
        end = place
        need = segment.need
        time = segment.time
        packet = segment.packet
        isFin = true
        bytes = []
    }
}

/// A segment on its way in: where it belongs, where its bytes are, and what it must wait for.
struct Arrival {
    var start: Int64
    var captured: Int
    var length: Int
    var payload: Int
    var need: Int64
    var time: Int64
    var packet: Int

    var end: Int64 { start &+ Int64(length) }
    var capturedEnd: Int64 { start &+ Int64(captured) }
}

/// Held segments in stream order, none overlapping another.
struct SegmentQueue: Sendable {
    private var storage: [HeldSegment] = []
    /// Delivered ones before it wait to be swept out together.
    private var head = 0
    /// Memory held, with `ReassemblyLimits.segmentCost` for each segment.
    private(set) var cost = 0

    var isEmpty: Bool { head == storage.count }

    /// The place, need, time and packet number of the first one, without touching its bytes.
    var front: (start: Int64, need: Int64, time: Int64, packet: Int)? {
        if isEmpty { return nil }
        return (storage[head].start, storage[head].need, storage[head].time, storage[head].packet)
    }

    /// Lets the first one wait for less of the other side.
    mutating func lowerNeed(to need: Int64) {
        if !isEmpty { storage[head].need = min(storage[head].need, need) }
    }

    mutating func popFirst() -> HeldSegment? {
        if isEmpty { return nil }
        let segment = storage[head]
        storage[head].bytes = []
        head &+= 1
        cost &-= segment.bytes.count &+ ReassemblyLimits.segmentCost
        if head == storage.count {
            storage.removeAll(keepingCapacity: storage.count <= 16)
            head = 0
        } else if head >= 64, head &* 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return segment
    }

    /// Holds those captured bytes of a segment that are not held yet.
    /// - Returns: how many bytes were held already, and the first place and number of those that differ
    mutating func insert(_ segment: Arrival, _ packet: Span<UInt8>) -> (repeated: Int64, differing: Difference?) {
        var position = segment.start
        let stop = segment.capturedEnd
        var index = storage.count
        while index > head, storage[index &- 1].end > position { index &-= 1 }
        var repeated: Int64 = 0
        var difference: Difference?
        while position < stop {
            let nextStart = index < storage.count ? storage[index].start : Int64.max
            if nextStart > position {
                add(HeldSegment(position..<min(stop, nextStart), of: segment, packet), at: index)
                index &+= 1
                position = min(stop, nextStart)
            } else {
                let overlap = position..<min(stop, storage[index].end)
                if !overlap.isEmpty {
                    repeated &+= overlap.upperBound &- overlap.lowerBound
                    compare(overlap, with: storage[index], segment, packet, &difference)
                    // What is said again with a newer acknowledgement was said before it.
                    if overlap.lowerBound == storage[index].start, overlap.upperBound == storage[index].end {
                        storage[index].need = min(storage[index].need, segment.need)
                    }
                    position = overlap.upperBound
                }
                index &+= 1
            }
        }
        return (repeated, difference)
    }

    /// Holds the FIN, which is behind everything else.
    mutating func append(_ fin: HeldSegment) {
        add(fin, at: storage.count)
    }

    private mutating func add(_ segment: HeldSegment, at index: Int) {
        cost &+= segment.bytes.count &+ ReassemblyLimits.segmentCost
        storage.insert(segment, at: index)
    }

    private func compare(
        _ range: Range<Int64>, with held: HeldSegment, _ segment: Arrival, _ packet: Span<UInt8>,
        _ difference: inout Difference?
    ) {
        for place in range {
            let new = packet[segment.payload &+ Int(place &- segment.start)]
            if held.bytes[Int(place &- held.start)] != new { Difference.note(place, in: &difference) }
        }
    }
}

/// Where repeated bytes first differ, and how many do.
struct Difference {
    var offset: Int64
    var count: Int64

    static func note(_ place: Int64, in difference: inout Difference?) {
        if let old = difference {
            difference = Difference(offset: old.offset, count: old.count &+ 1)
        } else {
            difference = Difference(offset: place, count: 1)
        }
    }
}
