// Redacts peer-to-peer packets in messages: header fields stay within their ranges, texts follow their header rules,
// data is filled (p2p.md sections 2, 3).

internal import MSNP
internal import Payloads

extension RedactionBuffer {
    /// Redacts the packets in a command.
    ///
    /// - Parameters:
    ///   - peer: where they are; nil if they were not recognised.
    ///   - body: the range that must contain them.
    mutating func peerPackets(
        _ peer: PeerEnvelope?, _ body: Range<Int>, _ side: Side, _ multipart: inout MultipartTexts
    ) {
        guard let envelope = peer else { return damaged(body) }
        var next = body.lowerBound
        for bytes in envelope.packets {
            let range = bytes.startIndex..<bytes.endIndex
            guard range.lowerBound == next, range.upperBound <= body.upperBound else { break }
            next = range.upperBound
            switch envelope.version {
            case .one: if !redactVersion1(range, side, &multipart) { damaged(range) }
            case .two: redactVersion2(range, side, &multipart)
            }
        }
        if next < body.upperBound { damaged(next..<body.upperBound) }
    }

    private mutating func damaged(_ range: Range<Int>) {
        refusals.append(.peerPacket)
        fill(range)
    }

    // MARK: - Version 1

    /// Redacts a version 1 packet: a header of 48 bytes, data and footer. Lengths and offsets may be wrong, as some
    /// clients sent such packets.
    ///
    /// - Parameter isOnLink: whether the packet is from a direct link, where packets have no footer.
    /// - Returns: false if there is no such header.
    mutating func redactVersion1(
        _ range: Range<Int>, _ side: Side, _ multipart: inout MultipartTexts, isOnLink: Bool = false
    ) -> Bool {
        guard let header = PeerHeader(slice(range)) else { return false }
        let (data, isPreparation) = version1Data(range, isOnLink)
        redactHeader1(header, at: range.lowerBound)
        let footer = data.upperBound..<range.upperBound
        if !footer.isEmpty, !Self.isFooter(slice(footer)) {
            write([UInt8](repeating: 0, count: footer.count), at: footer)
        }
        guard !data.isEmpty else { return true }
        guard header.sessionID == 0 else {
            if !isPreparation { fill(data) }
            return true
        }
        // Parts are processed in order of arrival, because their stated offsets can be wrong.
        let identifier = UInt64(header.identifier)
        let count = UInt64(data.count)
        var text =
            header.offset > 0
            ? multipart.remove(identifier, side) ?? .afterGap : multipart.begin(continues: count < header.totalSize)
        let isEnd = text.length &+ count >= header.totalSize
        slpText(data, &text, isEnd: isEnd, &multipart)
        if !isEnd { multipart.keep(text, identifier, side) }
        return true
    }

    /// The range of a packet's data: the stated one if it is possible, else everything but the footer.
    private func version1Data(_ range: Range<Int>, _ isOnLink: Bool) -> (data: Range<Int>, isPreparation: Bool) {
        if let packet = try? PeerPacket(slice(range), version: .one, isOnLink: isOnLink) {
            return (packet.data.startIndex..<packet.data.endIndex, packet.kind == "preparation")
        }
        let rest = range.lowerBound + PeerHeader.length..<range.upperBound
        let hasFooter = !isOnLink && rest.count >= 4 && Self.isFooter(slice(rest).suffix(4))
        return (rest.lowerBound..<rest.upperBound - (hasFooter ? 4 : 0), false)
    }

    /// Redacts a header. Numbers that packets refer to are permuted, others are limited to their ranges.
    private mutating func redactHeader1(_ header: PeerHeader, at start: Int) {
        write(Self.little(placeholders.session(header.sessionID)), at: start..<start + 4)
        write(Self.little(placeholders.number(header.identifier)), at: start + 4..<start + 8)
        let most = header.sessionID == 0 ? UInt64(MultipartTexts.maxLength) : Self.maxBytes
        for (place, number) in [(8, header.offset), (16, header.totalSize)] {
            let isLength = place == 16 && header.sessionID != 0
            let copy = number >= most ? UInt64.max : isLength ? placeholders.size(number) : number
            write(Self.little(copy), at: start + place..<start + place + 8)
        }
        write(Self.little(header.flags & Self.knownFlags), at: start + 28..<start + 32)
        if let nonce = header.nonce {
            // A direct link's handshake has its nonce in the acknowledgement fields.
            return put(placeholders.nonce(nonce).little, at: start + 32..<start + 48, .secret)
        }
        write(Self.little(placeholders.number(header.ackIdentifier)), at: start + 32..<start + 36)
        write(Self.little(placeholders.number(header.ackUniqueID)), at: start + 36..<start + 40)
        let acknowledged = header.ackDataSize >= Self.maxBytes ? UInt64.max : placeholders.size(header.ackDataSize)
        write(Self.little(acknowledged), at: start + 40..<start + 48)
    }

    /// No transfer ever had more bytes.
    private static let maxBytes: UInt64 = 1 << 40
    private static let knownFlags: UInt32 = 0x0100_03FF

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        stride(from: 0, to: Number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number &>> Number($0)) }
    }

    /// Whether the bytes are a packet footer (p2p.md section 2).
    private static func isFooter(_ bytes: ByteSlice) -> Bool {
        bytes.count == 4 && bytes.dropLast().allSatisfy { $0 == 0 }
            && [0, 1, 2, 4, 11, 12, 33, 35].contains(bytes.last)
    }

    // MARK: - Version 2

    /// Redacts one or several version 2 packets; each may have a footer of 4 zero bytes.
    mutating func redactVersion2(_ range: Range<Int>, _ side: Side, _ multipart: inout MultipartTexts) {
        var start = range.lowerBound
        while start < range.upperBound {
            let rest = start..<range.upperBound
            if rest.count <= 4, bytes[rest].allSatisfy({ $0 == 0 }) { return }
            guard let header = PeerHeader2(slice(rest)) else { return damaged(rest) }
            let end = start + Int(header.length) + Int(header.payloadLength)
            guard end <= range.upperBound else { return damaged(rest) }
            redactHeader2(header, at: start)
            let data = start + header.headersLength..<end
            if let inner = header.data, !data.isEmpty { redactData2(data, inner, side, &multipart) }
            start = end
            let footer = bytes[start..<range.upperBound].prefix(4)
            if footer.count == 4, footer.allSatisfy({ $0 == 0 }) { start += 4 }
        }
    }

    private mutating func redactData2(
        _ data: Range<Int>, _ header: PeerHeader2.DataHeader, _ side: Side, _ multipart: inout MultipartTexts
    ) {
        guard header.sessionID == 0 else {
            let isPreparation = !header.isData && data.count == 4 && bytes[data].allSatisfy { $0 == 0 }
            if !isPreparation { fill(data) }
            return
        }
        let number = UInt64(header.package) | 1 &<< 32
        let continues = header.remaining > 0
        var text = header.isFirst ? multipart.begin(continues: continues) : multipart.remove(number, side) ?? .afterGap
        slpText(data, &text, isEnd: !continues, &multipart)
        if continues { multipart.keep(text, number, side) }
    }

    /// Redacts the items and the padding of both headers; unknown items are cleared.
    private mutating func redactHeader2(_ header: PeerHeader2, at start: Int) {
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
