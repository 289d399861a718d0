// Escapes untrusted text for HTML and XML pages.

extension Array where Element == UInt8 {
    /// Appends text for an element or a quoted attribute of an HTML or XML page. Markup and invisible characters are
    /// escaped; controls other than tab and line ends, which neither format allows, become U+FFFD. Direction marks
    /// stay, because each text is in an element of its own.
    package mutating func append(html text: some StringProtocol) {
        append(html: text) { scalar, isHidden in
            isHidden && scalar.value >= 0xA0 && !InvisibleCharacters.isDirectional(scalar.value)
                ? scalar.writtenOut : nil
        }
    }

    /// Appends a name, or text of this program that contains untrusted names. Invisible and direction-changing
    /// characters are escaped as in the text format (`\u{202e}`, `␊`); joiners between letters stay.
    ///
    /// - Parameter isAlone: whether the text is in an isolated element of its own (`bdi`), in which simple direction
    ///   marks stay too.
    package mutating func append(shownHTML text: some StringProtocol, isAlone: Bool = false) {
        append(html: text) { scalar, isHidden in
            switch scalar {
            case "\t": nil
            case "\u{0}"..."\u{1F}": Character(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}").description
            case "\u{7F}": "␡"
            case "\u{200E}", "\u{200F}", "\u{61C}": isAlone ? nil : scalar.writtenOut
            default: isHidden ? scalar.writtenOut : nil
            }
        }
    }

    /// Appends text with some characters replaced.
    ///
    /// - Parameter replacement: receives each character and whether it is invisible; returns nil for the default
    ///   escaping.
    private mutating func append(
        html text: some StringProtocol, replacing replacement: (Unicode.Scalar, Bool) -> String?
    ) {
        let scalars = text.unicodeScalars
        var last: UInt32?
        var index = scalars.startIndex
        while index < scalars.endIndex {
            let scalar = scalars[index]
            scalars.formIndex(after: &index)
            var isHidden = false
            // U+FFFE and U+FFFF are invalid in both formats, and are replaced below.
            if scalar.value >= 0x80, scalar != "\u{FFFE}", scalar != "\u{FFFF}" {
                let next = index < scalars.endIndex ? scalars[index].value : nil
                isHidden = InvisibleCharacters.isHidden(scalar.value, after: last, before: next)
            }
            last = scalar.value
            if scalar.value < 0x20 || scalar.value >= 0x7F, let replacement = replacement(scalar, isHidden) {
                append(contentsOf: replacement.utf8)
            } else {
                append(html: scalar)
            }
        }
    }

    private mutating func append(html scalar: Unicode.Scalar) {
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

extension Unicode.Scalar {
    /// `\u{202e}`.
    fileprivate var writtenOut: String { "\\u{\(String(value, radix: 16))}" }
}
