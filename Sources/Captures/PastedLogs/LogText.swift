// Splits a text into lines and drops filler lines that page converters inserted. Pure.

/// The lines of a text.
///
/// Pages saved through some converters have lines that are only `|` between all others. If such lines outnumber those
/// that start with `| `, they are dropped; a run of them longer than the shortest run in the text stands for one empty
/// line.
struct LogText: Sendable {
    private let bytes: [UInt8]
    private var shortestRun: Int?

    /// Creates the lines of a text; a byte-order mark is skipped.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var shortest = Int.max
        var run = 0
        var bars = 0
        var quoted = 0
        var position = start
        while let line = plainLine(at: position) {
            position = line.next
            if Self.isBar(line.text) {
                run += 1
                bars += 1
                continue
            }
            if run > 0 { shortest = min(shortest, run) }
            run = 0
            if line.text.starts(with: [0x7C, 0x20]) { quoted += 1 }
        }
        if bars > 2, bars > quoted { shortestRun = shortest }
    }

    /// The position of the first line.
    var start: Int { bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

    /// The line at a position, without its line end.
    ///
    /// - Returns: the line and the position of the next one; nil at the end.
    func line(at position: Int) -> (text: ArraySlice<UInt8>, next: Int)? {
        guard let shortestRun else { return plainLine(at: position) }
        var position = position
        var run = 0
        while let line = plainLine(at: position) {
            if Self.isBar(line.text) {
                run += 1
                position = line.next
            } else if run > shortestRun {
                return (bytes[position..<position], position)
            } else {
                return line
            }
        }
        return nil
    }

    /// The number of lines that end in a range of the text; the end of the range counts as the end of a line.
    func lineEnds(from start: Int, to end: Int) -> Int {
        let stretch = bytes[min(start, end)..<min(end, bytes.count)]
        return stretch.count { $0 == 0x0A } + (stretch.last.map { $0 == 0x0A ? 0 : 1 } ?? 0)
    }

    /// The length of the terminal's control sequence for colours at the start of a text, such as `ESC [ 9 2 m`; nil if
    /// there is none.
    static func colourLength(_ text: ArraySlice<UInt8>) -> Int? {
        guard text.starts(with: [0x1B, 0x5B]) else { return nil }
        let digits = text.dropFirst(2).prefix(16).prefix { $0 &- 0x30 < 10 || $0 == 0x3B }
        return digits.endIndex < text.endIndex && text[digits.endIndex] == 0x6D ? digits.count + 3 : nil
    }

    /// The text without such control sequences.
    static func withoutColours(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        var rest = text
        while let escape = rest.firstIndex(of: 0x1B) {
            plain += rest[..<escape]
            let length = colourLength(rest[escape...])
            if length == nil { plain.append(0x1B) }
            rest = rest[(escape + (length ?? 1))...]
        }
        return plain + rest
    }

    private func plainLine(at position: Int) -> (text: ArraySlice<UInt8>, next: Int)? {
        guard position < bytes.count else { return nil }
        let rest = bytes[position...]
        let feed = rest.firstIndex(of: 0x0A)
        if let colour = Self.record(in: rest[..<(feed ?? bytes.count)]) { return (rest[..<colour], colour) }
        guard let feed else { return (rest, bytes.count) }
        let end = feed > position && bytes[feed - 1] == 0x0D ? feed - 1 : feed
        return (bytes[position..<end], feed + 1)
    }

    /// The position at which a record of BitlBee's log begins inside a line: what it received has no line end behind it.
    private static func record(in line: ArraySlice<UInt8>) -> Int? {
        var rest = line.dropFirst()
        while let escape = rest.firstIndex(of: 0x1B) {
            rest = rest[escape...]
            let mark = rest.dropFirst(colourLength(rest) ?? 1).prefix(3)
            if mark.elementsEqual(">>>".utf8) || mark.elementsEqual("<<<".utf8) { return escape }
            rest = rest.dropFirst()
        }
        return nil
    }

    private static func isBar(_ line: ArraySlice<UInt8>) -> Bool { line.count == 1 && line.first == 0x7C }
}
