// One relayed connection over real sockets: feeds the session, carries out its decisions, reports what happened.

internal import Analysis
internal import Events
internal import Glibc
internal import MSNP
internal import NIOCore

/// Two channels glued together. Lives on one event loop; both channels are on it.
///
/// Bytes are forwarded and flushed before they are analysed: until then, what happened waits in `occurrences`.
final class RelayedConnection {
    /// Counted from 1 over all connections of the relay.
    let number: Int
    /// The server that clients of this listener are connected to.
    let bound: HostPort
    let client: any Channel
    private(set) var session: Session
    private var tracker: ConnectionTracker
    private(set) var signIn: SignIn?

    private let relay: RelayServer
    private var server: (any Channel)?
    private var ends: Endpoints
    /// What happened since the last delivery, in order; not analysed yet.
    private var occurrences: [Occurrence] = []
    private var silence: Scheduled<Void>?
    private var ended: [Side] = []
    private var endsWhenDecided: End?
    private var reason: CloseReason?
    /// Where the connection leads, once that was decided; the server is not there yet.
    private var route: RelayServer.Route?
    private var hasOpened = false
    private var isHeldUp = false
    private var isFinished = false

    /// How a side ended.
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
        tracker = ConnectionTracker(connection: number, passwords: relay.passwords)
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

    /// Counts what a client sends before its server is there: all of that waits in memory.
    func countHandshake(_ bytes: Int) { if server == nil { relay.count(bytes, of: self) } }

    /// All bytes of this turn have come from a side: send what came of them, then analyse and deliver what happened.
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

    /// Nothing more comes from a side.
    func ended(_ side: Side, _ end: End) {
        guard !ended.contains(side), !isFinished, side == .client || server != nil else { return }
        if side == .server, session.isDeciding {
            endsWhenDecided = end
            return
        }
        ended.append(side)
        if reason == nil { reason = end == .closed ? .closedBy(side) : .resetBy(side) }
        guard route != nil else {
            // A client that leaves before it sent a line: what it did send still goes to the server.
            if session.hasBegun, end == .closed { perform(session.stopWaiting()) } else { finish() }
            return
        }
        // While the server is being dialled, the end waits until it is there, or is known not to come.
        guard server != nil else { return }
        perform(session.ended(side))
        forward(end, to: side.other)
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

    /// Carries out what the session decided.
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
                occurrences.append(Occurrence(kind, at: now, role: role, dialect: dialect, signIn: signIn))
            case .identified(let account):
                if session.tap.role != .switchboard { signIn = relay.identify(account, self) }
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
            forward(client.isActive ? .closed : .reset, to: .server)
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

    /// Records that the connection is there, and what is odd about it; then what the client has sent by now.
    private func open(_ route: RelayServer.Route) {
        hasOpened = true
        // The session learns its role and dialect only now.
        for kind in [.opened(ends)] + route.findings.map(Event.Kind.finding) {
            occurrences.append(
                Occurrence(kind, at: relay.now(), role: route.role, dialect: route.dialect, signIn: signIn))
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

    /// Lets the other side know that nothing more comes from this one.
    private func forward(_ end: End, to side: Side) {
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
            // Without a server, what the client sent goes nowhere, but it was sent.
            if !hasOpened { open(route) }
            for side in Side.allCases where side == .client || !ended.contains(side) { perform(session.ended(side)) }
        }
        // What was held back until now is recorded as sent.
        server?.flush()
        client.flush()
        server?.close(promise: nil)
        client.close(promise: nil)
        deliverEvents(isEnd: route != nil)
        relay.forget(self)
    }

    /// Analyses what happened, and gives the events to the sink.
    ///
    /// - Parameter isEnd: whether these are the last events of the connection.
    private func deliverEvents(isEnd: Bool = false) {
        guard !occurrences.isEmpty || isEnd else { return }
        var events: [Event] = []
        events.reserveCapacity(occurrences.count)
        for occurrence in occurrences {
            tracker.observe(occurrence, others: { relay.observe($0) }) { events.append($0) }
        }
        occurrences.removeAll(keepingCapacity: occurrences.count <= 16)
        if isEnd {
            let tap = session.tap
            relay.endAgreements(of: number, tap.role)
            let closed = tap.closed(ends, reason: reason ?? .closed)
            tracker.end(
                Occurrence(closed, at: relay.now(), role: tap.role, dialect: tap.dialect, signIn: signIn)
            ) { events.append($0) }
        }
        guard !relay.deliver(events), !isHeldUp else { return }
        isHeldUp = true
        let this = NIOLoopBound(self, eventLoop: loop)
        relay.sink.whenReady {
            this.eventLoop.execute {
                this.value.isHeldUp = false
                this.value.readMore(.client)
                this.value.readMore(.server)
            }
        }
    }

    /// Reads on where bytes can be forwarded and their events delivered.
    private func readMore(_ side: Side) {
        guard !isHeldUp, session.takes(from: side), !ended.contains(side), let channel = channel(side) else { return }
        guard self.channel(side.other)?.isWritable ?? true else { return }
        channel.read()
    }
}
