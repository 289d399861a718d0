// How texts and questions are cut into words, for scripts with and without spaces between them.

/// Words for the index. SQLite's own tokenizer finds the words of scripts that separate them and folds case and accents;
/// what it cannot cut is cut here: in Chinese, Japanese, Thai and their like every character becomes a word, so that a
/// question of one, two or ten characters is a row of neighbours; so is every picture character, by its number.
enum SearchText {
    /// A text as the index takes it.
    static func words(of text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count * 2)
        for scalar in text.unicodeScalars {
            switch kind(scalar.value) {
            case .letter: result += UTF8.encode(scalar).map(Array.init) ?? []
            case .single:
                result.append(0x20)
                result += UTF8.encode(scalar).map(Array.init) ?? []
                result.append(0x20)
            case .picture: result += " u\(String(scalar.value, radix: 16)) ".utf8
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A question as FTS5 reads it: all words must be there, each as written, in any case; longer ones may go on.
    ///
    /// - Returns: nil where nothing in the words can be looked up.
    static func question(for words: [String]) -> String? {
        let phrases = words.compactMap(phrase)
        return phrases.isEmpty ? nil : phrases.joined(separator: " AND ")
    }

    /// From how many letters on a word also finds longer ones that start with it.
    private static let openFrom = 3

    private static func phrase(_ word: String) -> String? {
        let cut = Self.words(of: word)
        guard cut.unicodeScalars.contains(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil })
        else {
            return nil
        }
        // A row of characters that are words of their own ends where it ends; a word of letters may go on.
        let last = word.unicodeScalars.last.map { kind($0.value) == .letter && $0.properties.isAlphabetic } ?? false
        let letters = word.unicodeScalars.reversed().prefix { kind($0.value) == .letter && $0.properties.isAlphabetic }
            .count
        let quoted = cut.replacing("\"", with: " ").replacing("\u{0}", with: " ")
        return "\"\(quoted)\"" + (last && letters >= openFrom ? "*" : "")
    }

    private enum Kind {
        case letter, single, picture
    }

    private static func kind(_ scalar: UInt32) -> Kind {
        guard scalar >= 0x0E00 else { return .letter }
        switch scalar {
        case 0x0E00...0x0EFF, 0x0F00...0x109F, 0x1780...0x17FF, 0x1950...0x19DF, 0x1A20...0x1AAF: return .single
        case 0x2E80...0x2FDF, 0x3005...0x3007, 0x3021...0x303A, 0x3041...0x31FF, 0x3400...0x4DBF: return .single
        case 0x4E00...0x9FFF, 0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFF66...0xFF9F: return .single
        // The tables inside SQLite are older than these characters.
        case 0x20000...0x3FFFF: return .picture
        case 0x2190...0x2BFF, 0x1F000...0x1FBFF: return .picture
        default: return .letter
        }
    }
}
