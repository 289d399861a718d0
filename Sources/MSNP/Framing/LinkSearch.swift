// Finds the next packet of a direct connection in a stream that is out of sync (p2p.md section 4).

/// Finds packets of a direct connection in bytes that may start inside a packet. A false match would be worse than no
/// match. Therefore it requires two consecutive packets with consistent numbers, the greeting, or a packet that ends
/// exactly where the stream ends.
public enum LinkSearch {
    /// The result of parsing a packet header.
    private enum PacketScan {
        case invalid
        /// More bytes are needed.
        case undecided
        /// A packet; the next one starts at `end` and, in version 2, has the sequence number `nextSequence`.
        case packet(end: Int, hasData: Bool, isVersion2: Bool, nextSequence: UInt32)
    }

    /// The greeting `foo`, the first packet of the connecting client.
    private static let greeting: [UInt8] = [4, 0, 0, 0, 0x66, 0x6F, 0x6F, 0]

    /// Searches for the first packet.
    ///
    /// - Parameters:
    ///   - bytes: bytes of one side.
    ///   - start: the start of the search.
    ///   - ended: whether the stream ends with these bytes.
    ///   - needsData: whether one of the two packets must carry data, because acknowledgements have few numbers to
    ///     check.
    /// - Returns: the number of bytes that belong to no packet, and whether a packet follows them. Without a packet,
    ///   the remaining bytes may still become one with more input.
    static func find(
        in bytes: Span<UInt8>, from start: Int, ended: Bool, needsData: Bool = false
    ) -> (skipped: Int, isFound: Bool) {
        for position in start..<bytes.count {
            switch startsPackets(at: position, in: bytes, ended: ended, needsData: needsData) {
            case true?: return (position &- start, true)
            case nil: return (position &- start, false)
            case false?: continue
            }
        }
        return (bytes.count &- start, false)
    }

    /// Whether the bytes of one side contain packets of a direct connection.
    ///
    /// - Returns: true for two consecutive packets, nil if more bytes are needed, else false.
    public static func holdsPackets(_ bytes: [UInt8]) -> Bool? {
        let (skipped, isFound) = find(in: bytes.span, from: 0, ended: false, needsData: true)
        if isFound { return true }
        // The last three bytes may always be the start of a packet.
        return skipped &+ 4 < bytes.count ? nil : false
    }

    /// Whether consecutive packets start at an index; nil if more bytes are needed.
    private static func startsPackets(at position: Int, in bytes: Span<UInt8>, ended: Bool, needsData: Bool) -> Bool? {
        switch scanPacket(at: position, in: bytes) {
        case .invalid: return starts(with: greeting, at: position, in: bytes, ended: ended)
        case .undecided: return ended ? false : nil
        case .packet(let end, let hasData, let isVersion2, let nextSequence):
            if ended, end == bytes.count { return true }
            guard end < bytes.count else { return ended ? false : nil }
            switch scanPacket(at: end, in: bytes) {
            case .invalid: return false
            case .undecided: return ended ? false : nil
            case .packet(let next, let nextHasData, isVersion2, _):
                guard hasData || nextHasData || !needsData else { return false }
                guard next <= bytes.count else { return ended ? false : nil }
                return !isVersion2 || UInt32(bigEndian(bytes, end &+ 8, 4)) == nextSequence
            case .packet: return false
            }
        }
    }

    private static func starts(with word: [UInt8], at position: Int, in bytes: Span<UInt8>, ended: Bool) -> Bool? {
        let count = min(word.count, bytes.count &- position)
        for index in 0..<count where bytes[position &+ index] != word[index] { return false }
        return count == word.count ? true : ended ? false : nil
    }

    private static func scanPacket(at position: Int, in bytes: Span<UInt8>) -> PacketScan {
        let available = bytes.count &- position
        guard available >= 4 else { return available > 2 && bytes[position &+ 2] != 0 ? .invalid : .undecided }
        let length = littleEndian(bytes, position, 4)
        guard length >= 8, length <= LinkStream.mostBytes else { return .invalid }
        guard available >= 12 else { return .undecided }
        if let sequence = nextSequenceOfVersion2(at: position &+ 4, length, in: bytes) {
            let hasData = bigEndian(bytes, position &+ 6, 2) > 0
            return .packet(
                end: position &+ 4 &+ length, hasData: hasData, isVersion2: true, nextSequence: sequence)
        }
        guard length >= 48 else { return .invalid }
        guard available >= 52 else { return .undecided }
        guard isVersion1(at: position &+ 4, length, in: bytes) else { return .invalid }
        return .packet(end: position &+ 4 &+ length, hasData: length > 48, isVersion2: false, nextSequence: 0)
    }

    /// Checks a version 1 header of 48 bytes: the data has the announced length and lies within its message, and all
    /// flags are known.
    private static func isVersion1(at position: Int, _ length: Int, in bytes: Span<UInt8>) -> Bool {
        let (offset, total) = (littleEndian(bytes, position &+ 8, 8), littleEndian(bytes, position &+ 16, 8))
        let (count, flags) = (littleEndian(bytes, position &+ 24, 4), littleEndian(bytes, position &+ 28, 4))
        guard count == length &- 48, flags & ~0x0100_03FF == 0, offset >= 0, total >= 0 else { return false }
        guard count > 0 || flags & ~0x0100_0000 != 0, littleEndian(bytes, position &+ 4, 4) != 0 else { return false }
        return offset <= total && count <= total &- offset
    }

    /// Checks a version 2 header of 8 bytes or more, followed by the header of the data. Both lengths are multiples of
    /// four and consistent with each other.
    ///
    /// - Returns: the sequence number of the next packet; nil if the header is invalid.
    private static func nextSequenceOfVersion2(at position: Int, _ length: Int, in bytes: Span<UInt8>) -> UInt32? {
        let header = Int(bytes[position])
        let payload = bigEndian(bytes, position &+ 2, 2)
        guard header >= 8, header % 4 == 0, header &+ payload == length, bytes[position &+ 1] <= 3 else { return nil }
        if payload > 0, position &+ header &+ 1 < bytes.count {
            let data = Int(bytes[position &+ header])
            guard data >= 8, data % 4 == 0, data <= payload, bytes[position &+ header &+ 1] < 8 else { return nil }
        }
        return UInt32(bigEndian(bytes, position &+ 4, 4)) &+ UInt32(payload)
    }

    /// A little-endian number of `width` bytes; negative if it exceeds `Int.max`.
    static func littleEndian(_ bytes: Span<UInt8>, _ position: Int, _ width: Int) -> Int {
        var value = 0
        for index in 0..<width { value |= Int(bytes[position &+ index]) &<< (8 &* index) }
        return value
    }

    private static func bigEndian(_ bytes: Span<UInt8>, _ position: Int, _ width: Int) -> Int {
        var value = 0
        for index in 0..<width { value = value &<< 8 | Int(bytes[position &+ index]) }
        return value
    }
}
