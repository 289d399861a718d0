// How many columns of a terminal a text takes.

/// The width of text in a terminal with a monospaced font. It is an estimate: terminals differ on rare characters.
package enum DisplayWidth {
    /// The number of columns of a text.
    package static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

    /// The longest beginning of a text that has at most this many columns; `…` is its end if anything was cut.
    package static func cut(_ text: String, to width: Int) -> String {
        var result = ""
        var used = 0
        // The length of the beginning that leaves one column for the mark.
        var end = 0
        for character in text {
            let columns = of(character)
            guard used + columns <= width else {
                return width > 0 ? String(decoding: result.utf8.prefix(end), as: UTF8.self) + "…" : ""
            }
            result.append(character)
            used += columns
            if used < width { end = result.utf8.count }
        }
        return result
    }

    private static func of(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        if scalar.isASCII { return 1 }
        // An emoji with the selector U+FE0F is shown as a picture.
        if scalar.properties.isEmojiPresentation || character.unicodeScalars.dropFirst().first?.value == 0xFE0F {
            return 2
        }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    /// The blocks of East Asian wide and fullwidth characters.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]
}
