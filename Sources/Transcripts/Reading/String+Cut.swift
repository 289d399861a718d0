// Cuts texts that entries repeat.

extension String {
    /// The string cut to `most` bytes, with an ellipsis if something was cut.
    func cut(to most: Int) -> String {
        guard utf8.count > most else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: most)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(unicodeScalars[..<end]) + "…"
    }
}
