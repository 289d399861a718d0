// Splits the binary part of an MSNFTP file transfer into blocks (p2p.md section 5).

/// A parser for the bytes that the sender of a file sends after `FIL`.
///
/// A block is a header of three bytes, 0 and the length of the data as a little-endian 16-bit number, and the data. `01
/// 00 00` ends or cancels the transfer. No command line starts with 0 or 1, so a block is recognised by its first byte
/// wherever a line may start, even if the receiver's `TFR` was not captured. After a gap that exceeds the current
/// block, block boundaries are unknown: all following bytes count as file data.
public struct FileBlocks: Sendable, Hashable {
    /// A run of bytes of a transfer.
    public enum Piece: Sendable, Hashable {
        /// Part of the three header bytes of a block.
        case header
        /// File data, and its offset in the file; nil if a gap made the offset unknown.
        case data(at: UInt64?)
        /// The last byte of an empty block: the end of the file, or the sender cancelled.
        case end
    }

    private enum State: Hashable {
        case betweenBlocks
        case header(isEnd: Bool, low: UInt8?)
        case data(remaining: Int)
        case unaligned
    }

    private var state = State.betweenBlocks
    private var hasBegun = false
    /// The offset of the next data in the file, in bytes; nil after a gap that may have contained data.
    public private(set) var offset: UInt64? = 0

    /// A parser at the start of a transfer.
    public init() {}

    /// Parses the next piece and moves the position behind it.
    ///
    /// - Returns: nil at the end of the input, and if no block starts at the position.
    public mutating func next(_ input: Span<UInt8>, from position: inout Int) -> Piece? {
        guard position < input.count else { return nil }
        switch state {
        case .unaligned:
            position = input.count
            return .data(at: nil)
        case .data(let remaining):
            let count = min(remaining, input.count &- position)
            position &+= count
            state = remaining == count ? .betweenBlocks : .data(remaining: remaining &- count)
            defer { offset = offset.map { $0 &+ UInt64(count) } }
            return .data(at: offset)
        case .betweenBlocks:
            guard input[position] <= 1 else { return nil }
            hasBegun = true
            state = .header(isEnd: input[position] == 1, low: nil)
            position &+= 1
            return .header
        case .header(let isEnd, nil):
            state = .header(isEnd: isEnd, low: input[position])
            position &+= 1
            return .header
        case .header(let isEnd, let low?):
            let length = Int(input[position]) &<< 8 | Int(low)
            position &+= 1
            // An empty block also ends the file.
            state = isEnd || length == 0 ? .betweenBlocks : .data(remaining: length)
            return isEnd || length == 0 ? .end : .header
        }
    }

    /// Consumes the blocks from an index on.
    ///
    /// - Returns: the number of bytes that belong to blocks.
    public mutating func take(_ input: Span<UInt8>, from start: Int) -> Int {
        var position = start
        while next(input, from: &position) != nil {}
        return position &- start
    }

    /// Skips a gap in the stream. Block boundaries and the offset stay known only if the gap lies within a block.
    ///
    /// - Parameter count: the number of missing bytes.
    public mutating func lose(_ count: UInt64) {
        switch state {
        case .data(let remaining) where count <= UInt64(remaining):
            let rest = remaining &- Int(count)
            state = rest == 0 ? .betweenBlocks : .data(remaining: rest)
            offset = offset.map { $0 &+ count }
            return
        // Before the first block, the gap may contain only command lines.
        case .betweenBlocks where !hasBegun: break
        case .betweenBlocks, .data, .header, .unaligned: state = .unaligned
        }
        offset = nil
    }
}
