// Where packets belong by the order in which they came, for clients that tell wrong places.

/// What a packet of version 1 says of itself beside its place.
struct PacketOrder: Sendable {
    /// Its header promises another number of bytes than there are: other numbers may be wrong as well.
    var isWrong: Bool
    /// The last four of its bytes may be no data.
    var mayEndInFooter: Bool
}

/// A second reading of one message: its packets put one behind the other as they came.
///
/// Pidgin 2.10.9 sends the parts of a file with the offset of the part before. The headers then have bytes come again and
/// differ, and lack the last part; in the order of arrival all of it is there. Neither reading is believed before the end:
/// that by headers counts where it becomes whole, this one where it fits the total exactly, every offset that differed was
/// one of a packet shortly before, and something proves that headers are wrong.
struct ArrivalReading: Sendable {
    /// Where the next packet belongs.
    private(set) var position: UInt64 = 0
    /// Up to where both readings are the same.
    private(set) var shared: UInt64 = 0
    /// They differ.
    private(set) var isApart = false
    /// The headers tell places that no client tells who only lags behind.
    private(set) var isOver = false
    /// Something proves that headers are wrong.
    private(set) var isProven = false
    /// A header promised another number of bytes than there were.
    private(set) var hasWrongLength = false
    /// Where the latest packets belong.
    private var starts: [UInt64] = []
    private var lastOffset: UInt64 = 0
    /// How the message begins.
    private var beginning: [UInt8] = []
    private var count = 0

    /// By how many packets offsets may lag behind, and with which packet that begins at the latest.
    private static let mostBehind = 8
    private static let longestBeginning = 2_048

    /// Whether this reading is the right one, and all of the message is there.
    func isWhole(_ size: UInt64) -> Bool { isApart && !isOver && isProven && position == size }

    /// Takes a packet.
    ///
    /// - Returns: where its first so many bytes belong, where that is not where its header has them.
    mutating func take(
        _ bytes: ArraySlice<UInt8>, at offset: UInt64, of size: UInt64, _ order: PacketOrder
    ) -> Range<UInt64>? {
        guard !isOver else { return nil }
        if order.isWrong { (isProven, hasWrongLength) = (true, true) }
        var length = UInt64(bytes.count)
        let room = size &- position
        if order.mayEndInFooter, length > 4, length - 4 == room { length -= 4 }
        let isBehind = offset >= lastOffset && starts.contains(offset)
        let mayDiffer = isApart || count < Self.mostBehind
        guard position <= size, length <= room, offset == position || isBehind && mayDiffer else {
            isOver = true
            (starts, beginning) = ([], [])
            return nil
        }
        if offset == 0 { compare(bytes) }
        if starts.count == Self.mostBehind { starts.removeFirst() }
        starts.append(position)
        count = min(count + 1, Self.mostBehind)
        let range = position..<position + length
        if offset != position { isApart = true }
        position = range.upperBound
        lastOffset = offset
        guard isApart else {
            shared = position
            return nil
        }
        return range
    }

    /// Compares packets that tell to be the beginning: where they differ, headers are wrong.
    private mutating func compare(_ bytes: ArraySlice<UInt8>) {
        if beginning.isEmpty {
            beginning = Array(bytes.prefix(Self.longestBeginning))
        } else if !zip(beginning, bytes).allSatisfy({ $0 == $1 }) {
            isProven = true
        }
    }
}
