// Formats the list of `talks`, as text or JSON lines.

import Archive
internal import Events
internal import Output

/// Writes each conversation as a line in columns, or as one JSON object on a line.
struct TalkListFormat {
    let isJSON: Bool
    private var table: TextTable
    private let time: ListTime

    /// The longest beginning of a message in a line of text, in columns of a terminal.
    private static let longestText = 60

    /// - Parameter width: the number of columns at which lines of text are cut; nil to keep them whole.
    init(isJSON: Bool, width: Int?, zone: TimeZoneRules) {
        self.isJSON = isJSON
        time = ListTime(zone: zone)
        table = TextTable([.left, .left, .left, .right, .left], width: width)
    }

    mutating func append(_ talk: Talk, _ message: LastMessage?, to bytes: inout [UInt8]) {
        guard !isJSON else {
            bytes += JSONObject(talk, message).bytes
            bytes.append(0x0A)
            return
        }
        func shown(_ person: Talk.Person) -> String { person.name ?? person.account }
        let words = message.map { message in
            let text = message.text.split(maxSplits: 60, whereSeparator: \.isWhitespace).joined(separator: " ")
            let from = talk.people.first { $0.account == message.from }.map(shown) ?? message.from
            return (from.isEmpty ? "" : "\(from): ") + DisplayWidth.cut(text, to: Self.longestText)
        }
        table.append(
            [
                talk.ids.first?.description ?? "", time.span(talk.first, talk.last),
                talk.people.map(shown).joined(separator: ", "), talk.messages.countOrBlank("message"), words ?? "",
            ], to: &bytes)
    }

    mutating func finish(_ bytes: inout [UInt8]) { table.finish(&bytes) }
}

extension JSONObject {
    fileprivate init(_ talk: Talk, _ message: LastMessage?) {
        self.init()
        add("event", "talk")
        add("id", talk.ids.first?.description)
        add("ids", talk.ids.map(\.description))
        add("recording", talk.recording.description)
        add("time_first", talk.first.rfc3339)
        add("time_last", talk.last.rfc3339)
        add("participants", talk.people.map(\.account))
        add(
            "names",
            talk.people.map { person in
                var object = JSONObject()
                object.add("account", person.account)
                object.add("name", person.name)
                return object
            })
        add("messages", talk.messages)
        add("last_time", message?.time.rfc3339)
        add("last_from", message?.from)
        add("last_text", message?.text)
    }
}
