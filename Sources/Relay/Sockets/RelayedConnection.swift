// One relayed connection: two channels, whose bytes go through the session and whose events go to the sink.

internal import Analysis
internal import Doors
internal import Events
internal import Glibc
internal import MSNP
internal import NIOCore

/// A client's channel and its server's, both on one event loop.
///
/// Bytes are forwarded and flushed here; what was recorded is analysed by the event thread.
final class RelayedConnection {
    /// The connection's number, from 1, unique in the relay.
    let number: Int
    /// The server to which the client's listener is bound.
    let bound: HostPort
    /// Whether the local address of the client's connection is that of its server (TPROXY).
    let isIntercepted: Bool
    /// Where the client wanted to go, if a firewall rule caught its connection.
    @Rare private(set) var caught: HostPort?
    /// Why the client is not connected to `destination`, unless a cookie names another server.
    @Rare var refusal: Finding?
    /// The direct link that the client opens; nil for a connection to a server.
    @Rare private(set) var link: RelayServer.DirectLink?
    /// The server of the listener that the client reached, perhaps through the relay's own proxy.
    var destination: HostPort
    /// The server that the client asked its proxy for.
    @Rare var asked: HostPort?
    /// The number of redirects whose client is waited for.
    var awaited = 0
    let client: ClientEnd
    var session: Session
    var signIn: SignIn?

    let relay: RelayServer
    private var server: (any Channel)?
    /// Nil for a session of the gateway.
    private var toClient: Outlet?
    /// Nil until the server is connected.
    private var toServer: Outlet?
    var ends: Endpoints
    private let queue: CarriedQueue
    private var share = CarriedQueue.Share()
    /// What was recorded since the last `handOver`, in order, and the number of bytes received since then.
    private var pendingEvents: [Event] = []
    /// The state that the latest of them had.
    private var context: ConnectionContext
    private var receivedBytes = 0
    /// When the client is not waited for any longer; nil if it is not waited for.
    private var waitEnd: NIODeadline?
    /// Whether the wait for the first line is over, and a handshake is waited for.
    private var isInLongWait = false
    /// Ends a connection that carries requests.
    var requestTimer: Scheduled<Void>?
    private var ended: [Side] = []
    var pendingServerEnd: End?
    @Rare var reason: CloseReason?
    /// The chosen server; nil until dialling begins.
    @Rare var route: RelayServer.Route?
    var hasOpened = false
    private var isPaused = false
    var isFinished = false

    /// How a side ended its stream.
    enum End {
        case closed
        case reset
    }

    init(
        number: Int, arrival: RelayServer.Arrival, client: ClientEnd, session: Session, queue: CarriedQueue,
        relay: RelayServer
    ) {
        self.number = number
        bound = arrival.server
        destination = arrival.server
        isIntercepted = arrival.isIntercepted
        caught = arrival.caught
        refusal = arrival.refusal
        link = arrival.link
        self.client = client
        self.queue = queue
        self.relay = relay
        self.session = session
        context = ConnectionContext(connection: number)
        toClient = client.channel.map { Outlet($0) }
        ends = Endpoints(client: client.remoteAddress?.text ?? "unknown", server: bound.description)
    }

    /// The client's address without its port.
    var clientHost: String { client.remoteAddress?.ipAddress ?? "" }
    /// The address at which the client reached the relay, without its port.
    var localHost: String? { client.localAddress?.ipAddress }
    /// The port at which the client reached the relay.
    var localPort: UInt16 { client.localAddress?.port.flatMap(UInt16.init(exactly:)) ?? 0 }
    /// The event loop of both channels.
    var loop: any EventLoop { client.loop }

    /// Starts the time-out of the first line, and reading.
    func begin() {
        // A direct link has one client. Closing the listener any earlier would close the client, too.
        if link != nil { client.channel?.parent?.close(promise: nil) }
        awaitFirstLine()
        client.read()
    }

    func awaitFirstLine() {
        isInLongWait = false
        waitEnd = relay.waits(on: loop).firstLine.add(number)
    }

    /// Ends the wait for the client.
    func endWait() { waitEnd = nil }

