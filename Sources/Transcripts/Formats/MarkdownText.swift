// Escapes untrusted text for Markdown (CommonMark and GitHub's extensions).

internal import Output

/// Writes text so that it stays text: no emphasis, link, picture, list, heading, table, code or HTML begins in it.
struct MarkdownText {
    /// Whether only white space precedes in this line: there some characters begin a block.
    private var isAtStart: Bool
    private var last: Unicode.Scalar = "\n"

    /// - Parameter isAtStart: whether the text begins a line.
    init(isAtStart: Bool = false) { self.isAtStart = isAtStart }

    /// Appends a part of a line. Control characters and invisible ones are made visible first.
    mutating func append(_ text: String, to bytes: inout [UInt8]) {
        var visible: [UInt8] = []
        visible.append(visible: text)
        for scalar in String(decoding: visible, as: UTF8.self).unicodeScalars {
            if isSpecial(scalar) { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            if scalar != " ", scalar != "\t" { isAtStart = false }
            last = scalar
        }
    }

    private func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "#", "|", "~", "&", ":", "@", "$", "^": true
        // Lists, rules and underlines of headings.
        case "-", "+", "=": isAtStart
        // Numbered lists, and `www.`, which some viewers make a link of.
        case ".", ")": "0"..."9" ~= last || last == "w" || last == "W"
        default: false
        }
    }
}

extension [UInt8] {
    /// Appends a name or sentence in the middle of a line.
    mutating func append(markdown text: String) {
        var writer = MarkdownText()
        writer.append(text, to: &self)
    }
}
