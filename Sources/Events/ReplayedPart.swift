// The parts of a replay that reads one connection after the other.

/// A part of a replay in which the connections follow one another.
package enum ReplayedPart: Sendable {
    /// A connection with this number begins; `isAsked` says whether the requested identifier includes it.
    case begins(Int, isAsked: Bool)
    /// An event on the current connection.
    case event(Event)
    /// The connection with this number has no more events.
    case ends(Int)
}