    /// The time of a wait has passed; of another one if this has ended by now.
    func waitIsOver(_ end: NIODeadline) {
        guard waitEnd == end else { return }
        waitEnd = nil
        guard session.isHandshaking else { return perform(session.stopWaiting()) }
        if isInLongWait {
            perform(session.stopHandshake("\(relay.handshakeTimeout.nanoseconds / 1_000_000_000) s passed"))
        } else {
            isInLongWait = true
            waitEnd = relay.waits(on: loop).handshake.add(number)
        }
    }

    /// Processes bytes received from a side.
    func receive(_ buffer: ByteBuffer, from side: Side) {
        receivedBytes += buffer.readableBytes
        let outputs = session.receive(buffer.readableBytesUInt8Span, from: side)
        perform(outputs, on: buffer, from: side)
    }

    /// Counts bytes that the client sends before its server is connected: they all wait in memory.
    func countHandshake(_ bytes: Int) { if server == nil { relay.count(bytes, of: self) } }

    /// Flushes after a read cycle, and hands over what was recorded.
    func readCompleted(_ side: Side) {
        // What is handed over first is analysed before all that the bytes cause on other connections.
        let wakes = handOver()
        flush(to: side.other)
        // Before the server is connected, a proxy's client gets answers of the relay itself.
        if server == nil { flush(to: .client) }
        if wakes { relay.events.wake() }
        readMore(side)
    }

    /// Reads on after a pause.
    func resume() {
        isPaused = false
        readMore(.client)
        readMore(.server)
    }

    /// Resumes reading from the other side when a side's send buffer has room.
    func writabilityChanged(_ side: Side) {
        if isWritable(side) { readMore(side.other) }
    }

    /// Processes the end of a side's stream, and forwards it to the other side.
    func ended(_ side: Side, _ end: End) {
        guard !ended.contains(side), !isFinished, side == .client || server != nil else { return }
        if side == .server, session.isDeciding {
            pendingServerEnd = end
            return
        }
        ended.append(side)
        if session.isCarrier { return finish() }
        if reason == nil { reason = end == .closed ? .closedBy(side) : .resetBy(side) }
        guard route != nil else {
            // The client left before its first line was complete; the bytes that it sent still go to the server.
            if session.hasClientBytes, end == .closed { perform(session.stopWaiting()) } else { finish() }
            return
        }
        // While the server is being dialled, the end waits for its connection or failure.
        guard server != nil else { return }
        perform(session.ended(side))
        forward(end, to: side.other)
        deliverEvents()
    }

    /// Processes the closing of a channel.
    func closed(_ side: Side) {
        // NIO closes a channel with shut output without an event when its input ends; this is not a reset.
        if !ended.contains(side) {
            ended(side, ended.contains(side.other) ? .closed : .reset)
        } else if !ended.contains(side.other) {
            // A reset behind a half-close: nobody receives what the other side still sends.
            forward(.reset, to: side.other)
        }
        if let server, !client.isActive, !server.isActive { finish() }
    }

    /// Closes a client whose server is not connected yet, to make room for others.
    func turnAway() {
        guard server == nil, !isFinished else { return }
        if reason == nil { reason = .gaveWay }
        finish()
    }

    /// Closes both channels because the relay stops.
    func stop() {
        if reason == nil { reason = .relayStopped }
        server?.close(promise: nil)
        client.close()
        finish()
    }
}

extension RelayedConnection {
    private func channel(_ side: Side) -> (any Channel)? { side == .client ? client.channel : server }

    private func isWritable(_ side: Side) -> Bool { side == .client ? client.isWritable : server?.isWritable ?? true }

    private func write(_ buffer: ByteBuffer, to side: Side) {
        if side == .server {
            toServer?.write(buffer)
        } else if toClient != nil {
            toClient?.write(buffer)
        } else {
            client.gateway?.write(buffer)
        }
    }

    func flush(to side: Side) {
        if side == .server {
            toServer?.flush()
        } else if toClient != nil {
            toClient?.flush()
        } else {
            client.gateway?.flush(part: session.unfinishedServerBytes())
        }
    }

