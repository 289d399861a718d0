// Formats the results of `search`: messages with the messages around them, as text or JSON lines.

import Archive
internal import Events
import MSNP
internal import Output

/// Writes each result as a block of lines, or as one JSON object on a line.
struct SearchResultFormat {
    let isJSON: Bool
    /// The zone of times in text.
    private let zone: TimeZoneRules
    private var isFirst = true

    init(isJSON: Bool, zone: TimeZoneRules = .utc) {
        self.isJSON = isJSON
        self.zone = zone
    }

    mutating func append(_ found: FoundMessage, to bytes: inout [UInt8]) {
        guard !isJSON else {
            bytes += JSONObject(found).bytes
            bytes.append(0x0A)
            return
        }
        if !isFirst { bytes.append(0x0A) }
        isFirst = false
        let people = found.conversation.participants.joined(separator: ", ")
        bytes.append(visible: "\(found.conversation.id)  \(found.message.time.dateInWords(in: zone))  \(people)")
        bytes.append(0x0A)
        for message in found.before { appendLine("    ", message, &bytes) }
        appendLine("  > ", found.message, &bytes)
        for message in found.after { appendLine("    ", message, &bytes) }
    }

    private func appendLine(_ margin: StaticString, _ message: ArchivedMessage, _ bytes: inout [UInt8]) {
        bytes.append(plain: margin)
        let from = message.from.isEmpty ? (message.side == .client ? "client" : "server") : message.from
        let clock = message.time.clock(in: zone) + message.time.offsetText(in: zone)
        bytes.append(visible: "\(clock)  \(from): \(message.text)")
        bytes.append(0x0A)
    }
}

extension JSONObject {
    fileprivate init(_ message: ArchivedMessage) {
        self.init()
        add("event", "message")
        add("time", message.time.rfc3339)
        add("ns", message.time.nanoseconds)
        if case .connection(let number) = message.connection { add("conn", number) }
        add("dir", message.side == .client ? "c2s" : "s2c")
        add("from", message.from)
        add("text", message.text)
    }

    fileprivate init(_ found: FoundMessage) {
        self.init(found.message)
        add("id", found.conversation.id.description)
        if let signIn = found.signIn {
            add("sign_in", signIn.number)
            add("account", signIn.account)
        }
        add("participants", found.conversation.participants)
        add("conversation", found.conversation.session)
        add("before", found.before.map { JSONObject($0) })
        add("after", found.after.map { JSONObject($0) })
    }
}
