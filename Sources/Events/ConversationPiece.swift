// A piece of the events of a conversation, for readers that begin in its middle.

/// An event with its address and its place in the order of events.
package struct AddressedEvent: Sendable {
    package var event: Event
    package var address: EventAddress
    package var cursor: EventCursor

    package init(event: Event, address: EventAddress, cursor: EventCursor) {
        self.event = event
        self.address = address
        self.cursor = cursor
    }
}

/// Some events of a conversation's connections in order, and what must be known of those before them.
package struct ConversationPiece: Sendable {
    /// The commands of switchboards in front of the piece, without messages and answers to them: who takes part.
    package var earlier: [AddressedEvent] = []
    /// The events, each with what follows from it behind it.
    package var events: [AddressedEvent] = []
    /// Whether the piece begins with the first event, or ends with the last one that there is now.
    package var isFromStart = true
    package var isToEnd = true

    package init() {}
}
