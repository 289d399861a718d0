// Which connections belong together: sign-ins and the cookies of switchboards. Relay and captures share it. Pure.

package import Events
package import MSNP

/// Recognizes clients that were sent from one server to another. Times are nanoseconds of a clock that never goes back.
package struct ConnectionRegistry: Sendable {
    private var signIns = SignInRegistry()
    private var switchboards = CookieRegistry()

    /// No connection yet.
    package init() {}

    /// What is known of a client by its first command.
    package enum Arrival: Sendable, Hashable {
        /// It signs in. The sign-in is nil where only the account will tell which one it is.
        case signIn(SignIn?)
        /// It enters a switchboard with the cookie of this redirect; the finding says what is odd about that, if anything.
        case switchboard(CookieGrant, Finding?)
        /// It enters a switchboard with a cookie that is not known.
        case unknownCookie(account: String)
        /// Its connection has nothing to do with others.
        case other
    }

    /// A client that its server sends elsewhere.
    package struct RedirectedClient: Sendable {
        /// Where it comes from, without a port.
        package var host: String
        /// Its account, as far as known.
        package var account: String?
        /// The dialect of its connection.
        package var dialect: Dialect?
        /// The sign-in of its connection.
        package var signIn: SignIn?
        /// The last transaction identifier that it used.
        package var lastTransaction: UInt32?

        /// A client with all that is known of it.
        package init(host: String, signIn: SignIn?, tap: Tap) {
            self.host = host
            self.signIn = signIn
            account = tap.account
            dialect = tap.dialect
            lastTransaction = tap.lastTransaction
        }
    }

    /// Recognizes a client by its first command.
    ///
    /// - Parameters:
    ///   - opening: that command.
    ///   - clientHost: where the client comes from, without a port.
    ///   - destination: the server that it wants.
    package mutating func arrive(
        _ opening: FirstCommand, from clientHost: String, at destination: HostPort, now: Int64
    ) -> Arrival {
        switch opening {
        case .notification(let transaction):
            return .signIn(signIns.arrive(from: clientHost, at: destination, transaction: transaction, now: now))
        case .switchboardCaller(let account, let cookie), .switchboardCallee(let account, let cookie, _):
            let account = String(decoding: account, as: UTF8.self)
            switch switchboards.claim(cookie: cookie, account: account, clientHost: clientHost, now: now) {
            case .known(let promise, let finding): return .switchboard(promise, finding)
            case .unknown: return .unknownCookie(account: account)
            }
        case .dispatch, .fileTransfer, .otherCommand, .peerToPeer, .http, .foreign: return .other
        }
    }

    /// The sign-in of a connection whose account is known now.
    ///
    /// - Parameter current: what was known of the sign-in before.
    package mutating func identify(
        _ account: String, from clientHost: String, current: SignIn?, now: Int64
    ) -> SignIn {
        signIns.name(account, from: clientHost, current: current, now: now)
    }

    /// A sign-in of a client whose first command was not seen.
    package mutating func newSignIn(account: String?) -> SignIn { signIns.new(account: account) }

    /// Remembers a client that is sent elsewhere, so that it is recognized there.
    ///
    /// - Parameters:
    ///   - client: who is sent.
    ///   - redirect: what its server said.
    ///   - destination: where it will arrive; where the server said, unless given.
    package mutating func redirect(
        _ client: RedirectedClient, _ redirect: Redirect, to destination: HostPort? = nil, now: Int64
    ) {
        if let cookie = redirect.cookie {
            let promise = CookieGrant(
                address: redirect.address, account: client.account, clientHost: client.host, dialect: client.dialect,
                signIn: client.signIn)
            switchboards.promise(promise, cookie: cookie, now: now)
        } else if let signIn = client.signIn {
            signIns.expect(
                signIn, from: client.host, at: destination ?? redirect.address,
                nextTransaction: client.lastTransaction.map { $0 &+ 1 }, now: now)
        }
    }

    /// Whether a redirect can be remembered: a cookie may be too long.
    package static func canRemember(_ redirect: Redirect) -> Bool {
        redirect.cookie.map { $0.count <= CookieRegistry.longestCookie } ?? true
    }

    /// The finding on a client with an unknown cookie.
    ///
    /// - Parameter server: where the relay connected the client; nil in captures.
    package static func unknownCookie(of account: String, connectedTo server: HostPort? = nil) -> Finding {
        let place = server.map { "here; connected to \($0)" } ?? "in what was captured"
        return Finding(
            .cookieUnknown, "\(account) came with a cookie that nobody was promised \(place).", side: .client)
    }
}
