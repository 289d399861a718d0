// Where packets of a direct link stand in bytes of which nobody knows where they begin (p2p.md section 4).

/// Finds packets of a direct link in bytes that may begin anywhere. A wrong guess would be worse than none: what is found
/// are two in a row whose numbers fit each other, or a greeting, or one that ends where the stream does.
public enum LinkSearch {
    /// What can be said of a place.
    private enum Judgement {
        case none
        /// The bytes that would tell have not come yet.
        case unknown
        /// The next one begins at `end`; in version 2 it has this number.
        case packet(end: Int, hasData: Bool, isSecondVersion: Bool, nextSequence: UInt32)
    }

    /// `foo`, with which the client that connected begins.
    private static let greeting: [UInt8] = [4, 0, 0, 0, 0x66, 0x6F, 0x6F, 0]

    /// Looks for the first packet.
    ///
    /// - Parameters:
    ///   - bytes: what one side said.
    ///   - start: where to begin.
    ///   - ended: whether nothing more comes.
    ///   - needsData: one of the two must carry something, for acknowledgements have few numbers that can be checked.
    /// - Returns: how many bytes belong to no packet, and whether one stands behind them; where none does, it may become
    ///   one when more has come.
    static func look(
        at bytes: Span<UInt8>, from start: Int, ended: Bool, needsData: Bool = false
    ) -> (skipped: Int, isFound: Bool) {
        for place in start..<bytes.count {
            switch row(at: place, in: bytes, ended: ended, needsData: needsData) {
            case true?: return (place &- start, true)
            case nil: return (place &- start, false)
            case false?: continue
            }
        }
        return (bytes.count &- start, false)
    }

    /// What the bytes of one side of a connection say of it.
    ///
    /// - Returns: true where two packets stand in a row, nil where that can still turn out, false else.
    public static func holdsPackets(_ bytes: [UInt8]) -> Bool? {
        let (skipped, isFound) = look(at: bytes.span, from: 0, ended: false, needsData: true)
        if isFound { return true }
        // The last three bytes may always be a beginning.
        return skipped &+ 4 < bytes.count ? nil : false
    }

    /// Whether packets stand here in a row; nil where the bytes that would tell have not come yet.
    private static func row(at place: Int, in bytes: Span<UInt8>, ended: Bool, needsData: Bool) -> Bool? {
        switch judge(at: place, in: bytes) {
        case .none: return begins(with: greeting, at: place, in: bytes, ended: ended)
        case .unknown: return ended ? false : nil
        case .packet(let end, let hasData, let isSecondVersion, let nextSequence):
            if ended, end == bytes.count { return true }
            guard end < bytes.count else { return ended ? false : nil }
            switch judge(at: end, in: bytes) {
            case .none: return false
            case .unknown: return ended ? false : nil
            case .packet(let next, let nextHasData, isSecondVersion, _):
                guard hasData || nextHasData || !needsData else { return false }
                guard next <= bytes.count else { return ended ? false : nil }
                return !isSecondVersion || UInt32(big(bytes, end &+ 8, 4)) == nextSequence
            case .packet: return false
            }
        }
    }

    private static func begins(with word: [UInt8], at place: Int, in bytes: Span<UInt8>, ended: Bool) -> Bool? {
        let count = min(word.count, bytes.count &- place)
        for index in 0..<count where bytes[place &+ index] != word[index] { return false }
        return count == word.count ? true : ended ? false : nil
    }

    private static func judge(at place: Int, in bytes: Span<UInt8>) -> Judgement {
        let there = bytes.count &- place
        guard there >= 4 else { return there > 2 && bytes[place &+ 2] != 0 ? .none : .unknown }
        let length = little(bytes, place, 4)
        guard length >= 8, length <= LinkStream.mostBytes else { return .none }
        guard there >= 12 else { return .unknown }
        if let sequence = isSecondVersion(at: place &+ 4, length, in: bytes) {
            let hasData = big(bytes, place &+ 6, 2) > 0
            return .packet(
                end: place &+ 4 &+ length, hasData: hasData, isSecondVersion: true, nextSequence: sequence)
        }
        guard length >= 48 else { return .none }
        guard there >= 52 else { return .unknown }
        guard isFirstVersion(at: place &+ 4, length, in: bytes) else { return .none }
        return .packet(end: place &+ 4 &+ length, hasData: length > 48, isSecondVersion: false, nextSequence: 0)
    }

    /// A header of 48 bytes: the data is what the length says and lies in its message, and the flags are known ones.
    private static func isFirstVersion(at place: Int, _ length: Int, in bytes: Span<UInt8>) -> Bool {
        let (offset, total) = (little(bytes, place &+ 8, 8), little(bytes, place &+ 16, 8))
        let (count, flags) = (little(bytes, place &+ 24, 4), little(bytes, place &+ 28, 4))
        guard count == length &- 48, flags & ~0x0100_03FF == 0, offset >= 0, total >= 0 else { return false }
        guard count > 0 || flags & ~0x0100_0000 != 0, little(bytes, place &+ 4, 4) != 0 else { return false }
        return offset <= total && count <= total &- offset
    }

    /// A header of 8 bytes or more, the data's header behind it, both in steps of four: the lengths fit each other.
    ///
    /// - Returns: the number of the next packet.
    private static func isSecondVersion(at place: Int, _ length: Int, in bytes: Span<UInt8>) -> UInt32? {
        let header = Int(bytes[place])
        let payload = big(bytes, place &+ 2, 2)
        guard header >= 8, header % 4 == 0, header &+ payload == length, bytes[place &+ 1] <= 3 else { return nil }
        if payload > 0, place &+ header &+ 1 < bytes.count {
            let data = Int(bytes[place &+ header])
            guard data >= 8, data % 4 == 0, data <= payload, bytes[place &+ header &+ 1] < 8 else { return nil }
        }
        return UInt32(big(bytes, place &+ 4, 4)) &+ UInt32(payload)
    }

    /// A number with its lowest byte first; negative where it is too large for anything.
    static func little(_ bytes: Span<UInt8>, _ place: Int, _ width: Int) -> Int {
        var value = 0
        for index in 0..<width { value |= Int(bytes[place &+ index]) &<< (8 &* index) }
        return value
    }

    private static func big(_ bytes: Span<UInt8>, _ place: Int, _ width: Int) -> Int {
        var value = 0
        for index in 0..<width { value = value &<< 8 | Int(bytes[place &+ index]) }
        return value
    }
}
