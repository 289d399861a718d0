// Formats the whole list of `sessions`: sign-ins with connections and conversations, as a tree or JSON lines.

internal import Analysis
import Archive
import ArchiveOutput
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
