// Splits text into lines and bounded pieces, so that no format holds a whole written message in memory.

/// Called with the bytes that a format has written so far; it may remove them.
package typealias ChatSpill = (inout [UInt8]) -> Void

/// A piece of a text: a part of a line, or a line end.
enum ChatPiece {
    /// A part of one line, at most `ChatPiece.most` bytes plus one character.
    case words(String)
    /// The end of a line that is not the last one.
    case lineEnd

    /// The size of a piece, in bytes.
    static let most = 16 << 10
    /// The number of bytes that wait before they are spilled.
    static let mostWaiting = 64 << 10
}

extension String {
    /// Calls `body` with the pieces of a text. Clients end lines with CR, CR LF or LF. Empty lines at the end are left
    /// out.
    func forEachPiece(_ body: (ChatPiece) -> Void) {
        var piece = ""
        var ends = 0
        var last: Unicode.Scalar?
        func finish() {
            guard !piece.isEmpty else { return }
            body(.words(piece))
            piece.removeAll(keepingCapacity: true)
        }
        for scalar in unicodeScalars {
            if scalar == "\r" || scalar == "\n" {
                finish()
                if !(scalar == "\n" && last == "\r") { ends += 1 }
            } else {
                for _ in 0..<ends { body(.lineEnd) }
                ends = 0
                piece.unicodeScalars.append(scalar)
                if piece.utf8.count >= ChatPiece.most { finish() }
            }
            last = scalar
        }
        finish()
    }
}

extension [UInt8] {
    /// Calls `spill` if at least `ChatPiece.mostWaiting` bytes wait.
    mutating func spill(_ spill: ChatSpill) {
        if count >= ChatPiece.mostWaiting { spill(&self) }
    }
}
