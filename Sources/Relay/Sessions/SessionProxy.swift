// The session of a client that uses the relay as a proxy: the handshake, then a connection to a known server. Pure.

internal import Doors
internal import Events
internal import MSNP

extension Session {
    /// The handshake with a proxy's client.
    struct Handshake: Sendable {
        var server: any ProxyServer
        /// The server that the client asked for.
        var asked: HostPort?
        /// What the next proxy has answered so far.
        var answer: [UInt8] = []
    }

    /// Where a proxy's client is connected to.
    enum Destination: Hashable, Sendable {
        /// A server whose connection is decoded.
        case server
        /// Anything else that the user allows.
        case tunnel
        /// The same, through another proxy.
        case nextProxy
    }

    /// Whether a handshake is incomplete; it may take longer than a first line.
    var isHandshaking: Bool {
        switch state {
        case .handshake: true
        case .carrier: tap.role != .http
        default: false
        }
    }

    /// The way by which the client came; known before its connection is opened.
    var door: Door {
        if isInGateway || isCarrier { return .gateway }
        switch handshakeBytes.first?.bytes.first {
        case nil: return .msnp
        case 4?, 5?: return .socks
        default: return .connect
        }
    }

    /// Whether the connection is one that is not decoded.
    var isTunnel: Bool {
        switch state {
        case .tunnel, .reaching(_, .tunnel), .reaching(_, .nextProxy): true
        default: false
        }
    }

    /// The end of a connection that was not decoded; nil for others, and for those that came to nothing.
    ///
    /// - Parameter name: the server that it led to.
    func tunnel(to name: String) -> Tunnel? {
        guard case .tunnel = state, !hellos.isEmpty else { return nil }
        // Only the handshake with the proxy is recorded, as noise.
        let (client, server) = (tap.sums(of: .client), tap.sums(of: .server))
        var tunnel = Tunnel(
            host: name, hasClientHello: false, serverName: nil, clientBytes: client.bytes &- client.noiseBytes,
            serverBytes: server.bytes &- server.noiseBytes)
        if case .hello(let serverName)? = hellos.first?.reading {
            (tunnel.hasClientHello, tunnel.serverName) = (true, serverName)
        }
        return tunnel
    }

    private mutating func readHello(_ bytes: [UInt8]) {
        if !hellos.isEmpty { hellos[0].receive(bytes) }
    }

    /// Begins a handshake by the first bytes of a client.
    mutating func beginHandshake(_ first: FirstBytes, _ received: [UInt8]) -> [Output] {
        isProxied = true
        let server: any ProxyServer
        switch first {
        case .socks4: server = SOCKS4(needsPassword: doors.password != nil)
        case .socks5: server = SOCKS5(password: doors.password)
        case .connect, .http, .direct: server = ConnectRequest(password: doors.password)
        }
        return continueHandshake(Handshake(server: server), received)
    }

    /// Begins to read a plain HTTP request for another server.
    mutating func beginForwarding(_ received: [UInt8]) -> [Output] {
        isProxied = true
        return continueHandshake(Handshake(server: ForwardedRequest(password: doors.password)), received)
    }

    /// Whether the client sent a plain HTTP request, which only a tunnel can carry.
    var isForwarding: Bool {
        if case .reaching(let handshake, _) = state { return handshake.server is ForwardedRequest }
        return false
    }

    /// Handles bytes of a connection that came through a proxy's door.
    mutating func receiveProxied(_ bytes: Span<UInt8>, from side: Side) -> [Output] {
        switch state {
        case .handshake(let handshake) where side == .client:
            return continueHandshake(handshake, [UInt8](copying: bytes))
        case .reaching(var handshake, let destination):
            if side == .server { return receiveAnswer(bytes, handshake) }
            // Read before the client was not read any more: it belongs to the connection inside.
            _ = handshake.server.receive([UInt8](copying: bytes))
            state = .reaching(handshake, destination)
            return []
        case .joining(let received):
            if side == .server { return fromServer(bytes) }
            tap.count(bytes, from: .client)
            return [.forward] + join(received + [UInt8](copying: bytes))
        case .tunnel:
            tap.count(bytes, from: side)
            if side == .client { readHello([UInt8](copying: bytes)) }
            return [.forward]
        case .carrier(let carrier) where side == .client: return receiveRequests([UInt8](copying: bytes), carrier)
        default: return []
        }
    }

    private mutating func continueHandshake(_ handshake: Handshake, _ bytes: [UInt8]) -> [Output] {
        var handshake = handshake
        let steps = handshake.server.receive(bytes)
        if let forwarded = handshake.server as? ForwardedRequest, forwarded.isToGateway {
            isProxied = false
            return beginRequests(handshake.server.takeRest())
        }
        state = .handshake(handshake)
        return carryOut(steps)
    }

    private mutating func carryOut(_ steps: [ProxyStep]) -> [Output] {
        var outputs: [Output] = []
        for step in steps {
            switch step {
            case .took(let bytes): handshakeBytes.append((.client, bytes))
            case .say(let bytes):
                handshakeBytes.append((.server, bytes))
                outputs.append(.send(bytes, to: .client))
            case .ask(let asked):
                if case .handshake(var handshake) = state {
                    handshake.asked = asked
                    state = .reaching(handshake, .server)
                }
                outputs.append(.reach(asked))
            case .fail(let why): outputs.append(.end(Self.failure(why + ".")))
            }
        }
        return outputs
    }

