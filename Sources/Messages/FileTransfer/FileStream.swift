// The blocks of a file, taken apart (p2p.md section 5).

/// Follows the sender's bytes behind `TFR`: 0 and a length in front of each block, 1 at the end.
struct FileStream: Sendable {
    /// What the bytes hold.
    enum Piece: Sendable {
        /// Bytes of the file, and where they belong.
        case data(ArraySlice<UInt8>, at: UInt64)
        /// The end, or the sender broke off.
        case end
    }

    private enum Place: Sendable {
        case between
        case header(isEnd: Bool, low: UInt8?)
        case data(left: UInt64)
        case lost
    }

    private var place = Place.between
    /// How many bytes of the file came before.
    private(set) var offset: UInt64 = 0

    /// The next piece of these bytes; what was taken is gone from them.
    mutating func next(_ bytes: inout ArraySlice<UInt8>) -> Piece? {
        while let byte = bytes.first {
            switch place {
            case .lost: bytes = []
            case .between:
                // Only 0 and 1 begin a block; anything else is no file.
                guard byte <= 1 else {
                    place = .lost
                    continue
                }
                place = .header(isEnd: byte == 1, low: nil)
                bytes = bytes.dropFirst()
            case .header(let isEnd, nil):
                place = .header(isEnd: isEnd, low: byte)
                bytes = bytes.dropFirst()
            case .header(let isEnd, let low?):
                bytes = bytes.dropFirst()
                let length = UInt64(byte) &<< 8 | UInt64(low)
                place = isEnd || length == 0 ? .between : .data(left: length)
                // An empty block is the last one too.
                if isEnd || length == 0 { return .end }
            case .data(let left):
                let data = bytes.prefix(Int(left))
                bytes = bytes.dropFirst(data.count)
                let start = offset
                offset &+= UInt64(data.count)
                let rest = left - UInt64(data.count)
                place = rest == 0 ? .between : .data(left: rest)
                return .data(data, at: start)
            }
        }
        return nil
    }

    /// Notes that bytes are missing: within a block the place of what follows is known, else not.
    mutating func lose(_ count: UInt64) {
        guard case .data(let left) = place, count <= left else {
            place = .lost
            return
        }
        offset &+= count
        place = count == left ? .between : .data(left: left - count)
    }
}