    func perform(_ outputs: [Session.Output], on buffer: ByteBuffer? = nil, from side: Side = .client) {
        var undecided = carryOut(outputs, on: buffer, from: side)
        // A loop instead of recursion: a server may send thousands of redirects at once.
        while let redirect = undecided {
            guard let decision = decide(redirect) else { return }
            undecided = carryOut(session.decided(decision))
        }
    }

    /// Carries out the session's actions.
    ///
    /// - Returns: the redirect to decide next, if any.
    private func carryOut(
        _ outputs: [Session.Output], on buffer: ByteBuffer? = nil, from side: Side = .client
    ) -> Redirect? {
        var undecided: Redirect?
        // All records of the same bytes have the same time.
        let now = relay.now()
        for output in outputs {
            switch output {
            case .dial(let opening): dial(opening)
            case .forward: if let buffer { write(buffer, to: side.other) }
            case .send(let bytes, let side): write(ByteBuffer(bytes: bytes), to: side)
            case .decide(let redirect): undecided = redirect
            case .record(let kind, let role, let dialect):
                if pendingEvents.isEmpty { pendingEvents.reserveCapacity(outputs.count) }
                add(kind, at: now, role, dialect)
            case .identified(let account):
                if session.tap.role != .switchboard { signIn = relay.identify(account, self) }
            case .reach(let asked): reach(asked)
            case .learn(let opening): learn(opening)
            case .promise(let redirect): relay.promise(redirect, to: self)
            case .end(let finding): end(finding)
            case .serve: serve()
            case .request(let request): relay.gateway.handle(request, from: self, relay)
            case .readClient: readMore(.client)
            case .hangUp: finish()
            case .openLink(let agreement): keepLink(agreement)
            }
        }
        return undecided
    }

    private func dial(_ opening: FirstCommand) {
        endWait()
        let route = relay.route(opening, self)
        guard let refusal = route.refusal else { return connect(to: route) }
        self.route = route
        reason = .noConnection(to: route.target, why: "refused")
        end(refusal)
    }

