// Finds the places in a text that a search matches, so that they can be marked.

/// Matches texts as the full-text index does: whole words without regard to case and accents, long ones also as the
/// beginning of a word; characters that are no words literally.
///
/// SQLite cannot do it: its index holds prepared words, not the texts. A rare letter that SQLite folds in another way
/// stays unmarked.
package struct SearchMatcher: Sendable {
    /// Words that must follow each other.
    private struct Phrase: Sendable {
        var words: [[UInt32]]
        /// Whether the last word may be the beginning of a longer one.
        var isPrefix: Bool
    }

    private let phrases: [Phrase]
    private let literals: [[UInt32]]

    /// The largest number of places returned for one text.
    private static let mostPlaces = 1_000

    /// How many scalars of a text have matching places. Splitting takes up to 36 bytes for each.
    private static let longest = 1 << 18

    private static func beginning(of text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest)))
    }

    /// Creates a matcher for the words of a search.
    package init(_ words: [String]) {
        var phrases: [Phrase] = []
        var literals: [[UInt32]] = []
        for word in words {
            guard SearchText.query(for: [word]) != nil else {
                literals.append(word.unicodeScalars.map(\.value))
                continue
            }
            let (bare, hasStar) = SearchText.withoutStar(word)
            let split = SplitText(bare)
            phrases.append(
                Phrase(
                    words: split.words.map { Array(split.keys[$0.keys]) },
                    isPrefix: SearchText.isPrefix(bare, hasStar: hasStar)))
        }
        self.phrases = phrases
        self.literals = literals
    }

    /// The matching places of a text, in Unicode scalars, in order and without overlaps. Empty if there are none. Those
    /// far behind the beginning of a very long text are left out.
    package func places(in text: String) -> [Range<Int>] {
        let text = text.unicodeScalars.count > Self.longest ? Self.beginning(of: text) : text
        var found: [Range<Int>] = []
        if !phrases.isEmpty {
            let split = SplitText(text)
            for phrase in phrases { found += split.places(of: phrase.words, isPrefix: phrase.isPrefix) }
        }
        if !literals.isEmpty {
            let scalars = text.unicodeScalars.map(\.value)
            for literal in literals { found += Self.places(of: literal, in: scalars) }
        }
        return Self.merged(found)
    }

    /// Whether all words are in a text.
    package func matches(_ text: String) -> Bool {
        let split = SplitText(text)
        let scalars = literals.isEmpty ? [] : text.unicodeScalars.map(\.value)
        return phrases.allSatisfy { !split.places(of: $0.words, isPrefix: $0.isPrefix).isEmpty }
            && literals.allSatisfy { !Self.places(of: $0, in: scalars).isEmpty }
    }

    private static func places(of literal: [UInt32], in scalars: [UInt32]) -> [Range<Int>] {
        guard let first = literal.first else { return [] }
        var found: [Range<Int>] = []
        var index = 0
        while index + literal.count <= scalars.count, found.count < mostPlaces {
            if scalars[index] == first, scalars[index..<index + literal.count].elementsEqual(literal) {
                found.append(index..<index + literal.count)
                index += literal.count
            } else {
                index += 1
            }
        }
        return found
    }

    private static func merged(_ places: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        for place in places.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, place.lowerBound <= last.upperBound {
                result[result.count - 1] = last.lowerBound..<max(last.upperBound, place.upperBound)
            } else {
                result.append(place)
            }
        }
        return Array(result.prefix(mostPlaces))
    }

    /// A text split into words, each with its folded letters and its place.
    private struct SplitText {
        /// The folded letters of all words.
        var keys: [UInt32] = []
        /// The words: the range of their letters in `keys`, and their place in the text, in Unicode scalars.
        var words: [(keys: Range<Int>, place: Range<Int>)] = []

        init(_ text: String) {
            var folding = LetterFolding()
            var begin: (key: Int, place: Int)?
            var index = 0
            func end(_ keys: [UInt32], _ words: inout [(keys: Range<Int>, place: Range<Int>)]) {
                if let begin, begin.key < keys.count { words.append((begin.key..<keys.count, begin.place..<index)) }
                begin = nil
            }
            for scalar in text.unicodeScalars {
                if SearchText.kind(scalar.value) != .letter {
                    end(keys, &words)
                    keys.append(scalar.value)
                    words.append((keys.count - 1..<keys.count, index..<index + 1))
                } else if LetterFolding.isInWord(scalar) {
                    if begin == nil { begin = (keys.count, index) }
                    if let key = folding.folded(scalar) { keys.append(key) }
                } else {
                    end(keys, &words)
                }
                index += 1
            }
            end(keys, &words)
        }

        /// The places at which these words follow each other.
        func places(of phrase: [[UInt32]], isPrefix: Bool) -> [Range<Int>] {
            guard !phrase.isEmpty, phrase.count <= words.count else { return [] }
            var found: [Range<Int>] = []
            for start in 0...words.count - phrase.count {
                let isMatch = phrase.indices.allSatisfy { index in
                    let word = keys[words[start + index].keys]
                    return isPrefix && index == phrase.count - 1
                        ? word.starts(with: phrase[index]) : word.elementsEqual(phrase[index])
                }
                guard isMatch else { continue }
                found.append(words[start].place.lowerBound..<words[start + phrase.count - 1].place.upperBound)
                if found.count == SearchMatcher.mostPlaces { break }
            }
            return found
        }
    }
}

/// Folds letters as the full-text index does: lower case, no accents.
private struct LetterFolding {
    /// The letters folded so far: names of characters are slow to get.
    private var known: [UInt32: UInt32] = [:]

    /// The lower-case letters that others with accents are named after, by name.
    private static let bases: [String: UInt32] = {
        var bases: [String: UInt32] = [:]
        for value in [0x61...0x7A, 0x3B1...0x3C9, 0x430...0x44F].joined() {
            if let scalar = Unicode.Scalar(UInt32(value)), let name = scalar.properties.name {
                bases[name] = UInt32(value)
            }
        }
        return bases
    }()

    /// Whether a character is part of a word, not between words.
    static func isInWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return "0"..."9" ~= scalar || "a"..."z" ~= scalar || "A"..."Z" ~= scalar }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .privateUse:
            return true
        default: return false
        }
    }

    /// The folded character; nil for a combining accent.
    mutating func folded(_ scalar: Unicode.Scalar) -> UInt32? {
        if scalar.isASCII { return "A"..."Z" ~= scalar ? scalar.value | 0x20 : scalar.value }
        if 0x300...0x36F ~= scalar.value { return nil }
        if let folded = known[scalar.value] { return folded }
        let folded = Self.base(scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar)
        known[scalar.value] = folded
        return folded
    }

    /// The letter without its accent, by its name: `LATIN SMALL LETTER E WITH ACUTE`.
    private static func base(_ scalar: Unicode.Scalar) -> UInt32 {
        switch scalar.value {
        // The final sigma.
        case 0x3C2: return 0x3C3
        case 0xC0...0x24F, 0x370...0x52F, 0x1E00...0x1FFF: break
        default: return scalar.value
        }
        guard let name = scalar.properties.name, let with = name.firstRange(of: " WITH ") else { return scalar.value }
        return bases[String(name[..<with.lowerBound])] ?? scalar.value
    }
}
