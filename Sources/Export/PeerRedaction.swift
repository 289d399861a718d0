// Peer-to-peer packets in messages: headers stay, texts are treated by their fields, data is filled (p2p.md sections 2, 3).

internal import MSNP
internal import Messages

/// What has to be remembered of one connection's messages that come in several parts.
struct PeerTexts {
    enum PartKind {
        case text
        case ink
    }

    private struct Key: Hashable {
        var side: Side
        var number: UInt64
    }

    private var open: [Key: PeerText] = [:]
    private var order: [Key] = []
    private(set) var types: [Side: [[UInt8]: PartKind]] = [:]

    /// How many texts may be open at once; more is nobody's habit.
    private static let mostOpen = 64

    mutating func note(_ id: [UInt8], _ kind: PartKind, _ side: Side) {
        if let count = types[side]?.count, count >= Self.mostOpen { types[side] = [:] }
        types[side, default: [:]][id] = kind
    }

    mutating func take(_ number: UInt64, _ side: Side) -> PeerText? {
        let key = Key(side: side, number: number)
        order.removeAll { $0 == key }
        return open.removeValue(forKey: key)
    }

    mutating func keep(_ text: PeerText, _ number: UInt64, _ side: Side) {
        let key = Key(side: side, number: number)
        order.removeAll { $0 == key }
        order.append(key)
        open[key] = text
        while order.count > Self.mostOpen { open[order.removeFirst()] = nil }
    }
}

extension Draft {
    /// Treats the body of a peer-to-peer message.
    mutating func peerPackets(_ range: Range<Int>, _ side: Side, isSecondVersion: Bool, _ peers: inout PeerTexts) {
        if PeerVersion(of: bytes[range], namesEndpoint: isSecondVersion) == .one {
            if firstVersion(range, side, &peers) { return }
        } else if secondVersion(range, side, &peers) {
            return
        }
        doubts.append("a peer-to-peer packet that is damaged")
        fill(range)
    }

    private func little(_ place: Int, _ width: Int) -> UInt64 {
        (0..<width).reversed().reduce(0) { $0 &<< 8 | UInt64(bytes[place + $1]) }
    }

    private func big(_ place: Int, _ width: Int) -> UInt64 {
        (0..<width).reduce(0) { $0 &<< 8 | UInt64(bytes[place + $1]) }
    }

    private mutating func firstVersion(_ range: Range<Int>, _ side: Side, _ peers: inout PeerTexts) -> Bool {
        let start = range.lowerBound
        guard range.count >= 48 else { return false }
        // Some clients leave the footer out, and some tell the length of the packet before.
        guard let packet = try? PeerPacket(bytes[range], version: .one) else { return false }
        let data = packet.data.startIndex..<packet.data.endIndex
        let length = UInt64(data.count)
        let (offset, total) = (little(start + 8, 8), little(start + 16, 8))
        if little(start + 28, 4) & 0x100 != 0 {
            // The handshake of a direct link has its nonce where acknowledgements stand.
            put(
                placeholders.letters(bytes[(start + 32)..<(start + 48)]).map { $0 == 0 ? 1 : $0 },
                at: start + 32..<start + 48, .secret)
        }
        guard !data.isEmpty else { return true }
        guard little(start, 4) == 0 else {
            if !isPreparation(data) { fill(data) }
            return true
        }
        let identifier = little(start + 4, 4)
        var text = (offset == 0 ? nil : peers.take(identifier, side)) ?? PeerText()
        guard text.length == offset else { return false }
        text.length &+= length
        let isEnd = text.length >= total
        peerText(data, &text, isEnd: isEnd)
        if !isEnd { peers.keep(text, identifier, side) }
        return true
    }

    /// Packets of version 2, one or several behind each other; each may have a footer of 4 zero bytes.
    private mutating func secondVersion(_ range: Range<Int>, _ side: Side, _ peers: inout PeerTexts) -> Bool {
        var start = range.lowerBound
        while start < range.upperBound {
            if range.upperBound - start <= 4, bytes[start..<range.upperBound].allSatisfy({ $0 == 0 }) { return true }
            guard range.upperBound - start >= 8 else { return false }
            let header = Int(bytes[start])
            let length = Int(big(start + 2, 2))
            guard header >= 8, start + header + length <= range.upperBound else { return false }
            if length > 0, !packet(start + header..<start + header + length, side, &peers) { return false }
            start += header + length
            let footer = bytes[start..<range.upperBound].prefix(4)
            if footer.count == 4, footer.allSatisfy({ $0 == 0 }) { start += 4 }
        }
        return true
    }

    /// What follows a transport header: a header of its own, and data.
    private mutating func packet(_ range: Range<Int>, _ side: Side, _ peers: inout PeerTexts) -> Bool {
        let header = Int(bytes[range.lowerBound])
        guard header >= 8, header <= range.count else { return false }
        let data = range.lowerBound + header..<range.upperBound
        guard !data.isEmpty else { return true }
        let flags = bytes[range.lowerBound + 1]
        guard big(range.lowerBound + 4, 4) == 0 else {
            if !isPreparation(data) { fill(data) }
            return true
        }
        let number = big(range.lowerBound + 2, 2) | 1 &<< 32
        let isFirst = flags & 1 == 1
        guard var text = isFirst ? PeerText() : peers.take(number, side), let left = remaining(range, header) else {
            return false
        }
        peerText(data, &text, isEnd: left == 0)
        if left > 0 { peers.keep(text, number, side) }
        return true
    }

    /// How many bytes of a text come in later packets: the only thing that data headers have to say beside.
    private func remaining(_ range: Range<Int>, _ header: Int) -> UInt64? {
        var place = range.lowerBound + 8
        let end = range.lowerBound + header
        while place + 2 <= end, bytes[place] != 0 {
            let length = Int(bytes[place + 1])
            guard place + 2 + length <= end else { return nil }
            if bytes[place] == 1, length == 8 { return big(place + 2, 8) }
            place += 2 + length
        }
        return 0
    }

    private func isPreparation(_ data: Range<Int>) -> Bool { data.count == 4 && bytes[data].allSatisfy { $0 == 0 } }
}
