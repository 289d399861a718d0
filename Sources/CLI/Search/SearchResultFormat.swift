// Formats the results of `search`: messages with the messages around them, people and files, as text or JSON lines.

import Archive
import ArchiveOutput
internal import Events
import MSNP
internal import Output

/// Writes matches of one conversation in a row as one block of lines, or each result as one JSON object on a line.
struct SearchResultFormat {
    let isJSON: Bool
    /// The zone of times in text.
    private let zone: TimeZoneRules
    /// Whether matches are marked by colour.
    let colors: Bool
    private var isFirst = true
    /// The matches of one conversation and day that wait for further ones.
    private var block: [FoundMessage] = []
    /// The heading under which the last lines stand, if they are not messages.
    private var heading = ""

    /// The largest number of matches in one block.
    private static let mostInBlock = 200
    /// The length of the part of a long text that is shown, in characters: around a match, and of a text beside it.
    private static let matchWidth = 240
    private static let neighbourWidth = 120

    init(isJSON: Bool, colors: Bool = false, zone: TimeZoneRules = .utc) {
        self.isJSON = isJSON
        self.colors = colors
        self.zone = zone
    }

    // MARK: Messages

    mutating func append(_ found: FoundMessage, to bytes: inout [UInt8]) {
        guard !isJSON else { return append(JSONObject(found), &bytes) }
        if let last = block.last, !belongs(found, with: last) || block.count >= Self.mostInBlock {
            finish(to: &bytes)
        }
        block.append(found)
    }

    /// Writes the matches that wait for further ones of their conversation.
    mutating func finish(to bytes: inout [UInt8]) {
        guard let last = block.first else { return }
        separate(&bytes)
        var ids: [String] = []
        for id in block.flatMap(\.conversations).map(\.description) where !ids.contains(id) { ids.append(id) }
        let people = last.conversation.participants.joined(separator: ", ")
        appendBold(ids.joined(separator: ", "), &bytes)
        bytes.append(visible: "  \(last.message.time.dateInWords(in: zone))  \(people)")
        bytes.append(0x0A)
        var end: Int?
        for line in SearchBlock(block).lines {
            if let end, line.group != end { bytes.append(plain: "    …\n") }
            end = line.group
            append(line, &bytes)
        }
        block = []
    }

    private func belongs(_ found: FoundMessage, with other: FoundMessage) -> Bool {
        !Set(found.conversations).isDisjoint(with: other.conversations)
            && found.message.time.dateInWords(in: zone) == other.message.time.dateInWords(in: zone)
    }

    private func append(_ line: SearchBlock.Line, _ bytes: inout [UInt8]) {
        let message = line.message
        bytes.append(plain: line.isMatch ? "  > " : "    ")
        if colors, !line.isMatch { bytes.append(plain: "\u{1B}[2m") }
        let from = message.from.isEmpty ? (message.side == .client ? "client" : "server") : message.from
        let clock = message.time.clock(in: zone) + message.time.offsetText(in: zone)
        bytes.append(visible: "\(clock)  \(from): ")
        let snippet = Snippet(
            message.text, around: line.matches, width: line.isMatch ? Self.matchWidth : Self.neighbourWidth)
        append(snippet, &bytes)
        if colors, !line.isMatch { bytes.append(plain: "\u{1B}[0m") }
        bytes.append(0x0A)
    }

    private func append(_ snippet: Snippet, _ bytes: inout [UInt8]) {
        for piece in snippet.pieces {
            // Without colours nothing is added to the text, so that it can be copied and searched.
            if colors, piece.isMatch { bytes.append(plain: "\u{1B}[1;33m") }
            bytes.append(visible: piece.text)
            if colors, piece.isMatch { bytes.append(plain: "\u{1B}[0m") }
        }
    }

    private mutating func separate(_ bytes: inout [UInt8]) {
        if !isFirst { bytes.append(0x0A) }
        isFirst = false
    }

    private mutating func begin(_ heading: String, _ bytes: inout [UInt8]) {
        guard self.heading != heading else { return }
        self.heading = heading
        separate(&bytes)
        appendBold(heading, &bytes)
        bytes.append(0x0A)
    }

    /// Appends a text of this program.
    private func appendBold(_ text: String, _ bytes: inout [UInt8]) {
        if colors { bytes.append(plain: "\u{1B}[1m") }
        bytes.append(visible: text)
        if colors { bytes.append(plain: "\u{1B}[0m") }
    }

    // MARK: People and files

    mutating func append(_ person: FoundPerson, to bytes: inout [UInt8]) {
        guard !isJSON else { return append(JSONObject(person), &bytes) }
        begin("people", &bytes)
        var words = [person.account]
        words += person.names.prefix(Self.mostNames).map { "\"\($0)\"" }
        if person.names.count > Self.mostNames { words.append("and \(person.names.count - Self.mostNames) more names") }
        if person.isContact { words.append("in a contact list") }
        if person.conversationCount > 0 {
            let rest = person.conversationCount - person.conversations.count
            words.append(
                "in " + person.conversations.map(\.description).joined(separator: ", ")
                    + (rest > 0 ? " and \(rest) more" : ""))
        }
        bytes.append(visible: "    " + words.joined(separator: "  "))
        bytes.append(0x0A)
    }

    /// The number of names shown of one person.
    private static let mostNames = 5

    mutating func append(_ file: FoundFile, to bytes: inout [UInt8]) {
        guard !isJSON else { return append(JSONObject(file), &bytes) }
        begin("files", &bytes)
        let ids = file.conversations.map(\.description).joined(separator: ", ")
        let time = file.time.hasDate ? "\(file.time.date(in: zone)) " : ""
        var words = [ids, time + file.time.clock(in: zone) + file.time.offsetText(in: zone)]
        words.append("\(file.from.isEmpty ? "somebody" : file.from): \(file.name)")
        let details = [
            file.kind == "file" ? nil : file.kind, file.bytes.map { "\($0) bytes" },
            file.isComplete == false ? "incomplete" : nil,
        ]
        let note = details.compactMap(\.self).joined(separator: ", ")
        if !note.isEmpty { words.append("(\(note))") }
        bytes.append(visible: "    " + words.joined(separator: "  "))
        bytes.append(0x0A)
    }

    private func append(_ object: JSONObject, _ bytes: inout [UInt8]) {
        bytes += object.bytes
        bytes.append(0x0A)
    }
}
