// Merges matches of one conversation with their neighbours into one sequence of lines.

import Archive
internal import Events

/// The messages of several matches and their neighbours, each once, in order of time.
struct SearchBlock {
    /// A message of the block.
    struct Line {
        var message: ArchivedMessage
        /// The matching places of its text; empty for a neighbour.
        var matches: [Range<Int>]
        var isMatch: Bool
        /// Lines of one group follow each other in the conversation; between groups, messages may be left out.
        var group: Int
    }

    /// The lines, in order of time.
    let lines: [Line]

    /// - Parameter block: matches of one conversation, which several connections may have recorded.
    init(_ block: [FoundMessage]) {
        let matches = Dictionary(block.map { ($0.message.id, $0.matches) }) { first, _ in first }
        var lines: [Line] = []
        var places: [Int64: Int] = [:]
        var group = 0
        let inOrder = block.sorted { ($0.message.time, $0.message.id) < ($1.message.time, $1.message.id) }
        for found in inOrder {
            let window = found.before + [found.message] + found.after
            // It continues the last group if it shows one of its messages.
            if !lines.isEmpty, !window.contains(where: { places[$0.id] == group }) { group += 1 }
            for message in window where places[message.id] == nil {
                let isRepeated = lines.contains {
                    $0.message.connection != message.connection && Self.isSame($0.message, message)
                }
                guard !isRepeated || matches[message.id] != nil else { continue }
                places[message.id] = group
                lines.append(
                    Line(
                        message: message, matches: matches[message.id] ?? [], isMatch: matches[message.id] != nil,
                        group: group))
            }
        }
        self.lines = lines
    }

    /// Whether two connections recorded the same message.
    private static func isSame(_ one: ArchivedMessage, _ other: ArchivedMessage) -> Bool {
        let (gap, isOver) = one.time.nanoseconds.subtractingReportingOverflow(other.time.nanoseconds)
        return one.text == other.text && one.from == other.from && !isOver && gap.magnitude <= 10_000_000_000
    }
}
