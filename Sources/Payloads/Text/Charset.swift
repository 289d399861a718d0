// Character sets, by the names and numbers that messages give them.

/// A character set that a message may be written in.
package struct Charset: Sendable, Hashable {
    /// The name under which `iconv` knows it; `HZ`, which not every `iconv` knows, is taken apart here.
    package let name: String

    /// The one that everything is turned into.
    package static let utf8 = Charset(name: "UTF-8")
    static let gb18030 = Charset(name: "GB18030")
    /// Western Europe's on Windows: what text is taken for that is not UTF-8 and says nothing.
    package static let windows1252 = Charset(name: "CP1252")

    private init(name: String) { self.name = name }

    /// The set that a `charset=` names; nil for names that no client is known to send.
    package init?(named text: String) {
        guard text.utf8.count < 40 else { return nil }
        // Behind a colon stands the year of a standard, behind a dollar how a state is shifted.
        let word = text.lowercased().prefix { $0 != ":" && $0 != "$" }
        let key = word.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        if let name = CharsetNames.all[key] {
            self.name = name
        } else if key.hasPrefix("iso8859"), let part = Int(key.dropFirst(7)), (2...16).contains(part), part != 12 {
            // Turkish (9) and Thai (11) are parts of Windows' sets, as Western (1) is.
            name = part == 9 ? "CP1254" : part == 11 ? "CP874" : "ISO-8859-\(part)"
        } else if let page = Int(key.trimmingLetters), CharsetNames.pages.contains(page) {
            name = "CP\(page)"
        } else {
            return nil
        }
    }

    /// The set of a font, by the number that `CS` has in `X-MMS-IM-Format` (the `lfCharSet` of Windows' fonts); nil for
    /// those that name no set: 1 (default), 2 (symbols).
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

    /// Whether a word is this set's own name, however it is spelled.
    func isCalled(_ word: String) -> Bool { name.lowercased() == word.lowercased() }

    /// Whether text in it that is UTF-8 is to be read as UTF-8: ASCII is a part of it.
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
