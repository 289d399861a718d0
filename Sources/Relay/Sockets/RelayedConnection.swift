// One relayed connection over real sockets: feeds the session, does what it says, decides nothing.

internal import Analysis
internal import Events
internal import Glibc
internal import MSNP
internal import NIOCore

/// Two channels glued together. Lives on one event loop; both channels are on it.
final class RelayedConnection {
    /// Counted from 1 over all connections of the relay.
    let number: Int
    /// The server that clients of this listener are connected to.
    let bound: HostPort
    let client: any Channel
    private(set) var session: Session
    private var analyzer: ConnectionAnalyzer
    private(set) var signIn: SignIn?

    private let relay: RelayServer
    private var server: (any Channel)?
    private var ends: Endpoints
    private var events: [Event] = []
    private var silence: Scheduled<Void>?
    private var ended: [Side] = []
    private var endsWhenDecided: End?
    private var reason: CloseReason?
    /// Where the connection leads, once that was decided; the server is not there yet.
    private var route: RelayServer.Route?
    private var hasOpened = false
    private var isHeldUp = false
    private var isFinished = false

    /// How a side stopped to talk.
    enum End {
        case closed
        case reset
    }

    init(number: Int, bound: HostPort, client: any Channel, relay: RelayServer) {
        self.number = number
        self.bound = bound
        self.client = client
        self.relay = relay
        session = Session()
        analyzer = ConnectionAnalyzer(connection: number, passwords: relay.passwords)
        ends = Endpoints(client: client.remoteAddress?.text ?? "unknown", server: bound.description)
    }

    /// The client's address without its port.
    var clientHost: String { client.remoteAddress?.ipAddress ?? "" }
    /// The address at which the client reached the relay, without its port.
    var localHost: String? { client.localAddress?.ipAddress }
    /// The port at which the client reached the relay.
    var localPort: UInt16 { client.localAddress?.port.flatMap(UInt16.init(exactly:)) ?? 0 }
    /// The loop on which all of this happens.
    var loop: any EventLoop { client.eventLoop }

    /// The client is there.
    func begin() {
        silence = loop.assumeIsolated().scheduleTask(in: relay.silence) { [self] in perform(session.stopWaiting()) }
        client.read()
    }

    /// Bytes came from a side.
    func receive(_ buffer: ByteBuffer, from side: Side) {
        let outputs = session.receive(buffer.readableBytesUInt8Span, from: side)
        perform(outputs, on: buffer, from: side)
    }

    /// Notes what a client says before its server is there: all of that waits in memory.
    func countHandshake(_ bytes: Int) { if server == nil { relay.count(bytes, of: self) } }

    /// A side's bytes of this turn are all there: send what came of them, then tell what happened.
    func turnEnded(_ side: Side) {
        channel(side.other)?.flush()
        channel(side)?.flush()
        deliverEvents()
        readMore(side)
    }

    /// A side can take more bytes, or no more for now.
    func writabilityChanged(_ side: Side) {
        if channel(side)?.isWritable == true { readMore(side.other) }
    }

    /// A side will say no more.
    func ended(_ side: Side, _ end: End) {
        guard !ended.contains(side), !isFinished, side == .client || server != nil else { return }
        if side == .server, session.isDeciding {
            endsWhenDecided = end
            return
        }
        ended.append(side)
        if reason == nil { reason = end == .closed ? .closedBy(side) : .resetBy(side) }
        guard route != nil else {
            // A client that leaves before it said a line: what it did say still goes to the server.
            if session.hasBegun, end == .closed { perform(session.stopWaiting()) } else { finish() }
            return
        }
        // While the server is being dialled, the end waits until it is there, or is known not to come.
        guard server != nil else { return }
        perform(session.ended(side))
        pass(end, to: side.other)
        deliverEvents()
    }

    /// A channel is gone.
    func closed(_ side: Side) {
        // A channel whose output is shut is closed without further notice when its input ends: that is no reset.
        if !ended.contains(side) { ended(side, ended.contains(side.other) ? .closed : .reset) }
        if let server, !client.isActive, !server.isActive { finish() }
    }

