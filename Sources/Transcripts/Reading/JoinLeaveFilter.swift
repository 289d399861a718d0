// Removes joins and leaves that several connections of one switchboard session repeat.

internal import Events

/// Remembers the joins and leaves that one connection of a session has shown, so that the same ones on the session's
/// other connections, moments later, are recognised as repetitions.
struct JoinLeaveFilter: Sendable {
    /// A join or leave.
    struct Change: Sendable, Equatable {
        var account: String
        var isGone: Bool
    }

    /// The repetitions still expected on each connection.
    private var expected: [Int: [(change: Change, time: Timestamp)]] = [:]

    private static let mostExpected = 200

    /// Notes a change that a connection shows.
    ///
    /// - Parameter others: the other connections of the session, which will repeat it.
    /// - Returns: whether the change is new; false for a repetition.
    mutating func note(_ change: Change, on connection: Int, at time: Timestamp, others: [Int]) -> Bool {
        expected[connection]?.removeAll { !$0.time.isNear(time) }
        if let index = expected[connection]?.firstIndex(where: { $0.change == change }) {
            expected[connection]?.remove(at: index)
            return false
        }
        for other in others where expected[other, default: []].count < Self.mostExpected {
            expected[other, default: []].append((change, time))
        }
        return true
    }

    /// Removes a connection that has ended.
    mutating func forget(_ connection: Int) { expected[connection] = nil }
}
