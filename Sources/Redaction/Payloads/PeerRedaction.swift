// Peer-to-peer packets in messages: headers stay within their ranges, texts are treated by their fields, data is filled
// (p2p.md sections 2, 3).

internal import MSNP
internal import Payloads

extension RedactionBuffer {
    /// Treats the packets in a command, as the reader of the layer finds them.
    ///
    /// - Parameter body: where they must lie.
    mutating func peerPackets(_ frame: Frame, _ body: Range<Int>, _ side: Side, _ peers: inout PeerTexts) {
        guard let envelope = PeerEnvelope(frame, from: side) else { return damaged(body) }
        var next = body.lowerBound
        for bytes in envelope.packets {
            let range = bytes.startIndex..<bytes.endIndex
            guard range.lowerBound == next, range.upperBound <= body.upperBound else { break }
            next = range.upperBound
            switch envelope.version {
            case .one: if !firstVersion(range, side, &peers) { damaged(range) }
            case .two: secondVersion(range, side, &peers)
            }
        }
        if next < body.upperBound { damaged(next..<body.upperBound) }
    }

    private mutating func damaged(_ range: Range<Int>) {
        doubts.append("a peer-to-peer packet that is damaged")
        fill(range)
    }

    // MARK: - Version 1

    /// A header of 48 bytes and whatever follows it: lengths and places may be wrong, and real programs sent such.
    ///
    /// - Parameter isOnLink: whether it is of a direct link, where packets have no footer.
    /// - Returns: false where there is no such header.
    mutating func firstVersion(
        _ range: Range<Int>, _ side: Side, _ peers: inout PeerTexts, isOnLink: Bool = false
    ) -> Bool {
        guard let header = PeerHeader(bytes[range]) else { return false }
        let (data, isPreparation) = firstData(range, isOnLink)
        firstHeader(header, at: range.lowerBound)
        let footer = data.upperBound..<range.upperBound
        if !footer.isEmpty, !Self.isFooter(bytes[footer]) {
            write([UInt8](repeating: 0, count: footer.count), at: footer)
        }
        guard !data.isEmpty else { return true }
        guard header.sessionID == 0 else {
            if !isPreparation { fill(data) }
            return true
        }
        // Parts are taken in their order: what they tell of their places is not always so.
        let identifier = UInt64(header.identifier)
        let count = UInt64(data.count)
        var text =
            header.offset > 0
            ? peers.take(identifier, side) ?? .broken : peers.begin(goesOn: count < header.totalSize)
        let isEnd = text.length &+ count >= header.totalSize
        peerText(data, &text, isEnd: isEnd, &peers)
        if !isEnd { peers.keep(text, identifier, side) }
        return true
    }

    /// Where the data of a packet lies: what the packet tells of it if that can be, else all but the footer.
    private func firstData(_ range: Range<Int>, _ isOnLink: Bool) -> (data: Range<Int>, isPreparation: Bool) {
        if let packet = try? PeerPacket(bytes[range], version: .one, isOnLink: isOnLink) {
            return (packet.data.startIndex..<packet.data.endIndex, packet.kind == "preparation")
        }
        let rest = range.lowerBound + PeerHeader.length..<range.upperBound
        let hasFooter = !isOnLink && rest.count >= 4 && Self.isFooter(bytes[rest].suffix(4))
        return (rest.lowerBound..<rest.upperBound - (hasFooter ? 4 : 0), false)
    }

    /// Treats a header. Numbers that packets refer to are exchanged, others are held to their ranges.
    private mutating func firstHeader(_ header: PeerHeader, at start: Int) {
        write(Self.little(placeholders.session(header.sessionID)), at: start..<start + 4)
        write(Self.little(placeholders.number(header.identifier)), at: start + 4..<start + 8)
        let most = header.sessionID == 0 ? UInt64(PeerTexts.longest) : Self.mostBytes
        for (place, number) in [(8, header.offset), (16, header.totalSize)] {
            let isLength = place == 16 && header.sessionID != 0
            let copy = number >= most ? UInt64.max : isLength ? placeholders.size(number) : number
            write(Self.little(copy), at: start + place..<start + place + 8)
        }
        write(Self.little(header.flags & Self.knownFlags), at: start + 28..<start + 32)
        if let nonce = header.nonce {
            // The handshake of a direct link has its nonce where acknowledgements stand.
            return put(placeholders.nonce(nonce).little, at: start + 32..<start + 48, .secret)
        }
        write(Self.little(placeholders.number(header.ackIdentifier)), at: start + 32..<start + 36)
        write(Self.little(placeholders.number(header.ackUniqueID)), at: start + 36..<start + 40)
        let acknowledged = header.ackDataSize >= Self.mostBytes ? UInt64.max : placeholders.size(header.ackDataSize)
        write(Self.little(acknowledged), at: start + 40..<start + 48)
    }