    /// Others need the place of this client, whose server is not there yet.
    func giveWay() {
        guard server == nil, !isFinished else { return }
        if reason == nil { reason = .gaveWay }
        finish()
    }

    /// The relay stops.
    func stop() {
        if reason == nil { reason = .relayStopped }
        server?.close(promise: nil)
        client.close(promise: nil)
        finish()
    }
}

extension RelayedConnection {
    private func channel(_ side: Side) -> (any Channel)? { side == .client ? client : server }

    private func perform(_ outputs: [Session.Output], on buffer: ByteBuffer? = nil, from side: Side = .client) {
        var undecided = carryOut(outputs, on: buffer, from: side)
        // A loop and no recursion: a server may send thousands of redirects at once.
        while let redirect = undecided {
            guard let decision = decide(redirect) else { return }
            undecided = carryOut(session.decided(decision))
        }
    }

    /// Does what the session says.
    ///
    /// - Returns: the redirect that has to be decided now.
    private func carryOut(
        _ outputs: [Session.Output], on buffer: ByteBuffer? = nil, from side: Side = .client
    ) -> Redirect? {
        var undecided: Redirect?
        // What comes out of the same bytes happened at the same time.
        let now = relay.now()
        for output in outputs {
            switch output {
            case .dial(let opening): dial(opening)
            case .forward: if let buffer { channel(side.other)?.write(buffer, promise: nil) }
            case .send(let bytes, let side): channel(side)?.write(ByteBuffer(bytes: bytes), promise: nil)
            case .decide(let redirect): undecided = redirect
            case .record(let kind, let role, let dialect):
                tell(Event(time: now, connection: number, role: role, dialect: dialect, signIn: signIn, kind: kind))
            case .identified(let account):
                if session.tap.role != .switchboard { signIn = relay.name(account, self) }
            }
        }
        return undecided
    }

