// Decodes the encoded words of mail headers (RFC 2047).

internal import MSNP

enum EncodedWords {
    /// Decodes a header's text, such as `=?utf-8?B?Qm9i?=`; anything that is not an encoded word stays as it is.
    static func decode(_ bytes: ByteSlice, _ charsets: CharsetDecoder) -> String {
        // Most texts have no encoded word.
        guard bytes.span.first(0x3D, from: 0, to: bytes.count) < bytes.count else {
            return charsets.text(bytes, declared: nil)
        }
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
            // White space between two encoded words is not part of the text.
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

    /// Decodes the encoded word at the start of these bytes. The RFC allows 75 characters; some servers send more.
    private static func word(_ bytes: ByteSlice, _ charsets: CharsetDecoder) -> (String, end: Int)? {
        guard bytes.starts(with: "=?".utf8) else { return nil }
        let parts = bytes.dropFirst(2).prefix(1_000).split(
            separator: 0x3F, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[3].first == 0x3D,
            let charset = CharsetDecoder.namedCharset(parts[0])
        else { return nil }
        let content: [UInt8]?
        switch parts[1].first.map({ $0 | 0x20 }) {
        case UInt8(ascii: "b"): content = Base64.decode(parts[2])
        case UInt8(ascii: "q"): content = quoted(parts[2])
        default: content = nil
        }
        guard parts[1].count == 1, let content else { return nil }
        return (charsets.text(ByteSlice(content), declared: charset), parts[3].startIndex + 1)
    }

    /// Decodes `=E4` to a byte and `_` to a space.
    private static func quoted(_ letters: ByteSlice) -> [UInt8] {
        var result: [UInt8] = []
        var rest = letters
        while let letter = rest.popFirst() {
            if letter == 0x3D, let high = rest.first.flatMap(Hexadecimal.value),
                let low = rest.dropFirst().first.flatMap(Hexadecimal.value)
            {
                result.append(high &<< 4 | low)
                rest = rest.dropFirst(2)
            } else {
                result.append(letter == 0x5F ? 0x20 : letter)
            }
        }
        return result
    }
}
