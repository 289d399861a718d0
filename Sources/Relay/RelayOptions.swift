// The relay's configuration, and the error that its operations throw.

package import Analysis
package import Doors
package import MSNP

/// The configuration of one relay.
package struct RelayOptions: Sendable {
    /// The server to which the relay connects clients that no redirect sent elsewhere; nil if it is only transparent.
    package var upstream: HostPort?
    /// Whether clients that a firewall rule brought are connected to where they wanted to go.
    package var isTransparent = false
    /// Whether redirects are rewritten so that clients come back. In transparent mode, firewall rules can do without.
    package var rewritesRedirects = true
    /// The address of the main listener; port 0 lets the system choose one.
    package var listen: HostPort
    /// The addresses of further listeners, which are as the main one.
    package var alsoListen: [HostPort] = []
    /// The ways into the relay that are open.
    package var doors = Set(Door.allCases)
    /// The password that the proxies demand; nil for none.
    package var proxyPassword: ProxyPassword?
    /// The destinations that proxies connect their clients to, besides the upstream and what redirects name.
    package var allowed: [AllowedDestination] = []
    /// The proxy that gets all other requests.
    package var nextProxy: HostPort?
    /// What becomes of agreements on direct links between clients.
    package var directLinks = DirectLinkPolicy.pass
    /// How long a listener for a direct link waits for the client.
    package var directLinkTimeout: Duration = .seconds(60)
    /// The HTTP service that gets the requests of clients' sign-ins; nil if they are refused.
    package var signIn: HostPort?
    /// How long a handshake with a proxy's client may take.
    package var handshakeTimeout: Duration = .seconds(10)
    /// How long a redirect to a proxy's client waits for it before the user gets a finding.
    package var promiseTimeout: Duration = .seconds(60)
    /// The relay's host in rewritten redirects; nil means the local address of each client's own connection.
    package var advertisedHost: String?
    /// The main listener's port in rewritten redirects, if it differs from the listening port (port forwarding).
    package var advertisedPort: UInt16?
    /// The ports for extra listeners; nil allows any port.
    package var ports: ClosedRange<UInt16>?
    /// Replacement addresses: from the address in a redirect to the address that the relay dials.
    package var dial: [HostPort: HostPort] = [:]
    /// How long the relay waits for a client's first line before it connects to the upstream without one.
    package var firstLineTimeout: Duration = .seconds(3)
    /// The passwords against which the analysis checks `USR MD5` answers.
    package var passwords = Passwords.none
    /// The limit of open connections; nil derives it from the limit on open files (`FileBudget`).
    package var mostConnections: Int?
    /// The limit of clients that wait for their server connection.
    var mostHandshakes = PendingClients.most
    /// The time-out of one connection attempt, and of one name lookup.
    package var dialTimeout: Duration = .seconds(15)
    /// Watches the relay; nil for nobody.
    package var observer: (any RelayObserver)?
    /// Returns the number for a new connection; without it, connections are numbered from 1.
    package var nextConnection: (@Sendable () -> Int)?
    /// Returns the number for a new sign-in; without it, sign-ins are numbered from 1.
    package var nextSignIn: (@Sendable () -> Int)?
    /// The resolver; tests replace it.
    var lookup: NameQueue.Lookup = { try SystemResolver.addresses(of: $0) }

    /// A configuration with defaults for everything but the upstream server and the main listener's address.
    package init(upstream: HostPort?, listen: HostPort = HostPort("127.0.0.1", HostPort.standardPort)) {
        self.upstream = upstream
        self.listen = listen
    }

    /// The hosts that the user configured, as opposed to hosts from redirects.
    var configuredHosts: Set<String> {
        Set(
            [upstream.map(target)?.host, listen.host, nextProxy?.host, signIn?.host].compactMap(\.self)
                + alsoListen.map(\.host)
                + dial.values.map(\.host))
    }

    /// The address to dial for the upstream server; nil if there is none.
    var upstreamTarget: HostPort? { upstream.map(target) }

    /// The address to dial for an address from a redirect or the command line.
    package func target(for address: HostPort) -> HostPort { dial[address] ?? address }
}

/// A failed operation of the relay, with a message for the user.
package struct RelayError: Error, CustomStringConvertible, Sendable {
    /// The failure, the address or host concerned, and advice.
    package let description: String
    /// Whether the command line is wrong, so that the exit code is 2.
    package let isUsage: Bool
    /// What it means for a proxy's client.
    let outcome: ProxyOutcome

    init(_ description: String, isUsage: Bool = false, outcome: ProxyOutcome = .failed) {
        self.description = description
        self.isUsage = isUsage
        self.outcome = outcome
    }
}
