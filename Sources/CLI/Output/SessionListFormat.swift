// Formats the whole list of `sessions`: sign-ins with connections and conversations, as a tree or JSON lines.

internal import Analysis
import Archive
internal import Events
import MSNP
internal import Output

/// Writes each sign-in as an indented tree, or as one JSON object on a line.
struct SessionListFormat {
    let isJSON: Bool
    /// The zone of times in text.
    private let zone: TimeZoneRules

    /// Whether the next connection is the first one of its sign-in, so that no comma precedes it.
    private var isFirst = true

    init(isJSON: Bool, zone: TimeZoneRules = .utc) {
        self.isJSON = isJSON
        self.zone = zone
    }

    private func clock(_ time: Timestamp) -> String { time.clock(in: zone) + time.offsetText(in: zone) }

    mutating func append(_ part: SessionPart, to bytes: inout [UInt8]) {
        switch part {
        case .begins(let signIn):
            isFirst = true
            if isJSON { bytes += JSONObject(signIn).opening(list: "connections") } else { appendText(signIn, &bytes) }
        case .connection(let connection):
            guard isJSON else { return append(connection, &bytes) }
            if !isFirst { bytes.append(0x2C) }
            isFirst = false
            bytes += JSONObject(connection).bytes
        case .ends: if isJSON { bytes.append(plain: "]}\n") }
        }
    }

    private func appendText(_ signIn: SignInSummary, _ bytes: inout [UInt8]) {
        let (first, last) = (signIn.first, signIn.last)
        var words = [
            signIn.id?.description ?? "--",
            first.hasDate ? "\(first.date(in: zone))T\(clock(first)) – \(clock(last))" : first.dateInWords(in: zone),
        ]
        words.append(signIn.id == nil ? "connections without a sign-in" : signIn.account ?? "account unknown")
        words += [signIn.dialect, signIn.program].compactMap(\.self)
        words.append("(\(signIn.recording): \(signIn.origin))")
        bytes.append(visible: words.joined(separator: "  "))
        bytes.append(0x0A)
    }

    private func append(_ connection: ConnectionSummary, _ bytes: inout [UInt8]) {
        let role = connection.role.rawValue == "unknown" ? "--" : connection.role.rawValue
        var line = "    \(connection.id)  \(clock(connection.opened))  \(role)"
        line += "  \(connection.ends.client) → \(connection.ends.server)"
        line += "  \(connection.frames.counting("command")), \(connection.bytes) bytes"
        if connection.missingBytes > 0 { line += ", \(connection.missingBytes) missing" }
        if connection.findings > 0 { line += ", \(connection.findings.counting("finding"))" }
        switch connection.end {
        case .closed: break
        case .open: line += ", still open"
        case .cutOff: line += ", cut off"
        }
        bytes.append(visible: line)
        bytes.append(0x0A)
        guard let conversation = connection.conversation else { return }
        let who = conversation.participants.joined(separator: ", ")
        let session = conversation.session.map { ", session \($0)" } ?? ""
        bytes.append(
            visible: "        \(conversation.id)  \(who): \(conversation.messages.counting("message"))\(session)")
        bytes.append(0x0A)
    }
}

extension JSONObject {
    /// A sign-in without its connections; they follow one by one.
    fileprivate init(_ signIn: SignInSummary) {
        self.init()
        add("event", "session")
        add("id", signIn.id?.description)
        if case .signIn(let number) = signIn.id { add("sign_in", number) } else { add("sign_in", Int?.none) }
        add("account", signIn.account)
        add("dialect", signIn.dialect)
        add("client_program", signIn.program)
        add("recording", signIn.recording.description)
        add("origin", signIn.origin)
        add("name", signIn.name)
        add("time_first", signIn.first.rfc3339)
        add("time_last", signIn.last.rfc3339)
        add("messages", signIn.messages)
        add("findings", signIn.findings)
    }

    fileprivate init(_ connection: ConnectionSummary) {
        self.init()
        add("id", connection.id.description)
        if case .connection(let number) = connection.id { add("conn", number) }
        add("role", connection.role.rawValue)
        add("dialect", connection.dialect)
        add("client", connection.ends.client)
        add("server", connection.ends.server)
        add("file", connection.ends.file)
        add("time_first", connection.opened.rfc3339)
        add("time_last", connection.last.rfc3339)
        switch connection.end {
        case .closed(let reason):
            add("end", "closed")
            add("reason", reason.text)
        case .open: add("end", "open")
        case .cutOff: add("end", "cut_off")
        }
        add("frames", connection.frames)
        add("c2s_bytes", connection.sentBytes.client)
        add("s2c_bytes", connection.sentBytes.server)
        add("missing_bytes", connection.missingBytes)
        add("findings", connection.findings)
        if let conversation = connection.conversation { add("conversation", JSONObject(conversation)) }
    }

    private init(_ conversation: ConversationSummary) {
        self.init()
        add("id", conversation.id.description)
        add("session", conversation.session)
        add("participants", conversation.participants)
        add("messages", conversation.messages)
    }
}
