// Text that was cut in the middle.

/// Text whose ends may be cut through a character.
enum TruncatedText {
    /// UTF-8 without the pieces of characters at its ends.
    static func whole(_ bytes: ArraySlice<UInt8>, isCutBefore: Bool, isCutBehind: Bool) -> ArraySlice<UInt8> {
        var bytes = bytes
        if isCutBefore {
            // Three bytes at most follow the first one of a character.
            let loose = bytes.prefix(3).prefix { $0 &>> 6 == 0b10 }.count
            bytes = bytes.dropFirst(loose)
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
