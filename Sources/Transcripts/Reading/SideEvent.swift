// A transcript entry that is known later than its time: a transfer, an invitation or a partial message.

package import Events
package import MSNP

/// An entry outside the frames: its time may be much earlier than the event that completes it.
package struct SideEvent: Sendable {
    /// The time at which it is shown, usually when it began.
    package var time: Timestamp
    /// The account that caused it; empty if unknown.
    package var sender: String
    /// The sender's side of the connection; nil if unknown.
    package var side: Side?
    /// The accounts involved: a notification connection carries conversations with many. Nil if unknown.
    package var partners: Set<String>?
    /// The content of the entry.
    package var what: ChatEntry.What
    /// The event that it began with; nil if unknown.
    package var address: EventAddress?
}
