// Where the clients of the relay's proxies are connected to, and what becomes of the redirects that they get.

internal import Analysis
internal import Doors
internal import Events
internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore

extension RelayServer {
    /// The destination of a proxy request.
    enum Destination {
        /// The relay itself: a listener, and what it makes of its clients.
        case relay(Arrival)
        case server(Route, Session.Destination)
        case refused(Finding)
    }

    /// The maximum number of names for which `asked_elsewhere` is reported.
    private static let mostNames = 1_024

    /// Chooses where a proxy's client is connected to.
    func destination(_ asked: HostPort, _ connection: RelayedConnection) -> Destination {
        let upstream = options.upstreamTarget
        var rules = DestinationRules(upstream: options.upstream)
        rules.allowed = options.allowed
        rules.nextProxy = options.nextProxy
        let isPromised = state.withLockedValue {
            $0.promises.use(asked, by: connection.clientHost, now: Self.ticks())
        }
        let host = asked.port == options.upstream?.port ? upstream?.host : nil
        let known = host.map(names.knownAddresses) ?? []
        let facts = DestinationRules.Facts(
            isOwn: isOwn(asked), isPromised: isPromised, upstreamHosts: known.compactMap(\.ipAddress))
        switch rules.choice(for: asked, facts) {
        case .relay:
            let server = listeners.server(ofExtraPort: Int(asked.port))
            return .relay(Arrival(upstream: server ?? upstream, local: asked))
        case .promised: return .server(Route(target: options.target(for: asked), role: .unknown), .server)
        case .upstream(let isElsewhere):
            var route = Route(target: upstream ?? asked, role: .unknown)
            if isElsewhere, let finding = askedElsewhere(asked) { route.findings = [finding] }
            return .server(route, .server)
        case .tunnel:
            return .server(Route(target: asked, name: asked.description, role: .unknown), .tunnel)
        case .nextProxy(let proxy):
            return .server(Route(target: proxy, name: asked.description, role: .unknown), .nextProxy)
        case .refused:
            report("\(connection.clientHost) asked the proxy for \(asked): refused; to allow it: --allow \(asked)")
            return .refused(
                Finding(.proxyHandshakeFailed, "The client asked for \(asked), which is not allowed.", side: .client))
        }
    }

    /// Whether an address in a proxy request is one of the relay's listeners. Names are not looked up: only
    /// `localhost` and the advertised one can mean the relay, and the dialer refuses all others that do.
    private func isOwn(_ asked: HostPort) -> Bool {
        if let host = options.advertisedHost, asked == HostPort(host, options.advertisedPort ?? listenAddress.port) {
            return true
        }
        let host = asked.host == "localhost" ? "127.0.0.1" : asked.host
        guard let address = try? SocketAddress(ipAddress: host, port: Int(asked.port)) else { return false }
        return dialer.isOwn(address)
    }

    /// The finding on a client that asked for another server than the upstream; nil if it was reported already.
    private func askedElsewhere(_ asked: HostPort) -> Finding? {
        let isNew = state.withLockedValue { state in
            state.askedElsewhere.count < Self.mostNames && state.askedElsewhere.insert(asked).inserted
        }
        guard isNew else { return nil }
        let upstream = options.upstream?.description ?? "no server"
        let text = "The client asked its proxy for \(asked) and was connected to \(upstream)."
        return Finding(.askedElsewhere, text, side: .client)
    }

    /// What the first command of a proxy's client says of its connection.
    func learn(_ opening: FirstCommand, _ connection: RelayedConnection) -> Route {
        let target = connection.asked ?? connection.destination
        var route = Route(target: target, role: opening.role)
        let arrival = state.withLockedValue {
            $0.registry.arrive(opening, from: connection.clientHost, at: target, now: Self.ticks())
        }
        switch arrival {
        case .signIn(let signIn): route.signIn = signIn
        case .switchboard(let grant, let finding):
            route.signIn = grant.signIn
            route.dialect = grant.dialect
            route.findings = finding.map { [$0] } ?? []
        case .unknownCookie(let account):
            route.findings = [ConnectionRegistry.unknownCookie(of: account, connectedTo: target)]
        case .other: break
        }
        return route
    }

    /// Records a redirect that was forwarded unchanged, and tells when its client does not come.
    func promise(_ redirect: Redirect, to connection: RelayedConnection) {
        let now = Self.ticks()
        let client = ConnectionRegistry.RedirectedClient(
            host: connection.clientHost, signIn: connection.signIn, tap: connection.session.tap)
        state.withLockedValue { $0.registry.redirect(client, redirect, now: now) }
        // Without a proxy, a firewall rule brings the client back.
        guard connection.session.isProxied || connection.session.isInGateway else { return }
        state.withLockedValue { $0.promises.add(redirect, to: client.host, now: now) }
        let this = NIOLoopBound(connection, eventLoop: connection.loop)
        guard connection.beginWaiting() else { return }
        connection.loop.scheduleTask(in: TimeAmount(options.promiseTimeout)) { [self] in
            this.value.endWaiting()
            guard state.withLockedValue({ $0.promises.isUnused(redirect.address, by: client.host) }) else { return }
            let text =
                "No client asked the proxy for \(redirect.address), which a redirect named: it may have connected directly."
            this.value.addFinding(Finding(.leftTheProxy, text, side: .client))
        }
    }

    /// The finding on a client that brings a cookie of a proxy's client on a connection without a proxy.
    func leftTheProxy(_ opening: FirstCommand, _ connection: RelayedConnection, now: Int64) -> [Finding] {
        guard !connection.session.isProxied, !connection.session.isInGateway else { return [] }
        let cookie: [UInt8]
        switch opening {
        case .switchboardCaller(_, let given), .switchboardCallee(_, let given, _): cookie = given
        default: return []
        }
        guard state.withLockedValue({ $0.promises.contains(cookie: cookie, now: now) }) else { return [] }
        let text = "The client got this cookie through the proxy, but came without it."
        return [Finding(.leftTheProxy, text, side: .client)]
    }
}
