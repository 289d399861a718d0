// What a relayed connection does for a client that uses the relay as a proxy.

internal import Doors
internal import Events
internal import MSNP
internal import NIOCore

extension RelayedConnection {
    /// Finds the server that a proxy's client asked for.
    func reach(_ asked: HostPort) {
        self.asked = asked
        switch relay.destination(asked, self) {
        case .relay where session.isForwarding, .server(_, .server) where session.isForwarding:
            refuse(
                Finding(.proxyHandshakeFailed, "HTTP asked for \(asked), which is a messenger server.", side: .client))
        case .relay(let arrival):
            (destination, refusal) = (arrival.server, arrival.refusal)
            self.asked = nil
            awaitFirstLine()
            perform(session.reachRelay())
            flush(to: .client)
        case .server(let route, let kind):
            endWait()
            session.reach(kind)
            connect(to: route)
        case .refused(let finding): refuse(finding)
        }
    }

    /// Tells a proxy's client that it is not connected, and ends the connection.
    private func refuse(_ finding: Finding) {
        route = RelayServer.Route(target: asked ?? destination, role: .unknown)
        perform(session.unreachable(.forbidden))
        end(finding)
    }

    /// Finds out what the first command of a proxy's client says; its server is connected already.
    func learn(_ opening: FirstCommand) {
        let learned = relay.learn(opening, self)
        signIn = learned.signIn
        for finding in learned.findings { add(.finding(finding), at: relay.now(), opening.role, learned.dialect) }
        perform(session.learned(opening, dialect: learned.dialect))
    }

    /// Counts a redirect whose client is waited for.
    ///
    /// - Returns: false if there are too many already.
    func beginWaiting() -> Bool {
        guard awaited < Self.mostAwaited else { return false }
        awaited += 1
        return true
    }

    /// Ends the wait for the client of a redirect.
    func endWaiting() { awaited -= 1 }

    private static let mostAwaited = 64

    /// Records a finding on a connection that may have ended by now.
    func addFinding(_ finding: Finding) {
        guard !isFinished, hasOpened else { return }
        add(.finding(finding), at: relay.now(), session.tap.role, session.tap.dialect)
        deliverEvents()
    }

    /// Ends the connection because its client cannot be served.
    func end(_ finding: Finding) {
        guard !isFinished else { return }
        if reason == nil { reason = .handshakeFailed }
        var route = self.route ?? RelayServer.Route(target: destination, role: .unknown)
        if hasOpened {
            add(.finding(finding), at: relay.now(), session.tap.role, session.tap.dialect)
        } else {
            route.findings.append(finding)
        }
        self.route = route
        finish()
    }

    /// The connection carries requests to the gateway: it has no server.
    func serve() {
        ends.server = client.localAddress?.text ?? bound.description
        route = RelayServer.Route(target: bound, role: .http)
        hasOpened = true
        relay.options.observer?.opened(number, by: session.door)
        add(.opened(ends), at: relay.now(), .http, nil)
        relay.handshakeEnded(self)
    }

    /// Answers the open request of the gateway.
    func answerRequest(_ bytes: [UInt8]) {
        guard !isFinished else { return }
        perform(session.answered(bytes))
        awaitRequest()
        readCompleted(.client)
    }

    /// Ends a connection on which no further request comes.
    private func awaitRequest() {
        endWait()
        requestTimer?.cancel()
        requestTimer = loop.assumeIsolated().scheduleTask(in: Self.requestTimeout) { [self] in finish() }
    }

    /// How long a connection may be without a request; a poll may wait as long for its answer.
    private static let requestTimeout = TimeAmount.seconds(120)

    /// Ends a connection whose gateway session is idle.
    func endIdleGateway() {
        if reason == nil { reason = .gatewayIdle }
        finish()
    }
}
