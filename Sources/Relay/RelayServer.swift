// The relay server: owns the listeners and the state shared by all connections, and chooses each connection's server.

internal import Analysis
internal import Doors
package import Events
package import MSNP
internal import NIOConcurrencyHelpers
package import NIOCore
internal import NIOPosix

/// Relays connections between clients and servers.
///
/// It rewrites redirects (`XFR`, `RNG`) so that clients come back to the relay instead of connecting to the next server.
package final class RelayServer: Sendable {
    /// The address at which the main listener is bound; the configured one until it is open.
    package var listenAddress: HostPort { state.withLockedValue { $0.listenAddress } ?? options.listen }

    /// The addresses of all listeners that the user named, the main one first.
    package var listenAddresses: [HostPort] { [listenAddress] + state.withLockedValue { $0.furtherAddresses } }

    /// Makes the events of all connections.
    let events: EventThread
    let dialer: Dialer
    /// Addresses of this program beside the relay's own, to which it connects no client.
    private let refused: NIOLockedValueBox<[SocketAddress]>
    let names: NameService
    let hopCount = HopCount()
    let gateway = GatewaySessions()
    private let reporter: @Sendable (String) -> Void
    let firstLineTimeout: TimeAmount
    let handshakeTimeout: TimeAmount
    /// The doors of every listener.
    let openDoors: Session.OpenDoors
    let options: RelayOptions
    let group: any EventLoopGroup
    let listeners: Listeners
    let clientLimits: ClientLimits
    /// The waits for clients, by event loop.
    private let clientWaits: [ObjectIdentifier: NIOLoopBoundBox<ClientWaits?>]
    let state: NIOLockedValueBox<State>

    struct State {
        var listenAddress: HostPort?
        var furtherAddresses: [HostPort] = []
        var registry: ConnectionRegistry
        var promises = Promises()
        /// The names that a proxy's client asked for instead of the upstream; each is reported once.
        var askedElsewhere: Set<HostPort> = []
        var lastConnection = 0
        var connections: [Int: NIOLoopBound<RelayedConnection>] = [:]
        var isStopping = false
        /// Completed when no connection is left.
        var whenEmpty: [EventLoopPromise<Void>] = []
    }

    /// The server of a connection, and what is known of the connection before the server answers.
    struct Route {
        var target: HostPort
        /// The name under which the connection is recorded; nil for the address of its server.
        var name: String?
        var role: Role
        var signIn: SignIn?
        var dialect: Dialect?
        var findings: [Finding] = []
        /// Why the client is not connected to any server.
        var refusal: Finding?
    }

    private init(
        _ options: RelayOptions, group: any EventLoopGroup, sink: any LiveEventSink,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.options = options
        self.group = group
        reporter = report
        state = NIOLockedValueBox(State(registry: ConnectionRegistry(nextSignIn: options.nextSignIn)))
        firstLineTimeout = TimeAmount(options.firstLineTimeout)
        handshakeTimeout = TimeAmount(options.handshakeTimeout)
        openDoors = Session.OpenDoors(
            open: options.doors, password: options.proxyPassword, rewritesRedirects: options.rewritesRedirects,
            takesSignIns: options.signIn != nil, directLinks: options.directLinks,
            forwards: options.doors.contains(.connect) && (options.nextProxy != nil || !options.allowed.isEmpty))
        let clientLimits = ClientLimits(
            options, loops: group.makeIterator().reduce(0) { count, _ in count + 1 }, report)
        self.clientLimits = clientLimits
        events = EventThread(
            loops: Array(group.makeIterator()), passwords: options.passwords, sink: sink, gate: clientLimits.gate)
        clientWaits = Dictionary(
            group.makeIterator().map { (ObjectIdentifier($0), NIOLoopBoundBox.makeEmptyBox(eventLoop: $0)) }
        ) { first, _ in first }
        let timeout = TimeAmount(options.dialTimeout)
        let names = NameService(
            configured: options.configuredHosts, timeout: timeout, lookup: options.lookup, report: report)
        self.names = names
        let listeners = Listeners(
            group: group, ports: options.ports, gate: clientLimits.gate, names: names, accepted: clientLimits.accepted,
            filesExhausted: { [group] in clientLimits.filesExhausted(on: group.next()) },
            isTransparent: options.isTransparent)
        self.listeners = listeners
        let refused = NIOLockedValueBox<[SocketAddress]>([])
        self.refused = refused
        dialer = Dialer(
            ownAddresses: { listeners.addresses + refused.withLockedValue { $0 } }, names: names, timeout: timeout)
    }

    /// Starts a relay: resolves the upstream and opens the main listener.
    ///
    /// - Parameters:
    ///   - options: the configuration.
    ///   - group: the event loops that carry the connections.
    ///   - sink: receives the events.
    ///   - report: receives one-line messages for the user.
    /// - Throws: `RelayError` if the main listener cannot be opened, or if the upstream is the relay itself.
    package static func start(
        _ options: RelayOptions, group: any EventLoopGroup, sink: any LiveEventSink,
        report: @escaping @Sendable (String) -> Void
    ) async throws -> RelayServer {
        let relay = RelayServer(options, group: group, sink: sink, report: report)
        do {
            let upstream = options.upstreamTarget
            // Resolve before listening: otherwise clients could connect while a slow resolver is still working.
            var addresses: [SocketAddress]?
            if let upstream { addresses = try? await relay.names.addresses(of: upstream, on: group.next()).get() }
            let listenAddress = try await relay.listeners.openMain(at: options.listen) { relay.arrive($0) }
            relay.state.withLockedValue { $0.listenAddress = listenAddress }
            for address in options.alsoListen {
                let opened = try await relay.listeners.openAlso(at: address) { relay.arrive($0) }
                relay.state.withLockedValue { $0.furtherAddresses.append(opened) }
            }
            if let upstream = options.upstream, let addresses, addresses.allSatisfy({ relay.dialer.isOwn($0) }) {
                throw RelayError(
                    "--upstream \(upstream) is the address of this relay itself; give that of the real server.",
                    isUsage: true)
            }
            if let upstream, addresses == nil {
                report("cannot resolve \(upstream.host) now; clients will be disconnected until it resolves")
            }
            for address in relay.listenAddresses { relay.announce(address) }
            return relay
        } catch {
            await relay.listeners.close()
            relay.names.close()
            await relay.events.close()
            throw error
        }
    }

    /// Whether the listeners accept clients now.
    package var isAccepting: Bool { clientLimits.gate.isOpen }

    /// Refuses to connect clients to another service of this program, whatever a redirect or a client says.
    ///
    /// - Parameters:
    ///   - address: where the service listens; the host as a number.
    ///   - service: its name in the message.
    /// - Throws: `RelayError` if the upstream is that service.
    package func refuse(_ address: HostPort, named service: String) async throws {
        let socket = try SocketAddress(ipAddress: address.host, port: Int(address.port))
        refused.withLockedValue { $0.append(socket) }
        guard let upstream = options.upstream else { return }
        let addresses = try? await names.addresses(of: options.target(for: upstream), on: group.next()).get()
        guard let addresses, !addresses.isEmpty, addresses.allSatisfy({ dialer.isOwn($0) }) else { return }
        throw RelayError(
            "--upstream \(upstream) is the address of \(service); give that of the real server.", isUsage: true)
    }

    /// Closes all listeners and connections, and waits until every connection has delivered its last event.
    package func stop() async {
        state.withLockedValue { $0.isStopping = true }
        await listeners.close()
        let connections = state.withLockedValue { Array($0.connections.values) }
        for connection in connections { connection.eventLoop.execute { connection.value.stop() } }
        events.end()
        await waitUntilIdle()
        names.close()
        await events.close()
    }

    /// Waits until every connection has delivered its last event.
    package func waitUntilIdle() async {
        let promise = group.any().makePromise(of: Void.self)
        let isEmpty = state.withLockedValue { state in
            if !state.connections.isEmpty { state.whenEmpty.append(promise) }
            return state.connections.isEmpty
        }
        if isEmpty { promise.succeed() }
        try? await promise.futureResult.get()
        await events.flush(on: group.any())
    }

    /// The main listener's address in redirects; nil if it depends on each client's own connection.
    package var advertised: HostPort? {
        let listenAddress = listenAddress
        let isOpenToAll = listenAddress.host == "0.0.0.0" || listenAddress.host == "::"
        return Advertising.address(
            configured: options.advertisedHost, local: isOpenToAll ? nil : listenAddress.host,
            port: options.advertisedPort ?? listenAddress.port)
    }

    func now() -> Timestamp { SystemClock.now() }

    /// Reports one line to the user. Failures while the relay stops are expected and not reported.
    func report(_ line: String) {
        if !state.withLockedValue({ $0.isStopping }) { reporter(line) }
    }

    func announce(_ address: HostPort) {
        let listening = Event(time: now(), connection: 0, kind: .listening(address))
        events.add(Carried(connection: 0, [listening], bytes: 0))
    }

    /// The waits for clients on an event loop, which calls this.
    func waits(on loop: any EventLoop) -> ClientWaits {
        let box = clientWaits[ObjectIdentifier(loop)]
        if let waits = box?.value { return waits }
        let expire = { [weak self] (number: Int, end: NIODeadline) in
            let connection = self?.state.withLockedValue { $0.connections[number] }
            connection?.value.waitIsOver(end)
        }
        let rest = max(handshakeTimeout - firstLineTimeout, .zero)
        let waits = ClientWaits(
            firstLine: WaitingClients(firstLineTimeout, on: loop, expire: expire),
            handshake: WaitingClients(rest, on: loop, expire: expire))
        box?.value = waits
        return waits
    }

    /// Counts bytes that a client sent before its server was connected; may turn away clients.
    func count(_ bytes: Int, of connection: RelayedConnection) {
        turnAway(clientLimits.count(bytes, of: connection.number))
    }

    /// Records that a client's server is connected: the client no longer counts as pending.
    func handshakeEnded(_ connection: RelayedConnection) { clientLimits.endHandshake(connection.number) }

    /// Closes pending connections (`ClientLimits` chose them) to make room for others.
    func turnAway(_ numbers: [Int]) {
        guard !numbers.isEmpty else { return }
        report(
            "too many clients wait for their server, or send too much before it is connected; the client idle for "
                + "longest is disconnected")
        let connections = state.withLockedValue { state in numbers.compactMap { state.connections[$0] } }
        for connection in connections { connection.eventLoop.execute { connection.value.turnAway() } }
    }

    /// Sets up the channel of a client of a listener that the user named.
    private func arrive(_ channel: any Channel) -> EventLoopFuture<Void> {
        options.isTransparent
            ? acceptTransparently(channel) : accept(channel, Arrival(upstream: options.upstreamTarget, channel))
    }

    /// Sets up an accepted client's channel.
    func accept(_ channel: any Channel, _ arrival: Arrival) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try ChannelSetup.apply(to: channel)
            let connection = try register(.socket(channel), arrival, Session(openDoors))
            listeners.arrived(at: arrival.server)
            turnAway(clientLimits.arrived(connection.number, connection.client.id))
            try channel.pipeline.syncOperations.addHandler(RelayHandler(.client, connection))
            channel.closeFuture.assumeIsolated().whenComplete { _ in connection.closed(.client) }
        }
    }

    /// Makes the connection of a client.
    ///
    /// - Throws: `RelayError` if the relay is stopping.
    func register(_ client: ClientEnd, _ arrival: Arrival, _ session: Session) throws -> RelayedConnection {
        let number = state.withLockedValue { state in
            state.lastConnection += 1
            return options.nextConnection?() ?? state.lastConnection
        }
        guard let queue = events.queue(of: client.loop) else {
            throw RelayError("the event loop does not belong to the relay")
        }
        let connection = RelayedConnection(
            number: number, arrival: arrival, client: client, session: session, queue: queue, relay: self)
        let isStopping = state.withLockedValue { state in
            if !state.isStopping { state.connections[number] = NIOLoopBound(connection, eventLoop: client.loop) }
            return state.isStopping
        }
        if isStopping { throw RelayError("the relay is stopping") }
        return connection
    }

    /// Removes a finished connection, and completes `stop()` after the last one.
    func remove(_ connection: RelayedConnection) {
        clientLimits.left(connection.number, connection.client.id)
        if connection.client.channel != nil { listeners.left(connection.bound) }
        let promises = state.withLockedValue { state -> [EventLoopPromise<Void>] in
            state.connections[connection.number] = nil
            guard state.connections.isEmpty else { return [] }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for promise in promises { promise.succeed() }
    }
}

