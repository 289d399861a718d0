// Columns of lists: their alignment, and how wide text is in a terminal.

import Testing

@testable import Output

@Suite struct TextTableTests {
    private func lines(_ rows: [[String]], _ columns: [TextTable.Alignment], width: Int? = nil) -> [String] {
        var bytes: [UInt8] = []
        var table = TextTable(columns, width: width)
        for row in rows { table.append(row, to: &bytes) }
        table.finish(&bytes)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func columnsAreAligned() {
        #expect(
            lines([["a", "1 x", "", "end"], ["bcd", "10 x", "", ""]], [.left, .right, .left, .left])
                == ["a     1 x  end", "bcd  10 x"])
    }

    @Test func wideCharactersTakeTwoColumns() {
        #expect(lines([["电影", "x"], ["abcd", "y"], ["🦋", "z"]], [.left, .left]) == ["电影  x", "abcd  y", "🦋    z"])
        #expect(DisplayWidth.of("e\u{301}a") == 2)
        #expect(DisplayWidth.of("❤\u{FE0F}") == 2)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("电影院", 6, "电影院"), ("电影院", 5, "电影…"),
        ("电影院", 4, "电…"), ("ab", 1, "…"), ("ab", 0, ""), ("", 0, ""),
    ])
    func textIsCut(_ text: String, _ width: Int, _ cut: String) {
        #expect(DisplayWidth.cut(text, to: width) == cut)
        #expect(DisplayWidth.of(cut) <= width)
    }

    @Test func rowsAreCutAtTheWidth() {
        #expect(lines([["abc", "defgh"]], [.left, .left], width: 8) == ["abc  de…"])
    }

    @Test func untrustedTextStaysInItsCell() {
        #expect(lines([["a\nb\t\u{1B}[31m", "x"]], [.left, .left]) == ["a␊b ␛[31m  x"])
    }

    /// A cell of a hostile archive neither widens all others nor makes the table keep all rows.
    @Test func longListsAndCells() {
        let long = String(repeating: "x", count: 500)
        let rows = (0..<1_200).map { $0 == 3 ? [long, "end"] : ["\($0)", "end"] }
        let lines = lines(rows, [.left, .left])
        #expect(lines.count == 1_200 && lines[3] == "\(long)  end" && lines[2] == "2    end")
        #expect(lines[1_199] == "1199  end")
    }
}
