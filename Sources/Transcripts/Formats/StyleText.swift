// A text's looks as CSS: what peers name is put in so that it can mean nothing else.

internal import Payloads

/// The looks of a text, cleaned.
struct StyleText {
    /// A font's name without anything but letters, digits, blanks and hyphens, so that it can stand in quotes.
    var font: String?
    /// Six digits of hex.
    var color: String?
    var effects: TextStyle.Effects
    /// Whether the colour needs a dark ground to be read.
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

    /// For a page: the font in quotes with a fallback, and no black, which nobody chose and which cannot be read on a dark
    /// ground.
    var page: String {
        var result = font.map { ["font-family:'\($0)',sans-serif"] } ?? []
        result += changes
        if let color, color != "#000000" { result.append("color:\(color)") }
        return result.joined(separator: ";")
    }

    /// As Messenger's own log has it: `font-family:Arial; color:#000000; `.
    var log: String {
        var result = font.map { ["font-family:\($0)"] } ?? []
        result += changes
        result.append("color:\(color ?? "#000000")")
        return result.map { "\($0); " }.joined()
    }

    private var changes: [String] {
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