// MARK: - Routing

extension RelayServer {
    /// Chooses a client's server by its first command: the cookie's switchboard, else the listener's server.
    func route(_ opening: FirstCommand, _ connection: RelayedConnection) -> Route {
        var route = Route(target: connection.destination, role: opening.role)
        if connection.session.isSignIn, let service = options.signIn {
            route.target = options.target(for: service)
            return route
        }
        if let link = connection.link {
            (route.signIn, route.dialect) = (link.signIn, link.dialect)
            return route
        }
        let now = Self.ticks()
        let arrival = state.withLockedValue {
            $0.registry.arrive(
                opening, from: connection.clientHost, at: connection.asked ?? connection.destination, now: now)
        }
        switch arrival {
        case .signIn(let signIn):
            route.signIn = signIn
            route.refusal = connection.refusal
        case .switchboard(let promise, let finding):
            route.target = options.target(for: promise.address)
            route.signIn = promise.signIn
            route.dialect = promise.dialect
            route.findings = (finding.map { [$0] } ?? []) + leftTheProxy(opening, connection, now: now)
        case .unknownCookie(let account):
            if !options.isTransparent, let upstream = options.upstreamTarget { route.target = upstream }
            route.findings = [ConnectionRegistry.unknownCookie(of: account, connectedTo: route.target)]
            route.refusal = connection.refusal
        case .other: route.refusal = connection.refusal
        }
        return route
    }

