// How sign-ins and found messages are printed.

import Archive
import MSNP
import Transcript

/// Sign-ins as trees, or as one JSON object each.
struct SessionFormat {
    let isJSON: Bool

    /// Whether the next connection is the first of its sign-in.
    private var isFirst = true

    init(isJSON: Bool) { self.isJSON = isJSON }

    mutating func append(_ part: SessionPart, to bytes: inout [UInt8]) {
        switch part {
        case .begins(let signIn):
            isFirst = true
            if isJSON { appendJSON(signIn, &bytes) } else { appendText(signIn, &bytes) }
        case .connection(let connection):
            guard isJSON else { return append(connection, &bytes) }
            if !isFirst { bytes.append(0x2C) }
            isFirst = false
            appendJSON(connection, &bytes)
        case .ends: if isJSON { bytes.append(plain: "]}\n") }
        }
    }

    private func appendText(_ signIn: SignInSummary, _ bytes: inout [UInt8]) {
        let (first, last) = (signIn.first, signIn.last)
        var words = [
            signIn.id?.description ?? "--",
            first.hasDate ? "\(first.rfc3339.prefix(19)) – \(last.rfc3339.dropFirst(11).prefix(8))" : first.dateInWords,
        ]
        words.append(signIn.id == nil ? "connections without a sign-in" : signIn.account ?? "account unknown")
        words += [signIn.dialect, signIn.program].compactMap(\.self)
        words.append("(\(signIn.recording): \(signIn.origin))")
        bytes.append(visible: words.joined(separator: "  "))
        bytes.append(0x0A)
    }

    private func append(_ connection: ConnectionSummary, _ bytes: inout [UInt8]) {
        let role = connection.role.rawValue == "unknown" ? "--" : connection.role.rawValue
        var line = "    \(connection.id)  \(connection.opened.rfc3339.dropFirst(11).prefix(8))  \(role)"
        line += "  \(connection.ends.client) → \(connection.ends.server)"
        line +=
            "  \(Self.count(connection.frames, "command")), \(connection.bytes) bytes"
        if connection.missingBytes > 0 { line += ", \(connection.missingBytes) missing" }
        if connection.findings > 0 { line += ", \(Self.count(connection.findings, "finding"))" }
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
            visible: "        \(conversation.id)  \(who): \(Self.count(conversation.messages, "message"))\(session)")
        bytes.append(0x0A)
    }

    private static func count(_ number: Int64, _ what: String) -> String {
        "\(number) \(what)\(number == 1 ? "" : "s")"
    }

    private func appendJSON(_ signIn: SignInSummary, _ bytes: inout [UInt8]) {
        bytes.append(plain: "{\"event\":\"session\",\"id\":")
        bytes.append(json: signIn.id?.description)
        bytes.append(plain: ",\"sign_in\":")
        if case .signIn(let number) = signIn.id { bytes.append(number: number) } else { bytes.append(plain: "null") }
        bytes.append(plain: ",\"account\":")
        bytes.append(json: signIn.account)
        bytes.append(plain: ",\"dialect\":")
        bytes.append(json: signIn.dialect)
        bytes.append(plain: ",\"client_program\":")
        bytes.append(json: signIn.program)
        bytes.append(plain: ",\"recording\":")
        bytes.append(json: signIn.recording.description)
        bytes.append(plain: ",\"origin\":")
        bytes.append(json: signIn.origin)
        bytes.append(plain: ",\"connections\":[")
    }

    private func appendJSON(_ connection: ConnectionSummary, _ bytes: inout [UInt8]) {
        bytes.append(plain: "{\"id\":")
        bytes.append(json: connection.id.description)
        if case .connection(let number) = connection.id {
            bytes.append(plain: ",\"conn\":")
            bytes.append(number: number)
        }
        bytes.append(plain: ",\"role\":")
        bytes.append(json: connection.role.rawValue)
        bytes.append(plain: ",\"dialect\":")
        bytes.append(json: connection.dialect)
        bytes.append(plain: ",\"client\":")
        bytes.append(json: connection.ends.client)
        bytes.append(plain: ",\"server\":")
        bytes.append(json: connection.ends.server)
        bytes.append(plain: ",\"time_first\":")
        bytes.append(json: connection.opened.rfc3339)
        bytes.append(plain: ",\"time_last\":")
        bytes.append(json: connection.last.rfc3339)
        bytes.append(plain: ",\"end\":")
        switch connection.end {
        case .closed(let reason):
            bytes.append(plain: "\"closed\",\"reason\":")
            bytes.append(json: reason.text)
        case .open: bytes.append(plain: "\"open\"")
        case .cutOff: bytes.append(plain: "\"cut_off\"")
        }
        for (name, number) in [
            ("frames", connection.frames), ("c2s_bytes", connection.clientBytes), ("s2c_bytes", connection.serverBytes),
            ("missing_bytes", connection.missingBytes), ("findings", connection.findings),
        ] {
            bytes += ",\"\(name)\":\(number)".utf8
        }
        if let conversation = connection.conversation { append(conversation, &bytes) }
        bytes.append(0x7D)
    }

    private func append(_ conversation: ConversationSummary, _ bytes: inout [UInt8]) {
        bytes.append(plain: ",\"conversation\":{\"id\":")
        bytes.append(json: conversation.id.description)
        bytes.append(plain: ",\"session\":")
        bytes.append(json: conversation.session)
        bytes.append(plain: ",\"participants\":")
        bytes.append(json: conversation.participants)
        bytes += ",\"messages\":\(conversation.messages)}".utf8
    }
}

