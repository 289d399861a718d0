// Bytes written as letters: base64, and the encoded words of mail headers (RFC 2045, RFC 2047).

/// Turns letters back into the bytes that they stand for.
package enum TransferEncoding {
    /// The bytes that base64 stands for, line ends passed over, padding not asked for; nil where something else is in it.
    package static func base64(_ letters: some Sequence<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var isOver = false
        for letter in letters {
            let value: UInt8
            switch letter {
            case 0x41...0x5A: value = letter &- 0x41
            case 0x61...0x7A: value = letter &- 0x47
            case 0x30...0x39: value = letter &+ 4
            case 0x2B: value = 62
            case 0x2F: value = 63
            case 0x3D:
                isOver = true
                continue
            case 0x20, 0x09, 0x0D, 0x0A, 0x00: continue
            default: return nil
            }
            guard !isOver else { return nil }
            bits = bits &<< 6 | UInt32(value)
            count += 1
            if count % 4 == 0 {
                result.append(UInt8(truncatingIfNeeded: bits &>> 16))
                result.append(UInt8(truncatingIfNeeded: bits &>> 8))
                result.append(UInt8(truncatingIfNeeded: bits))
            }
        }
        switch count % 4 {
        case 1: return nil
        case 2: result.append(UInt8(truncatingIfNeeded: bits &>> 4))
        case 3:
            result.append(UInt8(truncatingIfNeeded: bits &>> 10))
            result.append(UInt8(truncatingIfNeeded: bits &>> 2))
        default: break
        }
        return result
    }

    /// A mail header's text, `=?utf-8?B?Qm9i?=` decoded; what is no encoded word stays as it is.
    static func words(_ bytes: ArraySlice<UInt8>, _ charsets: CharsetDecoder) -> String {
        var result = ""
        var rest = bytes
        var plain = rest.startIndex
        var lastWord: Int?
        while let start = rest.firstIndex(of: 0x3D) {
            guard let (word, end) = word(bytes[start...], charsets) else {
                rest = bytes[(start + 1)...]
                continue
            }
            let between = bytes[plain..<start]
            // Blanks between two encoded words are not part of the text.
            if lastWord == nil || !between.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }) {
                result += charsets.text(between, declared: nil)
            }
            result += word
            plain = end
            lastWord = end
            rest = bytes[end...]
        }
        return result + charsets.text(bytes[plain...], declared: nil)
    }

    /// One encoded word at the start of these bytes; 75 letters by the book, more by some servers.
    private static func word(_ bytes: ArraySlice<UInt8>, _ charsets: CharsetDecoder) -> (String, end: Int)? {
        guard bytes.starts(with: "=?".utf8) else { return nil }
        let parts = bytes.dropFirst(2).prefix(1_000).split(
            separator: 0x3F, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[3].first == 0x3D,
            let charset = Charset(named: String(decoding: parts[0], as: UTF8.self))
        else { return nil }
        let content: [UInt8]?
        switch parts[1].first.map({ $0 | 0x20 }) {
        case UInt8(ascii: "b"): content = base64(parts[2])
        case UInt8(ascii: "q"): content = quoted(parts[2])
        default: content = nil
        }
        guard parts[1].count == 1, let content else { return nil }
        return (charsets.text(content[...], declared: charset), parts[3].startIndex + 1)
    }

    /// `=E4` as a byte, `_` as a blank.
    private static func quoted(_ letters: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = letters
        while let letter = rest.popFirst() {
            if letter == 0x3D, let high = rest.first.flatMap(hex), let low = rest.dropFirst().first.flatMap(hex) {
                result.append(high &<< 4 | low)
                rest = rest.dropFirst(2)
            } else {
                result.append(letter == 0x5F ? 0x20 : letter)
            }
        }
        return result
    }

    private static func hex(_ letter: UInt8) -> UInt8? {
        switch letter {
        case 0x30...0x39: letter &- 0x30
        case 0x41...0x46: letter &- 0x37
        case 0x61...0x66: letter &- 0x57
        default: nil
        }
    }
}
