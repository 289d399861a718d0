// Invisible characters are escaped in text, in JSON and on pages.

import Foundation
import Testing

@testable import Output

@Suite struct InvisibleCharactersTests {
    private func visible(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.append(visible: text)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func json(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.append(json: text)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func page(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.append(html: text)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let hidden: [UInt32] =
        [
            0xAD, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180E, 0x180F, 0x200B, 0x200C, 0x200D,
            0x2060, 0x2064, 0x206A, 0x2800, 0x3164, 0xE000, 0xE123, 0xF8FF, 0xFDD0, 0xFDEF, 0xFE00, 0xFE0F, 0xFEFF,
            0xFFA0, 0xFFF0, 0xFFF9, 0xFFFA, 0xFFFB, 0xFFFC, 0x13430, 0x16FE4, 0x1BCA0, 0x1D173, 0x1D17A, 0x1FFFE,
            0x1FFFF, 0x40000, 0x9ABCD, 0xE0001, 0xE0020, 0xE0041, 0xE007F, 0xE0100, 0xE01EF, 0xE0FFF, 0xF0000, 0x10FFFD,
        ]

    @Test(arguments: hidden) func isWrittenOut(_ value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        let text = "a\(Character(scalar))b"
        let written = "\\u{\(String(value, radix: 16))}"
        #expect(visible(text) == "a\(written)b")
        let units = String(scalar).utf16.map { "\\u" + String($0, radix: 16).leftPadded }
        #expect(json(text) == "\"a\(units.joined())b\"")
        let decoded = try JSONSerialization.jsonObject(with: Data(json(text).utf8), options: .fragmentsAllowed)
        #expect((decoded as? String)?.unicodeScalars.map(\.value) == [0x61, value, 0x62])
        #expect(page(text) == "a\(written)b")
        var bytes: [UInt8] = []
        bytes.append(shownHTML: text)
        #expect(String(decoding: bytes, as: UTF8.self) == "a\(written)b")
    }

    /// Joiners and selectors do something where they stand, and letters of all scripts are letters.
    @Test(arguments: [
        "می\u{200C}خواهم", "क्\u{200D}ष", "👩\u{200D}🚀", "👩🏽\u{200D}🚀", "❤\u{FE0F}", "❤\u{FE0F}\u{200D}🔥", "☎\u{FE0E}",
        "©\u{FE0F}",
        "1\u{FE0F}\u{20E3}", "葛\u{E0100}", "日本語 한국어 中文 ไทย ელ", "é ß Ж ש ع", "🏳\u{FE0F}\u{200D}🌈", "\u{A0}x\u{3000}y",
        "\u{FFFD}", "𝒳 🜁",
    ]) func whatIsNeededStays(_ text: String) {
        #expect(visible(text) == text)
        #expect(json(text) == "\"\(text)\"")
        #expect(page(text) == text)
    }

    /// A second one hides, and one without anything to join.
    @Test func nothingHidesBehindThem() {
        #expect(visible("❤\u{FE0F}\u{FE0F}") == "❤\u{FE0F}\\u{fe0f}")
        #expect(visible("葛\u{E0100}\u{E0101}") == "葛\u{E0100}\\u{e0101}")
        #expect(visible("👩\u{200D}\u{200D}🚀") == "👩\\u{200d}\\u{200d}🚀")
        #expect(visible("\u{200D}a\u{200C}b") == "\\u{200d}a\\u{200c}b")
        #expect(visible("1\u{FE0F}2") == "1\\u{fe0f}2")
        #expect(visible("م\u{200C}") == "م\\u{200c}")
        // Marks of direction stay on pages, where they stand in elements of their own.
        #expect(visible("\u{202E}") == "\\u{202e}" && page("\u{202E}") == "\u{202E}")
    }
}

extension String {
    fileprivate var leftPadded: String { String(repeating: "0", count: max(0, 4 - count)) + self }
}