    /// No thing that was ever sent has more bytes.
    private static let mostBytes: UInt64 = 1 << 40
    private static let knownFlags: UInt32 = 0x0100_03FF

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        stride(from: 0, to: Number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number &>> Number($0)) }
    }

    /// The numbers behind packets (p2p.md section 2).
    private static func isFooter(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count == 4 && bytes.dropLast().allSatisfy { $0 == 0 }
            && [0, 1, 2, 4, 11, 12, 33, 35].contains(bytes.last)
    }

    // MARK: - Version 2

    /// Packets of version 2, one or several behind each other; each may have a footer of 4 zero bytes.
    mutating func secondVersion(_ range: Range<Int>, _ side: Side, _ peers: inout PeerTexts) {
        var start = range.lowerBound
        while start < range.upperBound {
            let rest = start..<range.upperBound
            if rest.count <= 4, bytes[rest].allSatisfy({ $0 == 0 }) { return }
            guard let header = PeerHeader2(bytes[rest]) else { return damaged(rest) }
            let end = start + Int(header.length) + Int(header.payloadLength)
            guard end <= range.upperBound else { return damaged(rest) }
            secondHeader(header, at: start)
            let data = start + header.headersLength..<end
            if let inner = header.data, !data.isEmpty { second(data, inner, side, &peers) }
            start = end
            let footer = bytes[start..<range.upperBound].prefix(4)
            if footer.count == 4, footer.allSatisfy({ $0 == 0 }) { start += 4 }
        }
    }

    private mutating func second(
        _ data: Range<Int>, _ header: PeerHeader2.DataHeader, _ side: Side, _ peers: inout PeerTexts
    ) {
        guard header.sessionID == 0 else {
            let isPreparation = !header.isData && data.count == 4 && bytes[data].allSatisfy { $0 == 0 }
            if !isPreparation { fill(data) }
            return
        }
        let number = UInt64(header.package) | 1 &<< 32
        let goesOn = header.remaining > 0
        var text = header.isFirst ? peers.begin(goesOn: goesOn) : peers.take(number, side) ?? .broken
        peerText(data, &text, isEnd: !goesOn, &peers)
        if goesOn { peers.keep(text, number, side) }
    }

    /// Treats the items and the padding of both headers: what is not known is cleared.
    private mutating func secondHeader(_ header: PeerHeader2, at start: Int) {
        write([header.opcode & 3], at: start + 1..<start + 2)
        items(start + 8..<start + Int(header.length)) { type, value in
            switch (type, value.count) {
            case (1, 12): [0, 2, 0, 0, 0, 0x0E, 0, 0, 0x0F, 1, 0, 0]
            case (2, 4), (3, 4): value
            default: [UInt8](repeating: 0, count: value.count)
            }
        }
        guard let data = header.data else { return }
        let inner = start + Int(header.length)
        let session = Self.little(placeholders.session(data.sessionID))
        write(session.reversed(), at: inner + 4..<inner + 8)
        items(inner + 8..<inner + Int(data.length)) { type, value in
            guard (type, value.count) == (1, 8), value.prefix(3).allSatisfy({ $0 == 0 }) else {
                return [UInt8](repeating: type == 1 ? 0xFF : 0, count: value.count)
            }
            return value
        }
    }

    private mutating func items(_ range: Range<Int>, _ other: (UInt8, [UInt8]) -> [UInt8]) {
        var place = range.lowerBound
        while place + 2 <= range.upperBound, bytes[place] != 0 {
            let value = place + 2..<min(range.upperBound, place + 2 + Int(bytes[place + 1]))
            write(other(bytes[place], self.value(value)), at: value)
            place = value.upperBound
        }
        if place < range.upperBound {
            write([UInt8](repeating: 0, count: range.upperBound - place), at: place..<range.upperBound)
        }
    }
}
