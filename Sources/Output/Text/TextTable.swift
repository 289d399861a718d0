// Rows of cells in aligned columns.

/// Aligns the columns of rows. It keeps a limited number of rows: the columns of a longer list are aligned piece by piece.
package struct TextTable: Sendable {
    /// Where the cells of a column stand.
    package enum Alignment: Sendable {
        case left, right
    }

    private let columns: [Alignment]
    private let width: Int?
    private var widths: [Int]
    private var rows: [[String]] = []

    /// The number of rows that are aligned with each other.
    private static let mostRows = 500
    /// A longer cell shifts the rest of its row, and no other row.
    private static let widest = 60

    /// Makes an empty table.
    ///
    /// - Parameters:
    ///   - columns: the alignment of each column.
    ///   - width: the number of terminal columns at which rows are cut; nil to keep them whole.
    package init(_ columns: [Alignment], width: Int?) {
        self.columns = columns
        self.width = width
        widths = columns.map { _ in 0 }
    }

    /// Adds a row; its cells may contain untrusted text. Rows are written when there are enough of them.
    package mutating func append(_ cells: [String], to bytes: inout [UInt8]) {
        let cells = cells.prefix(columns.count).map { cell in
            var visible: [UInt8] = []
            visible.append(visible: cell)
            // A tab would move the columns behind it.
            return String(decoding: visible.map { $0 == 0x09 ? 0x20 : $0 }, as: UTF8.self)
        }
        for (column, cell) in cells.enumerated() {
            let width = DisplayWidth.of(cell)
            if width <= Self.widest { widths[column] = max(widths[column], width) }
        }
        rows.append(cells)
        if rows.count == Self.mostRows { finish(&bytes) }
    }

    /// Writes the rows that are left.
    package mutating func finish(_ bytes: inout [UInt8]) {
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() where widths[column] > 0 || !cell.isEmpty {
                let blanks = String(repeating: " ", count: max(0, widths[column] - DisplayWidth.of(cell)))
                if column > 0 { line += "  " }
                line += columns[column] == .left ? cell + blanks : blanks + cell
            }
            while line.last == " " { line.removeLast() }
            bytes += Array((width.map { DisplayWidth.cut(line, to: $0) } ?? line).utf8)
            bytes.append(0x0A)
        }
        rows.removeAll(keepingCapacity: true)
    }
}
