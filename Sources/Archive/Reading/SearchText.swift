// Splits message texts and search terms into words for the full-text index, also in scripts without spaces.

/// Prepares words for the FTS5 index. SQLite's tokenizer splits scripts that separate words, and folds case and
/// accents; the rest is split here. In Chinese, Japanese, Thai and similar scripts every character becomes a word, so
/// that a query of any length matches a sequence of adjacent words. Every pictograph becomes a word made of its code
/// point.
enum SearchText {
    /// The text to put into the index.
    static func words(of text: String) -> String {
        var result: [UInt8] = []
        append(wordsOf: Array(text.utf8)[...], to: &result)
        return String(decoding: result, as: UTF8.self)
    }

    /// Appends the text to put into the index; both are UTF-8.
    static func append(wordsOf text: ArraySlice<UInt8>, to result: inout [UInt8]) {
        // Letters are copied together.
        var (letters, start) = (text.startIndex, text.startIndex)
        while start < text.endIndex {
            let (scalar, end) = scalar(in: text, at: start)
            let kind = Self.kind(scalar)
            if kind != .letter {
                result += text[letters..<start]
                result.append(0x20)
                if kind == .single {
                    result += text[start..<end]
                } else {
                    result += "u\(String(scalar, radix: 16))".utf8
                }
                result.append(0x20)
                letters = end
            }
            start = end
        }
        result += text[letters...]
    }

    /// The character at an index and where it ends; 0 for a byte that is not UTF-8.
    private static func scalar(in text: ArraySlice<UInt8>, at start: Int) -> (UInt32, end: Int) {
        let first = text[start]
        let count = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard count > 1 else { return (first < 0x80 ? UInt32(first) : 0, start + 1) }
        guard text.endIndex - start >= count else { return (0, start + 1) }
        var scalar = UInt32(first & (0x7F >> UInt8(count)))
        for byte in text[(start + 1)..<(start + count)] {
            guard byte & 0xC0 == 0x80 else { return (0, start + 1) }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
        }
        return (scalar, start + count)
    }

    /// An FTS5 query that requires all words, each as written in any case; long words, and those with `*` behind them,
    /// match as prefixes.
    ///
    /// - Returns: nil if the words contain nothing that the index can look up.
    static func query(for words: [String]) -> String? {
        let phrases = words.compactMap(phrase)
        return phrases.isEmpty ? nil : phrases.joined(separator: " AND ")
    }

    /// Words with at least this many letters also match longer words that start with them.
    static let shortestPrefix = 3

    /// A word without the `*` behind it, and whether there was one.
    static func withoutStar(_ word: String) -> (word: String, hasStar: Bool) {
        let bare = word.unicodeScalars.reversed().drop { $0 == "*" }.reversed()
        guard bare.count < word.unicodeScalars.count else { return (word, false) }
        return (String(String.UnicodeScalarView(bare)), true)
    }

    /// Whether a word matches longer words that start with it: its last letters are those of a script with spaces.
    static func isPrefix(_ word: String, hasStar: Bool) -> Bool {
        let letters = word.unicodeScalars.reversed().prefix { kind($0.value) == .letter && $0.properties.isAlphabetic }
            .count
        return letters >= (hasStar ? 1 : shortestPrefix)
    }

    private static func phrase(_ word: String) -> String? {
        let (word, hasStar) = withoutStar(word)
        let cut = Self.words(of: word)
        guard cut.unicodeScalars.contains(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil })
        else {
            return nil
        }
        let quoted = cut.replacing("\"", with: " ").replacing("\u{0}", with: " ")
        return "\"\(quoted)\"" + (isPrefix(word, hasStar: hasStar) ? "*" : "")
    }

    /// How a character takes part in words.
    enum Kind {
        /// Part of a word of several characters, or between words.
        case letter
        /// A word of its own.
        case single
        /// A word of its own, indexed by its code point.
        case picture
    }

    static func kind(_ scalar: UInt32) -> Kind {
        guard scalar >= 0x0E00 else { return .letter }
        switch scalar {
        case 0x0E00...0x0EFF, 0x0F00...0x109F, 0x1780...0x17FF, 0x1950...0x19DF, 0x1A20...0x1AAF: return .single
        case 0x2E80...0x2FDF, 0x3005...0x3007, 0x3021...0x303A, 0x3041...0x31FF, 0x3400...0x4DBF: return .single
        case 0x4E00...0x9FFF, 0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFF66...0xFF9F: return .single
        // The Unicode tables in SQLite are older than these characters.
        case 0x20000...0x3FFFF: return .picture
        case 0x2190...0x2BFF, 0x1F000...0x1FBFF: return .picture
        default: return .letter
        }
    }
}