    /// The relay as the client of a sign-in over HTTP reaches it; nil if it has only an IPv6 address.
    func signInAddress(of connection: RelayedConnection) -> HostPort? {
        Advertising.address(
            configured: options.advertisedHost, local: connection.localHost,
            port: options.advertisedPort ?? connection.localPort)
    }

    /// The sign-in of a connection whose account has just become known.
    func identify(_ account: String, _ connection: RelayedConnection) -> SignIn {
        let now = Self.ticks()
        return state.withLockedValue {
            $0.registry.identify(account, from: connection.clientHost, current: connection.signIn, now: now)
        }
    }

    /// The registry's clock: monotonic, in nanoseconds.
    static func ticks() -> Int64 { Int64(clamping: NIODeadline.now().uptimeNanoseconds) }

    /// Decides whether to rewrite a redirect, and to which address of the relay.
    func decide(_ redirect: Redirect, _ connection: RelayedConnection) -> EventLoopFuture<Session.Decision> {
        let loop = connection.loop
        // Inside of gateway requests, only a redirect to another gateway gets here.
        if let host = connection.client.gateway?.host {
            let address = HostPort(host, redirect.address.port)
            return loop.makeSucceededFuture(.rewrite(to: address, current: address))
        }
        let target = options.target(for: redirect.address)
        let text = "The server redirects the client to \(redirect.address), which is this relay; forwarded unchanged."
        let toRelay = Session.Decision.leave(Finding(.redirectToRelay, text, side: .server))
        let outside = options.advertisedHost.map { HostPort($0, options.advertisedPort ?? listenAddress.port) }
        if target == outside { return loop.makeSucceededFuture(toRelay) }
        if let literal = try? SocketAddress(ipAddress: target.host, port: Int(target.port)) {
            return dialer.isOwn(literal) ? loop.makeSucceededFuture(toRelay) : redirected(redirect, target, connection)
        }
        // Only a name with one of the relay's own ports can lead back to the relay; no other name needs a lookup.
        guard listeners.addresses.contains(where: { $0.port == Int(target.port) }) else {
            return redirected(redirect, target, connection)
        }
        let this = NIOLoopBound(connection, eventLoop: loop)
        return names.addresses(of: target, on: loop).recover { _ in [] }.flatMap { [self] addresses in
            if !addresses.isEmpty, addresses.allSatisfy(dialer.isOwn) { return loop.makeSucceededFuture(toRelay) }
            return redirected(redirect, target, this.value)
        }
    }

