// Cuts a long text to the part around its first match.

/// A part of a text, split into pieces that match a search and pieces that do not.
struct Snippet: Equatable {
    /// A piece of the text.
    struct Piece: Equatable {
        var text: String
        var isMatch: Bool
    }

    /// The pieces, in order; an ellipsis where something was cut.
    let pieces: [Piece]

    /// - Parameters:
    ///   - text: the whole text.
    ///   - matches: its matching places in Unicode scalars, in order and without overlaps.
    ///   - width: the largest length of a text that is shown whole, and of the part of a longer one.
    init(_ text: String, around matches: [Range<Int>] = [], width: Int) {
        let scalars = Array(text.unicodeScalars)
        var shown = 0..<scalars.count
        if scalars.count > width {
            // A third of the room is for what comes before the first match.
            let first = matches.first?.lowerBound ?? 0
            let start = max(0, min(first - width / 3, scalars.count - width))
            shown = start..<min(scalars.count, start + width)
        }
        var pieces: [Piece] = []
        func add(_ range: Range<Int>, isMatch: Bool) {
            let range = range.clamped(to: shown)
            guard !range.isEmpty else { return }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[range])
            pieces.append(Piece(text: String(view), isMatch: isMatch))
        }
        if shown.lowerBound > 0 { pieces.append(Piece(text: "…", isMatch: false)) }
        var next = 0
        for match in matches where match.lowerBound >= next {
            add(next..<match.lowerBound, isMatch: false)
            add(match, isMatch: true)
            next = match.upperBound
        }
        if next < scalars.count { add(next..<scalars.count, isMatch: false) }
        if shown.upperBound < scalars.count { pieces.append(Piece(text: "…", isMatch: false)) }
        self.pieces = pieces
    }
}
