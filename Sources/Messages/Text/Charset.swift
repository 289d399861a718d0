// Character sets, by the names and numbers that messages give them.

/// A character set that a message may be written in.
public struct Charset: Sendable, Hashable {
    /// The name under which `iconv` knows it.
    public let name: String

    /// The one that everything is turned into.
    public static let utf8 = Charset(name: "UTF-8")
    /// Western Europe's on Windows: what text is taken for that is not UTF-8 and says nothing.
    public static let windows1252 = Charset(name: "CP1252")

    private init(name: String) { self.name = name }

    /// The set that a `charset=` names; nil for names that no client is known to send.
    public init?(named text: String) {
        guard text.utf8.count < 40 else { return nil }
        let key = text.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        if let name = Self.names[key] {
            self.name = name
        } else if key.hasPrefix("iso8859"), let part = Int(key.dropFirst(7)), (2...16).contains(part), part != 12 {
            // Turkish (9) and Thai (11) are parts of Windows' sets, as Western (1) is.
            name = part == 9 ? "CP1254" : part == 11 ? "CP874" : "ISO-8859-\(part)"
        } else if let page = Int(key.trimmingLetters), Self.pages.contains(page) {
            name = "CP\(page)"
        } else {
            return nil
        }
    }

    /// The set of a font, by the number that `CS` has in `X-MMS-IM-Format` (the `lfCharSet` of Windows' fonts); nil for
    /// those that name no set: 1 (default), 2 (symbols).
    public init?(ofFont number: UInt32) {
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

    /// Whether text in it that is UTF-8 is to be read as UTF-8: ASCII is a part of it.
    var isUTF8: Bool { self == .utf8 }

    private static let pages: Set<Int> = [
        874, 932, 936, 949, 950, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258,
    ]

    /// Names without what people put between letters. As browsers do, the sets of standards that Windows' own include
    /// are read as those: that is what was sent under their names.
    private static let names: [String: String] = [
        "utf8": "UTF-8", "usascii": "UTF-8", "ascii": "UTF-8", "ansix341968": "UTF-8",
        "iso88591": "CP1252", "latin1": "CP1252", "l1": "CP1252", "ansi": "CP1252",
        "shiftjis": "CP932", "sjis": "CP932", "xsjis": "CP932", "mskanji": "CP932", "windows31j": "CP932",
        "gb2312": "GB18030", "gbk": "GB18030", "xgbk": "GB18030", "gb18030": "GB18030", "cp936": "GB18030",
        "windows936": "GB18030", "euccn": "GB18030",
        "big5": "CP950", "xxbig5": "CP950", "big5hkscs": "BIG5-HKSCS",
        "euckr": "CP949", "ksc5601": "CP949", "ksc56011987": "CP949", "korean": "CP949", "uhc": "CP949",
        "eucjp": "EUC-JP", "iso2022jp": "ISO-2022-JP", "iso2022kr": "ISO-2022-KR",
        "koi8r": "KOI8-R", "koi8u": "KOI8-U", "tis620": "CP874",
        "utf16": "UTF-16", "utf16le": "UTF-16LE", "utf16be": "UTF-16BE", "unicode": "UTF-16LE", "ucs2": "UTF-16LE",
    ]
}

extension String {
    /// `1251` of `windows1251` and `cp1251`.
    fileprivate var trimmingLetters: Substring {
        for prefix in ["windows", "cp", "ms"] where hasPrefix(prefix) { return dropFirst(prefix.count) }
        return ""
    }
}