    /// The decision for a redirect to another server.
    ///
    /// With a cookie the client comes back to the main listener; without one, to the listener of that server.
    private func redirected(
        _ redirect: Redirect, _ target: HostPort, _ connection: RelayedConnection
    ) -> EventLoopFuture<Session.Decision> {
        let loop = connection.loop
        let local = connection.localHost
        let current = address(forListenerPort: connection.localPort, local: local)
        let now = Self.ticks()
        let client = ConnectionRegistry.RedirectedClient(
            host: connection.clientHost, signIn: connection.signIn, tap: connection.session.tap)
        if redirect.cookie != nil {
            guard ConnectionRegistry.canRemember(redirect) else {
                let text = "The cookie is too long to remember; the redirect was forwarded unchanged."
                return loop.makeSucceededFuture(.leave(Finding(.redirectNotRewritten, text, side: .server)))
            }
            guard let address = addressToReturn(connection) else {
                return loop.makeSucceededFuture(noAddress(for: client.host, connection, redirect))
            }
            state.withLockedValue { $0.registry.redirect(client, redirect, now: now) }
            return loop.makeSucceededFuture(.rewrite(to: address, current: current ?? address))
        }
        if comesBackUnchanged(connection, redirect) {
            state.withLockedValue { $0.registry.redirect(client, redirect, now: now) }
            return loop.makeSucceededFuture(.keep)
        }
        let this = NIOLoopBound(connection, eventLoop: loop)
        return listenerPort(for: target, connection).map { [self] port, bound in
            guard let address = address(forListenerPort: port, local: local) else {
                return noAddress(for: client.host, this.value, redirect)
            }
            state.withLockedValue { $0.registry.redirect(client, redirect, to: bound, now: now) }
            return .rewrite(to: address, current: current ?? address)
        }
    }

