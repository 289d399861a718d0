// Removes incomplete UTF-8 characters at the ends of a cut text.

internal import MSNP

/// Text that may begin or end inside a character.
enum TruncatedText {
    /// The text without the incomplete characters at its cut ends.
    static func whole(_ bytes: ByteSlice, isCutBefore: Bool, isCutBehind: Bool) -> ByteSlice {
        var bytes = bytes
        if isCutBefore {
            // A character has at most three continuation bytes.
            let continuation = bytes.prefix(3).prefix { $0 &>> 6 == 0b10 }.count
            bytes = bytes.dropFirst(continuation)
        }
        if isCutBehind {
            let following = bytes.suffix(3).reversed().prefix { $0 &>> 6 == 0b10 }.count
            if let lead = bytes.dropLast(following).last, lead >= 0xC0 {
                let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
                if following + 1 < length { bytes = bytes.dropLast(following + 1) }
            }
        }
        return bytes
    }
}
