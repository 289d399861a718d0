// The relay: its listeners, what it knows over all connections, and where each connection leads.

internal import Analysis
package import Events
package import MSNP
internal import NIOConcurrencyHelpers
package import NIOCore
internal import NIOPosix

/// Stands between clients and their servers, and stays there when the servers hand the clients on.
package final class RelayServer: Sendable {
    /// The address that the door really listens at.
    package var door: HostPort { state.withLockedValue { $0.door } ?? options.listen }

    let sink: any LiveEventSink
    var passwords: Passwords { options.passwords }
    let dialer: Dialer
    private let names: NameService
    let hopCount = HopCount()
    private let reporter: @Sendable (String) -> Void
    let silence: TimeAmount
    private let options: RelayOptions
    private let group: any EventLoopGroup
    let listeners: Listeners
    let crowd: ClientLimits
    private let state: NIOLockedValueBox<State>
    /// What clients agreed on with each other, on whichever connection.
    let agreements = NIOLockedValueBox(CrossConnectionTransfers())

    private struct State {
        var door: HostPort?
        var registry = ConnectionRegistry()
        var lastConnection = 0
        var connections: [Int: NIOLoopBound<RelayedConnection>] = [:]
        var isStopping = false
        var whenEmpty: EventLoopPromise<Void>?
    }

    /// Where a connection leads.
    struct Route {
        var target: HostPort
        var role: Role
        var signIn: SignIn?
        var dialect: Dialect?
        var findings: [Finding] = []
    }

    private init(
        _ options: RelayOptions, group: any EventLoopGroup, sink: any LiveEventSink,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.options = options
        self.group = group
        self.sink = sink
        reporter = report
        state = NIOLockedValueBox(State())
        silence = TimeAmount(options.silence)
        let crowd = ClientLimits(
            options, loops: group.makeIterator().reduce(0) { count, _ in count + 1 }, report)
        self.crowd = crowd
        let timeout = TimeAmount(options.dialTimeout)
        let names = NameService(
            configured: options.configuredHosts, timeout: timeout, lookup: options.lookup, report: report)
        self.names = names
        let listeners = Listeners(
            group: group, ports: options.ports, gate: crowd.gate, names: names, accepted: crowd.accepted,
            ranOut: { [group] in crowd.ranOut(on: group.next()) })
        self.listeners = listeners
        dialer = Dialer(ownAddresses: { listeners.addresses }, names: names, timeout: timeout)
    }

    /// Opens the door.
    ///
    /// - Parameters:
    ///   - options: how the relay is set up.
    ///   - group: the event loops that carry the connections.
    ///   - sink: where events go.
    ///   - report: takes one line for people about trouble.
    /// - Throws: `RelayError` where the door cannot be opened, or the upstream is the relay itself.
    package static func start(
        _ options: RelayOptions, group: any EventLoopGroup, sink: any LiveEventSink,
        report: @escaping @Sendable (String) -> Void
    ) async throws -> RelayServer {
        let relay = RelayServer(options, group: group, sink: sink, report: report)
        do {
            let upstream = options.target(for: options.upstream)
            // Asked first: once the door is open, clients come before a slow name service answers.
            let addresses = try? await relay.names.addresses(of: upstream, on: group.next()).get()
            let door = try await relay.listeners.openDoor(at: options.listen) { relay.accept($0, bound: upstream) }
            relay.state.withLockedValue { $0.door = door }
            if let addresses, addresses.allSatisfy({ relay.dialer.isOwn($0) }) {
                throw RelayError(
                    "--upstream \(options.upstream) is where this relay listens itself; name the real server.",
                    isUsage: true)
            }
            if addresses == nil {
                report("\(upstream.host) does not resolve now; clients are turned away until it does")
            }
            relay.announce(door)
            return relay
        } catch {
            await relay.listeners.close()
            relay.names.close()
            throw error
        }
    }

    /// Closes every listener and every connection, and waits until all of it was told.
    package func stop() async {
        state.withLockedValue { $0.isStopping = true }
        await listeners.close()
        let (connections, empty) = state.withLockedValue { state in
            state.isStopping = true
            let promise = group.next().makePromise(of: Void.self)
            if state.connections.isEmpty { promise.succeed() } else { state.whenEmpty = promise }
            return (Array(state.connections.values), promise.futureResult)
        }
        for connection in connections { connection.eventLoop.execute { connection.value.stop() } }
        try? await empty.get()
        names.close()
    }

    /// The address that clients are given for the door, as far as it does not depend on the client.
    package var advertised: HostPort? {
        let door = door
        let isOpenToAll = door.host == "0.0.0.0" || door.host == "::"
        return Advertising.address(
            configured: options.advertisedHost, local: isOpenToAll ? nil : door.host,
            port: options.advertisedPort ?? door.port)
    }

    func now() -> Timestamp { SystemClock.now() }

    /// Says one line about trouble; what goes wrong because the relay stops is none.
    func report(_ line: String) {
        if !state.withLockedValue({ $0.isStopping }) { reporter(line) }
    }

    private func announce(_ address: HostPort) {
        _ = deliver([Event(time: now(), connection: 0, kind: .listening(address))])
    }

    /// Gives events to the sink. While it wants no more, new clients wait in the system's queue: each would bring more.
    ///
    /// - Returns: false where those who bring events should wait, too.
    func deliver(_ events: [Event]) -> Bool {
        guard !sink.receive(events) else { return true }
        let gate = crowd.gate
        if gate.close(for: .sink) { sink.whenReady { gate.open(for: .sink) } }
        return false
    }

    /// Notes that a client said so many bytes before its server was there.
    func count(_ bytes: Int, of connection: RelayedConnection) { giveWay(crowd.count(bytes, of: connection.number)) }

    /// The server of a client is there.
    func handshakeEnded(_ connection: RelayedConnection) { crowd.endHandshake(connection.number) }

    /// Ends connections whose place others need.
    private func giveWay(_ numbers: [Int]) {
        guard !numbers.isEmpty else { return }
        report(
            "too many clients wait for their server, or say too much before it is there: the one that was silent for "
                + "longest is turned away")
        let connections = state.withLockedValue { state in numbers.compactMap { state.connections[$0] } }
        for connection in connections { connection.eventLoop.execute { connection.value.giveWay() } }
    }

    /// Prepares a client's channel.
    private func accept(_ channel: any Channel, bound: HostPort) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let number = state.withLockedValue { state in
                state.lastConnection += 1
                return state.lastConnection
            }
            let connection = RelayedConnection(number: number, bound: bound, client: channel, relay: self)
            let isStopping = state.withLockedValue { state in
                if !state.isStopping {
                    state.connections[number] = NIOLoopBound(connection, eventLoop: channel.eventLoop)
                }
                return state.isStopping
            }
            if isStopping { throw RelayError("the relay is stopping") }
            listeners.arrived(at: bound)
            giveWay(crowd.arrived(number, channel))
            try channel.pipeline.syncOperations.addHandler(RelayHandler(.client, connection))
            channel.closeFuture.assumeIsolated().whenComplete { _ in connection.closed(.client) }
        }
    }

    func forget(_ connection: RelayedConnection) {
        crowd.left(connection.number, connection.client)
        listeners.left(connection.bound)
        let promise = state.withLockedValue { state -> EventLoopPromise<Void>? in
            state.connections[connection.number] = nil
            guard state.connections.isEmpty else { return nil }
            defer { state.whenEmpty = nil }
            return state.whenEmpty
        }
        promise?.succeed()
    }
}

