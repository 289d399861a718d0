// Identifies character sets by the names and numbers that messages use.

/// A character set in which a message may be encoded.
package struct Charset: Sendable, Hashable {
    /// The name for `iconv`. `HZ` is converted to GB 18030 here, because not every `iconv` supports it.
    package let name: String

    /// The target of all conversions.
    package static let utf8 = Charset(name: "UTF-8")
    static let gb18030 = Charset(name: "GB18030")
    /// Western Europe on Windows: assumed for text that is not UTF-8 and declares no character set.
    package static let windows1252 = Charset(name: "CP1252")

    private init(name: String) { self.name = name }

    /// The character set that `charset=` names; nil for a name that no client is known to send.
    package init?(named text: String) {
        guard text.utf8.count < 40 else { return nil }
        // A colon precedes the year of a standard, a dollar sign the way its shift state changes.
        let word = text.lowercased().prefix { $0 != ":" && $0 != "$" }
        let key = word.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        if let name = CharsetNames.all[key] {
            self.name = name
        } else if key.hasPrefix("iso8859"), let part = Int(key.dropFirst(7)), (2...16).contains(part), part != 12 {
            // Turkish (9) and Thai (11) are subsets of Windows' sets, as Western (1) is.
            name = part == 9 ? "CP1254" : part == 11 ? "CP874" : "ISO-8859-\(part)"
        } else if let page = Int(key.trimmingLetters), CharsetNames.pages.contains(page) {
            name = "CP\(page)"
        } else {
            return nil
        }
    }

    /// The character set of a font by the number of `CS` in `X-MMS-IM-Format` (`lfCharSet` of Windows' fonts); nil for
    /// numbers that name no character set: 1 (default), 2 (symbols).
    package init?(ofFont number: UInt32) {
        switch number {
        case 0x00: name = "CP1252"
        case 0x80: name = "CP932"
        case 0x81: name = "CP949"
        case 0x86: name = "GB18030"
        case 0x88: name = "CP950"
        case 0xA1: name = "CP1253"
        case 0xA2: name = "CP1254"
        case 0xA3: name = "CP1258"
        case 0xB1: name = "CP1255"
        case 0xB2: name = "CP1256"
        case 0xBA: name = "CP1257"
        case 0xCC: name = "CP1251"
        case 0xDE: name = "CP874"
        case 0xEE: name = "CP1250"
        default: return nil
        }
    }

    /// Whether a name is this set's own name; ignores case.
    func isCalled(_ word: String) -> Bool { name.lowercased() == word.lowercased() }

    /// Whether this is UTF-8, which includes ASCII.
    var isUTF8: Bool { self == .utf8 }
}

extension String {
    /// `1251` of `windows1251` and `cp1251`, `866` of `ibm866`.
    fileprivate var trimmingLetters: Substring {
        for prefix in ["windows", "xcp", "cp", "ms", "ibm", "dos"] where hasPrefix(prefix) {
            return dropFirst(prefix.count)
        }
        return ""
    }
}
