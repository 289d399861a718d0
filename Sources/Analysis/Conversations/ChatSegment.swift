// The part of a conversation that one connection carried.

package import Events

/// The messages exchanged with the same people on one connection.
package struct ChatSegment: Sendable, Hashable {
    /// The number of the connection.
    package var connection: Int
    /// The recording of the connection. Segments of two recordings are never joined: both may show the same messages.
    package var recording: Int
    /// The number of the sign-in that the connection belongs to; nil if unknown.
    package var signIn: Int?
    /// The kind of connection that carried it.
    package var carrier: Carrier
    /// The account of the recorded client; empty if unknown.
    package var own: String
    /// The accounts of all other people who took part at any time.
    package var people: Set<String>
    /// The accounts of the other people who took part last, before the segment emptied or ended.
    package var peopleAtEnd: Set<String>
    /// The time of the first event.
    package var first: Timestamp
    /// The time of the last event.
    package var last: Timestamp
    /// The number of entries that a transcript shows of it.
    package var entryCount: Int

    package init(
        connection: Int, recording: Int, signIn: Int? = nil, carrier: Carrier, own: String, people: Set<String>,
        peopleAtEnd: Set<String>, first: Timestamp, last: Timestamp, entryCount: Int
    ) {
        self.connection = connection
        self.recording = recording
        self.signIn = signIn
        self.carrier = carrier
        self.own = own
        self.people = people
        self.peopleAtEnd = peopleAtEnd
        self.first = first
        self.last = last
        self.entryCount = entryCount
    }

    /// The kind of connection that carries messages.
    package enum Carrier: Sendable, Hashable {
        /// A switchboard of this server, with its session number if it was recorded.
        case switchboard(server: String, session: String?)
        /// The notification connection: all messages to and from this person or group.
        case directMessages(partner: String)
    }

    /// The latest time of an event of this segment. The answer to a direct message may follow within a minute.
    package var end: Timestamp {
        guard case .directMessages = carrier else { return last }
        let (end, isOver) = last.nanoseconds.addingReportingOverflow(60_000_000_000)
        return isOver ? last : Timestamp(nanoseconds: end)
    }

    /// The switchboard session; nil if its number or server is unknown.
    package var session: Session? {
        guard case .switchboard(let server, let number?) = carrier, !server.isEmpty else { return nil }
        return Session(recording: recording, server: server, number: number)
    }

    /// A switchboard session of one recording.
    package struct Session: Hashable {
        package var recording: Int
        package var server: String
        package var number: String
    }

    /// All accounts that took part; nil if the client's account or everyone else's is unknown.
    package var allAccounts: Set<String>? { own.isEmpty || people.isEmpty ? nil : people.union([own]) }
    /// The accounts that took part last; nil as for `allAccounts`.
    package var allAccountsAtEnd: Set<String>? { own.isEmpty || peopleAtEnd.isEmpty ? nil : peopleAtEnd.union([own]) }
}
