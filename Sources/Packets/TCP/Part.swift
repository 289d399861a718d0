// A stretch of a packet that is being looked at, and big-endian reading from spans.

/// From `start`, captured bytes reach to `captured`, and the headers around promise bytes up to `promised`.
/// Always `start <= captured <= promised`, and `captured` never exceeds the span.
struct Part {
    var start: Int
    var captured: Int
    var promised: Int

    /// No packet is longer: keeps sums of lengths from the file far away from overflow.
    static let longest = 1 << 31

    /// Whether that many bytes were captured from the start on.
    @inline(__always)
    func holds(_ count: Int) -> Bool { captured &- start >= count }

    /// The part behind a header of `count` bytes.
    @inline(__always)
    func dropping(_ count: Int) -> Part {
        let begin = min(start &+ count, captured)
        return Part(start: begin, captured: captured, promised: max(promised, begin))
    }

    /// The part shortened to what a header says: `count` bytes from the start on.
    @inline(__always)
    func limited(to count: Int) -> Part {
        let end = start &+ count
        return Part(start: start, captured: min(captured, end), promised: end)
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
