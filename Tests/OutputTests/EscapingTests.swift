// Text is escaped sixteen bytes at a time, with shortcuts for letters outside ASCII; against the same one character at
// a time.

import MSNP
import TestSupport
import Testing

@testable import Output

@Suite struct EscapingTests {
    /// Runs of plain text, characters that are escaped, letters of each length, joiners, and bytes that are not UTF-8.
    private static func sample(_ random: inout SeededGenerator) -> [UInt8] {
        let pieces = [
            "\"", "\\", "\r\n", "\t", "\u{0}", "\u{1F}", "\u{7F}", " ", "é", "ÿ", "\u{85}", "\u{AD}", "\u{34F}", "я",
            "ש",
            "ش", "\u{61C}", "ࠀ", "ส", "ẞ", "\u{115F}", "\u{200D}", "\u{202E}", "…", "か", "\u{3164}", "ㄱ", "中", "한",
            "\u{FE0F}", "\u{FEFF}", "♥", "👍", "\u{E0020}",
        ]
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<3: bytes += repeatElement(0x61, count: .random(in: 0..<40, using: &random))
            case 3..<6: bytes += pieces.randomElement(using: &random)?.utf8 ?? "".utf8
            case 6: bytes += (0..<4).map { _ in UInt8.random(in: 0x80...0xFF, using: &random) }
            default: bytes.append(.random(in: 0...255, using: &random))
            }
        }
        return bytes
    }

    /// A range of the sample: texts are parts of frames, with other bytes before and after them.
    private static func cut(_ bytes: [UInt8], _ random: inout SeededGenerator) -> Range<Int> {
        let start = Int.random(in: 0...bytes.count, using: &random)
        return start..<Int.random(in: start...bytes.count, using: &random)
    }

    private static func escaped(_ bytes: [UInt8], _ range: Range<Int>, separatingWords: Bool = false) -> [UInt8]? {
        var result: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let length = UTF8Sequence.length(in: bytes.span, at: index, end: range.upperBound)
            guard length > 0 else { return nil }
            let scalar = InvisibleCharacters.scalar(in: bytes.span, at: index, length: length, end: range.upperBound)
            switch bytes[index] {
            case 0x20 where separatingWords: result += "\",\"".utf8
            case 0x22: result += "\\\"".utf8
            case 0x5C: result += "\\\\".utf8
            case 0x0D: result += "\\r".utf8
            case 0x0A: result += "\\n".utf8
            case 0x09: result += "\\t".utf8
            case 0x00..<0x20, 0x7F: result += Self.unit(UInt16(bytes[index])).utf8
            default:
                if let scalar, length > 1, let character = Unicode.Scalar(scalar) {
                    result += String(character).utf16.map(Self.unit).joined().utf8
                } else {
                    result += bytes[index..<index + length]
                }
            }
            index += length
        }
        return result
    }

    private static func unit(_ value: UInt16) -> String {
        let digits = String(value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }

    @Test("JSON is the same as one character at a time", arguments: 0..<2_000 as Range<UInt64>)
    func json(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = Self.sample(&random)
        let range = Self.cut(bytes, &random)
        var written: [UInt8] = []
        var isText = false
        written.write { isText = $0.append(escaped: bytes.span, range) }
        #expect((isText ? written : nil) == Self.escaped(bytes, range))
        written = []
        written.write { isText = $0.append(escapedWords: bytes.span, range) }
        #expect((isText ? written : nil) == Self.escaped(bytes, range, separatingWords: true))
        written = []
        written.write { isText = $0.append(json: bytes.span, range) }
        #expect((isText ? written : nil) == Self.escaped(bytes, range).map { [0x22] + $0 + [0x22] })
        // A text that can be cut short has no memory behind it.
        let copy = Array(bytes[range])
        written = []
        written.write { isText = $0.append(escaped: copy.span, 0..<copy.count) }
        #expect((isText ? written : nil) == Self.escaped(copy, 0..<copy.count))
    }

    @Test(
        "Text is the same as one byte at a time, and readable if no byte is escaped",
        arguments: 0..<2_000 as Range<UInt64>)
    func visible(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = Self.sample(&random)
        let range = Self.cut(bytes, &random)
        let part = Array(bytes[range])
        var fast: [UInt8] = []
        fast.write { $0.append(visible: part.span) }
        var slow: [UInt8] = []
        var isReadable = true
        var index = 0
        while index < part.count {
            let length = UTF8Sequence.length(in: part.span, at: index, end: part.count)
            let character = Array(part[index..<index + max(1, length)])
            let scalar =
                length > 1 ? InvisibleCharacters.scalar(in: part.span, at: index, length: length, end: part.count) : nil
            if let scalar {
                slow += "\\u{\(String(scalar, radix: 16))}".utf8
            } else if length > 1 {
                slow += character
            } else {
                slow.write { $0.append(visible: character.span) }
            }
            isReadable = isReadable && length > 0 && (part[index] >= 0x20 || [0x09, 0x0A, 0x0D].contains(part[index]))
            index += max(1, length)
        }
        #expect(fast == slow)
        #expect(part.span.isReadable == isReadable)
    }
}
