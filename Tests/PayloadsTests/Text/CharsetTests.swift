// Text in the character sets that Windows' clients wrote.

import Charsets
import MSNP
import Payloads
import Testing

@Suite struct CharsetTests {
    /// Bytes written as a `String` of code points below 256.
    private static func latin(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    private func text(_ bytes: [UInt8], charset: String?, font: String? = nil) -> String {
        let type = charset.map { "; charset=\($0)" } ?? ""
        let format = font.map { "X-MMS-IM-Format: FN=Arial; EF=; CO=0; CS=\($0); PF=0\r\n" } ?? ""
        let head = "MIME-Version: 1.0\r\nContent-Type: text/plain\(type)\r\n\(format)\r\n"
        guard case .text(let text) = MessagePayload(ByteSlice((Array(head.utf8) + bytes)), charsets: .iconv).body else {
            return ""
        }
        return text.text
    }

    static let samples: [(charset: String, bytes: [UInt8], text: String)] = [
        ("utf-8", [0xC3, 0xA9], "é"), ("\"UTF-8\"", [0xC3, 0xA9], "é"), ("us-ascii", [0x61], "a"),
        ("windows-1250", [0xB9, 0xEC], "ąě"), ("windows-1251", [0xCF, 0xF0], "Пр"), ("cp1251", [0xCF], "П"),
        ("windows-1252", [0x80, 0xE9], "€é"), ("windows-1253", [0xC1], "Α"), ("windows-1254", [0xFE], "ş"),
        ("windows-1255", [0xF9], "ש"), ("windows-1256", [0xC7], "ا"), ("windows-1257", [0xE0], "ą"),
        ("windows-1258", [0xD0], "Đ"), ("windows-874", [0xA1], "ก"),
        ("iso-8859-1", [0xE9], "é"), ("ISO_8859-2", [0xB1], "ą"), ("iso-8859-5", [0xBF], "П"),
        ("iso-8859-7", [0xC1], "Α"), ("iso-8859-9", [0xFE], "ş"), ("iso-8859-15", [0xA4], "€"),
        ("Shift_JIS", [0x93, 0xFA, 0x96, 0x7B], "日本"), ("gb2312", [0xC4, 0xE3], "你"), ("GBK", [0xC4, 0xE3], "你"),
        ("big5", [0xA7, 0x41], "你"), ("euc-kr", [0xC7, 0xD1], "한"), ("ks_c_5601-1987", [0xC7, 0xD1], "한"),
        ("utf-16le", [0x41, 0, 0x16, 0x4E], "A世"), ("utf-16be", [0x4E, 0x16], "世"),
        ("utf-16", [0xFF, 0xFE, 0x41, 0], "A"), ("koi8-r", [0xF0], "П"),
        ("iso-2022-jp", latin("\u{1B}$BF|\u{1B}(B"), "日"),
        // What Internet Explorer called sets, and older or longer names of the registry.
        ("iso-8859-8-i", [0xF9, 0xEC], "של"), ("iso-8859-8-e", [0xF9], "ש"), ("ISO-8859-6-I", [0xD4], "ش"),
        ("iso-8859-6-e", [0xD4], "ش"), ("logical", [0xF9], "ש"), ("asmo-708", [0xD4], "ش"),
        ("x-sjis", [0x93, 0xFA], "日"), ("csShiftJIS", [0x93, 0xFA], "日"), ("x-ms-cp932", [0x93, 0xFA], "日"),
        ("x-euc", [0xC6, 0xFC], "日"), ("x-euc-jp", [0xC6, 0xFC], "日"),
        ("csISO2022JP", latin("\u{1B}$BF|\u{1B}(B"), "日"),
        ("_iso-2022-jp$SIO", latin("\u{1B}$BF|\u{1B}(B"), "日"), ("iso-2022-kr", latin("\u{1B}$)C\u{E}GQ\u{F}"), "한"),
        ("unicode-1-1-utf-8", [0xC3, 0xA9], "é"), ("x-unicode-2-0-utf-8", [0xC3, 0xA9], "é"),
        ("utf-7", latin("a +AOk- b"), "a é b"), ("unicode-1-1-utf-7", latin("+AOk-"), "é"),
        ("hz-gb-2312", latin("a~~ ~{Dc:C~} b"), "a~ 你好 b"), ("HZ", latin("~{Dc"), "你"),
        ("x-gbk", [0xC4, 0xE3], "你"), ("x-cp20936", [0xC4, 0xE3], "你"), ("x-x-big5", [0xA7, 0x41], "你"),
        ("x-cp1251", [0xCF], "П"), ("x-cp1250", [0xB9], "ą"), ("ibm866", [0x8F], "П"), ("cp866", [0x8F], "П"),
        ("ibm850", [0x82], "é"), ("dos-862", [0x89], "י"), ("x-mac-roman", [0x8E], "é"), ("macintosh", [0x8E], "é"),
        ("x-mac-cyrillic", [0x8F], "П"), ("koi8-ru", [0xF0], "П"), ("ISO_8859-5:1988", [0xBF], "П"),
        ("iso_8859-1:1987", [0xE9], "é"), ("latin2", [0xB1], "ą"), ("l5", [0xFE], "ş"), ("iso-ir-138", [0xF9], "ש"),
        ("johab", [0xD0, 0x65], "한"), ("unicodeFFFE", [0x4E, 0x16], "世"), ("x-cp20949", [0xC7, 0xD1], "한"),
    ]

    /// Shifts of HZ, whole and cut anywhere, and invalid ones.
    @Test func chineseInLettersAndDigits() {
        for (letters, text) in [
            ("~{VPNDPEO\"~}", "中文信息"), ("a~\nb", "ab"), ("~{Dc\nDc", "你\nDc"), ("~x~", "~x~"), ("~{D", "D"),
            ("~{~}~{Dc~}Dc", "你Dc"),
        ] {
            #expect(self.text(Self.latin(letters), charset: "hz-gb-2312") == text)
        }
    }

    /// The word stays as it was sent, with the set beside it that is read where that has another name.
    @Test(arguments: [
        ("UTF-8", "charset=UTF-8"), ("utf-8", "charset=utf-8"),
        ("\"windows-1251\"", "charset=windows-1251, charset_name=CP1251"),
        ("iso-8859-1", "charset=iso-8859-1, charset_name=CP1252"), ("koi8-r", "charset=koi8-r"),
        ("klingon", "charset=klingon"), ("x y", "charset=x y"),
    ])
    func theWordIsKept(_ example: (word: String, fields: String)) {
        let expected = "content_type=text/plain, \(example.fields), kind=text, text=x"
        #expect(line(message("Content-Type: text/plain; charset=\(example.word)\n\nx").fields) == expected)
        #expect(line(message("Content-Type: text/plain; x=y;  Charset = \(example.word); z\n\nx").fields) == expected)
    }

    @Test(arguments: [
        "text/plain", "text/plain; charset=", "text/plain; charset=\"\"", "text/plain; charsets=x",
        "text/plain; charset",
    ])
    func noWord(_ type: String) {
        #expect(CharsetDecoder.unknownCharset(ByteSlice(type.utf8)) == nil)
        #expect(line(message("Content-Type: \(type)\n\nx").fields) == "content_type=text/plain, kind=text, text=x")
    }

    @Test func unknownWords() {
        func unknown(_ type: String) -> String? { CharsetDecoder.unknownCharset(ByteSlice(type.utf8)) }
        #expect(unknown("text/plain; charset=klingon") == "klingon")
        #expect(
            unknown("text/plain; charset=\(String(repeating: "a", count: 1_000))") == String(repeating: "a", count: 80))
        #expect(unknown("text/plain; charset=iso-8859-8-i") == nil && unknown("text/plain; charset=UTF-8") == nil)
    }