/// Found messages with their neighbours.
struct FoundFormat {
    let isJSON: Bool
    private var isFirst = true

    init(isJSON: Bool) { self.isJSON = isJSON }

    mutating func append(_ found: FoundMessage, to bytes: inout [UInt8]) {
        guard !isJSON else {
            bytes.append(plain: "{\"event\":\"message\"")
            append(found.message, &bytes)
            bytes.append(plain: ",\"id\":")
            bytes.append(json: found.conversation.id.description)
            if let signIn = found.signIn {
                bytes += ",\"sign_in\":\(signIn.number)".utf8
                bytes.append(plain: ",\"account\":")
                bytes.append(json: signIn.account)
            }
            bytes.append(plain: ",\"participants\":")
            bytes.append(json: found.conversation.participants)
            bytes.append(plain: ",\"conversation\":")
            bytes.append(json: found.conversation.session)
            append("before", found.before, &bytes)
            append("after", found.after, &bytes)
            bytes.append(plain: "}\n")
            return
        }
        if !isFirst { bytes.append(0x0A) }
        isFirst = false
        let people = found.conversation.participants.joined(separator: ", ")
        bytes.append(visible: "\(found.conversation.id)  \(found.message.time.dateInWords)  \(people)")
        bytes.append(0x0A)
        for message in found.before { appendLine("    ", message, &bytes) }
        appendLine("  > ", found.message, &bytes)
        for message in found.after { appendLine("    ", message, &bytes) }
    }

    private func appendLine(_ margin: StaticString, _ message: ArchivedMessage, _ bytes: inout [UInt8]) {
        bytes.append(plain: margin)
        let from = message.from.isEmpty ? (message.side == .client ? "client" : "server") : message.from
        bytes.append(visible: "\(message.time.rfc3339.dropFirst(11).prefix(8))  \(from): \(message.text)")
        bytes.append(0x0A)
    }

    private func append(_ name: String, _ messages: [ArchivedMessage], _ bytes: inout [UInt8]) {
        bytes += ",\"\(name)\":[".utf8
        for (index, message) in messages.enumerated() {
            bytes.append(plain: index > 0 ? ",{\"event\":\"message\"" : "{\"event\":\"message\"")
            append(message, &bytes)
            bytes.append(0x7D)
        }
        bytes.append(0x5D)
    }

    private func append(_ message: ArchivedMessage, _ bytes: inout [UInt8]) {
        bytes.append(plain: ",\"time\":")
        bytes.append(json: message.time.rfc3339)
        bytes += ",\"ns\":\(message.time.nanoseconds)".utf8
        if case .connection(let number) = message.connection { bytes += ",\"conn\":\(number)".utf8 }
        bytes.append(plain: message.side == .client ? ",\"dir\":\"c2s\"" : ",\"dir\":\"s2c\"")
        bytes.append(plain: ",\"from\":")
        bytes.append(json: message.from)
        bytes.append(plain: ",\"text\":")
        bytes.append(json: message.text)
    }
}

extension [UInt8] {
    fileprivate mutating func append(json text: String?) {
        if let text { append(json: text) } else { append(plain: "null") }
    }

    fileprivate mutating func append(json texts: [String]) {
        append(0x5B)
        for (index, text) in texts.enumerated() {
            if index > 0 { append(0x2C) }
            append(json: text)
        }
        append(0x5D)
    }
}
