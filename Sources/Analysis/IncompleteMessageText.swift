// Extracts the text of a message from which parts are missing.

internal import Charsets
internal import MSNP
internal import Payloads

/// Extracts the text of the available parts of a message.
enum IncompleteMessageText {
    /// The maximum length of text that consists of base64 characters alone; longer runs are binary data, such as a
    /// picture.
    private static let longestWord = 64
    private static let ellipsis = Array("…".utf8)

    /// The text, with an ellipsis for each missing run; nil if the message is not text, or no text is available.
    static func of(_ fragment: MessageParts.Fragment) -> [UInt8]? {
        var type: ByteSlice?
        var format: ByteSlice?
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
            // Without the first part, the Content-Type is unknown.
            guard fragment.first != nil || looksLikeText(text) else { return nil }
            count += text.count
            if run.isCutBefore, words.isEmpty { words += ellipsis }
            words += text
            if run.isCutBehind { words += ellipsis }
        }
        return count == 0 ? nil : words
    }

    private static func looksLikeText(_ text: [UInt8]) -> Bool {
        let hasControls = text.contains { $0 < 0x20 && $0 != 0x0D && $0 != 0x0A }
        let isOneWord = text.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2B || byte == 0x2F || byte == 0x3D
                || byte == 0x0D || byte == 0x0A
        }
        return !hasControls && !(isOneWord && text.count > longestWord)
    }
}