// MARK: - Where connections lead

extension RelayServer {
    /// What follows from an analysed event together with other connections.
    func observe(_ event: Event) -> [Event.Kind] {
        // Few frames are about such things, and the others wait for nobody.
        guard event.annotation?.mayAgree == true else { return [] }
        return agreements.withLockedValue { $0.take(event) }
    }

    /// Forgets what only a connection that has ended could go on with.
    func endAgreements(of connection: Int, _ role: Role) {
        _ = agreements.withLockedValue { $0.close(connection, role) }
    }

    /// Finds the server that a client wants, by what it said first.
    func route(_ opening: FirstCommand, _ connection: RelayedConnection) -> Route {
        var route = Route(target: connection.bound, role: opening.role)
        let now = Self.ticks()
        let arrival = state.withLockedValue {
            $0.registry.arrive(opening, from: connection.clientHost, at: connection.bound, now: now)
        }
        switch arrival {
        case .signIn(let signIn): route.signIn = signIn
        case .switchboard(let promise, let finding):
            route.target = options.target(for: promise.address)
            route.signIn = promise.signIn
            route.dialect = promise.dialect
            route.findings = finding.map { [$0] } ?? []
        case .unknownCookie(let account):
            route.target = options.target(for: options.upstream)
            route.findings = [ConnectionRegistry.unknownCookie(of: account, connectedTo: route.target)]
        case .other: break
        }
        return route
    }

    /// The sign-in of a connection whose account is known now.
    func identify(_ account: String, _ connection: RelayedConnection) -> SignIn {
        let now = Self.ticks()
        return state.withLockedValue {
            $0.registry.identify(account, from: connection.clientHost, current: connection.signIn, now: now)
        }
    }

