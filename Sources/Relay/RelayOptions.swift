// What the person who starts the relay decides.

package import Analysis
package import MSNP

/// How a relay is set up.
package struct RelayOptions: Sendable {
    /// The server that clients are connected to unless a redirect sent them elsewhere.
    package var upstream: HostPort
    /// Where the door opens; port 0 for any.
    package var listen: HostPort
    /// The host that clients are sent to, and the door's port if it is another one from outside. Without it: the local
    /// address of each client's own connection.
    package var advertisedHost: String?
    /// The door's port as clients see it.
    package var advertisedPort: UInt16?
    /// Where extra listeners may open; any port without it.
    package var ports: ClosedRange<UInt16>?
    /// What to dial when a server says something else.
    package var dial: [HostPort: HostPort] = [:]
    /// How long a client may be silent before it is connected all the same.
    package var silence: Duration = .seconds(3)
    /// What the answers to `USR MD5` are checked against.
    package var passwords = Passwords.none
    /// How many connections may be open at once; as many as the limit on open files allows without it.
    package var mostConnections: Int?
    /// How many clients may wait for their server at once.
    var mostHandshakes = PendingClients.most
    /// How long a server may take to answer a connection attempt.
    package var dialTimeout: Duration = .seconds(15)
    /// Who knows the addresses of hosts.
    var lookup: NameQueue.Lookup = { try Lookup.addresses(of: $0) }

    /// A relay to this server, its door here.
    package init(upstream: HostPort, listen: HostPort = HostPort("127.0.0.1", HostPort.standardPort)) {
        self.upstream = upstream
        self.listen = listen
    }

    /// The hosts that the user named, and no server.
    var configuredHosts: Set<String> { Set([target(for: upstream).host, listen.host] + dial.values.map(\.host)) }

    /// What to dial for an address that a server or the command line named.
    func target(for address: HostPort) -> HostPort { dial[address] ?? address }
}

/// Why a relay could not do what it should; the text is for people.
package struct RelayError: Error, CustomStringConvertible, Sendable {
    /// What happened, where, and what to try.
    package let description: String
    /// Whether the command line asked for something impossible.
    package let isUsage: Bool

    init(_ description: String, isUsage: Bool = false) {
        self.description = description
        self.isUsage = isUsage
    }
}
