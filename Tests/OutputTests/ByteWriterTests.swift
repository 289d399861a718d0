// Text that is put together eight bytes at a time, against the same character by character.

import MSNP
import Testing

@testable import Output

@Suite struct ByteWriterTests {
    /// Characters that are copied, that are escaped, and some of each length in UTF-8.
    private static let alphabet: [Unicode.Scalar] = [
        "a", "z", " ", "~", "\"", "\\", "\r", "\n", "\t", "\u{0}", "\u{1F}", "\u{7F}", "\u{80}", "\u{9F}", "é",
        "\u{61C}",
        "中", "\u{200B}", "\u{202E}", "\u{FEFF}", "𝄞",
    ]

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        let code = "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\r": return "\\r"
        case "\n": return "\\n"
        case "\t": return "\\t"
        case "\u{61C}", "\u{200B}", "\u{202E}", "\u{FEFF}": return code
        default: return scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value ? code : String(Character(scalar))
        }
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\t": return "\t"
        case "\u{61C}", "\u{200B}", "\u{202E}", "\u{FEFF}": return "\\u{\(String(scalar.value, radix: 16))}"
        case "\u{7F}": return "␡"
        default:
            if scalar.value < 0x20 { return Unicode.Scalar(0x2400 + scalar.value).map { String(Character($0)) } ?? "" }
            return 0x80...0x9F ~= scalar.value
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(Character(scalar))
        }
    }

    @Test("Every mixture of characters comes out as if taken one by one", arguments: 0..<200)
    func mixtures(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        // Rare specials leave whole words clean; long texts do not fit the room that is lent.
        let rarity = 1 + next(30)
        let scalars = (0..<next(seed % 4 == 0 ? 4_000 : 60)).map { _ in
            next(rarity) == 0 ? Self.alphabet[next(Self.alphabet.count)] : "x"
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        var json: [UInt8] = [0x5B]
        json.append(json: String(text))
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(scalars.map(Self.escaped).joined())\"")
        var visible: [UInt8] = [0x5B]
        visible.append(visible: String(text))
        #expect(Array(visible) == Array("[\(scalars.map(Self.shown).joined())".utf8))
    }

    @Test("What stands behind a part is no part of it", arguments: ["", "\"", "é", "\u{1}", "xxxxxxxxxxxxxxxx"])
    func parts(behind: String) {
        for length in 0..<20 {
            for place in 0...length {
                for special in ["", "\"", "\n"] {
                    let part =
                        String(repeating: "a", count: place) + special
                        + String(repeating: "b", count: length - place)
                    let all = Array("\(part)\(behind)".utf8)
                    var written: [UInt8] = []
                    var isText = false
                    written.write { isText = $0.append(escaped: all.span, 0..<part.utf8.count) }
                    #expect(isText)
                    #expect(
                        String(decoding: written, as: UTF8.self)
                            == part.unicodeScalars.map(Self.escaped).joined())
                }
            }
        }
    }

    @Test("Bytes are found and counted eight at a time as one by one", arguments: 0..<100)
    func searches(seed: Int) {
        var state = UInt64(seed) &+ 1
        let bytes = (0..<(seed % 41)).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return [0x20, 0x21, 0x1F, 0xA0, 0x00, 0x41][Int(state >> 33) % 6]
        }
        for start in 0...bytes.count {
            // Also with an end before the end of the memory, which is read eight bytes at a time.
            for end in start...bytes.count {
                let part = bytes[start..<end]
                let found = bytes.span.first(0x20, from: start, to: end)
                let isEqual = bytes.span.extracting(start..<end).isEqual(to: Array(part))
                #expect(found == part.firstIndex(of: 0x20) ?? end && isEqual)
            }
            for byte in [0x20, 0x21, 0x00, 0xA0] as [UInt8] {
                let rest = bytes[start...]
                #expect(
                    bytes.span.first(byte, from: start, to: bytes.count) == rest.firstIndex(of: byte) ?? bytes.count)
                #expect(bytes.span.count(byte, from: start, to: bytes.count) == rest.count { $0 == byte })
            }
        }
    }
}
