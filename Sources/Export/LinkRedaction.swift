// A direct link between two clients: packets with a length in front, cut anywhere (p2p.md section 4, direct TCP link).

internal import MSNP
internal import Messages

/// Goes over what one side of a direct link says. Headers stay, nonces and data are filled, texts go by their fields.
struct LinkRedaction {
    /// The length and the headers of the packet that is under way.
    private var head: [UInt8] = []
    /// How much of its data is still to come.
    private var left = 0
    private var dataLength = 0
    private var text: PeerText?
    private var isSecondVersion: Bool?
    /// Where packets begin is not known, or no more.
    private(set) var isLost = false

    /// What no packet exceeds by far.
    private static let longest = 1 << 20

    /// Treats bytes.
    mutating func treat(_ draft: inout Draft, _ side: Side, _ peers: inout PeerTexts) {
        var index = 0
        while index < draft.bytes.count, !isLost {
            if left > 0 {
                let stop = min(draft.bytes.count, index + left)
                left -= stop - index
                data(index..<stop, &draft, side, &peers)
                index = stop
            } else {
                head.append(draft.bytes[index])
                // A nonce that comes in pieces is filled; one that is whole gets its placeholder below.
                if isNoncePart { draft.write([0x78], at: index..<index + 1) }
                index += 1
                if isHeadWhole {
                    if head.count <= index { self.head(at: index - head.count, &draft) }
                    begin(side, &peers)
                }
            }
        }
        if isLost { draft.fill(index..<draft.bytes.count) }
    }

    /// Notes that bytes are missing.
    mutating func lose() { isLost = true }

    // MARK: - Heads

    private var length: Int { number(0, 4) }

    private func number(_ place: Int, _ width: Int) -> Int {
        guard place + width <= head.count else { return 0 }
        return head[place..<(place + width)].reversed().reduce(0) { $0 &<< 8 | Int($1) }
    }

    private func big(_ place: Int, _ width: Int) -> Int {
        guard place + width <= head.count else { return 0 }
        return head[place..<(place + width)].reduce(0) { $0 &<< 8 | Int($1) }
    }

    /// Whether the last byte of a head is part of a nonce.
    private var isNoncePart: Bool {
        guard head.count > 4 else { return false }
        if length == 16, isSecondVersion == nil { return true }
        return isSecondVersion != true && head.count > 36 && head.count <= 52 && number(32, 4) & 0x100 != 0
    }

    /// Treats a head that lies whole in what came at once.
    private func head(at start: Int, _ draft: inout Draft) {
        let content = head[4...]
        if length == 16, isSecondVersion == nil {
            guard let nonce = GUID(little: content) else { return }
            draft.put(draft.placeholders.nonce(nonce).little, at: start + 4..<start + 20, .secret)
        } else if isSecondVersion == true {
            if let header = PeerHeader2(content) { draft.secondHeader(header, at: start + 4) }
        } else if length >= PeerHeader.length, let header = PeerHeader(content) {
            draft.firstHeader(header, at: start + 4)
        }
    }

    /// Whether all that stands before the data of a packet is there.
    private var isHeadWhole: Bool {
        guard head.count >= 4, let headLength else { return false }
        return head.count >= 4 + headLength
    }

    /// How long the headers of this packet are; nil while that is not known.
    private var headLength: Int? {
        switch (length, isSecondVersion) {
        case (0...4, _): return length
        case (16, nil): return 16
        case (_, true):
            guard head.count > 8 else { return nil }
            let transport = Int(head[4])
            guard big(6, 2) > 0 else { return min(length, max(8, transport)) }
            return head.count > 4 + transport ? min(length, transport + Int(head[4 + transport])) : nil
        default: return min(48, length)
        }
    }

    /// A head is whole: what follows it?
    private mutating func begin(_ side: Side, _ peers: inout PeerTexts) {
        let content = head.count - 4
        dataLength = length - content
        left = dataLength
        text = nil
        if length > Self.longest || !isHeader {
            isLost = true
        } else if length == 4 {
            // `foo`, with which a link begins.
            isLost = !head[4...].elementsEqual([0x66, 0x6F, 0x6F, 0])
        } else if length == 16, isSecondVersion == nil {
            isSecondVersion = true
        } else if length >= 48, isSecondVersion == nil {
            // Only a handshake tells the version for certain: a link that was heard from the middle has none.
            isLost = number(32, 4) & 0x100 == 0
            isSecondVersion = false
        }
        guard !isLost else { return }
        if left > 0, isSecondVersion == true {
            // Both headers have eight bytes at least, and what they announce must be there.
            let transport = Int(head[4])
            isLost = transport < 8 || head.count < 4 + transport + 8
            guard !isLost else { return }
        }
        if left > 0, isSecondVersion == false, number(4, 4) == 0 {
            text =
                number(12, 8) == 0
                ? peers.begin(goesOn: left < number(20, 8)) : peers.take(UInt64(clamping: number(8, 4)), side)
            isLost = text == nil
        } else if left > 0, isSecondVersion == true, big(8 + Int(head[4]), 4) == 0 {
            let isFirst = head[5 + Int(head[4])] & 1 == 1
            text = isFirst ? peers.begin(goesOn: goesOn(0)) : peers.take(package, side)
            isLost = text == nil
        }
        if left == 0 { head = [] }
    }

    /// Whether the head is one that is known: of all others every byte may be anything.
    private var isHeader: Bool {
        switch (length, isSecondVersion) {
        case (0, _), (4, _), (16, nil): true
        case (_, true): PeerHeader2(head[4...]) != nil
        default: length >= PeerHeader.length && PeerHeader(head[4...]) != nil
        }
    }

    private var package: UInt64 { UInt64(clamping: big(6 + Int(head[4]), 2)) | 1 << 33 }

    // MARK: - Data

    private mutating func data(_ range: Range<Int>, _ draft: inout Draft, _ side: Side, _ peers: inout PeerTexts) {
        let isWhole = left == 0
        if var text {
            let isEnd = isWhole && !goesOn(text.length &+ UInt64(range.count))
            draft.peerText(range, &text, isEnd: isEnd, &peers)
            self.text = text
            if isWhole, !isEnd {
                peers.keep(text, isSecondVersion == true ? package : UInt64(clamping: number(8, 4)), side)
            }
        } else if dataLength == 4 {
            // Four zeros say that data is coming.
            for index in range where draft.bytes[index] != 0 { draft.write([0x2E], at: index..<index + 1) }
        } else {
            draft.fill(range)
        }
        if isWhole { head = [] }
    }

    /// Whether more of a text comes in later packets.
    private func goesOn(_ length: UInt64) -> Bool {
        guard isSecondVersion == true else { return length < UInt64(clamping: number(20, 8)) }
        let start = 4 + Int(head[4])
        guard head[start] >= 18, head[start + 8] == 1, head[start + 9] == 8 else { return false }
        return big(start + 10, 8) > 0
    }
}
