// One entry of a conversation's transcript: a message, a file, a join or leave, or missing data.

package import Events
package import Payloads

/// One entry of a transcript.
package struct ChatEntry: Sendable {
    /// The time of the event.
    package var time: Timestamp
    /// The account that caused it; empty if there is none, or if it is unknown.
    package var account: String
    /// The account's display name at that time; the account itself if no name is known.
    package var name: String
    /// The content.
    package var what: What
    /// Whether the recorded client caused it.
    package var isOwn: Bool
    /// Whether an answer to an invitation comes from the sender of that invitation.
    var isOfferer = false
    /// The place of its event; nil if the reader did not get places.
    package var address: EventAddress?
    /// Its place in the order of events.
    package var cursor: EventCursor?

    /// The content of an entry.
    package enum What: Sendable {
        /// A text message.
        case text(TextMessage, Delivery)
        /// Another message: a nudge, a wink, ink, the pictures of emoticons, an invitation.
        case annotation(MessageBody, Delivery)
        /// A file offered over the peer-to-peer layer or sent by MSNFTP.
        case file(SharedFile)
        /// A peer-to-peer invitation to something other than a file.
        case invitation(PeerInvitation)
        /// A typing notification; only on request.
        case typing(isRecording: Bool)
        /// A participant joined.
        case joined
        /// A participant was present before the client.
        case here
        /// A participant left.
        case left
        /// The server announced an offline message; its text is not on this connection.
        case leftMessage(received: String)
        /// Bytes are missing from the recording here.
        case gap(bytes: UInt64)
        /// A message is incomplete in the recording.
        case incomplete(String)
    }

    /// The outcome of a message, as far as its sender requested an acknowledgement.
    package enum Delivery: Sendable, Hashable {
        /// No acknowledgement was requested, or only failures were to be reported and none was, or the recording has no
        /// acknowledgements of the connection at all.
        case notAsked
        /// `ACK`.
        case acknowledged
        /// `NAK`, or an error.
        case refused
        /// An acknowledgement was requested and is not in the recording, which has those of other messages.
        case unanswered
        /// Only a part of the message was recorded, such as `1 of 2 parts`.
        case partial(String)
    }
}
