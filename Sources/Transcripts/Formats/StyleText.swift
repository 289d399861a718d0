// Converts a message's text style to CSS, without letting a peer's font name inject CSS.

internal import Payloads

/// A sanitized text style.
struct StyleText {
    /// The font name, reduced to letters, digits, spaces and hyphens, so that it can be quoted.
    var font: String?
    /// The colour as `#` and six hexadecimal digits.
    var color: String?
    var effects: TextStyle.Effects
    /// Whether the colour needs a dark background.
    var isLight: Bool

    /// The longest name that a Windows font can have.
    private static let longestFont = 32

    init(_ style: TextStyle?) {
        let letters = (style?.font ?? "").unicodeScalars.prefix(Self.longestFont).filter { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal || scalar == " "
                || scalar == "-"
        }
        var name = String.UnicodeScalarView()
        name.append(contentsOf: letters)
        font = name.isEmpty ? nil : String(name)
        color = style?.colorText
        effects = style?.effects ?? []
        // Perceived brightness (ITU-R BT.601), of 255.
        let value = style?.color ?? 0
        let brightness = ((value &>> 16 & 0xFF) * 299 + (value &>> 8 & 0xFF) * 587 + (value & 0xFF) * 114) / 1_000
        isLight = brightness > 186
    }

    /// The CSS for a page: the font with a fallback. Black is left out: it is the default of clients, and unreadable on
    /// a dark background.
    var page: String {
        var result = font.map { ["font-family:'\($0)',sans-serif"] } ?? []
        result += effectRules
        if let color, color != "#000000" { result.append("color:\(color)") }
        return result.joined(separator: ";")
    }

    /// The CSS as in Messenger's own log: `font-family:Arial; color:#000000; `.
    var log: String {
        var result = font.map { ["font-family:\($0)"] } ?? []
        result += effectRules
        result.append("color:\(color ?? "#000000")")
        return result.map { "\($0); " }.joined()
    }

    private var effectRules: [String] {
        var result: [String] = []
        if effects.contains(.bold) { result.append("font-weight:bold") }
        if effects.contains(.italic) { result.append("font-style:italic") }
        let lines =
            (effects.contains(.underlined) ? ["underline"] : [])
            + (effects.contains(.struckThrough) ? ["line-through"] : [])
        if !lines.isEmpty { result.append("text-decoration:\(lines.joined(separator: " "))") }
        return result
    }
}
