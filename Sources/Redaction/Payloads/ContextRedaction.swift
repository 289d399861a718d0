// Redacts the context of a peer-to-peer invitation: an MSNObject or a file offer in base64.

internal import MSNP
internal import Payloads

extension RedactionBuffer {
    /// Redacts base64 by its content: an MSNObject or a file offer (p2p.md section 4).
    mutating func context(_ range: Range<Int>) {
        // Some clients append blanks or zeros.
        let end = bytes[range].lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? range.lowerBound
        let text = range.lowerBound..<end
        guard let inside = Base64.decode(bytes[text]) else { return redact(text, .base64(.text)) }
        var inner = RedactionBuffer(inside, placeholders)
        if inside.starts(with: "<msnobj".utf8) {
            inner.xml(0..<(inside.firstIndex(of: 0) ?? inside.count))
            inner.clear((inside.firstIndex(of: 0) ?? inside.count)..<inside.count)
        } else if FileOffer(ByteSlice(inside)) != nil, inside.count >= Self.fileName.upperBound {
            inner.fileOffer()
        } else {
            return redact(text, .base64(.text))
        }
        // Omitted padding stays omitted.
        let again = Base64.encode(inner.bytes).prefix(text.count)
        guard again.count == text.count else { return redact(text, .base64(.text)) }
        write(Array(again), at: text)
        merge(inner)
    }

    /// Clears leftover memory that clients send by accident.
    fileprivate mutating func clear(_ range: Range<Int>) {
        write([UInt8](repeating: 0, count: range.count), at: range)
    }

    /// Byte range of an offered file's name: UTF-16, padded with zeros.
    private static let fileName = 20..<540

    /// Redacts a file offer: size and type stay, the name becomes lowercase letters, and everything behind it is
    /// cleared.
    private mutating func fileOffer() {
        let units = stride(from: Self.fileName.lowerBound, to: Self.fileName.upperBound, by: 2)
        let end = units.first { bytes[$0] == 0 && bytes[$0 + 1] == 0 } ?? Self.fileName.upperBound
        let name = placeholders.letters(value(Self.fileName.lowerBound..<end))
        for (index, place) in units.enumerated() where place < end {
            write([name[index] == 0 ? 0x78 : name[index], 0], at: place..<place + 2)
        }
        counts[.name, default: 0] += 1
        // Versions are 2 and 3, the type is a bit set with few bits in use, and no file has more than 2^40 bytes.
        if bytes[4] > 9 || bytes[5..<8].contains(where: { $0 != 0 }) { write([2, 0, 0, 0], at: 4..<8) }
        if bytes[13..<16].contains(where: { $0 != 0 }) { write([UInt8](repeating: 0xFF, count: 8), at: 8..<16) }
        if bytes[17..<20].contains(where: { $0 != 0 }) { clear(16..<20) }
        clear(end..<Self.fileName.upperBound)
        let mark = 570..<574
        let isMarked = bytes.count >= mark.upperBound && bytes[mark].dropFirst().allSatisfy { $0 == 0xFF }
        let kind = isMarked && bytes[mark.lowerBound] >= 0xFE ? value(mark) : nil
        clear(Self.fileName.upperBound..<bytes.count)
        if let kind { write(kind, at: mark) }
        counts[.data, default: 0] += 1
    }
}