    /// Sets where the client will be connected to; `dialled` or `unreachable` follows.
    mutating func reach(_ destination: Destination) {
        if case .reaching(let handshake, _) = state { state = .reaching(handshake, destination) }
    }

    /// The client asked its proxy for the relay itself: it goes on as if it had connected directly.
    mutating func reachRelay() -> [Output] {
        guard case .reaching(var handshake, _) = state else { return [] }
        let outputs = carryOut(handshake.server.answer(.connected))
        let rest = handshake.server.takeRest()
        return outputs + open(rest)
    }

    /// Tells the client that its server cannot be reached.
    mutating func unreachable(_ outcome: ProxyOutcome) -> [Output] {
        guard case .reaching(var handshake, _) = state else { return [] }
        let steps = handshake.server.answer(outcome)
        state = .handshake(handshake)
        return carryOut(steps)
    }

    /// Ends an incomplete handshake.
    mutating func stopHandshake(_ why: String) -> [Output] {
        guard isHandshaking else { return [] }
        return [.end(Self.failure("\(why) before its proxy handshake was complete."))]
    }

    /// Refuses a client without an answer.
    mutating func refuse(_ why: String, _ received: [UInt8]) -> [Output] {
        state = .dialling(received)
        return [.end(Self.failure(why + "."))]
    }

    static func failure(_ text: String) -> Finding {
        Finding(.proxyHandshakeFailed, text.prefix(1).uppercased() + text.dropFirst(), side: .client)
    }

    /// Continues after the server of a proxy's client is connected, or records a handshake that came to nothing.
    mutating func dialledForProxy() -> [Output] {
        switch state {
        case .handshake(var handshake):
            let rest = handshake.server.takeRest()
            if !rest.isEmpty { handshakeBytes.append((.client, rest)) }
            state = .tunnel
            return recordHandshake()
        case .reaching(let handshake, .nextProxy) where handshake.server is ForwardedRequest:
            return connect(handshake, .nextProxy)
        case .reaching(let handshake, .nextProxy):
            guard let asked = handshake.asked else { return [] }
            let request = "CONNECT \(asked) HTTP/1.1\r\nHost: \(asked)\r\n\r\n"
            return recordHandshake() + [.send(Array(request.utf8), to: .server)]
        case .reaching(let handshake, let destination): return connect(handshake, destination)
        default: return []
        }
    }

    /// Answers the client whose server is connected, and passes on what it sent behind its request.
    private mutating func connect(_ handshake: Handshake, _ destination: Destination) -> [Output] {
        var handshake = handshake
        var outputs = carryOut(handshake.server.answer(.connected)) + recordHandshake()
        if let forwarded = handshake.server as? ForwardedRequest {
            outputs.append(.send(forwarded.head(toProxy: destination == .nextProxy), to: .server))
        }
        let rest = handshake.server.takeRest()
        state = destination == .server ? .joining([]) : .tunnel
        if destination != .server { hellos = [ClientHello()] }
        guard !rest.isEmpty else { return outputs }
        tap.count(rest.span, from: .client)
        if destination != .server { readHello(rest) }
        outputs.append(.send(rest, to: .server))
        return destination == .server ? outputs + join(rest) : outputs
    }

    /// Reads the next proxy's answer to the relay's own `CONNECT`.
    private mutating func receiveAnswer(_ bytes: Span<UInt8>, _ handshake: Handshake) -> [Output] {
        var handshake = handshake
        handshake.answer.append(copying: bytes)
        state = .reaching(handshake, .nextProxy)
        guard let end = HTTPHead.end(in: handshake.answer) else {
            return handshake.answer.count > HTTPStream.mostHeadBytes ? refuseByNextProxy("a head without end") : []
        }
        guard let head = HTTPHead(Array(handshake.answer.prefix(end)), isRequest: false), head.status / 100 == 2 else {
            return refuseByNextProxy(
                String(decoding: handshake.answer.prefix { $0 != 0x0D && $0 != 0x0A }.prefix(80), as: UTF8.self))
        }
        let rest = Array(handshake.answer.dropFirst(end))
        let outputs = connect(handshake, .nextProxy) + [.readClient]
        guard !rest.isEmpty else { return outputs }
        tap.count(rest.span, from: .server)
        return outputs + [.send(rest, to: .client)]
    }

    private mutating func refuseByNextProxy(_ answer: String) -> [Output] {
        unreachable(.failed) + [.end(Self.failure("the next proxy answered: \(answer)."))]
    }

    /// Collects the first command of a proxy's client. Its bytes are forwarded already.
    private mutating func join(_ received: [UInt8]) -> [Output] {
        state = .joining(received)
        return FirstCommand.read(received).map { [.learn($0)] } ?? []
    }

    /// Records the first command, with what the relay knows of the connection by it.
    mutating func learned(_ opening: FirstCommand, dialect: Dialect?) -> [Output] {
        guard case .joining(let received) = state else { return [] }
        state = .relaying
        inherit(dialect, opening.role)
        beginEditing(opening.role)
        return recordClient(received.span)
    }

    /// The records of the handshake, once the connection has opened.
    mutating func recordHandshake() -> [Output] {
        guard !handshakeBytes.isEmpty else { return [] }
        defer { handshakeBytes = [] }
        return handshakeBytes.map { side, bytes in
            tap.count(bytes.span, from: side)
            return record(tap.setAside(ByteSlice(bytes), from: side, as: .proxyHandshake))
        }
    }
}
