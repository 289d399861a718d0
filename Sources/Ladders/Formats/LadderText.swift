// Draws a ladder with box characters, for terminals and text files.

package import Events
internal import Output

/// Draws ladders as text.
package struct LadderText: Sendable {
    private let zone: TimeZoneRules
    private let width: Int

    /// The columns of the text that times take.
    private static let timeWidth = 14

    /// - Parameters:
    ///   - zone: the zone of the times.
    ///   - width: the number of columns that times and parties may take together.
    package init(zone: TimeZoneRules = .utc, width: Int = 110) {
        self.zone = zone
        self.width = width
    }

    /// Appends the whole ladder, with a line feed at the end of each line.
    package func append(_ ladder: Ladder, to bytes: inout [UInt8]) {
        guard !ladder.parties.isEmpty else { return }
        let lane = max(12, min(40, (width - Self.timeWidth) / ladder.parties.count))
        appendHeading(ladder, lane, &bytes)
        var day: Int64?
        for row in ladder.rows {
            let rowDay = row.time.shifted(to: zone).day
            if row.time.hasDate, rowDay != day {
                day = rowDay
                append(row.time.dateInWords(in: zone), &bytes)
            }
            append(row, of: ladder, lane, &bytes)
        }
        if let omission = ladder.omission { append(omission, &bytes) }
    }

    private func appendHeading(_ ladder: Ladder, _ lane: Int, _ bytes: inout [UInt8]) {
        var canvas = TextCanvas(count: lane * ladder.parties.count)
        for (index, party) in ladder.parties.enumerated() {
            canvas.put(DisplayWidth.cut(Self.visible(party.label), to: lane - 1), at: index * lane)
        }
        append(Self.padded("") + canvas.text, &bytes)
    }

    private func append(_ row: Ladder.Row, of ladder: Ladder, _ lane: Int, _ bytes: inout [UInt8]) {
        // The reason of an end may stand behind the last column.
        var canvas = TextCanvas(count: lane * ladder.parties.count + lane)
        let isSilence = if case .silence = row.kind { true } else { false }
        for index in ladder.parties.indices where ladder.isAlive(index, at: row) {
            canvas.put(isSilence ? "⋮" : "│", at: Self.center(index, lane))
        }
        let (from, to) = (Self.center(row.from, lane), Self.center(row.to, lane))
        switch row.kind {
        case .silence: canvas.put(" " + row.caption(), at: from + 1)
        case .closed:
            canvas.put("┴", at: from)
            canvas.put(caption(row, lane * 2 - 4), at: from + 2)
        case .finding: break
        case .gap, .folded, .bytes: drawArrow(row, from, to, "┄", &canvas)
        case .opened:
            drawArrow(row, from, to, "─", &canvas)
            canvas.put("●", at: to)
        case .command, .text: drawArrow(row, from, to, "─", &canvas)
        }
        let time = isSilence ? "" : row.time.millisecondClock(in: zone)
        let notes = row.notes.map(Self.visible).joined(separator: "  ")
        append(Self.padded(time) + canvas.text + (notes.isEmpty ? "" : "  " + notes), &bytes)
    }

    private func drawArrow(_ row: Ladder.Row, _ from: Int, _ to: Int, _ line: String, _ canvas: inout TextCanvas) {
        let (left, right) = (min(from, to), max(from, to))
        guard right > left else { return canvas.put(caption(row, 24), at: from + 2) }
        for column in (left + 1)..<right { canvas.put(canvas[column] == " " ? line : "┼", at: column) }
        if from < to {
            canvas.put("├", at: left)
            canvas.put("▶", at: right - 1)
        } else {
            canvas.put("◀", at: left + 1)
            canvas.put("┤", at: right)
        }
        let caption = caption(row, right - left - 7)
        if !caption.isEmpty { canvas.put(" \(caption) ", at: left + 3) }
    }

    private func caption(_ row: Ladder.Row, _ width: Int) -> String {
        DisplayWidth.cut(Self.visible(row.caption()), to: width)
    }

    private static func center(_ party: Int, _ lane: Int) -> Int { party * lane + 2 }

    private static func padded(_ time: String) -> String {
        time + String(repeating: " ", count: max(0, timeWidth - time.count))
    }

    private static func visible(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.append(visible: text.replacing("\t", with: " "))
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(_ line: String, _ bytes: inout [UInt8]) {
        bytes += line.utf8
        bytes.append(0x0A)
    }
}

/// A line of text whose columns can be overwritten in any order.
struct TextCanvas {
    /// The character in each column; empty behind a character that takes two columns.
    private var cells: [String]

    init(count: Int) { cells = [String](repeating: " ", count: max(0, count)) }

    subscript(column: Int) -> String { cells.indices.contains(column) ? cells[column] : " " }

    /// Writes a text that starts in a column; what does not fit is left out.
    mutating func put(_ text: String, at start: Int) {
        var column = start
        for character in text {
            let width = DisplayWidth.of(String(character))
            if width == 0 {
                if cells.indices.contains(column - 1) { cells[column - 1].append(character) }
                continue
            }
            guard column >= 0, column + width <= cells.count else { return }
            cells[column] = String(character)
            if width == 2 { cells[column + 1] = "" }
            column += width
        }
    }

    /// The line without blanks at its end.
    var text: String {
        let end = cells.lastIndex { $0 != " " } ?? -1
        return cells[...end].joined()
    }
}
