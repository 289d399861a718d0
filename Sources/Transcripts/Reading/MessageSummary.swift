// The sentences that transcripts show for messages, files and invitations that are not text.

internal import MSNP
internal import Payloads

/// Selects the messages that a transcript shows, and words those without text.
enum MessageSummary {
    /// Whether a transcript shows this message. Typing, the peer-to-peer layer and client capabilities are not shown.
    static func isDisplayed(_ body: MessageBody) -> Bool {
        switch body {
        case .text, .nudge, .wink, .voiceClip, .action, .datacast, .emoticons, .ink, .invitation: true
        default: false
        }
    }

    /// The sentence for a message, without its subject.
    ///
    /// - Parameter isOfferer: whether the sender of an answer also sent the invitation itself.
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
            return ink.data.map { "drew something (\($0.count) bytes)" } ?? "sent a damaged drawing"
        case .invitation(let invitation): return sentence(invitation, isOfferer: isOfferer)
        default: return body.name
        }
    }

    /// The sentence for a file or display picture, without its subject.
    static func sentence(_ file: SharedFile) -> String {
        if file.picture != nil { return "showed a display picture" }
        let size = file.size.map { "\($0) bytes" }
        guard !file.isComplete, file.received > 0 else {
            let details = [size, file.isComplete ? nil : file.reason ?? "nothing of it is in the recording"]
            let note = details.compactMap(\.self).joined(separator: "; ")
            // With MSNFTP the offer is a message with its own entry.
            let verb = file.isComplete ? "sent" : file.wasOffered ? "sent nothing that was seen of" : "offered"
            return "\(verb) the file \"\(file.name)\"" + (note.isEmpty ? "" : " (\(note))")
        }
        let reason = file.reason ?? (file.brokeOff ? "it broke off there" : "not all of it is in the recording")
        return
            "sent only \(file.received)\(file.size.map { " of \($0)" } ?? "") bytes of the file \"\(file.name)\" (\(reason))"
    }

    /// The sentence for a peer-to-peer invitation and its answer, without its subject.
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
