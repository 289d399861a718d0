// Parses the body of a message by its content type.

internal import MSNP

/// The kinds of message bodies.
package enum MessageBody: Sendable, Hashable {
    /// Chat text.
    case text(TextMessage)
    /// An account is typing, or recording a voice clip; nil if the message does not repeat the sender's account.
    case typing(account: String?, isRecording: Bool)
    /// Datacast 1: a nudge, which shakes the window.
    case nudge
    /// Datacast 2: a wink (animation), identified by its MSN object.
    case wink(object: String)
    /// Datacast 3: a voice clip, identified by its MSN object.
    case voiceClip(object: String)
    /// Datacast 4: a sentence about what the sender does.
    case action(String)
    /// A datacast with any other identifier.
    case datacast(id: String, data: String)
    /// The custom emoticons of the next text message.
    case emoticons([Emoticon], areAnimated: Bool)
    /// A drawing or handwriting.
    case ink(Ink)
    /// An invitation to a file transfer or another application, or the response to one.
    case invitation(InviteMessage)
    /// The server's profile of the account that signs in.
    case profile
    /// A notification about e-mail.
    case mail(MailNotice)
    /// A notification about messages left while the account was offline.
    case offline(OfflineNotice)
    /// The name of the sender's client program.
    case client(program: String)
    /// A keep-alive without content.
    case keepAlive
    /// A system message of the server; type 1 announces a shutdown in so many minutes.
    case system(type: String, minutes: Int?)
    /// A packet of the peer-to-peer layer.
    case peerToPeer
    /// One part of a split message whose content type is not text; only the complete message can be parsed.
    case part
    /// Any other content type.
    case other(String)

    init(_ mime: MIMEMessage, type: String, _ charsets: CharsetDecoder) {
        switch type {
        case "text/plain", "":
            self = type.isEmpty && mime.body.isEmpty ? .other("") : .text(TextMessage(mime, charsets))
        case "text/x-msmsgscontrol":
            if let account = mime.text("recordinguser") {
                self = .typing(account: account, isRecording: true)
            } else {
                self = .typing(account: mime.text("typinguser"), isRecording: false)
            }
        case "text/x-msnmsgr-datacast": self = Self.datacast(mime.withBody, charsets)
        case "text/x-mms-emoticon", "text/x-mms-animemoticon":
            self = .emoticons(Emoticon.list(mime.body, charsets), areAnimated: type == "text/x-mms-animemoticon")
        case "image/gif", "application/x-ms-ink": self = .ink(Ink(mime.body, type: type))
        case "text/x-msmsgsinvite": self = .invitation(InviteMessage(mime.withBody, charsets))
        case "text/x-msmsgsprofile": self = .profile
        case "text/x-msmsgsinitialemailnotification", "text/x-msmsgsemailnotification",
            "text/x-msmsgsactivemailnotification", "application/x-msmsgsemailnotification",
            "application/x-msmsgsinitialemailnotification", "application/x-msmsgsactivemailnotification":
            self = .mail(MailNotice(mime.withBody, type: type, charsets))
        case "text/x-msmsgsinitialmdatanotification", "text/x-msmsgsoimnotification":
            self = .offline(OfflineNotice(mime, charsets))
        case "text/x-clientcaps", "text/x-clientinfo":
            self = .client(program: mime.withBody.text("client-name") ?? "")
        case "text/x-keepalive": self = .keepAlive
        case "application/x-msmsgssystemmessage":
            let lines = mime.withBody
            self = .system(type: lines.text("type") ?? "", minutes: lines.number("arg1").map(Int.init(clamping:)))
        case "application/x-msnmsgrp2p": self = .peerToPeer
        default: self = .other(type)
        }
    }

    private static func datacast(_ lines: MIMEMessage, _ charsets: CharsetDecoder) -> MessageBody {
        let data = lines["data"].map { charsets.text($0, declared: lines.charset) } ?? ""
        switch lines.number("id") {
        case 1: return .nudge
        case 2: return .wink(object: data)
        case 3: return .voiceClip(object: data)
        case 4: return .action(data)
        default: return .datacast(id: lines.text("id") ?? "", data: data)
        }
    }

    /// The message with all its header lines: for some content types the body has header lines too.
    func lines(of mime: MIMEMessage) -> MIMEMessage {
        switch self {
        case .nudge, .wink, .voiceClip, .action, .datacast, .invitation, .mail, .client, .system: mime.withBody
        case .offline(let notice): mime.with(notice.lines)
        default: mime
        }
    }

    /// The headers whose content other fields already represent.
    var representedHeaders: [StaticString] {
        switch self {
        case .text: ["x-mms-im-format", "p4-context"]
        case .typing: ["typinguser", "recordinguser"]
        case .nudge, .wink, .voiceClip, .action, .datacast: ["id", "data"]
        case .offline: ["mail-data"]
        case .client: ["client-name"]
        case .system: ["type", "arg1"]
        case .mail: ["from", "subject"]
        default: []
        }
    }

    /// The name of the kind in fields.
    package var name: String {
        switch self {
        case .text: "text"
        case .typing(_, let isRecording): isRecording ? "recording" : "typing"
        case .nudge: "nudge"
        case .wink: "wink"
        case .voiceClip: "voice_clip"
        case .action: "action"
        case .datacast: "datacast"
        case .emoticons: "emoticons"
        case .ink: "ink"
        case .invitation: "invitation"
        case .profile: "profile"
        case .mail: "mail"
        case .offline: "offline_messages"
        case .client: "client"
        case .keepAlive: "keep_alive"
        case .system: "system"
        case .peerToPeer: "peer_to_peer"
        case .part: "part"
        case .other: "other"
        }
    }

    func add(to fields: inout FieldList) {
        fields.add("kind", name)
        switch self {
        case .text(let text): text.add(to: &fields)
        case .typing(let account, _): fields.add("account", account)
        case .wink(let object), .voiceClip(let object): PayloadMeaning.add("object", object, to: &fields)
        case .action(let text): fields.add("text", text)
        case .datacast(let id, let data):
            fields.add("id", id)
            fields.add("data", data)
        case .emoticons(let emoticons, let areAnimated):
            fields.add("animated", .flag(areAnimated))
            fields.add("emoticons", .list(emoticons.map { .fields($0.fields) }))
        case .ink(let ink): ink.add(to: &fields)
        case .mail(let notice): notice.add(to: &fields)
        case .offline(let notice): notice.add(to: &fields)
        case .client(let program): fields.add("client_name", program)
        case .system(let type, let minutes):
            fields.add("type", type)
            fields.add("minutes", minutes)
        case .nudge, .invitation, .profile, .keepAlive, .peerToPeer, .part, .other: break
        }
    }
}