    func connect(to route: RelayServer.Route) {
        self.route = route
        signIn = route.signIn
        let hops = hops
        guard hops <= (caught == nil ? HopCount.most : 1) else {
            let message = "this relay itself is the client; connecting would be a loop"
            return dialFailed(RelayError(message), route)
        }
        let this = NIOLoopBound(self, eventLoop: loop)
        let initialize: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(RelayHandler(.server, this.value))
            }
        }
        let begin = NIODeadline.now()
        let dialled =
            link?.connect(relay.dialer, on: loop, initialize)
            ?? relay.dialer.connect(to: route.target, on: loop, initialize: initialize)
        dialled.assumeIsolated().whenComplete { [self] result in
            if let observer = relay.options.observer { report(result, of: route.target, since: begin, to: observer) }
            switch result {
            case .success(let channel):
                let ends = HopCount.Endpoints(from: channel.localAddress, to: channel.remoteAddress)
                relay.hopCount.opened(ends, hops: hops)
                channel.closeFuture.whenComplete { [hopCount = relay.hopCount] _ in hopCount.closed(ends) }
                self.dialled(channel, route)
            case .failure(let error): dialFailed(error, route)
            }
        }
    }

    /// How often the client's connection has passed through the relay. A redirect rule hides the address that the relay
    /// itself dialled: then it is the destination.
    private var hops: Int {
        let dialled = caught.flatMap { try? SocketAddress(ipAddress: $0.host, port: Int($0.port)) }
        return relay.hopCount.hops(
            of: HopCount.Endpoints(from: client.remoteAddress, to: dialled ?? client.localAddress))
    }

    private func report(
        _ result: Result<any Channel, any Error>, of server: HostPort, since begin: NIODeadline,
        to observer: any RelayObserver
    ) {
        var outcome = ProxyOutcome.connected
        if case .failure(let error) = result { outcome = ErrorText.outcome(error) }
        observer.dialled(server, seconds: Double((NIODeadline.now() - begin).nanoseconds) / 1e9, outcome)
    }

    private func dialled(_ channel: any Channel, _ route: RelayServer.Route) {
        guard !isFinished else {
            channel.close(promise: nil)
            return
        }
        server = channel
        toServer = Outlet(channel)
        channel.closeFuture.assumeIsolated().whenComplete { [self] _ in closed(.server) }
        relay.handshakeEnded(self)
        // A tunnel's name says more than its address.
        ends.server = route.name ?? channel.remoteAddress?.text ?? route.target.description
        open(route)
        flush(to: .server)
        flush(to: .client)
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
        let why = ErrorText.describe(error)
        reason = .noConnection(to: route.target, why: why)
        relay.report("cannot connect to \(route.target) for \(ends.client): \(why)")
        perform(session.unreachable(ErrorText.outcome(error)))
        finish()
    }

    /// Records the opening and the findings of the routing, then processes the bytes that the client has sent by now.
    private func open(_ route: RelayServer.Route) {
        hasOpened = true
        relay.options.observer?.opened(number, by: session.door)
        // The session has no role and dialect before `dialled`, so they come from the route.
        for kind in [.opened(ends)] + route.findings.map(Event.Kind.finding) {
            add(kind, at: relay.now(), route.role, route.dialect)
        }
        if session.isSignIn { session.leadSignIn(to: relay.signInAddress(of: self)) }
        perform(session.dialled(dialect: route.dialect))
    }

    /// Forwards the end of one side's stream to the other side: a half-close, or a reset with `SO_LINGER` 0.
    private func forward(_ end: End, to side: Side) {
        if side == .client, let gateway = client.gateway {
            flush(to: .client)
            return gateway.serverEnded()
        }
        guard let channel = channel(side), channel.isActive else { return }
        switch end {
        case .closed:
            flush(to: side)
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

    func finish() {
        guard !isFinished else { return }
        isFinished = true
        endWait()
        requestTimer?.cancel()
        if let route {
            // Without a server the client's bytes go nowhere, but the record must contain them.
            if !hasOpened { open(route) }
            for side in Side.allCases where side == .client || !ended.contains(side) { perform(session.ended(side)) }
        }
        // The bytes that were held back until now are recorded as sent, so send them.
        flush(to: .server)
        flush(to: .client)
        server?.close(promise: nil)
        client.close()
        deliverEvents(isEnd: route != nil)
        relay.remove(self)
    }

    func add(_ kind: Event.Kind, at time: Timestamp, _ role: Role, _ dialect: Dialect?) {
        context = context.with(role: role, dialect: dialect, signIn: signIn)
        pendingEvents.append(Event(time: time, context: context, kind: kind))
    }

    /// Hands what was recorded over to the event thread.
    ///
    /// - Parameter isEnd: whether this is the end of the connection.
    /// - Returns: whether the thread has to be woken.
    private func handOver(isEnd: Bool = false) -> Bool {
        if isEnd {
            let tap = session.tap
            if let tunnel = session.tunnel(to: ends.server) {
                add(.tunnel(tunnel), at: relay.now(), tap.role, tap.dialect)
            }
            let closed = tap.closed(ends, reason: reason ?? .closed)
            add(closed, at: relay.now(), tap.role, tap.dialect)
        }
        guard !pendingEvents.isEmpty else { return false }
        let carried = Carried(connection: number, pendingEvents, bytes: receivedBytes, isEnd: isEnd)
        (pendingEvents, receivedBytes) = ([], 0)
        let (isReady, wakes) = queue.add(carried, &share)
        if !isReady, !isPaused { isPaused = queue.wait(NIOLoopBound(self, eventLoop: loop), share) }
        return wakes
    }

    /// Hands over what was recorded after the bytes were sent.
    func deliverEvents(isEnd: Bool = false) {
        if handOver(isEnd: isEnd) { relay.events.wake() }
    }

    /// Reads from a side if its bytes can be forwarded and their events delivered.
    func readMore(_ side: Side) {
        guard !isPaused, session.accepts(from: side), !ended.contains(side), isWritable(side.other) else { return }
        if side == .client { client.read() } else { server?.read() }
    }
}