    /// The clock of the registry.
    private static func ticks() -> Int64 { Int64(clamping: NIODeadline.now().uptimeNanoseconds) }

    /// Decides where a redirected client is to go.
    func decide(_ redirect: Redirect, _ connection: RelayedConnection) -> EventLoopFuture<Session.Decision> {
        let loop = connection.loop
        let target = options.target(for: redirect.address)
        let text = "The server sends the client to \(redirect.address), which is this relay; passed on as it is."
        let toRelay = Session.Decision.leave(Finding(.redirectToRelay, text, side: .server))
        let outside = options.advertisedHost.map { HostPort($0, options.advertisedPort ?? door.port) }
        if target == outside { return loop.makeSucceededFuture(toRelay) }
        if let literal = try? SocketAddress(ipAddress: target.host, port: Int(target.port)) {
            return dialer.isOwn(literal) ? loop.makeSucceededFuture(toRelay) : redirected(redirect, target, connection)
        }
        // A name is looked up only where its port is one of ours.
        guard listeners.addresses.contains(where: { $0.port == Int(target.port) }) else {
            return redirected(redirect, target, connection)
        }
        let this = NIOLoopBound(connection, eventLoop: loop)
        return names.addresses(of: target, on: loop).recover { _ in [] }.flatMap { [self] addresses in
            if !addresses.isEmpty, addresses.allSatisfy(dialer.isOwn) { return loop.makeSucceededFuture(toRelay) }
            return redirected(redirect, target, this.value)
        }
    }

    /// The relay's address for a client that is sent to a server which is not the relay.
    private func redirected(
        _ redirect: Redirect, _ target: HostPort, _ connection: RelayedConnection
    ) -> EventLoopFuture<Session.Decision> {
        let loop = connection.loop
        let local = connection.localHost
        let current = address(forDoorPort: connection.localPort, local: local)
        let now = Self.ticks()
        let client = ConnectionRegistry.RedirectedClient(
            host: connection.clientHost, signIn: connection.signIn, tap: connection.session.tap)
        if redirect.cookie != nil {
            guard ConnectionRegistry.canRemember(redirect) else {
                let text = "The cookie is too long to be remembered; the redirect was passed on as it is."
                return loop.makeSucceededFuture(.leave(Finding(.redirectNotRewritten, text, side: .server)))
            }
            guard let address = address(forDoorPort: door.port, local: local) else {
                return loop.makeSucceededFuture(noAddress(for: client.host))
            }
            state.withLockedValue { $0.registry.redirect(client, redirect, now: now) }
            return loop.makeSucceededFuture(.rewrite(to: address, current: current ?? address))
        }
        return listenerPort(for: target, on: loop).map { [self] port, bound in
            guard let address = address(forDoorPort: port, local: local) else { return noAddress(for: client.host) }
            state.withLockedValue { $0.registry.redirect(client, redirect, to: bound, now: now) }
            return .rewrite(to: address, current: current ?? address)
        }
    }

    /// The port of the listener that leads to a notification server, opened if there is none, and what it is bound to.
    private func listenerPort(for target: HostPort, on loop: any EventLoop) -> EventLoopFuture<(UInt16, HostPort)> {
        let upstream = options.target(for: options.upstream)
        let doorPort = door.port
        guard target != upstream else { return loop.makeSucceededFuture((doorPort, upstream)) }
        let ofTarget = names.addresses(of: target, on: loop).recover { _ in [] }
        let ofUpstream = names.addresses(of: upstream, on: loop).recover { _ in [] }
        return ofTarget.and(ofUpstream).flatMap { [self] addresses, known in
            let ends = Set(known.compactMap { EndAddress($0) })
            if addresses.contains(where: { EndAddress($0).map(ends.contains) ?? false }) {
                return loop.makeSucceededFuture((doorPort, upstream))
            }
            return listeners.open(for: target, on: loop, accept: { [self] in accept($0, bound: target) })
                .map { [self] address, isNew in
                    if isNew { announce(address) }
                    return (address.port, target)
                }
        }
    }

    /// The relay's address for a client, for one of its ports.
    private func address(forDoorPort port: UInt16, local: String?) -> HostPort? {
        let seen = port == door.port ? options.advertisedPort ?? port : port
        return Advertising.address(configured: options.advertisedHost, local: local, port: seen)
    }

    private func noAddress(for clientHost: String) -> Session.Decision {
        report(
            "\(clientHost) came over IPv6 and leaves the relay's path at this redirect; start the relay with --advertise "
                + "and an IPv4 address")
        return .leave(
            Finding(
                .redirectNotRewritten,
                "The client came over IPv6, which no redirect can name; start the relay with --advertise and an IPv4 "
                    + "address to stay in its path.", side: .server))
    }
}
