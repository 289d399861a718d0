// A range of a packet under dissection, and big-endian reads from spans.

/// The captured bytes from `start` to `captured`, and the end that the surrounding headers declare.
///
/// Invariant: `start <= captured <= declared`, and `captured` never exceeds the span.
struct PacketRange {
    var start: Int
    var captured: Int
    var declared: Int

    /// The limit on packet lengths: sums of lengths from the file stay far from overflow.
    static let longest = 1 << 31

    /// Whether at least `count` bytes from `start` on were captured.
    @inline(__always)
    func holds(_ count: Int) -> Bool { captured &- start >= count }

    /// The range behind a header of `count` bytes.
    @inline(__always)
    func dropping(_ count: Int) -> PacketRange {
        let begin = min(start &+ count, captured)
        return PacketRange(start: begin, captured: captured, declared: max(declared, begin))
    }

    /// The range limited to `count` bytes from `start` on, as a header declares.
    @inline(__always)
    func limited(to count: Int) -> PacketRange {
        let end = start &+ count
        return PacketRange(start: start, captured: min(captured, end), declared: end)
    }
}

extension Span<UInt8> {
    @inline(__always)
    func big16(_ index: Int) -> UInt16 {
        UInt16(self[index]) << 8 | UInt16(self[index &+ 1])
    }

    @inline(__always)
    func big32(_ index: Int) -> UInt32 {
        UInt32(big16(index)) << 16 | UInt32(big16(index &+ 2))
    }

    @inline(__always)
    func big64(_ index: Int) -> UInt64 {
        UInt64(big32(index)) << 32 | UInt64(big32(index &+ 4))
    }

    @inline(__always)
    func little16(_ index: Int) -> UInt16 { big16(index).byteSwapped }

    @inline(__always)
    func little32(_ index: Int) -> UInt32 { big32(index).byteSwapped }
}
