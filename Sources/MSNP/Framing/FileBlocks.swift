// The binary part of a file transfer: blocks between lines (p2p.md section 5).

/// Cuts the bytes that the sender of a file sends after `FIL`.
///
/// A block is three bytes, 0 and the length of what follows as 16 bits with the low byte first; `01 00 00` ends the file
/// or breaks it off. No line starts with 0 or 1: a block begins wherever a line could begin and one of the two stands
/// there, whether or not the receiver's `TFR` was seen before. After a hole that is larger than the rest of its block,
/// the beginnings of blocks are unknown: all that follows counts as data of the file.
public struct FileBlocks: Sendable, Hashable {
    /// What some bytes are.
    public enum Piece: Sendable, Hashable {
        /// A part of the three bytes in front of a block.
        case header
        /// Bytes of the file, and where they belong; nil where a hole made the place unknown.
        case data(at: UInt64?)
        /// The last byte of an empty block: the end, or the sender broke off.
        case end
    }

    private enum Place: Hashable {
        case between
        case header(isEnd: Bool, low: UInt8?)
        case data(left: Int)
        case lost
    }

    private var place = Place.between
    private var hasBegun = false
    /// How many bytes of the file came before; nil where a hole may have held some.
    public private(set) var offset: UInt64? = 0

    /// No block yet.
    public init() {}

    /// What the bytes from a position on are; the position moves behind the last of them.
    ///
    /// - Returns: nil at the end of the input, and where no block begins.
    public mutating func next(_ input: Span<UInt8>, from position: inout Int) -> Piece? {
        guard position < input.count else { return nil }
        switch place {
        case .lost:
            position = input.count
            return .data(at: nil)
        case .data(let left):
            let count = min(left, input.count &- position)
            position &+= count
            place = left == count ? .between : .data(left: left &- count)
            defer { offset = offset.map { $0 &+ UInt64(count) } }
            return .data(at: offset)
        case .between:
            guard input[position] <= 1 else { return nil }
            hasBegun = true
            place = .header(isEnd: input[position] == 1, low: nil)
            position &+= 1
            return .header
        case .header(let isEnd, nil):
            place = .header(isEnd: isEnd, low: input[position])
            position &+= 1
            return .header
        case .header(let isEnd, let low?):
            let length = Int(input[position]) &<< 8 | Int(low)
            position &+= 1
            // An empty block ends the file too.
            place = isEnd || length == 0 ? .between : .data(left: length)
            return isEnd || length == 0 ? .end : .header
        }
    }

    /// How many of these bytes, from a position on, belong to blocks; the next ones follow them.
    public mutating func take(_ input: Span<UInt8>, from start: Int) -> Int {
        var position = start
        while next(input, from: &position) != nil {}
        return position &- start
    }

    /// Notes that bytes are missing: within a block the place of what follows is known, else not.
    public mutating func lose(_ count: UInt64) {
        switch place {
        case .data(let left) where count <= UInt64(left):
            let rest = left &- Int(count)
            place = rest == 0 ? .between : .data(left: rest)
            offset = offset.map { $0 &+ count }
            return
        // The hole may hold lines only.
        case .between where !hasBegun: break
        case .between, .data, .header, .lost: place = .lost
        }
        offset = nil
    }
}
