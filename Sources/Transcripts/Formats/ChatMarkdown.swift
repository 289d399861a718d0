// Writes a transcript as Markdown.

package import Events
internal import Output
internal import Payloads

/// Writes a heading for each conversation and day, and a list item for each entry. Data from peers never becomes
/// markup, a link or HTML.
package struct ChatMarkdown: ChatFormat {
    private var date = ""
    private var isFirst = true
    private let zone: TimeZoneRules

    /// - Parameter zone: the zone of the times.
    package init(zone: TimeZoneRules = .utc) { self.zone = zone }

    package mutating func begin(count: Int, to bytes: inout [UInt8]) {}

    /// Writes the participants and connections of a conversation.
    package mutating func open(_ heading: ChatHeading, to bytes: inout [UInt8]) {
        if !isFirst { bytes.append(0x0A) }
        isFirst = false
        date = ""
        bytes.append(plain: "## ")
        if heading.people.isEmpty { bytes.append(plain: "nobody known") }
        for (index, person) in heading.people.enumerated() {
            if index > 0 { bytes.append(plain: ", ") }
            bytes.append(
                markdown: person.name == person.account ? person.account : "\(person.name) <\(person.account)>")
        }
        bytes.append(plain: "\n\n")
        // Program text: letters and digits.
        bytes += "\(heading.id) (\(heading.connections.map { "c\($0)" }.joined(separator: ", ")))".utf8
        bytes.append(0x0A)
    }

    /// Writes an entry.
    package mutating func append(_ entry: ChatEntry, to bytes: inout [UInt8], spill: ChatSpill) {
        let day = entry.time.dateInWords(in: zone)
        if day != date {
            date = day
            bytes.append(plain: "\n### ")
            bytes.append(markdown: date)
            bytes.append(plain: "\n\n")
        }
        bytes.append(plain: "- ")
        // Program text: digits and colons.
        bytes += entry.time.clock(in: zone).utf8
        bytes.append(plain: " ")
        if let failure = ChatWords.failure(entry.what) {
            bytes.append(plain: "\\[")
            bytes.append(markdown: failure)
            bytes.append(plain: "\\] ")
        }
        if let trouble = ChatWords.trouble(entry.what) {
            bytes.append(plain: "*")
            bytes.append(markdown: trouble)
            bytes.append(plain: "*")
        } else if let sentence = ChatWords.sentence(entry) {
            append(name: entry, &bytes)
            bytes.append(plain: " ")
            bytes.append(markdown: sentence)
        } else if case .text(let text, _) = entry.what {
            append(name: entry, &bytes)
            bytes.append(plain: ": ")
            append(text.text, &bytes, spill)
        }
        bytes.append(0x0A)
    }

    package mutating func close(to bytes: inout [UInt8]) {}
    package mutating func finish(to bytes: inout [UInt8]) {}

    private func append(_ text: String, _ bytes: inout [UInt8], _ spill: ChatSpill) {
        var writer = MarkdownText()
        text.forEachPiece { piece in
            switch piece {
            case .words(let words): writer.append(words, to: &bytes)
            case .lineEnd:
                // A hard line break; the next line belongs to the same item.
                bytes.append(plain: "\\\n  ")
                writer = MarkdownText(isAtStart: true)
            }
            bytes.spill(spill)
        }
    }

    private func append(name entry: ChatEntry, _ bytes: inout [UInt8]) {
        // Emphasis does not begin or end at white space.
        let letters = entry.name.drop(while: \.isWhitespace)
        let name = String(letters.reversed().drop(while: \.isWhitespace).reversed())
        bytes.append(plain: "**")
        bytes.append(markdown: name.isEmpty ? entry.account.isEmpty ? "?" : entry.account : name)
        bytes.append(plain: "**")
    }
}
