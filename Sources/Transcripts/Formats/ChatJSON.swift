// Writes a transcript as JSON lines.

internal import Events
package import Output
internal import Payloads

/// Writes an object for each conversation (`event` is `conversation`) and for each of its entries (`entry`).
package struct ChatJSON: ChatFormat {
    private var id = ""

    package init() {}

    package mutating func begin(count: Int, to bytes: inout [UInt8]) {}

    /// Writes the participants, times and connections of a conversation.
    package mutating func open(_ heading: ChatHeading, to bytes: inout [UInt8]) {
        id = heading.id
        var object = JSONObject()
        object.add("event", "conversation")
        object.add("id", id)
        object.add("time", heading.first.rfc3339)
        object.add("ns", heading.first.nanoseconds)
        object.add("time_last", heading.last.rfc3339)
        object.add(
            "participants",
            heading.people.map { person -> JSONObject in
                var object = JSONObject()
                object.add("account", person.account)
                object.add("name", person.name)
                return object
            })
        object.add("connections", heading.connections.map { "c\($0)" })
        bytes += object.bytes
        bytes.append(0x0A)
    }

    /// Writes an entry.
    package mutating func append(_ entry: ChatEntry, to bytes: inout [UInt8], spill: ChatSpill) {
        bytes += Self.object(entry, id: id).bytes
        bytes.append(0x0A)
        bytes.spill(spill)
    }

    /// The object of an entry.
    ///
    /// - Parameter id: the identifier of its conversation.
    package static func object(_ entry: ChatEntry, id: String) -> JSONObject {
        var object = JSONObject()
        object.add("event", "entry")
        object.add("id", id)
        object.add("time", entry.time.rfc3339)
        object.add("ns", entry.time.nanoseconds)
        object.add("kind", kind(entry.what))
        object.add("from", entry.account)
        object.add("name", entry.name)
        object.add("own", entry.isOwn)
        if case .text(let text, _) = entry.what {
            object.add("text", text.text)
        } else {
            object.add("text", ChatWords.trouble(entry.what) ?? ChatWords.sentence(entry))
        }
        object.add("delivery", ChatWords.delivery(entry.what))
        switch entry.what {
        case .file(let file) where file.picture == nil:
            object.add("file", file.name)
            object.add("size", file.size)
            object.add("received_bytes", file.received)
            object.add("complete", file.isComplete)
        case .gap(let count): object.add("missing_bytes", count)
        default: break
        }
        return object
    }

    package mutating func close(to bytes: inout [UInt8]) {}
    package mutating func finish(to bytes: inout [UInt8]) {}

    private static func kind(_ what: ChatEntry.What) -> String {
        switch what {
        case .text: "text"
        case .annotation(let body, _):
            switch body {
            case .nudge: "nudge"
            case .wink: "wink"
            case .voiceClip: "voice_clip"
            case .action: "action"
            case .emoticons: "emoticons"
            case .ink: "drawing"
            case .invitation: "invitation"
            default: "datacast"
            }
        case .file(let file): file.picture == nil ? "file" : "display_picture"
        case .invitation: "invitation"
        case .typing: "typing"
        case .joined: "joined"
        case .here: "present"
        case .left: "left"
        case .leftMessage: "offline_message"
        case .gap: "gap"
        case .incomplete: "incomplete"
        }
    }
}
