// Clients in transparent mode: where they are connected to, and which redirects bring them back without a change.

internal import Events
internal import MSNP
internal import NIOCore

extension RelayServer {
    /// What the relay knows of a client when it accepts it.
    struct Arrival {
        /// The server of the client's listener, or where the client wanted to go; if it is refused, the address that it used.
        var server: HostPort
        /// Why a client without a known cookie is not connected to it.
        var refusal: Finding?
        /// Where the client wanted to go, if a firewall rule caught its connection.
        var caught: HostPort?
        /// Whether it came by TPROXY: its local address is that of its server.
        var isIntercepted = false
        /// The direct link that the client opens; nil for a connection to a server.
        var link: DirectLink?

        init(server: HostPort) { self.server = server }

        /// A client that connected to the relay itself; refused if there is no upstream server.
        init(upstream: HostPort?, local: HostPort?) {
            server = upstream ?? local ?? HostPort("0.0.0.0", 0)
            guard upstream == nil else { return }
            let text = "The client connected to the relay itself, and there is no --upstream server for it."
            refusal = Finding(.destinationRefused, text, side: .client)
        }

        init(upstream: HostPort?, _ channel: any Channel) {
            self.init(upstream: upstream, local: channel.localAddress?.hostPort)
        }
    }

    /// Whether the relay also accepts what TPROXY brings.
    package var acceptsForeignAddresses: Bool { listeners.acceptsForeignAddresses }

    /// Sets up the channel of a client that a firewall rule may have brought.
    func acceptTransparently(_ channel: any Channel) -> EventLoopFuture<Void> {
        TransparentSocket.originalDestination(of: channel).flatMap { [self] translated in
            accept(channel, arrival(of: channel, translated))
        }
    }

    /// Finds out where the client wanted to go.
    private func arrival(of channel: any Channel, _ translated: SocketAddress?) -> Arrival {
        guard let local = channel.localAddress, let client = channel.remoteAddress,
            let destination = OriginalDestination.find(
                local: local, translated: translated, client: client,
                OriginalDestination.Facts(isListener: dialer.isOwn, isThisMachine: Dialer.isLocal))
        else { return Arrival(upstream: options.upstreamTarget, channel) }
        switch destination {
        case .relay(let port):
            // A rule for all ports also catches connections to the extra listeners.
            if let server = listeners.server(ofExtraPort: Int(port)) { return Arrival(server: server) }
            return Arrival(upstream: options.upstreamTarget, channel)
        case .redirected(let address), .intercepted(let address):
            var arrival = Arrival(server: options.target(for: address))
            arrival.caught = address
            arrival.isIntercepted = destination == .intercepted(address)
            return arrival
        case .refused(let address, let why):
            report("\(client.ipAddress ?? "a client") wanted to go to \(address): refused, \(why)")
            var arrival = Arrival(server: address)
            let text = "The client wanted to go to \(address), to which the relay connects no client: \(why)."
            arrival.refusal = Finding(.destinationRefused, text, side: .client)
            return arrival
        }
    }

    /// Whether the firewall rule that caught a client also catches its connection to the server of a redirect. All that
    /// is known of the rule is one port.
    func isCaughtAgain(_ connection: RelayedConnection, _ redirect: Redirect) -> Bool {
        connection.caught?.port == redirect.address.port && options.target(for: redirect.address) == redirect.address
    }

    /// Whether a redirect without a cookie stays as it is.
    ///
    /// At an address of the relay, the listener's port identifies the server. An intercepted client would come back to the
    /// address of its present server instead; but the rule that brought it also brings it on its way to the next one.
    func comesBackUnchanged(_ connection: RelayedConnection, _ redirect: Redirect) -> Bool {
        connection.isIntercepted && options.advertisedHost == nil && isCaughtAgain(connection, redirect)
    }
}
