// Associates connections with sign-ins, by matching a redirected client at the server it was redirected to.

package import Events
package import MSNP

/// Numbers sign-ins, and recognizes a client that connects to another notification server after a redirect.
package struct SignInRegistry: Sendable {
    /// How long a redirected client is expected, in nanoseconds.
    package static let redirectTimeout: Int64 = 120 * 1_000_000_000
    /// The maximum number of clients expected at once; the oldest are dropped first.
    package static let mostExpected = 16_384

    /// A client that was redirected to another notification server.
    private struct Expected: Sendable {
        var signIn: SignIn
        var clientHost: String
        /// The server address to which the client was redirected.
        var destination: HostPort
        /// The transaction identifier with which most clients continue after a redirect.
        var nextTransaction: UInt32?
        var deadline: Int64
        /// Whether a connection was matched to this client, without confirmation by its account.
        var isTaken = false
    }

    /// The number of the last new sign-in, where they are numbered here.
    package private(set) var last: Int
    private let next: (@Sendable () -> Int)?
    private var expected: [Expected] = []

    /// - Parameters:
    ///   - next: returns the number for a new sign-in; without it, they are numbered here.
    ///   - last: the number before the first one.
    package init(next: (@Sendable () -> Int)? = nil, after last: Int = 0) {
        self.next = next
        self.last = last
    }

    /// Creates a sign-in with the next number.
    package mutating func new(account: String?) -> SignIn {
        last += 1
        return SignIn(number: next?() ?? last, account: account)
    }

    /// Records that a client was redirected, and expects it at its destination.
    package mutating func expect(
        _ signIn: SignIn, from clientHost: String, at destination: HostPort, nextTransaction: UInt32?, now: Int64
    ) {
        forget(now: now)
        // The latest redirect of a sign-in replaces earlier ones, so a flood of redirects takes one entry.
        expected.removeAll { $0.signIn.number == signIn.number }
        if expected.count >= Self.mostExpected { expected.removeFirst() }
        expected.append(
            Expected(
                signIn: signIn, clientHost: clientHost, destination: destination, nextTransaction: nextTransaction,
                deadline: now &+ Self.redirectTimeout))
    }

    /// Matches a new connection by client address, destination and transaction identifier.
    ///
    /// - Returns: the sign-in of the only match, or a new sign-in without a match; nil if there are several matches,
    ///   until the account is known (`identify`).
    package mutating func arrive(
        from clientHost: String, at destination: HostPort, transaction: UInt32?, now: Int64
    ) -> SignIn? {
        forget(now: now)
        let here = expected.indices.filter {
            !expected[$0].isTaken && expected[$0].clientHost == clientHost && expected[$0].destination == destination
        }
        let counting = here.filter { transaction != nil && expected[$0].nextTransaction == transaction }
        guard here.count == 1 || counting.count == 1, let index = here.count == 1 ? here.first : counting.first else {
            return here.isEmpty ? new(account: nil) : nil
        }
        expected[index].isTaken = true
        return expected[index].signIn
    }

    /// Determines the sign-in of a connection when its account becomes known.
    ///
    /// - Parameter current: the result of `arrive`.
    package mutating func identify(
        _ account: String, from clientHost: String, current: SignIn?, now: Int64
    ) -> SignIn {
        forget(now: now)
        let guessed = current.flatMap { current in expected.firstIndex { $0.signIn.number == current.number } }
        if let current, current.account == account {
            if let guessed { expected.remove(at: guessed) }
            return current
        }
        let own = expected.firstIndex { $0.clientHost == clientHost && $0.signIn.account == account }
        if let own {
            // The match of `arrive` was wrong, so that client is still expected.
            if let guessed { expected[guessed].isTaken = false }
            return expected.remove(at: own).signIn
        }
        if let current, current.account == nil {
            if let guessed { expected.remove(at: guessed) }
            return SignIn(number: current.number, account: account)
        }
        if let guessed { expected[guessed].isTaken = false }
        return new(account: account)
    }

    private mutating func forget(now: Int64) {
        if let first = expected.firstIndex(where: { $0.deadline > now }) {
            expected.removeSubrange(..<first)
        } else {
            expected.removeAll()
        }
    }
}
