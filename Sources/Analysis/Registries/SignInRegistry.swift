// Which connections belong to one sign-in: a client that was sent elsewhere is expected there. Pure.

package import Events
package import MSNP

/// Numbers the sign-ins, and recognises a client that comes back after a redirect.
package struct SignInRegistry: Sendable {
    /// How long a redirected client is expected.
    package static let patience: Int64 = 120 * 1_000_000_000
    /// How many redirected clients are expected at once; the oldest is forgotten first.
    package static let mostExpected = 16_384

    /// A client that was told to go to another notification server.
    private struct Expected: Sendable {
        var signIn: SignIn
        var clientHost: String
        /// The address that the server named: what the listener that the client comes to is bound to.
        var destination: HostPort
        /// The transaction identifier that most clients go on with.
        var nextTransaction: UInt32?
        var deadline: Int64
        /// Whether a client came that was taken for this one; its account has yet to confirm it.
        var isTaken = false
    }

    private var last = 0
    private var expected: [Expected] = []

    /// Nobody yet.
    package init() {}

    /// Whether anybody signed in yet.
    package var hasSome: Bool { last > 0 }

    /// A sign-in of its own.
    package mutating func new(account: String?) -> SignIn {
        last += 1
        return SignIn(number: last, account: account)
    }

    /// Notes that a client was told to go elsewhere.
    package mutating func expect(
        _ signIn: SignIn, from clientHost: String, at destination: HostPort, nextTransaction: UInt32?, now: Int64
    ) {
        forget(now: now)
        // A server that sends a client on twice means the last time; floods of redirects stay one entry.
        expected.removeAll { $0.signIn.number == signIn.number }
        if expected.count >= Self.mostExpected { expected.removeFirst() }
        expected.append(
            Expected(
                signIn: signIn, clientHost: clientHost, destination: destination, nextTransaction: nextTransaction,
                deadline: now &+ Self.patience))
    }

    /// Recognises a client by where it comes from and how it goes on counting.
    ///
    /// - Returns: the sign-in if only one can be meant; nil where the account has to tell.
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

    /// Says which sign-in a connection belongs to, now that its account is known.
    ///
    /// - Parameter current: what `arrive` said.
    package mutating func name(
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
            // Whoever was really meant by the guess may still come.
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
