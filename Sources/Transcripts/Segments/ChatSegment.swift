// Talk on one connection: what conversations are twisted of.

package import Events

/// What was said with the same people on one connection.
package struct ChatSegment: Sendable, Hashable {
    /// The connection.
    package var connection: Int
    /// What recorded it; strands of two recordings are never one conversation, for they may be of the same talk.
    package var recording: Int
    /// The sign-in that it belongs to, if that is known.
    package var signIn: Int?
    /// What carried it.
    package var carrier: Carrier
    /// The account of the client; empty where it was not seen.
    package var own: String
    /// Everybody else who ever was there.
    package var people: Set<String>
    /// Those who were there when somebody last was.
    package var peopleAtLast: Set<String>
    /// When it began.
    package var first: Timestamp
    /// When something last happened.
    package var last: Timestamp
    /// How many things a reader would want to know.
    package var remarks: Int

    /// What carries talk.
    package enum Carrier: Sendable, Hashable {
        /// A switchboard of this server, with its session number where it was seen.
        case switchboard(server: String, session: String?)
        /// The notification connection: all that was written to and by this person or group.
        case letters(partner: String)
    }

    /// Until when something may be part of it: a letter's answer comes a little later.
    var end: Timestamp {
        guard case .letters = carrier else { return last }
        let (end, isOver) = last.nanoseconds.addingReportingOverflow(60_000_000_000)
        return isOver ? last : Timestamp(nanoseconds: end)
    }

    /// The same strand with what was found beside messages counted too.
    package func counting(_ sideEvents: [SideEvent]) -> ChatSegment {
        var segment = self
        segment.remarks += sideEvents.count { holds($0) }
        return segment
    }

    /// Whether something happened in it.
    func holds(_ sideEvent: SideEvent) -> Bool {
        if case .letters(let partner) = carrier, let partners = sideEvent.partners, !partners.contains(partner) {
            return false
        }
        return first <= sideEvent.time && sideEvent.time <= end
    }

    /// The switchboard session that it shows, where its number and server are known.
    var session: Session? {
        guard case .switchboard(let server, let number?) = carrier, !server.isEmpty else { return nil }
        return Session(recording: recording, server: server, number: number)
    }

    /// A session of a switchboard.
    struct Session: Hashable {
        var recording: Int
        var server: String
        var number: String
    }

    /// Everybody; nil where one end of the talk is not known.
    var everybody: Set<String>? { own.isEmpty || people.isEmpty ? nil : people.union([own]) }
    /// The client and those who were there at last.
    var everybodyAtLast: Set<String>? { own.isEmpty || peopleAtLast.isEmpty ? nil : peopleAtLast.union([own]) }
}
