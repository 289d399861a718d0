// What happens at the edge of a rule of payloads: one part, one byte or one character further it would be otherwise.

import Charsets
import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite struct EdgeTests {
    private func part(_ head: String, _ body: String) throws -> Frame {
        let payload = "\(head)\r\n\r\n\(body)"
        return try #require(Frame(Array("MSG bob@example.com Bob \(payload.utf8.count)\r\n\(payload)".utf8)))
    }

    /// What became whole of some parts, and what was given up.
    private func joined(_ frames: [Frame]) -> (whole: [Frame], givenUp: Int) {
        var parts = MessageParts()
        var whole: [Frame] = []
        var givenUp: [MessageParts.Fragment] = []
        for frame in frames {
            let place = Place(connection: 1, role: .switchboard, side: .server, time: 0, offset: 0)
            let outcome = parts.take(
                frame, Headers.kind(of: frame.payload), from: "bob", to: ["ann"], at: place, givingUp: &givenUp)
            if case .whole(let frame, _) = outcome { whole.append(frame) }
        }
        return (whole, givenUp.count + parts.close().count)
    }

    @Test func aPartBehindTheLastIsNoPart() throws {
        let (whole, givenUp) = joined([
            try part("Content-Type: text/plain\r\nMessage-ID: {A}\r\nChunks: 2", "a"),
            try part("Message-ID: {A}\r\nChunk: 2", "x"), try part("Message-ID: {A}\r\nChunk: 1", "b"),
        ])
        #expect(whole.map { String(decoding: $0.payload.suffix(2), as: UTF8.self) } == ["ab"] && givenUp == 1)
    }

    @Test(arguments: [2, 9, 10, 99, 100, 999]) func theLengthOfTheWholeIsRight(_ count: Int) throws {
        let first = try part("Content-Type: text/plain\r\nMessage-ID: {A}\r\nChunks: \(count)", "a")
        let rest = try (1..<count).map { try part("Message-ID: {A}\r\nChunk: \($0)", "b") }
        let whole = try #require(joined([first] + rest).whole.first)
        let length = try #require(whole.arguments.last.flatMap { Decimal.value(of: $0) })
        #expect(length == UInt64(whole.payload.count))
    }

    @Test func manyLargePartsAreHeldWithinALimitInBytes() throws {
        let large = String(repeating: "y", count: 200_000)
        let frames = try (0..<20).map {
            try part("Content-Type: text/plain\r\nMessage-ID: {\($0)}\r\nChunks: 2", large)
        }
        var parts = MessageParts()
        var givenUp: [MessageParts.Fragment] = []
        for frame in frames {
            let place = Place(connection: 1, role: .switchboard, side: .server, time: 0, offset: 0)
            _ = parts.take(frame, Headers.kind(of: frame.payload), from: "bob", at: place, givingUp: &givenUp)
        }
        #expect(parts.close().count == 5 && givenUp.count == 15 && givenUp.allSatisfy(\.isGivenUp))
    }

    @Test func dataIsSeenAsData() throws {
        for (flags, isData) in [(0x10, true), (0x20, true), (0x30, true), (0, false), (2, false), (0x40, false)] {
            let bytes = Made.packet1(
                session: 7, message: 9, offset: 0, size: 1, [0x41], flags: UInt32(flags), footer: nil)
            #expect(try #require(PeerHeader(ByteSlice(bytes))).isData == isData, "\(flags)")
        }
        for (type, isData) in [(0, false), (1, false), (3, false), (4, true), (5, true), (6, true), (7, true)] {
            let bytes = Made.packet2(
                session: 7, package: 1, type: UInt8(type), remaining: 0, [0x41], hasFooter: false)
            #expect(try #require(PeerHeader2(ByteSlice(bytes))?.data).isData == isData, "\(type)")
        }
    }

    @Test func bytesThatTouchAreOneStretch() {
        var ranges = ByteRanges()
        for range in [10..<20, 30..<40, 20..<30, 0..<10] as [Range<UInt64>] {
            let fresh = ranges.insert(range)
            #expect(fresh == [range])
        }
        #expect(ranges.ranges == [0..<40] && ranges.isWhole(to: 40) && !ranges.isWhole(to: 41))
        var end = ByteRanges()
        _ = end.insert(10..<40)
        #expect(!end.isWhole(to: 40), "the beginning is missing")
    }

    @Test func noMoreIsRememberedThanMayBe() {
        var recent = BoundedDictionary<Int, Int>(most: 3)
        for number in 0..<10 {
            recent.set(number, for: number)
            #expect(recent.all.count <= 3)
        }
        #expect(Set(recent.keys) == [7, 8, 9])
    }

    @Test(arguments: [(UInt32.max, false), (UInt32.max - 1, true), (0, false)])
    func aBackgroundIsToldFromAFile(_ mark: UInt32, _ isBackground: Bool) throws {
        var offer = Made.offer("a", size: 1)
        let place = 570..<574
        try #require(offer.count >= place.upperBound)
        offer.replaceSubrange(place, with: little(Int(mark), 4))
        #expect(FileOffer(ByteSlice(offer))?.isBackground == isBackground)
    }

    @Test func wholeCharactersAtACutStay() {
        for text in ["aé", "a€", "a🦋", "é"] {
            let bytes = Bytes(text.utf8)
            #expect(TruncatedText.whole(ByteSlice(bytes), isCutBefore: true, isCutBehind: true) == ByteSlice(bytes))
        }
        let butterfly = Bytes("🦋b".utf8)
        #expect(
            TruncatedText.whole(ByteSlice(butterfly)[1...], isCutBefore: true, isCutBehind: false).elementsEqual(
                "b".utf8))
    }

    @Test(arguments: [
        ("=?utf-8?Q?a_b?=", "a b"), ("=?utf-8?B?YQ==?= =?utf-8?B?Yg==?=", "ab"),
        ("=?utf-8?B?YQ==?= and =?utf-8?B?Yg==?=", "a and b"), ("x =?utf-8?Q?=C3=A9?=", "x é"),
        ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
    ])
    func encodedWords(_ words: String, _ text: String) {
        #expect(EncodedWords.decode(ByteSlice(words.utf8), .basic) == text)
    }

    @Test func anEmoticonWithoutATabBehindItIsOne() {
        let list = Emoticon.list(ByteSlice("(pie)\t<msnobj SHA1D=\"x\"/>".utf8), .basic)
        #expect(list.map(\.shortcut) == ["(pie)"] && list.map(\.digest) == ["x"])
    }

    @Test(arguments: [("1", true), ("0", false), ("", nil), ("2", nil)])
    func onlyARightToLeftTextSaysSo(_ value: String, _ isRightToLeft: Bool?) {
        let style = TextStyle(ByteSlice("FN=Arial; RL=\(value)".utf8))
        #expect(style.isRightToLeft == isRightToLeft ?? false)
    }

    @Test(
        arguments: [
            (0x00, 0xE9, "é"), (0x81, 0, nil), (0xA1, 0xC1, "Α"), (0xA2, 0xFE, "ş"), (0xA3, 0xD0, "Đ"),
            (0xB1, 0xF9, "ש"),
            (0xB2, 0xC7, "ا"), (0xBA, 0xE0, "ą"), (0xCC, 0xCF, "П"), (0xDE, 0xA1, "ก"), (0xEE, 0xB9, "ą"),
        ] as [(UInt32, UInt8, String?)])
    func theNumbersOfFonts(_ number: UInt32, _ byte: UInt8, _ text: String?) throws {
        let charset = try #require(Charset(ofFont: number))
        guard let text else { return }
        let type = "text/plain; charset=\(charset.name)"
        #expect(
            String(decoding: CharsetDecoder.iconv.utf8([byte], type: ByteSlice(type.utf8), format: nil), as: UTF8.self)
                == text)
    }

    @Test func everyLetterOfWindows1252() {
        let bytes = (0x80...0xFF as ClosedRange<UInt8>).map { $0 }
        let text = String(decoding: Windows1252.utf8(ByteSlice(bytes)), as: UTF8.self)
        #expect(text.unicodeScalars.count == 128)
        #expect(text.hasPrefix("€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ\u{A0}¡"))
        #expect(text.hasSuffix("ýþÿ"))
    }

    @Test func textThatIsMostlyNotUTF8IsNotMended() {
        let type = ByteSlice("text/plain; charset=UTF-8".utf8)
        // Two characters of UTF-8 with one invalid byte: the text is windows-1252.
        let bytes = Bytes("éé".utf8) + [0xE9, 0x20]
        let text = String(decoding: CharsetDecoder.iconv.utf8(bytes, type: type, format: nil), as: UTF8.self)
        #expect(text == "Ã©Ã©é ")
        let more = Bytes("éééé".utf8) + [0xE9, 0x20]
        #expect(
            String(decoding: CharsetDecoder.iconv.utf8(more, type: type, format: nil), as: UTF8.self) == "éééé\u{FFFD} "
        )
    }

    @Test func musicThatIsOverIsNotShown() {
        #expect(PersonalData.Media("\\0Music\\01\\0{0}\\0Song\\0")?.isShown == true)
        #expect(PersonalData.Media("\\0Music\\00\\0{0}\\0Song\\0")?.isShown == false)
    }

    @Test func placesAreShownUpToALimit() throws {
        let places = (0..<300).map { "<EndpointData id=\"{\($0)}\"><Capabilities>0</Capabilities></EndpointData>" }
        let fields = try payload("UBX b@example.com 9", "<Data>\(places.joined())</Data>").fields
        let list = fields.first { $0.name == "endpoints" }.map(\.value)
        guard case .list(let shown)? = list else {
            Issue.record("no endpoints")
            return
        }
        #expect(shown.count == 100)
    }

    @Test func noticesListUpToALimit() {
        let letters = String(repeating: "<M><E>a@b.c</E></M>", count: 1_200)
        let text =
            "Content-Type: text/x-msmsgsinitialmdatanotification\n\nMail-Data: <MD>\(letters)</MD>\nInbox-URL: x\n"
        guard case .offline(let notice) = message(text).body else {
            Issue.record("no notice")
            return
        }
        #expect(notice.messages.count == 1_000)
    }

    @Test(arguments: [
        ("<a/>", nil), ("", "there is no element"), ("<!-- a -->", "there is no element"),
        ("<a><b></a></b>", "</a> was found where </b> is expected"), ("<a>", "<a> is not closed"),
        ("<a/>x", "text outside of all elements"), ("</a>", "</a> has no start tag"),
    ])
    func whatIsWrongWithXML(_ xml: String, _ fault: String?) {
        #expect(XMLCheck.fault(in: ByteSlice(xml.utf8))?.what == fault)
    }

    /// A character set with shifts begins anew in each text.
    @Test func aTextCutInAShiftDoesNotTouchTheNext() {
        let type = ByteSlice("text/plain; charset=iso-2022-jp".utf8)
        func text(_ bytes: Bytes) -> String {
            String(decoding: CharsetDecoder.iconv.utf8(bytes, type: type, format: nil), as: UTF8.self)
        }
        #expect(text(Bytes("\u{1B}$BF|".utf8)) == "日")
        #expect(text(Bytes("F|".utf8)) == "F|")
    }
}
