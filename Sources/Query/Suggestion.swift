// Suggests a valid name for a mistyped one.

package enum Suggestion {
    /// The name with the smallest edit distance (Levenshtein), without regard to case; empty without names.
    package static func nearest(to mistyped: String, among names: [String]) -> String {
        let mistyped = characters(mistyped)
        return names.min { distance(mistyped, Array($0)) < distance(mistyped, Array($1)) } ?? ""
    }

    /// The name that was probably meant: one that begins with the mistyped word, or that differs from it in at most two
    /// letters and at most half of its letters; nil if there is none.
    package static func likely(for mistyped: String, among names: [String]) -> String? {
        guard !names.isEmpty else { return nil }
        let letters = characters(mistyped)
        if letters.count >= 3, let longer = names.first(where: { $0.hasPrefix(String(letters)) }) { return longer }
        let nearest = nearest(to: mistyped, among: names)
        let difference = distance(letters, Array(nearest))
        return difference <= 2 && difference * 2 <= letters.count ? nearest : nil
    }

    /// The beginning of a word in lower case: a long one must not cost much time.
    private static func characters(_ word: String) -> [Character] { Array(word.lowercased().prefix(40)) }

    private static func distance(_ word: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (i, a) in word.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in other.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
                diagonal = above
            }
        }
        return row[other.count]
    }
}
