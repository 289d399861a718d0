// Keeps direct links between clients in the path: a listener for each agreement, which connects one client to the other.

internal import Events
internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Payloads

extension RelayServer {
    /// A direct link for which the relay listens.
    struct DirectLink: Sendable {
        /// The addresses at which the other client waits, in the order in which they are tried.
        var addresses: [HostPort]
        /// The sign-in and the dialect of the conversation in which the clients agreed on it.
        var signIn: SignIn?
        var dialect: Dialect?

        /// How long one address may take: there may be several, and the client waits.
        private static let timeout = TimeAmount.seconds(5)

        /// Connects to the first address that answers.
        func connect(
            _ dialer: Dialer, on loop: any EventLoop,
            _ initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
        ) -> EventLoopFuture<any Channel> {
            dialer.with(timeout: Self.timeout).connect(toFirstOf: addresses[...], on: loop, initialize: initialize)
        }
    }

    /// Opens a listener for the direct link on which the clients of a conversation agree.
    func keep(
        _ agreement: DirectLinkAgreement, of connection: RelayedConnection
    ) -> EventLoopFuture<Session.DirectLinkDecision> {
        let loop = connection.loop
        func leave(_ why: String) -> EventLoopFuture<Session.DirectLinkDecision> {
            loop.makeSucceededFuture(.leave(why))
        }
        guard !connection.isIntercepted, let local = connection.client.localAddress?.hostPort, local.ipv4 != nil else {
            return leave("the client did not connect to an IPv4 address of the relay")
        }
        let isLocal = options.advertisedHost == nil && isThisMachine(connection.client.remoteAddress)
        let host = options.advertisedHost ?? local.host
        guard HostPort(host, 0).ipv4 != nil, let plan = DirectLinkPlan(agreement, host: host, isLocal: isLocal) else {
            return leave("it cannot name an address of the relay instead")
        }
        let link = DirectLink(
            addresses: agreement.addresses.filter { isAllowed($0, for: connection) }, signIn: connection.signIn,
            dialect: connection.session.tap.dialect)
        guard let first = link.addresses.first else { return leave("the relay connects nobody to these addresses") }
        var arrival = Arrival(server: first)
        arrival.link = link
        // Behind port forwarding, the relay listens at the address that it has itself.
        let bound = options.advertisedHost == nil ? plan.host : local.host
        let (client, wanted) = (connection.clientHost, arrival)
        let isTaken = NIOLockedValueBox(false)
        let opened = listeners.openLink(at: bound, ports: plan.ports, on: loop) { [self] channel in
            guard channel.remoteAddress?.ipAddress == client else {
                report(
                    "\(channel.remoteAddress?.text ?? "somebody") came to the listener of another client's direct link")
                return channel.eventLoop.makeFailedFuture(RelayError("a stranger"))
            }
            // The listener closes when this client is there; until then another one may come.
            let isSecond = isTaken.withLockedValue { taken in
                defer { taken = true }
                return taken
            }
            return isSecond
                ? channel.eventLoop.makeFailedFuture(RelayError("a second client")) : accept(channel, wanted)
        }
        let this = NIOLoopBound(connection, eventLoop: loop)
        return opened.flatMapThrowing { [self] listener in
            guard let address = listener.localAddress?.hostPort else { throw RelayError("it has no address") }
            announce(address)
            let timer = loop.scheduleTask(in: TimeAmount(options.directLinkTimeout)) {
                listener.close(promise: nil)
                let text = "Nobody came to \(address), where the relay waited for the direct link to \(first)."
                this.value.addFinding(Finding(.directLinkUnused, text, side: .client))
            }
            listener.closeFuture.whenComplete { _ in timer.cancel() }
            return .keep(plan, port: address.port)
        }
    }

    /// Whether the relay connects a client to an address that another client named: to none that means the relay's own
    /// machine or link, and to no port of the system's services.
    private func isAllowed(_ address: HostPort, for connection: RelayedConnection) -> Bool {
        guard address.port >= 1_024, let client = connection.client.remoteAddress,
            let target = try? SocketAddress(ipAddress: address.host, port: Int(address.port))
        else { return false }
        let facts = OriginalDestination.Facts(isListener: dialer.isOwn, isThisMachine: Dialer.isLocal)
        switch OriginalDestination.find(local: target, translated: nil, client: client, facts) {
        case .intercepted, .redirected: return true
        case .relay, .refused, nil: return false
        }
    }

    private func isThisMachine(_ address: SocketAddress?) -> Bool {
        address.flatMap { HostAddress($0) }.map(Dialer.isLocal) == true
    }
}
