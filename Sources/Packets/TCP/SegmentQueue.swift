// A queue of early segments, in stream order without overlap.

/// Bytes that wait for earlier bytes, or for bytes of the other side that their sender had acknowledged.
struct HeldSegment: Sendable {
    /// Offsets that count from `Direction.reference`.
    var start: Int64
    var end: Int64
    /// The sender's acknowledgement: the bytes of the other direction before this offset come first.
    var need: Int64
    /// Time of the packet, and its number within the connection.
    var time: Int64
    var packet: Int
    /// Marks the FIN, which has no bytes.
    var isFin = false
    /// Number of bytes that the headers declare; set only for a distant segment.
    var declared: Int64 = 0
    var bytes: [UInt8]

    /// The bytes at offsets `range` of a segment whose payload starts at `payload` in the packet.
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

/// An incoming segment: its offset, the index of its payload in the packet, and the acknowledgement to wait for.
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

struct SegmentQueue: Sendable {
    private var storage: [HeldSegment] = []
    /// Index of the first held segment. Delivered ones before it are removed together.
    private var head = 0
    /// Bytes held, with `ReassemblyLimits.segmentCost` for each segment.
    private(set) var cost = 0

    var isEmpty: Bool { head == storage.count }

    /// The start, need, time and packet number of the first segment, without a copy of its bytes.
    var front: (start: Int64, need: Int64, time: Int64, packet: Int)? {
        if isEmpty { return nil }
        return (storage[head].start, storage[head].need, storage[head].time, storage[head].packet)
    }

    /// Lowers the acknowledgement that the first segment waits for.
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

    /// Adds those captured bytes of a segment that are not held yet.
    /// - Returns: the number of bytes already held, and the first offset and number of those that differ
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
                    // A retransmission with a newer acknowledgement was first sent before that acknowledgement.
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

    /// Adds the FIN, which is behind everything else.
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

/// The offset of the first repeated byte that differs, and the number of differing bytes.
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
