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
