// What is asked of a list of events, and the answer: a part of the list, and how to go on.

package import Events

/// Which events a list has.
package enum EventScope: Sendable, Hashable {
    /// All connections of recordings that are complete or still running.
    case everything
    /// What an identifier names: a connection, a sign-in, a recording. A conversation is the whole talk that it is part
    /// of, over all its connections, if the archive has rows of talks; else its own connection.
    case of(ArchiveID)
}

/// Which part of a list to read.
package enum EventPlace: Sendable, Hashable {
    /// The newest events; with a cursor only those behind it, and `EventWindow.skipped` says how many lie between.
    case newest(after: EventCursor?)
    /// The events behind a place.
    case after(EventCursor)
    /// The events in front of a place.
    case before(EventCursor)
    /// Half of the events in front of an address, then the event and the others. Behind the end of a connection, its
    /// last event.
    case around(EventAddress)
    /// Half of the events in front of a time, the others from it on.
    case aroundTime(Timestamp)
}

/// How much is made of each event.
package enum EventDepth: Sendable, Hashable {
    /// What a row of a list needs, without reading the connection from its beginning: the event as recorded, its
    /// messages and findings as the tables have them. `closed` events have no sums.
    case row
    /// Everything that `show` gives: the connection is analysed from its beginning, or from the nearest snapshot.
    case full
}

/// One event of a list.
package struct EventItem: Sendable {
    /// Its address.
    package var address: EventAddress
    /// Its place in the order of the list.
    package var cursor: EventCursor
    /// The recorded event, first, and what follows from it; at the end of a connection, findings come before `closed`.
    /// Empty if the bytes cannot be read.
    package var events: [Event]
    /// Set instead of events if a part of the archive is damaged.
    package var damage: Damage?

    /// The number in `events` of the recorded event itself; nil if it is damaged.
    package var recorded: Int?

    /// Events that cannot be read.
    package struct Damage: Sendable, Hashable {
        /// The number of the block, from 0.
        package var block: Int64
        /// How many events cannot be read here.
        package var events: Int
    }
}

/// A part of a list of events.
package struct EventWindow: Sendable {
    /// The events, ascending.
    package internal(set) var items: [EventItem] = []
    /// Where to go on towards later events; nil if there are none now. With `isDone == false` and a forward direction it
    /// is where the search stopped.
    package internal(set) var next: EventCursor?
    /// Where to go on towards earlier events; nil if there are none.
    package internal(set) var previous: EventCursor?
    /// The number of events that were looked at.
    package internal(set) var scanned: Int64 = 0
    /// Of a list that begins behind a cursor: the events between it and the first item.
    package internal(set) var skipped: Int64 = 0
    /// False if the time was used up before there were enough items.
    package internal(set) var isDone = true

    package init() {}
}

/// One event in full.
package struct EventDetails: Sendable {
    /// The event and what follows from it, analysed as by `show`.
    package internal(set) var item: EventItem
    /// The request that it answers.
    package internal(set) var request: EventAddress?
    /// The first answer to it, if it is a request.
    package internal(set) var answer: EventAddress?
    /// The row of the connection that came of it: of a redirect that a client followed.
    package internal(set) var leadsTo: Int64?
}
