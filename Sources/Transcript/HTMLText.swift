// What peers said, on a page: nothing of it is ever markup.

extension Array where Element == UInt8 {
    /// Appends text for an element or a quoted attribute of an HTML or XML page. Markup is escaped, and what neither form
    /// can hold (controls but tab and line ends) becomes U+FFFD.
    package mutating func append(html text: some StringProtocol) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": append(plain: "&amp;")
            case "<": append(plain: "&lt;")
            case ">": append(plain: "&gt;")
            case "\"": append(plain: "&quot;")
            case "'": append(plain: "&#39;")
            case "\t", "\n", "\r": append(UInt8(truncatingIfNeeded: scalar.value))
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": append(plain: "\u{FFFD}")
            default: append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }
}

// MARK: What hides, or turns the direction of writing

extension Array where Element == UInt8 {
    /// Appends names, and our own words with what peers named in them: what would not be seen, or would turn what stands
    /// around it, is written out as in the text format (`\u{202e}`, `␊`). Joiners, which letters need, stay.
    ///
    /// - Parameter isAlone: it stands in an element of its own that is isolated (`bdi`): marks that turn nothing but their
    ///   neighbours stay too.
    package mutating func append(shownHTML text: some StringProtocol, isAlone: Bool = false) {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F }) else { return append(html: text) }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t": append(0x09)
            case "\u{0}"..."\u{1F}":
                append(html: Character(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}").description)
            case "\u{7F}": append(plain: "␡")
            case "\u{200E}", "\u{200F}", "\u{61C}":
                append(html: isAlone ? Character(scalar).description : scalar.writtenOut)
            default: append(html: scalar.isHidden ? scalar.writtenOut : Character(scalar).description)
            }
        }
    }
}

extension Unicode.Scalar {
    /// `\u{202e}`.
    fileprivate var writtenOut: String { "\\u{\(String(value, radix: 16))}" }

    /// Whether it cannot be seen: controls, what turns the direction of writing, blanks without width, fillers.
    fileprivate var isHidden: Bool {
        switch self {
        case "\u{200C}", "\u{200D}": false
        case "\u{80}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{115F}", "\u{1160}", "\u{3164}", "\u{FFA0}": true
        default: properties.generalCategory == .format
        }
    }
}
