// What peers said, on a page: nothing of it is ever markup.

extension Array where Element == UInt8 {
    /// Appends text for an element or a quoted attribute of an HTML or XML page. Markup is escaped, what neither form
    /// can hold (controls but tab and line ends) becomes U+FFFD, and what would not be seen is written out; marks of
    /// direction stay, for texts stand in elements of their own.
    package mutating func append(html text: some StringProtocol) {
        append(html: text) { scalar, isHidden in
            isHidden && scalar.value >= 0xA0 && !InvisibleCharacters.isDirectional(scalar.value)
                ? scalar.writtenOut : nil
        }
    }

    /// Appends names, and our own words with what peers named in them: what would not be seen, or would turn what stands
    /// around it, is written out as in the text format (`\u{202e}`, `␊`). Joiners, which letters need, stay.
    ///
    /// - Parameter isAlone: it stands in an element of its own that is isolated (`bdi`): marks that turn nothing but their
    ///   neighbours stay too.
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
    /// - Parameter replacement: gets each character, and whether it cannot be seen.
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
            // Neither form can hold the last two of the plane.
            if scalar.value >= 0x80, scalar != "\u{FFFE}", scalar != "\u{FFFF}" {
                let next = index < scalars.endIndex ? scalars[index].value : nil
                isHidden = InvisibleCharacters.isHidden(scalar.value, behind: last, before: next)
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
