// The binary part of a file transfer: blocks between lines (p2p.md section 5).

/// Follows the blocks that the sender of a file says after `FIL`.
///
/// A block is three bytes, 0 and the length of what follows as 16 bits with the low byte first; `01 00 00` ends the file
/// or breaks it off. No line starts with 0 or 1: so a block begins wherever a line could begin and one of the two stands
/// there, whether or not the receiver's `TFR` was seen before. After a hole that is larger than the rest of its block,
/// nobody knows where blocks begin: all that follows is taken for the file.
public struct FileBlocks: Sendable, Hashable {
    private enum Place: Hashable {
        case between
        case header(isEnd: Bool, low: UInt8?)
        case data(left: Int)
        case lost
    }

    private var place = Place.between
    private var hasBegun = false

    /// No block yet.
    public init() {}

    /// How many of these bytes, from a position on, belong to blocks; they count as taken.
    public mutating func take(_ input: Span<UInt8>, from start: Int) -> Int {
        var position = start
        while position < input.count {
            switch place {
            case .lost: position = input.count
            case .data(let left):
                let count = min(left, input.count &- position)
                position &+= count
                place = left == count ? .between : .data(left: left &- count)
            case .between:
                guard input[position] <= 1 else { return position &- start }
                hasBegun = true
                place = .header(isEnd: input[position] == 1, low: nil)
                position &+= 1
            case .header(let isEnd, nil):
                place = .header(isEnd: isEnd, low: input[position])
                position &+= 1
            case .header(let isEnd, let low?):
                let length = Int(input[position]) &<< 8 | Int(low)
                place = isEnd || length == 0 ? .between : .data(left: length)
                position &+= 1
            }
        }
        return position &- start
    }

    /// Says that bytes are missing here.
    public mutating func lose(_ count: UInt64) {
        switch place {
        case .data(let left) where count <= UInt64(left):
            let rest = left &- Int(count)
            place = rest == 0 ? .between : .data(left: rest)
        case .between where !hasBegun: break
        case .between, .data, .header, .lost: place = .lost
        }
    }
}