    private func dial(_ opening: FirstCommand) {
        silence?.cancel()
        let route = relay.route(opening, self)
        self.route = route
        signIn = route.signIn
        let hops = relay.hopCount.hops(of: HopCount.Endpoints(from: client.remoteAddress, to: client.localAddress))
        guard hops <= HopCount.most else {
            let again = "this relay itself is the client; connecting would go round in circles"
            return dialFailed(RelayError(again), route)
        }
        let this = NIOLoopBound(self, eventLoop: loop)
        relay.dialer.connect(to: route.target, on: loop) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(RelayHandler(.server, this.value))
            }
        }.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel):
                let ends = HopCount.Endpoints(from: channel.localAddress, to: channel.remoteAddress)
                relay.hopCount.opened(ends, hops: hops)
                channel.closeFuture.whenComplete { [hopCount = relay.hopCount] _ in hopCount.closed(ends) }
                dialled(channel, route)
            case .failure(let error): dialFailed(error, route)
            }
        }
    }

    private func dialled(_ channel: any Channel, _ route: RelayServer.Route) {
        guard !isFinished else {
            channel.close(promise: nil)
            return
        }
        server = channel
        channel.closeFuture.assumeIsolated().whenComplete { [self] _ in closed(.server) }
        relay.handshakeEnded(self)
        ends.server = channel.remoteAddress?.text ?? route.target.description
        open(route)
        channel.flush()
        if ended.contains(.client) {
            perform(session.ended(.client))
            pass(client.isActive ? .closed : .reset, to: .server)
        }
        deliverEvents()
        readMore(.client)
        readMore(.server)
    }

    private func dialFailed(_ error: any Error, _ route: RelayServer.Route) {
        guard !isFinished else { return }
        let why = Failure.text(error)
        reason = .noConnection(to: route.target, why: why)
        relay.report("cannot connect to \(route.target) for \(ends.client): \(why)")
        finish()
    }

    /// Tells that the connection is there, and what is odd about it; then what the client has said by now.
    private func open(_ route: RelayServer.Route) {
        hasOpened = true
        // The session learns its role and dialect only now.
        for kind in [.opened(ends)] + route.findings.map(Event.Kind.finding) {
            events.append(
                Event(
                    time: relay.now(), connection: number, role: route.role, dialect: route.dialect, signIn: signIn,
                    kind: kind))
        }
        perform(session.dialled(dialect: route.dialect))
    }

    /// Decides where a client is to go.
    ///
    /// - Returns: nil where that takes time; the server is not read from until then.
    private func decide(_ redirect: Redirect) -> Session.Decision? {
        var early: Session.Decision?
        var isLate = false
        relay.decide(redirect, self).assumeIsolated().whenComplete { [self] result in
            let decision = decision(result, on: redirect)
            if isLate { settle(decision) } else { early = decision }
        }
        isLate = true
        return early
    }

    private func decision(_ result: Result<Session.Decision, any Error>, on redirect: Redirect) -> Session.Decision {
        switch result {
        case .success(let made): return made
        case .failure(let error):
            let text = "The redirect to \(redirect.address) was passed on as it is: \(Failure.text(error))"
            relay.report("connection \(number): \(text)")
            return .leave(Finding(.redirectNotRewritten, text, side: .server))
        }
    }

    /// Goes on after a decision that took time.
    private func settle(_ decision: Session.Decision) {
        perform(session.decided(decision))
        client.flush()
        if let end = endsWhenDecided, !session.isDeciding {
            endsWhenDecided = nil
            ended(.server, end)
        }
        deliverEvents()
        readMore(.server)
    }

    /// Lets the other side know that this one will say no more.
    private func pass(_ end: End, to side: Side) {
        guard let channel = channel(side), channel.isActive else { return }
        switch end {
        case .closed:
            let isLast = ended.count == 2
            let other = self.channel(side.other)
            channel.writeAndFlush(ByteBuffer()).assumeIsolated().whenComplete { _ in
                if isLast {
                    channel.close(promise: nil)
                    other?.close(promise: nil)
                } else {
                    channel.close(mode: .output, promise: nil)
                }
            }
        case .reset:
            guard let options = channel as? any SocketOptionProvider else {
                channel.close(promise: nil)
                return
            }
            options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in
                channel.close(promise: nil)
            }
        }
    }

    private func finish() {
        guard !isFinished else { return }
        isFinished = true
        silence?.cancel()
        if let route {
            // Without a server, what the client said goes nowhere, but it was said.
            if !hasOpened { open(route) }
            for side in Side.allCases where side == .client || !ended.contains(side) { perform(session.ended(side)) }
            for kind in analyzer.finish() { record(kind) }
            relay.endAgreements(of: number, session.tap.role)
            record(
                .closed(
                    ends, reason: reason ?? .closed, client: session.tap.sums(of: .client),
                    server: session.tap.sums(of: .server)))
        }
        // What was held back until now is recorded as sent.
        server?.flush()
        client.flush()
        server?.close(promise: nil)
        client.close(promise: nil)
        deliverEvents()
        relay.forget(self)
    }

    private func record(_ kind: Event.Kind) {
        events.append(
            Event(
                time: relay.now(), connection: number, role: session.tap.role, dialect: session.tap.dialect,
                signIn: signIn, kind: kind))
    }

    /// Keeps an event for delivery, and what follows from it.
    private func tell(_ event: Event) {
        var event = event
        let further = analyzer.take(&event) + relay.heed(event)
        events.append(event)
        event.annotation = nil
        for kind in further {
            event.kind = kind
            events.append(event)
        }
    }

    private func deliverEvents() {
        guard !events.isEmpty else { return }
        let batch = events
        events.removeAll(keepingCapacity: events.count <= 16)
        guard !relay.deliver(batch), !isHeldUp else { return }
        isHeldUp = true
        let this = NIOLoopBound(self, eventLoop: loop)
        relay.outlet.whenReady {
            this.eventLoop.execute {
                this.value.isHeldUp = false
                this.value.readMore(.client)
                this.value.readMore(.server)
            }
        }
    }

    /// Reads on where bytes can be passed on, seen and told.
    private func readMore(_ side: Side) {
        guard !isHeldUp, session.takes(from: side), !ended.contains(side), let channel = channel(side) else { return }
        guard self.channel(side.other)?.isWritable ?? true else { return }
        channel.read()
    }
}
