// Associates connections with sign-ins and, by cookie, with switchboard redirects. Relay and capture reader share it.

package import Events
package import MSNP

/// Recognizes clients that a server redirected to another one. Times are nanoseconds of a monotonic clock.
package struct ConnectionRegistry: Sendable {
    private var signIns: SignInRegistry
    private var switchboards = CookieRegistry()

    /// The number of the last new sign-in, where they are numbered here.
    package var lastSignIn: Int { signIns.last }

    /// - Parameters:
    ///   - nextSignIn: returns the number for a new sign-in; without it, they are numbered here.
    ///   - last: the number before the first one.
    package init(nextSignIn: (@Sendable () -> Int)? = nil, after last: Int = 0) {
        signIns = SignInRegistry(next: nextSignIn, after: last)
    }

    /// The classification of a connection by the client's first command.
    package enum Arrival: Sendable, Hashable {
        /// The client signs in. The sign-in is nil if several match, until the account is known (`identify`).
        case signIn(SignIn?)
        /// The client joins a switchboard with the cookie of this redirect; the finding reports a misuse of the cookie.
        case switchboard(CookieGrant, Finding?)
        /// The client joins a switchboard with an unknown cookie.
        case unknownCookie(account: String)
        /// The connection is unrelated to others.
        case other
    }

    /// A client that its server redirects.
    package struct RedirectedClient: Sendable {
        /// The client's address without port.
        package var host: String
        /// The client's account, if known.
        package var account: String?
        /// The dialect of its connection.
        package var dialect: Dialect?
        /// The sign-in of its connection.
        package var signIn: SignIn?
        /// The last transaction identifier sent by the client.
        package var lastTransaction: UInt32?

        /// Creates the value from the state of the client's connection.
        package init(host: String, signIn: SignIn?, tap: Tap) {
            self.host = host
            self.signIn = signIn
            account = tap.account
            dialect = tap.dialect
            lastTransaction = tap.lastTransaction
        }
    }

    /// Classifies a new connection by the client's first command.
    ///
    /// - Parameters:
    ///   - opening: the first command.
    ///   - clientHost: the client's address without port.
    ///   - destination: the server that the client connects to.
    package mutating func arrive(
        _ opening: FirstCommand, from clientHost: String, at destination: HostPort, now: Int64
    ) -> Arrival {
        switch opening {
        case .notification(let transaction):
            return .signIn(signIns.arrive(from: clientHost, at: destination, transaction: transaction, now: now))
        case .switchboardCaller(let account, let cookie), .switchboardCallee(let account, let cookie, _):
            let account = String(decoding: account, as: UTF8.self)
            switch switchboards.claim(cookie: cookie, account: account, clientHost: clientHost, now: now) {
            case .known(let grant, let finding): return .switchboard(grant, finding)
            case .unknown: return .unknownCookie(account: account)
            }
        case .dispatch, .fileTransfer, .otherCommand, .peerToPeer, .http, .foreign: return .other
        }
    }

    /// Determines the sign-in of a connection when its account becomes known.
    ///
    /// - Parameter current: the sign-in assigned so far.
    package mutating func identify(
        _ account: String, from clientHost: String, current: SignIn?, now: Int64
    ) -> SignIn {
        signIns.identify(account, from: clientHost, current: current, now: now)
    }

    /// Creates a sign-in for a client whose first command was not seen.
    package mutating func newSignIn(account: String?) -> SignIn { signIns.new(account: account) }

    /// Records a redirect, so that the client is recognized at its destination.
    ///
    /// - Parameters:
    ///   - client: the redirected client.
    ///   - redirect: the server's redirect.
    ///   - destination: the address where the client will connect; nil for the address in the redirect.
    package mutating func redirect(
        _ client: RedirectedClient, _ redirect: Redirect, to destination: HostPort? = nil, now: Int64
    ) {
        if let cookie = redirect.cookie {
            let grant = CookieGrant(
                address: redirect.address, account: client.account, clientHost: client.host, dialect: client.dialect,
                signIn: client.signIn)
            switchboards.record(grant, cookie: cookie, now: now)
        } else if let signIn = client.signIn {
            signIns.expect(
                signIn, from: client.host, at: destination ?? redirect.address,
                nextTransaction: client.lastTransaction.map { $0 &+ 1 }, now: now)
        }
    }

    /// Whether a redirect can be recorded: false if its cookie is too long.
    package static func canRemember(_ redirect: Redirect) -> Bool {
        redirect.cookie.map { $0.count <= CookieRegistry.longestCookie } ?? true
    }

    /// The finding on a client with an unknown cookie.
    ///
    /// - Parameter server: the server to which the relay connected the client; nil in captures.
    package static func unknownCookie(of account: String, connectedTo server: HostPort? = nil) -> Finding {
        let place = server.map { "; connected to \($0)" } ?? " in this capture"
        return Finding(
            .cookieUnknown, "\(account) used a cookie that no redirect contained\(place).", side: .client)
    }
}
