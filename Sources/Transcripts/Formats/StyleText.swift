// Converts a message's text style to CSS, without letting a peer's font name inject CSS.

internal import MSNP
internal import Payloads

/// A sanitized text style.
struct StyleText {
    /// The font name, reduced to letters, digits, spaces and hyphens, so that it can be quoted.
    var font: String?
    /// The colour as `0xRRGGBB`; nil for the default.
    private var value: UInt32?
    /// The colour as `#` and six hexadecimal digits.
    var color: String?
    var effects: TextStyle.Effects

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
        value = style?.color
    }

    /// The CSS for a page: the font with a fallback, and the colour in a shade for light and one for dark pages
    /// (`--l`, `--d`). Black is left out: it is the default of clients.
    var page: String {
        var result = font.map { ["font-family:'\($0)',sans-serif"] } ?? []
        result += effectRules
        if let value, value & 0xFFFFFF != 0 {
            let (light, dark) = (PageStyle.ownBubble.light, PageStyle.ownBubble.dark)
            result.append("--l:\(Self.hexadecimal(TextContrast.adjusted(value, on: light)))")
            result.append("--d:\(Self.hexadecimal(TextContrast.adjusted(value, on: dark)))")
        }
        return result.joined(separator: ";")
    }

    private static func hexadecimal(_ color: UInt32) -> String {
        "#" + Hexadecimal.text([16, 8, 0].map { UInt8(truncatingIfNeeded: color &>> $0) })
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