    /// The port of a notification server's listener, opened if necessary, and the server to which it is bound.
    private func listenerPort(
        for target: HostPort, _ connection: RelayedConnection
    ) -> EventLoopFuture<(UInt16, HostPort)> {
        let loop = connection.loop
        let mainPort = isMain(connection.localPort) ? connection.localPort : listenAddress.port
        guard let upstream = options.upstreamTarget, !options.isTransparent else {
            return extraListener(for: target, connection)
        }
        guard target != upstream else { return loop.makeSucceededFuture((mainPort, upstream)) }
        let this = NIOLoopBound(connection, eventLoop: loop)
        let ofTarget = names.addresses(of: target, on: loop).recover { _ in [] }
        let ofUpstream = names.addresses(of: upstream, on: loop).recover { _ in [] }
        return ofTarget.and(ofUpstream).flatMap { [self] addresses, known in
            let ends = Set(known.compactMap { EndAddress($0) })
            if addresses.contains(where: { EndAddress($0).map(ends.contains) ?? false }) {
                return loop.makeSucceededFuture((mainPort, upstream))
            }
            return extraListener(for: target, this.value)
        }
    }

    /// The port of the extra listener of a notification server.
    private func extraListener(
        for target: HostPort, _ connection: RelayedConnection
    ) -> EventLoopFuture<(UInt16, HostPort)> {
        guard listeners.extraReach(connection.client.localAddress) else {
            let text = "its listener would be at the first --listen address, which this client did not connect to"
            return connection.loop.makeFailedFuture(RelayError(text))
        }
        return listeners.open(for: target, on: connection.loop) { [self] in accept($0, Arrival(server: target)) }
            .map { [self] address, isNew in
                if isNew { announce(address) }
                return (address.port, target)
            }
    }

    /// The address to which a client with a cookie comes back.
    private func addressToReturn(_ connection: RelayedConnection) -> HostPort? {
        // TPROXY brings what the client sends to the address of its server, so that is the relay's, too.
        if connection.isIntercepted, options.advertisedHost == nil {
            let local = connection.client.localAddress?.hostPort
            return local?.ipv4 == nil ? nil : local
        }
        // A client that came to another listener than the main one comes back there.
        let port = isMain(connection.localPort) ? connection.localPort : listenAddress.port
        return address(forListenerPort: port, local: connection.localHost)
    }

    /// Whether a port is that of the main listener, or of another one that the user named.
    func isMain(_ port: UInt16) -> Bool {
        port == listenAddress.port || state.withLockedValue { $0.furtherAddresses.contains { $0.port == port } }
    }

    /// The relay's address for a redirect to one of its ports; nil if only an IPv6 address is known.
    private func address(forListenerPort port: UInt16, local: String?) -> HostPort? {
        let seen = port == listenAddress.port ? options.advertisedPort ?? port : port
        return Advertising.address(configured: options.advertisedHost, local: local, port: seen)
    }

    private func noAddress(
        for clientHost: String, _ connection: RelayedConnection, _ redirect: Redirect
    ) -> Session.Decision {
        if isCaughtAgain(connection, redirect) { return .keep }
        report(
            "\(clientHost) connected over IPv6 and bypasses the relay after this redirect; start the relay with --advertise "
                + "and an IPv4 address")
        return .leave(
            Finding(
                .redirectNotRewritten,
                "The client connected over IPv6, which redirects cannot contain; start the relay with --advertise and an IPv4 "
                    + "address to stay in its path.", side: .server))
    }
}
