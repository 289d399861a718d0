// A text in pieces, so that no message is written as a whole.

/// What a format hands on what it has written with: it may take the bytes away.
package typealias ChatSpill = (inout [UInt8]) -> Void

/// A piece of a text.
enum ChatPiece {
    /// Words on one line: at most `ChatPiece.most` bytes of them, and a character.
    case words(String)
    /// The end of a line behind which more comes.
    case lineEnd

    /// How much of a text is one piece, in bytes.
    static let most = 16 << 10
    /// How many bytes wait before they are handed on.
    static let mostWaiting = 64 << 10
}

extension String {
    /// The lines of a text in pieces; clients end them with CR, CR LF or LF. Empty lines at the end are left out.
    func forEachPiece(_ take: (ChatPiece) -> Void) {
        var piece = ""
        var ends = 0
        var last: Unicode.Scalar?
        func finish() {
            guard !piece.isEmpty else { return }
            take(.words(piece))
            piece.removeAll(keepingCapacity: true)
        }
        for scalar in unicodeScalars {
            if scalar == "\r" || scalar == "\n" {
                finish()
                if !(scalar == "\n" && last == "\r") { ends += 1 }
            } else {
                for _ in 0..<ends { take(.lineEnd) }
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
    /// Hands on what has become much.
    mutating func spill(_ spill: ChatSpill) {
        if count >= ChatPiece.mostWaiting { spill(&self) }
    }
}
