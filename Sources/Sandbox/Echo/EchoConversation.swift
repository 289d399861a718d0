// What the echo contact says in one conversation.

import MSNP
import Payloads

/// The echo contact's part in one switchboard session. It answers each message with at most a few, and keeps nothing but
/// its transfers of pictures.
struct EchoConversation {
    /// A message of the echo contact.
    struct Reply: Hashable {
        /// The payload of `MSG`.
        let payload: [UInt8]
        /// The first dialect whose clients know this kind of message.
        var since = Dialect(2)
    }

    /// Nudges came with MSN Messenger 7.0, pictures and emoticons with 6.0.
    private static let nudges = Dialect(11)
    private static let pictures = Dialect(9)

    private var sender = PictureSender()

    /// What the contact says when it joins.
    ///
    /// - Parameter dialect: that of the client that called it.
    static func greeting(in dialect: Dialect) -> [Reply] {
        let words = [(nudges, "\"nudge\""), (pictures, "\"picture\"")].filter { dialect >= $0.0 }.map { $0.1 }
        let known = words.isEmpty ? "" : " Say \(words.joined(separator: " or ")) and I send one."
        return [text("Say anything and I repeat it.\(known)")]
    }

    /// Processes a message.
    ///
    /// - Parameters:
    ///   - frame: the `MSG` of a client.
    ///   - account: the client's account.
    ///   - dialect: the client's dialect.
    /// - Returns: the answers in order.
    mutating func receive(_ frame: Frame, from account: String, in dialect: Dialect) -> [Reply] {
        let message = MIMEMessage(frame.payload)
        switch Self.type(of: message) {
        case "text/plain": return Self.answer(to: message, in: dialect)
        case "text/x-msnmsgr-datacast": return Self.isNudge(message) ? [Self.nudge] : []
        case "text/x-msmsgsinvite": return Self.declined(message)
        case "application/x-msnmsgrp2p":
            return sender.receive(frame, from: account).map { Reply(payload: $0, since: Self.pictures) }
        default: return []
        }
    }

    private static func answer(to message: MIMEMessage, in dialect: Dialect) -> [Reply] {
        switch word(in: message.body) {
        case "nudge" where dialect >= nudges: return [nudge]
        case "nudge": return [text("Clients of \(dialect) do not support nudges; those of \(nudges) and later do.")]
        case "picture" where dialect >= pictures:
            return [emoticons, text("Here is one: \(EchoContact.emoticonShortcut)")]
        case "picture":
            return [text("Clients of \(dialect) do not support pictures; those of \(pictures) and later do.")]
        case "help": return greeting(in: dialect)
        default: return repeated(message)
        }
    }

    /// The message with its formatting, after a typing notification. Other headers are left out: they describe the
    /// sender.
    private static func repeated(_ message: MIMEMessage) -> [Reply] {
        // Further parts have no type, and only a client that ignores the contact's capabilities sends parts.
        guard message["chunks"] == nil else { return [text("That was too long for me to repeat.")] }
        let format = message["x-mms-im-format"].map { Array("X-MMS-IM-Format: ".utf8) + $0 + Array("\r\n".utf8) } ?? []
        let type = Array("MIME-Version: 1.0\r\nContent-Type: ".utf8) + (message["content-type"] ?? [])
        let payload = type + Array("\r\n".utf8) + format + Array("\r\n".utf8) + message.body
        guard payload.count <= MessengerService.messageLimit else {
            return [text("That was too long for me to repeat.")]
        }
        return [typing, Reply(payload: payload)]
    }

    /// The answer to an invitation of the old kind, such as a file (p2p.md section 5).
    private static func declined(_ message: MIMEMessage) -> [Reply] {
        let fields = MIMEMessage(message.body)
        guard fields.text("invitation-command") == "INVITE", let cookie = fields.number("invitation-cookie") else {
            return []
        }
        let lines = ["Invitation-Command: CANCEL", "Invitation-Cookie: \(cookie)", "Cancel-Code: REJECT", "", ""]
        return [Self.message("text/x-msmsgsinvite; charset=UTF-8", lines.joined(separator: "\r\n"))]
    }

    /// The text of a message in lower case, if it is one of the contact's words, without punctuation around it.
    private static func word(in body: ByteSlice) -> String? {
        guard body.count <= 40 else { return nil }
        let text = String(decoding: body, as: UTF8.self).lowercased()
        let start = text.drop { !$0.isLetter }
        guard let end = start.lastIndex(where: \.isLetter) else { return nil }
        return EchoContact.words.first { start[...end] == $0 }
    }

    private static func type(of message: MIMEMessage) -> String {
        String((message.text("content-type") ?? "").lowercased().prefix { $0 != ";" && $0 != " " })
    }

    private static func isNudge(_ message: MIMEMessage) -> Bool { MIMEMessage(message.body).text("id") == "1" }
}

// MARK: - Payloads

extension EchoConversation {
    static func text(_ text: String) -> Reply {
        message("text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0", text)
    }

    private static let typing = message("text/x-msmsgscontrol\r\nTypingUser: \(EchoContact.account)", "\r\n")
    private static let nudge = message("text/x-msnmsgr-datacast", "ID: 1\r\n\r\n", since: nudges)
    /// The emoticons of the message that follows: shortcut and description, each followed by a tab.
    private static let emoticons = message(
        "text/x-mms-emoticon", "\(EchoContact.emoticonShortcut)\t\(EchoContact.emoticon.element)\t", since: pictures)

    private static func message(_ type: String, _ body: String, since: Dialect = Dialect(2)) -> Reply {
        Reply(payload: Array("MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\r\n\(body)".utf8), since: since)
    }
}
