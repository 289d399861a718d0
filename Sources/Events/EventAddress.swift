// Addresses of recorded events, `c14.12`, and places in the order of events over several connections.

/// The address of one recorded event: a connection, and the number of the event in its list.
///
/// The list has everything that was recorded of a connection, in the order of `show`: opened, frames, noise, gaps,
/// rewritings, recorded findings, closed. Recorded entries are never changed, so an address stays valid. What follows
/// from an entry (messages, findings that are made again) has the address of that entry.
package struct EventAddress: Sendable, Hashable, CustomStringConvertible {
    /// The row of the connection.
    package var connection: Int64
    /// The number of the event, from 1.
    package var number: Int64

    package init(connection: Int64, number: Int64) {
        self.connection = connection
        self.number = number
    }

    /// Parses an address such as `c14.12`; nil for other texts.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 48, let kind = text.first, kind == "c" || kind == "C" else { return nil }
        let parts = text.dropFirst().split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }),
            let connection = Int64(parts[0]), let number = Int64(parts[1]), connection > 0, number > 0
        else { return nil }
        self.init(connection: connection, number: number)
    }

    /// The address as users type it.
    package var description: String { "c\(connection).\(number)" }
}

/// A place in the order of events: between two events, or at one. Over several connections events are ordered by time,
/// then connection, then number.
package struct EventCursor: Sendable, Hashable, Comparable {
    /// Nanoseconds since 1970. An event that is recorded behind a later one of its connection has the time of that one.
    package var time: Int64
    /// The row of the connection.
    package var connection: Int64
    /// The number of the event.
    package var number: Int64

    package init(time: Int64, connection: Int64, number: Int64) {
        self.time = time
        self.connection = connection
        self.number = number
    }

    /// The place in front of all events of a time.
    package init(before time: Timestamp) { self.init(time: time.nanoseconds, connection: 0, number: 0) }

    package static func < (a: EventCursor, b: EventCursor) -> Bool {
        (a.time, a.connection, a.number) < (b.time, b.connection, b.number)
    }
}
