// The page's functions and those of the program show text alike: both are tested with the table in web/test.

import Foundation
import Output
import TestSupport
import Testing

@Suite struct VisibleCasesTests {
    private struct Table: Decodable {
        struct Case: Decodable {
            let text: String
            let visible: String
            let spoken: String
        }
        let cases: [Case]
    }

    private static func cases() throws -> [Table.Case] {
        let file = Repository.root.appending(path: "web/test/text-cases.json")
        return try JSONDecoder().decode(Table.self, from: Data(contentsOf: file)).cases
    }

    /// The page cuts runs of combining marks, which would cover other rows; on a terminal and in files they stay.
    private static func isCut(_ row: Table.Case) -> Bool {
        row.visible.unicodeScalars.contains("…") && !row.text.unicodeScalars.contains("…")
    }

    @Test func namesAndLines() throws {
        let cases = try Self.cases()
        #expect(cases.count >= 20 && cases.count(where: Self.isCut) == 1)
        for row in cases {
            var bytes: [UInt8] = []
            bytes.append(visible: row.text)
            let shown = String(decoding: bytes, as: UTF8.self)
            #expect(shown == (Self.isCut(row) ? row.text : row.visible), "\(row.text.debugDescription)")
        }
    }

    /// In HTML, as in the page, the direction marks of what people said stay. Line ends are left to the browser, and
    /// controls, which HTML has none of, are replaced.
    @Test func wordsOfPeople() throws {
        for row in try Self.cases() where !Self.isCut(row) {
            var (bytes, expected): ([UInt8], [UInt8]) = ([], [])
            bytes.append(html: row.text)
            let pictures = row.spoken.unicodeScalars.map { scalar in
                0x2400...0x2421 ~= scalar.value || scalar == "\n" ? Unicode.Scalar("\u{FFFD}") : scalar
            }
            expected.append(html: String(String.UnicodeScalarView(pictures)))
            let shown = String(decoding: bytes, as: UTF8.self)
                .replacing("\r\n", with: "\u{FFFD}").replacing("\r", with: "\u{FFFD}")
                .replacing("\\u{85}", with: "\u{FFFD}")
            let wanted = String(decoding: expected, as: UTF8.self).replacing("\\u{85}", with: "\u{FFFD}")
            #expect(shown == wanted, "\(row.text.debugDescription)")
        }
    }
}
