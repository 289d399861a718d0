// Formats events as the rows of a list: what one line of a page shows, without analysis of what came before.

package import Events
internal import MSNP
internal import Payloads

/// Makes the JSON object of an event's row. Its keys are those of the event where both have them.
package struct RowFormat: Sendable {
    private var masking: Masking

    /// The longest line, and the longest text of a message, in characters.
    package static let longestLine = 240
    package static let longestText = 120

    package init(_ presentation: Presentation) { masking = Masking(presentation) }

    /// The row of an event.
    ///
    /// - Parameter address: the event's address.
    package mutating func object(_ event: Event, at address: String) -> JSONObject {
        var object = JSONObject()
        object.add("at", address)
        object.add("event", Self.name(of: event.kind))
        object.add("time", event.time.rfc3339)
        object.add("ns", event.time.nanoseconds)
        object.add("conn", event.connection)
        object.add("role", event.role.rawValue)
        object.add("dialect", event.dialect?.description)
        object.add("sign_in", event.signIn?.number)
        object.add("account", event.signIn?.account)
        add(event, to: &object)
        return object
    }

    private mutating func add(_ event: Event, to object: inout JSONObject) {
        switch event.kind {
        case .frame(let frame, let side):
            Self.add(side, &object)
            object.add("verb", frame.verb.description)
            let secrets = masking.secrets(in: frame, from: side, of: event)
            let line = masking.text(frame.bytes, 0..<frame.lineEnd, secrets)
            Self.add("line", line, longest: Self.longestLine, &object)
            Self.add(masks: masking.names(of: secrets, in: frame.bytes), &object)
            object.add("payload_bytes", frame.bytes.count - frame.payloadStart)
            addMessage(frame, side, secrets, &object)
        case .opened(let ends):
            object.add("text", "\(ends.client) → \(ends.server)")
            if let file = ends.file { object.add("file", file) }
        case .closed(_, let reason, _, _): object.add("text", reason.text)
        case .gap(let count, _, let side):
            Self.add(side, &object)
            object.add("bytes", count)
        case .noise(let noise, let side):
            Self.add(side, &object)
            object.add("bytes", noise.bytes.count)
            object.add("reason", noise.reason.rawValue)
        case .rewritten(let rewriting):
            Self.add(rewriting.side, &object)
            object.add("verb", rewriting.name)
            object.add("from", rewriting.from)
            object.add("to", rewriting.to)
            object.add("original", line(of: rewriting.original))
            object.add("sent", line(of: rewriting.sent))
            Self.add(masks: masking.names(in: rewriting), &object)
        case .finding(let finding):
            if let side = finding.side { Self.add(side, &object) }
            object.add("name", finding.name.text)
            object.add("severity", finding.severity.rawValue)
            object.add("text", finding.text)
        case .message(let message):
            Self.add(message.side, &object)
            object.add("from", message.from)
            Self.add("text", message.text, longest: Self.longestText, &object)
        case .http(let message):
            Self.add(message.side, &object)
            let secrets = masking.secrets(in: message)
            let line = message.lines.first.map { masking.text(message.bytes, $0, secrets) } ?? ""
            Self.add("line", line, longest: Self.longestLine, &object)
            Self.add(masks: masking.names(of: secrets, in: message.bytes), &object)
            object.add("body_bytes", message.bodyBytes)
            if let request = message.request { object.add("request", request) }
        case .tunnel(let tunnel): object.add("text", tunnel.text)
        case .listening(let address): object.add("address", address.description)
        case .notPrinted(let omission): object.add("events", omission.events)
        }
    }

    private mutating func line(of frame: Frame) -> String {
        masking.text(frame.bytes, 0..<frame.lineEnd, masking.secrets(in: frame, from: .server))
    }

    /// What kind of message a payload is, and the beginning of its text.
    private mutating func addMessage(
        _ frame: Frame, _ side: Side, _ secrets: [Range<Int>], _ object: inout JSONObject
    ) {
        guard ["MSG", "UBM", "UUM"].contains(frame.verb), frame.payloadStart < frame.bytes.count else { return }
        let fields = PayloadFields.fields(of: frame, from: side, secrets, &masking)
        func text(_ name: String) -> String? {
            guard case .text(let text)? = fields.first(where: { $0.name == name })?.value else { return nil }
            return text
        }
        if let kind = text("kind") ?? text("content_type") { object.add("kind", kind) }
        if let words = text("text") { Self.add("text", words, longest: Self.longestText, &object) }
    }

    private static func add(_ side: Side, _ object: inout JSONObject) {
        object.add("dir", side == .client ? "c2s" : "s2c")
    }

    private static func add(masks names: [String], _ object: inout JSONObject) {
        if !names.isEmpty { object.add("masks", names) }
    }

    private static func add(_ key: StaticString, _ text: String, longest: Int, _ object: inout JSONObject) {
        let shown = String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest)))
        object.add(key, shown)
        if shown.utf8.count < text.utf8.count { object.add("cut", true) }
    }

    private static func name(of kind: Event.Kind) -> String {
        switch kind {
        case .listening: "listening"
        case .opened: "opened"
        case .closed: "closed"
        case .frame: "frame"
        case .rewritten: "rewritten"
        case .noise: "noise"
        case .gap: "gap"
        case .finding: "finding"
        case .message: "message"
        case .http: "http"
        case .tunnel: "tunnel"
        case .notPrinted: "not_printed"
        }
    }
}
