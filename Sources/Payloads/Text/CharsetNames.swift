// The names of character sets in MIME messages of the time: those of the IANA registry and those of Internet Explorer.

internal import MSNP

/// Maps names to character sets.
enum CharsetNames {
    /// The character set of each name. Names are in lower case with letters and digits only.
    static let all: [String: String] = rows.reduce(into: [:]) { all, row in
        for word in row.words.split(whereSeparator: \.isWhitespace) { all[String(word)] = row.name }
    }

    /// The code pages of Windows, DOS and OS/2 that are supported.
    static let pages: Set<Int> = [
        874, 932, 936, 949, 950, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 437, 737, 775, 850, 852, 855,
        857,
        858, 860, 861, 862, 863, 864, 865, 866, 869,
    ]

    /// As in browsers, a standard set is decoded as the Windows set that contains it, because that is what clients sent
    /// under its name. Right-to-left text (`-i`, `-e`) keeps the order of its bytes.
    private static let rows: [(name: String, words: String)] = [
        (
            "UTF-8",
            """
            utf8 unicode11utf8 unicode20utf8 xunicode20utf8 usascii ascii us iso646us isoir6 ansix341968 ansix341986 cp367
            ibm367 csascii xia5
            """
        ),
        ("CP1252", "iso88591 latin1 l1 ansi xansi csisolatin1 isoir100 ibm819 cp819"),
        ("ISO-8859-2", "latin2 l2 csisolatin2 isoir101"), ("ISO-8859-3", "latin3 l3 csisolatin3 isoir109"),
        ("ISO-8859-4", "latin4 l4 csisolatin4 isoir110"), ("ISO-8859-5", "cyrillic csisolatincyrillic isoir144"),
        (
            "ISO-8859-6",
            "iso88596i iso88596e csiso88596i csiso88596e arabic csisolatinarabic isoir127 asmo708 ecma114"
        ),
        ("ISO-8859-7", "greek greek8 csisolatingreek isoir126 ecma118 elot928"),
        (
            "ISO-8859-8",
            "iso88598i iso88598e csiso88598i csiso88598e hebrew csisolatinhebrew isoir138 logical visual"
        ),
        ("CP1254", "latin5 l5 csisolatin5 isoir148"), ("ISO-8859-10", "latin6 l6 csisolatin6 isoir157"),
        ("ISO-8859-13", "latin7 l7"), ("ISO-8859-14", "latin8 l8 isoceltic isoir199"),
        ("ISO-8859-15", "latin9 l9 latin0 csisolatin9"), ("ISO-8859-16", "latin10 l10"),
        ("CP874", "tis620 tis62025291"),
        ("CP932", "shiftjis sjis xsjis xmscp932 mskanji csshiftjis windows31j cswindows31j"),
        ("EUC-JP", "eucjp xeuc xeucjp cseucpkdfmtjapanese extendedunixcodepackedformatforjapanese"),
        ("ISO-2022-JP", "iso2022jp csiso2022jp iso2022jp1"), ("ISO-2022-JP-2", "iso2022jp2 csiso2022jp2"),
        (
            "GB18030",
            """
            gb2312 gb231280 gbk xgbk gb18030 cngb euccn xeuccn chinese csgb2312 csgb231280 csiso58gb231280 isoir58 xcp20936
            """
        ),
        ("HZ", "hz hzgb2312"), ("ISO-2022-CN", "iso2022cn csiso2022cn xcp50227"),
        ("CP950", "big5 xxbig5 xbig5 cnbig5 csbig5"), ("BIG5-HKSCS", "big5hkscs"), ("EUC-TW", "euctw xeuctw"),
        (
            "CP949",
            """
            euckr xeuckr cseuckr ksc5601 ksc56011987 ksc56011989 csksc56011987 korean uhc isoir149 xcp20949
            """
        ),
        ("ISO-2022-KR", "iso2022kr csiso2022kr"), ("JOHAB", "johab"),
        ("KOI8-R", "koi8r koi8 koi cskoi8r"), ("KOI8-U", "koi8u koi8ru"),
        ("MACINTOSH", "macintosh macroman xmacroman mac csmacintosh"), ("MAC-CYRILLIC", "xmaccyrillic cp10007"),
        ("MAC-CENTRALEUROPE", "xmacce"), ("MAC-UK", "xmacukrainian"),
        ("UTF-7", "utf7 unicode11utf7 csunicode11utf7 unicode20utf7 xunicode20utf7"),
        ("UTF-16", "utf16 iso10646ucs2"), ("UTF-16LE", "utf16le unicode ucs2"),
        ("UTF-16BE", "utf16be unicodefffe unicodefeff"), ("UTF-32", "utf32"),
    ]
}

/// HZ: Chinese in 7 bits, with `~{` and `~}` around characters of GB 2312 without their eighth bits (RFC 1843).
enum HZ {
    /// The same text in 8-bit GB 2312.
    static func eightBit(_ bytes: ByteSlice) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes
        var isChinese = false
        while let byte = rest.popFirst() {
            guard byte == 0x7E, let sign = rest.first else {
                // A line end switches back to ASCII.
                if byte == 0x0A { isChinese = false }
                if isChinese, byte > 0x20, let second = rest.first, second > 0x20 {
                    result += [byte | 0x80, second | 0x80]
                    rest.removeFirst()
                } else {
                    result.append(byte)
                }
                continue
            }
            switch sign {
            case UInt8(ascii: "{"): isChinese = true
            case UInt8(ascii: "}"): isChinese = false
            case 0x7E where !isChinese: result.append(0x7E)
            // A `~` at the end of a line continues the line.
            case 0x0A where !isChinese: break
            default:
                result.append(byte)
                continue
            }
            rest.removeFirst()
        }
        return result
    }
}
