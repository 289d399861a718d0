// The context of a peer-to-peer invitation: what is offered, in base64.

internal import MSNP

extension Draft {
    /// Treats base64 by what is in it: the description of a picture, or the offer of a file (p2p.md section 4).
    mutating func context(_ range: Range<Int>) {
        guard let inside = Base64.decode(bytes[range]) else { return treat(range, .base64(.text)) }
        var inner = Draft(inside, placeholders)
        if inside.starts(with: "<msnobj".utf8) {
            inner.xml(0..<(inside.firstIndex(of: 0) ?? inside.count))
        } else if inner.isFileOffer {
            inner.fileOffer()
        } else {
            return treat(range, .base64(.text))
        }
        let again = Base64.encode(inner.bytes)
        guard again.count == range.count else { return treat(range, .base64(.text)) }
        bytes.replaceSubrange(range, with: again)
        take(inner)
    }

    /// Where the name of an offered file stands: UTF-16, padded with zeros.
    private static let fileName = 20..<540

    private var isFileOffer: Bool {
        guard bytes.count >= 574 else { return false }
        let length = Int(bytes[0]) | Int(bytes[1]) &<< 8
        return bytes[2] == 0 && bytes[3] == 0 && length >= 574 && length <= bytes.count
    }

    /// Size and kind stay; the name becomes one in small letters, and all behind it is filled.
    private mutating func fileOffer() {
        let units = stride(from: Self.fileName.lowerBound, to: Self.fileName.upperBound, by: 2)
        let end = units.first { bytes[$0] == 0 && bytes[$0 + 1] == 0 } ?? Self.fileName.upperBound
        let name = placeholders.letters(bytes[Self.fileName.lowerBound..<end])
        for (index, place) in units.enumerated() where place < end {
            bytes[place] = name[index] == 0 ? 0x78 : name[index]
            bytes[place + 1] = 0
        }
        counts[.name, default: 0] += 1
        // What stands behind the end of the name was never meant to be sent.
        for place in end..<Self.fileName.upperBound { bytes[place] = 0 }
        let mark = 570..<574
        for place in Self.fileName.upperBound..<bytes.count where !mark.contains(place) { bytes[place] = 0 }
        counts[.data, default: 0] += 1
    }
}
