// One line of a conversation.

package import Events
internal import MSNP
package import Payloads

/// Something that a reader of a conversation is told.
package struct ChatEntry: Sendable {
    /// When.
    package var time: Timestamp
    /// Who did it; empty where nobody did, or where it is not known.
    package var account: String
    /// What that person was called then; the account where no name is known.
    package var name: String
    /// What happened.
    package var what: What
    /// Whether the recorded side did it.
    package var isOwn: Bool
    /// Whether it speaks of an invitation of its own.
    var isOfferer = false

    /// What can happen.
    package enum What: Sendable {
        /// Words.
        case text(TextMessage, Delivery)
        /// Something else that is said: a nudge, a wink, ink, an emoticon's meaning, an invitation.
        case annotation(MessageBody, Delivery)
        /// A file was offered over the peer-to-peer layer, or sent by MSNFTP.
        case file(SharedFile)
        /// An invitation over the peer-to-peer layer to something else.
        case invitation(PeerInvitation)
        /// Somebody types; left out unless asked for.
        case typing(isRecording: Bool)
        /// Somebody came.
        case joined
        /// Somebody was there already.
        case here
        /// Somebody left.
        case left
        /// A message waits on the server; its words came another way, and are not recorded.
        case leftMessage(received: String)
        /// Bytes are missing here.
        case gap(bytes: UInt64)
        /// A message came only in part.
        case incomplete(String)
    }

    /// What became of a message for which its sender asked.
    package enum Delivery: Sendable, Hashable {
        /// Nobody asked, or only for bad news, which did not come.
        case notAsked
        /// `ACK`.
        case acknowledged
        /// `NAK`, or an error.
        case refused
        /// An answer was asked for, and is not in the recording.
        case unanswered
        /// It came only in part: how much of it, as `1 of 2 parts`.
        case partial(String)
    }
}

/// Which messages a reader wants to know of.
enum ChatRemark {
    /// Not of typing, the peer-to-peer layer and what clients tell each other.
    static func isOne(_ body: MessageBody) -> Bool {
        switch body {
        case .text, .nudge, .wink, .voiceClip, .action, .datacast, .emoticons, .ink, .invitation: true
        default: false
        }
    }

    /// What a remark says, as a sentence without its subject.
    static func sentence(_ body: MessageBody, isOfferer: Bool) -> String {
        switch body {
        case .nudge: return "sent a nudge"
        case .wink: return "sent a wink"
        case .voiceClip: return "sent a voice clip"
        case .action(let text): return text
        case .datacast(let id, _): return "sent a datacast \(id)"
        case .emoticons(let emoticons, _):
            return "uses pictures for " + emoticons.map(\.shortcut).joined(separator: " ")
        case .ink(let ink):
            return ink.data.map { "drew something (\($0.count) bytes)" } ?? "drew something, which came damaged"
        case .invitation(let invitation): return sentence(invitation, isOfferer: isOfferer)
        default: return body.name
        }
    }

    static func sentence(_ file: SharedFile) -> String {
        if file.picture != nil { return "showed a display picture" }
        let size = file.size.map { "\($0) bytes" }
        guard !file.isComplete, file.received > 0 else {
            let details = [size, file.isComplete ? nil : file.reason ?? "nothing of it is in the recording"]
            let said = details.compactMap(\.self).joined(separator: "; ")
            // By MSNFTP the offer itself is a message.
            let verb = file.isComplete ? "sent" : file.wasOffered ? "sent nothing that was seen of" : "offered"
            return "\(verb) the file \"\(file.name)\"" + (said.isEmpty ? "" : " (\(said))")
        }
        let reason = file.reason ?? (file.brokeOff ? "it broke off there" : "not all of it is in the recording")
        return
            "sent only \(file.received)\(file.size.map { " of \($0)" } ?? "") bytes of the file \"\(file.name)\" (\(reason))"
    }

    static func sentence(_ invitation: PeerInvitation) -> String {
        let what =
            switch invitation.application {
            case .camera: "invites to show a camera"
            case .viewCamera: "asks to see the camera"
            case .photoSharing: "invites to look at photos together"
            case .activity: "invites to a game or the like"
            case .object, .file, .other: "invites to something (\(invitation.application.name))"
            }
        let answer =
            switch invitation.refusal {
            case nil: "accepted"
            case .declined: "declined"
            case .withdrawn: "withdrawn before it was answered"
            case .unanswered: "no answer was seen"
            }
        return "\(what) (\(answer))"
    }

    private static func sentence(_ invitation: InviteMessage, isOfferer: Bool) -> String {
        switch invitation.command {
        case .invite:
            if let file = invitation.file {
                return "offers the file \"\(file)\"" + (invitation.fileSize.map { " (\($0) bytes)" } ?? "")
            }
            return "invites to \(invitation.application ?? "something")"
        case .accept: return isOfferer ? "is ready to begin" : "accepts the invitation"
        case .cancel:
            return (isOfferer ? "cancels" : "declines or cancels") + (invitation.cancelCode.map { " (\($0))" } ?? "")
        case .other(let word): return "answers the invitation with \"\(word)\""
        }
    }
}

extension OfflineNotice {
    /// The messages that a command says are waiting; none for other commands.
    static func messages(in frame: Frame, _ charsets: CharsetDecoder = .basic) -> [OfflineNotice.Message] {
        guard frame.verb == "MSG", let type = Headers.value(of: "content-type", in: frame.payload),
            Headers.equal(frame.bytes[type].prefix(8), "text/x-m"),
            case .offline(let notice) = MessagePayload(frame.payload, charsets: charsets).body
        else { return [] }
        return notice.messages
    }
}