    @Test(arguments: samples) func declared(_ sample: (charset: String, bytes: [UInt8], text: String)) {
        #expect(text(sample.bytes, charset: sample.charset) == sample.text)
    }

    @Test(arguments: [
        ("cc", "Привет"), ("0", "Ïðèâåò"), ("1", "Ïðèâåò"), ("a1", "Οπθβες"), ("zz", "Ïðèâåò"),
    ])
    func theFontSaysItWhereNothingElseDoes(_ sample: (font: String, text: String)) {
        let bytes: [UInt8] = [0xCF, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2]
        #expect(text(bytes, charset: nil, font: sample.font) == sample.text)
        // A charset that is not kept is as good as none.
        #expect(text(bytes, charset: "UTF-8", font: sample.font) == sample.text)
        #expect(text(bytes, charset: "x-unknown", font: sample.font) == sample.text)
        // Where the text is UTF-8, the font is ignored.
        #expect(text(Array("Привет".utf8), charset: nil, font: sample.font) == "Привет")
    }

    /// A bad byte in UTF-8 does not make another set of all the rest; a text that is another set stays one.
    @Test func aFewBadBytes() {
        let type = ByteSlice("text/plain; charset=UTF-8".utf8)
        let thai = Array("สวัสดี".utf8)
        let mended = CharsetDecoder.iconv.utf8(thai + [0xFF] + thai, type: type, format: nil)
        #expect(String(decoding: mended, as: UTF8.self) == "สวัสดี\u{FFFD}สวัสดี")
        let latin = CharsetDecoder.iconv.utf8([0x63, 0x61, 0x66, 0xE9, 0x20, 0xFC], type: type, format: nil)
        #expect(String(decoding: latin, as: UTF8.self) == "café ü")
    }

    @Test func whatIsNoCharacterBecomesASign() {
        #expect(text([0x61, 0xFF, 0x62], charset: "euc-jp") == "a\u{FFFD}b")
        #expect(text([0xC4], charset: "gb2312") == "\u{FFFD}")
        #expect(text([0x41, 0, 0x42], charset: "utf-16le") == "A\u{FFFD}")
        // One text does not spoil the next.
        #expect(text([0x93], charset: "shift_jis") == "\u{FFFD}")
        #expect(text([0x93, 0xFA], charset: "shift_jis") == "日")
        #expect(text(Self.latin("\u{1B}$BF"), charset: "iso-2022-jp") == "\u{FFFD}")
        #expect(text(Self.latin("ab"), charset: "iso-2022-jp") == "ab")
    }

    @Test func longTextsComeWhole() {
        let bytes = [[UInt8]](repeating: [0x93, 0xFA], count: 40_000).flatMap(\.self)
        #expect(text(bytes, charset: "shift_jis") == String(repeating: "日", count: 40_000))
    }

    @Test(arguments: [
        "", "x", "iso-8859-99", "iso-8859-12", "windows-9999", "cp0", String(repeating: "a", count: 1_000),
    ])
    func unknownNames(_ name: String) { #expect(Charset(named: name) == nil) }

    @Test func allNamesAreKnownToTheLibrary() {
        for number in UInt32(0)...255 {
            guard let charset = Charset(ofFont: number), charset != .windows1252 else { continue }
            #expect(
                CharsetDecoder.iconv.utf8([0xF0], type: nil, format: ByteSlice("CS=\(String(number, radix: 16))".utf8))
                    != [0xC3, 0xB0])
        }
    }

    @Test func random() {
        var generator = SystemRandomNumberGenerator()
        for sample in Self.samples {
            for _ in 0..<200 {
                let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                _ = text(bytes, charset: sample.charset)
            }
        }
    }
}
