// Writes a transcript as plain text.

package import Events
internal import Output
internal import Payloads

/// Writes lines such as `[15:28:18] Alice: hello`, with a line for each new date and control characters escaped.
package struct ChatText: ChatFormat {
    private let zone: TimeZoneRules
    /// The date and zone of the last entry.
    private var date = ""
    private var isFirst = true

    /// - Parameter zone: the zone of the times.
    package init(zone: TimeZoneRules = .utc) { self.zone = zone }

    package mutating func begin(count: Int, to bytes: inout [UInt8]) {}

    /// Writes the participants and connections of a conversation.
    package mutating func open(_ heading: ChatHeading, to bytes: inout [UInt8]) {
        if !isFirst { bytes.append(0x0A) }
        isFirst = false
        date = ""
        let people = heading.people.map { $0.name == $0.account ? $0.account : "\($0.name) <\($0.account)>" }
        let places = heading.connections.map { "c\($0)" }.joined(separator: ", ")
        bytes.append(visible: "=== \(people.isEmpty ? "nobody known" : people.joined(separator: ", "))  (\(places))")
        bytes.append(0x0A)
    }

    /// Writes an entry: one line, or several for a text with line ends.
    package mutating func append(_ entry: ChatEntry, to bytes: inout [UInt8], spill: ChatSpill) {
        let today = entry.time.dateInWords(in: zone)
        if today != date {
            date = today
            bytes.append(visible: "--- \(date)")
            bytes.append(0x0A)
        }
        // The failure comes before the name, so that neither a name nor a text can imitate it.
        let failure = ChatWords.failure(entry.what).map { " \($0)" } ?? ""
        var line = "[\(entry.time.clock(in: zone))\(failure)] "
        if let trouble = ChatWords.trouble(entry.what) {
            line += "*** \(trouble)"
        } else if let sentence = ChatWords.sentence(entry) {
            line += "* \(entry.name) \(sentence)"
        } else if case .text(let text, _) = entry.what {
            bytes.append(visible: line + "\(entry.name): ")
            text.text.forEachPiece { piece in
                switch piece {
                case .words(let words): bytes.append(visible: words)
                case .lineEnd: bytes.append(plain: "\n           ")
                }
                bytes.spill(spill)
            }
            bytes.append(0x0A)
            return
        }
        bytes.append(visible: line)
        bytes.append(0x0A)
    }

    package mutating func close(to bytes: inout [UInt8]) {}
    package mutating func finish(to bytes: inout [UInt8]) {}
}
