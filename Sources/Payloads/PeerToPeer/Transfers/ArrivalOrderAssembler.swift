// Reassembles messages by the order of their packets, for clients that send wrong offsets.

internal import MSNP

/// The values of a version 1 packet, besides its offset, that reassembly by order of arrival needs.
struct PacketOrder: Sendable {
    /// Whether the header announces a wrong length: its other numbers may be wrong as well.
    var hasWrongLength: Bool
    /// Whether the last four bytes may be a footer.
    var mayEndInFooter: Bool
}

/// Reassembles one message in order of arrival, in parallel to the reassembly by offsets.
///
/// Pidgin 2.10.9 sends each part of a file with the offset of the previous part. By offsets, bytes then repeat with
/// different content and the last part is missing; in order of arrival the file is complete. Neither result is used
/// before the message is complete. Reassembly by offsets is used if it completes first. This one is used if it has
/// exactly the total size, every deviating offset belongs to one of the last packets, and the headers are proven wrong.
struct ArrivalOrderAssembler: Sendable {
    /// The offset of the next packet in order of arrival.
    private(set) var position: UInt64 = 0
    /// The offset up to which both reassemblies have the same bytes.
    private(set) var commonEnd: UInt64 = 0
    /// Whether the two reassemblies differ.
    private(set) var differs = false
    /// Whether the offsets cannot come from a client that merely sends those of earlier packets.
    private(set) var isRejected = false
    /// Whether the headers are proven wrong.
    private(set) var isHeaderWrong = false
    /// Whether a header announced a wrong length.
    private(set) var hasWrongLength = false
    /// The offsets of the latest packets in order of arrival.
    private var starts: [UInt64] = []
    private var lastOffset: UInt64 = 0
    /// The first packet with offset 0.
    private var beginning: [UInt8] = []
    private var count = 0

    /// The maximum lag of an offset in packets, which is also the number of packets within which a lag must start; the
    /// number of bytes kept of the first packet.
    private static let mostLag = 8
    private static let mostBeginning = 2_048

    /// Whether this reassembly is valid and has all `size` bytes.
    func isWhole(_ size: UInt64) -> Bool { differs && !isRejected && isHeaderWrong && position == size }

    /// Adds a packet.
    ///
    /// - Returns: the range of its first bytes in order of arrival; nil if the offset in the header is used.
    mutating func add(
        _ bytes: ByteSlice, at offset: UInt64, of size: UInt64, _ order: PacketOrder
    ) -> Range<UInt64>? {
        guard !isRejected else { return nil }
        if order.hasWrongLength { (isHeaderWrong, hasWrongLength) = (true, true) }
        var length = UInt64(bytes.count)
        let room = size &- position
        if order.mayEndInFooter, length > 4, length - 4 == room { length -= 4 }
        let isLagging = offset >= lastOffset && starts.contains(offset)
        let mayStartToDiffer = differs || count < Self.mostLag
        guard position <= size, length <= room, offset == position || isLagging && mayStartToDiffer else {
            isRejected = true
            (starts, beginning) = ([], [])
            return nil
        }
        if offset == 0 { compare(bytes) }
        if starts.count == Self.mostLag { starts.removeFirst() }
        starts.append(position)
        count = min(count + 1, Self.mostLag)
        let range = position..<position + length
        if offset != position { differs = true }
        position = range.upperBound
        lastOffset = offset
        guard differs else {
            commonEnd = position
            return nil
        }
        return range
    }

    /// Compares packets with offset 0: if they differ, the headers are wrong.
    private mutating func compare(_ bytes: ByteSlice) {
        if beginning.isEmpty {
            beginning = Array(bytes.prefix(Self.mostBeginning))
        } else if !zip(beginning, bytes).allSatisfy({ $0 == $1 }) {
            isHeaderWrong = true
        }
    }
}
