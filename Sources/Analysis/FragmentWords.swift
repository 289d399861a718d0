// The words of a message of which parts never came.

internal import Charsets
internal import MSNP
internal import Payloads

/// Finds words in what there is of a message.
enum FragmentWords {
    /// From this length on, letters of base64 without a blank are a picture's.
    private static let longestWord = 64
    private static let ellipsis = Array("…".utf8)

    /// The words, with an ellipsis for each hole; nil where it was no text, or none came.
    static func of(_ fragment: MessageParts.Fragment) -> [UInt8]? {
        var type: ArraySlice<UInt8>?
        var format: ArraySlice<UInt8>?
        if let first = fragment.first {
            type = Headers.kind(of: first.payload).type.map { first.bytes[$0] }
            format = Headers.value(of: "x-mms-im-format", in: first.payload).map { first.bytes[$0] }
            guard let type, Headers.equal(type.prefix { $0 != 0x3B && $0 != 0x20 }, "text/plain") else { return nil }
        }
        var words: [UInt8] = []
        var count = 0
        for run in fragment.runs {
            let text = CharsetDecoder.iconv.utf8(
                run.bytes, isCutBefore: run.isCutBefore, isCutBehind: run.isCutBehind, type: type, format: format)
            // What nobody said to be words may be anything.
            guard fragment.first != nil || looksLikeWords(text) else { return nil }
            count += text.count
            if run.isCutBefore, words.isEmpty { words += ellipsis }
            words += text
            if run.isCutBehind { words += ellipsis }
        }
        return count == 0 ? nil : words
    }

    private static func looksLikeWords(_ text: [UInt8]) -> Bool {
        let hasControls = text.contains { $0 < 0x20 && $0 != 0x0D && $0 != 0x0A }
        let isOneWord = text.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2B || byte == 0x2F || byte == 0x3D
                || byte == 0x0D || byte == 0x0A
        }
        return !hasControls && !(isOneWord && text.count > longestWord)
    }
}
