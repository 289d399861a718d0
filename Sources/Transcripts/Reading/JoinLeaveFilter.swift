// Who comes and goes, where several connections show it.

internal import Events

/// Which changes one connection of a session showed already, so that those of the others, some moments later, are not
/// taken for news.
struct JoinLeaveFilter: Sendable {
    /// Somebody came or went.
    struct Change: Sendable, Equatable {
        var account: String
        var isGone: Bool
    }

    /// What each connection is still to show.
    private var expected: [Int: [(change: Change, time: Timestamp)]] = [:]

    private static let mostExpected = 200

    /// Takes a change that a connection shows.
    ///
    /// - Parameter others: the connections of the same session that will show it, too.
    /// - Returns: whether no other connection has shown it.
    mutating func take(_ change: Change, on connection: Int, at time: Timestamp, others: [Int]) -> Bool {
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

    /// Forgets a connection that has ended.
    mutating func forget(_ connection: Int) { expected[connection] = nil }
}
