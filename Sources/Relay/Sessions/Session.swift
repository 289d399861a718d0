// The state machine of one relayed connection. Pure: takes bytes and decisions, returns actions for the socket layer.

internal import Doors
internal import Events
internal import MSNP
internal import Payloads

/// One relayed connection.
///
///     opening ──(first line, foreign bytes or time-out)──► dialling ──► relaying ──(redirect)──► deciding ─┐
///        │                                                                 ▲───────────────────────────────┘
///        └──(proxy's client)──► handshake ──► reaching ──► joining ────────┘     see SessionProxy.swift
///
/// Every byte of the server passes through one queue (`OutgoingQueue`). The decoder only names the offset up to which
/// bytes may be sent, and the replacement of a redirect. A decoding error therefore cannot lose, repeat or reorder bytes.
/// The session holds back only an unfinished line that may become a redirect, and the bytes behind a redirect until its
/// new address is decided.
struct Session: Sendable {
    /// An action for the socket layer. Actions are carried out in order.
    enum Output: Sendable {
        /// Connect to the server that the first command asks for, then call `dialled`; on failure close the connection.
        case dial(FirstCommand)
        /// Forward the bytes of this call unchanged to the other side.
        case forward
        /// Send these bytes to a side.
        case send([UInt8], to: Side)
        /// Decide on a redirect, then call `decided`. Do not read from the server until then.
        case decide(Redirect)
        /// Record an event, with the role and dialect of the connection at this time.
        case record(Event.Kind, Role, Dialect?)
        /// The connection's account has become known.
        case identified(String)
        /// A proxy's client asks for this server: find out where it is connected to, then call `reach`.
        case reach(HostPort)
        /// The first command of a proxy's client: call `learned` with what it says of the connection.
        case learn(FirstCommand)
        /// A redirect was forwarded unchanged, because the client will ask its proxy for that server.
        case promise(Redirect)
        /// Close the connection after what was sent.
        case end(Finding)
        /// The client sends requests to the gateway: its connection has no server.
        case serve
        /// Handle this request, then call `answered`.
        case request(GatewayRequest)
        /// The client's bytes can be forwarded from now on.
        case readClient
        /// Close the connection after what was sent, as the client wished.
        case hangUp
        /// Find an address of the relay for this agreement on a direct link, then call `decided`. Do not read from the
        /// server until then.
        case openLink(DirectLinkAgreement)
    }

    /// The decision on a redirect.
    enum Decision: Sendable {
        /// Replace the address with one of the relay's; `current` is the address at which the client reached the relay.
        case rewrite(to: HostPort, current: HostPort)
        /// Send the redirect unchanged, and record why.
        case leave(Finding)
        /// Send the redirect unchanged: the client comes back by itself.
        case keep
    }

    /// Large and rare states are boxed: a connection that only waits is to be small.
    enum State {
        case opening([UInt8])
        case dialling([UInt8])
        case relaying
        /// A redirect at the front of the queue waits for its decision; the bytes behind it wait, too.
        indirect case deciding(PendingRedirect)
        /// The handshake with a proxy's client.
        case handshake(Handshake)
        /// The server that a proxy's client asked for is being connected.
        case reaching(Handshake, Destination)
        /// A proxy's client whose server is connected, but whose first command is incomplete.
        case joining([UInt8])
        /// Bytes are forwarded, but not decoded.
        case tunnel
        /// The client sends requests to the gateway.
        indirect case carrier(GatewayCarrier)
    }

    /// A redirect that waits for its decision.
    struct PendingRedirect: Sendable {
        var frame: Frame
        var redirect: Redirect
        /// The record of the frame, with the role and dialect at the time of its arrival.
        var record: Output
    }

    /// Made when the first bytes of a decided protocol come: a client that only waits needs none.
    var tap: Tap {
        _read {
            if taps.isEmpty { yield Tap() } else { yield taps[0] }
        }
        _modify {
            if taps.isEmpty { taps.append(Tap()) }
            yield &taps[0]
        }
    }
    private var taps: [Tap] = []
    var state = State.opening([])
    /// The server's unsent bytes.
    var outgoing = OutgoingQueue()
    private var knownAccount: String?
    /// The role according to the first bytes. HTTP and direct connections have no command from which the tap could derive it.
    private var openingRole = Role.unknown
    /// Which doors are open.
    let doors: OpenDoors
    /// Whether the client uses the relay as its proxy. It asks its proxy for whatever the server names.
    var isProxied = false
    /// Whether redirects are replaced.
    var rewrites: Bool { !isProxied && !isInGateway && doors.rewritesRedirects }
    /// Whether it is the connection inside of gateway requests: then only a redirect to a gateway is replaced.
    var isInGateway = false
    /// Whether the client's first bytes are a request of its sign-in over HTTP.
    private(set) var isSignIn = false
    /// What the client of a tunnel begins with; at most one element, as below.
    var hellos: [ClientHello] = []
    /// Changes the answers of a sign-in; at most one element, as below.
    var signInEditors: [SignInEditor] = []
    /// Changes agreements on direct links; nil if they pass.
    var links: DirectLinkEditor? {
        get { editors.first }
        _modify {
            // Taken out while it is changed, so that its bytes are not copied.
            var editor = editors.popLast()
            defer { if let editor { editors.append(editor) } }
            yield &editor
        }
    }
    /// At most one element. An array, because few connections have an editor and all are to be small.
    private var editors: [DirectLinkEditor] = []
    /// The handshake of a proxy's client until it can be recorded.
    var handshakeBytes: [(side: Side, bytes: [UInt8])] = []

    /// The open doors, and the password that its proxies demand.
    struct OpenDoors: Sendable {
        var open: Set<Door> = []
        var password: ProxyPassword?
        /// Whether redirects are replaced for clients that use no proxy.
        var rewritesRedirects = true
        /// Whether requests of a client's sign-in are passed on.
        var takesSignIns = false
        /// What becomes of agreements on direct links.
        var directLinks = DirectLinkPolicy.pass
        /// Whether plain HTTP requests for other servers may be passed on.
        var forwards = false
    }

    init(_ doors: OpenDoors = OpenDoors()) {
        self.doors = doors
    }

    /// Whether the session accepts bytes from this side; while it does not, the socket layer does not read from it.
    func accepts(from side: Side) -> Bool {
        switch state {
        case .opening: side == .client
        case .dialling: false
        case .relaying: side == .client || links?.isWaiting != true
        case .deciding: side == .client
        case .handshake: side == .client
        case .reaching(_, .nextProxy): side == .server
        case .reaching: false
        case .joining, .tunnel: true
        case .carrier(let carrier): side == .client && carrier.isIncomplete
        }
    }

    /// Processes received bytes.
    mutating func receive(_ bytes: Span<UInt8>, from side: Side) -> [Output] {
        guard !editors.isEmpty else { return receiveUnedited(bytes, from: side) }
        let outputs = receiveUnedited(bytes, from: side)
        return edited(outputs, [UInt8](copying: bytes), from: side)
    }

    private mutating func receiveUnedited(_ bytes: Span<UInt8>, from side: Side) -> [Output] {
        switch state {
        case .opening(var received):
            received.append(copying: bytes)
            return open(received)
        case .dialling(var received):
            received.append(copying: bytes)
            state = .dialling(received)
            return []
        case .deciding where side == .server:
            tap.count(bytes, from: .server)
            outgoing.append(bytes)
            return []
        case .relaying, .deciding: return side == .client ? fromClient(bytes) : fromServer(bytes)
        case .handshake, .reaching, .joining, .tunnel, .carrier: return receiveProxied(bytes, from: side)
        }
    }

    /// Reads the first bytes of a client.
    mutating func open(_ received: [UInt8]) -> [Output] {
        if !doors.open.isEmpty, !isProxied, !isInGateway {
            switch FirstBytes.read(received, doors: doors.open) {
            case nil:
                state = .opening(received)
                return []
            case .direct?:
                if !doors.open.contains(.msnp) { return refuse("the relay has no door for it (--doors)", received) }
            case .http?:
                if doors.takesSignIns {
                    guard let isSignIn = SignInRequest.begins(received) else {
                        state = .opening(received)
                        return []
                    }
                    self.isSignIn = isSignIn
                }
                if isSignIn { break }
                guard doors.forwards else { return beginRequests(received) }
                guard let isForwarded = ForwardedRequest.isMeant(by: received) else {
                    state = .opening(received)
                    return []
                }
                return isForwarded ? beginForwarding(received) : beginRequests(received)
            case let first?: return beginHandshake(first, received)
            }
        }
        guard let opening = FirstCommand.read(received) else {
            state = .opening(received)
            return []
        }
        state = .dialling(received)
        openingRole = opening.role
        return [.dial(opening)]
    }

    /// Stops waiting for the client's first line: the time-out has passed, or the client ended before a whole line.
    mutating func stopWaiting() -> [Output] {
        guard case .opening(let received) = state else { return stopHandshake("The client left") }
        state = .dialling(received)
        return [.dial(received.isEmpty ? .otherCommand : .foreign)]
    }

    /// Continues after the server's connection is established.
    ///
    /// - Parameter dialect: the dialect of the notification connection that led to this one; nil if unknown.
    mutating func dialled(dialect: Dialect?) -> [Output] {
        guard case .dialling(let received) = state else { return dialledForProxy() }
        state = .relaying
        let handshake = recordHandshake()
        if isSignIn { tap.readMessages() } else { inherit(dialect, openingRole) }
        guard !received.isEmpty else { return handshake }
        tap.count(received.span, from: .client)
        beginEditing(openingRole)
        return handshake + edited([.send(received, to: .server)] + recordClient(received.span))
    }

    /// Sets what the first command, or the redirect that led here, says of the connection.
    mutating func inherit(_ dialect: Dialect?, _ role: Role) {
        tap.inherit(dialect: dialect, role: role == .unknown ? nil : role)
        // Only the Beta 2 client of MSNP2 begins like this on a dispatch server; it sends no VER.
        if role == .dispatch { tap.inherit(dialect: Dialect(2)) }
        // "GET / HTTP/1.1" has the form of a command. In the middle of a stream, the decoder requires two commands in a row.
        if role == .http { tap.joinMidStream(.client) }
    }

    /// Continues after the decision on the pending redirect.
    mutating func decided(_ decision: Decision) -> [Output] {
        guard case .deciding(let pending) = state else { return [] }
        state = .relaying
        var outputs: [Output] = []
        switch decision {
        case .leave(let finding):
            outputs = sendUnchanged(pending) + [record(.finding(finding))]
        case .keep: outputs = sendUnchanged(pending)
        case .rewrite(let address, let current):
            let bytes = pending.redirect.splice(pending.frame, to: address, current: current)
            guard let sent = Frame(bytes), outgoing.remove(pending.frame.bytes) else {
                outputs = sendUnchanged(pending)
                break
            }
            let rewriting = Rewriting(
                original: pending.frame, sent: sent, from: pending.redirect.address.description,
                to: address.description)
            outputs = [.send(bytes, to: .client), pending.record, record(.rewritten(rewriting))]
        }
        return edited(outputs + resume())
    }

    /// Processes the end of a side's stream.
    mutating func ended(_ side: Side) -> [Output] {
        var outputs: [Output] = []
        if side == .client, case .joining(let received) = state {
            state = .relaying
            outputs += recordClient(received.span)
        }
        if side == .server {
            if case .deciding(let pending) = state {
                outputs += sendUnchanged(pending)
                state = .relaying
            }
            let bytes = outgoing.bytes
            var position = outgoing.decoded
            var records: [Output] = []
            while let kind = tap.next(bytes.span, from: &position, side: .server) { records.append(record(kind)) }
            outgoing.markDecoded(bytes.count)
            outputs += send(until: outgoing.end) + endSignInEditing() + records
        }
        return edited(outputs) + endEditing(side) + tap.finish(side).map(record)
    }

    /// Whether the client has sent any byte.
    var hasClientBytes: Bool {
        if case .opening(let received) = state { return !received.isEmpty }
        return true
    }

    /// Whether a redirect or an agreement waits for its decision; the server's end of stream must then wait, too.
    var isDeciding: Bool {
        if case .deciding = state { return true }
        return links?.isWaiting == true
    }
}

extension Session {
    private mutating func fromClient(_ bytes: Span<UInt8>) -> [Output] {
        tap.count(bytes, from: .client)
        var outputs = Self.forwarding
        recordClient(bytes, &outputs)
        return outputs
    }

    /// The records of the client's bytes.
    mutating func recordClient(_ bytes: Span<UInt8>) -> [Output] {
        var outputs: [Output] = []
        recordClient(bytes, &outputs)
        return outputs
    }

    private mutating func recordClient(_ bytes: Span<UInt8>, _ outputs: inout [Output]) {
        var position = 0
        while let kind = tap.next(bytes, from: &position, side: .client) {
            outputs.append(record(kind))
            if let account = tap.account, knownAccount == nil {
                knownAccount = account
                outputs.append(.identified(account))
            }
        }
    }

    /// Processes the server's bytes. If none are queued and none have to be held back, they are forwarded without a copy.
    mutating func fromServer(_ bytes: Span<UInt8>) -> [Output] {
        guard signInEditors.isEmpty else { return fromSignInServer(bytes) }
        tap.count(bytes, from: .server)
        guard outgoing.isEmpty else {
            outgoing.append(bytes)
            return resume()
        }
        var outputs = Self.forwarding
        var position = 0
        let redirect = decode(bytes, from: &position, &outputs)
        guard redirect == nil, heldBackOffset(before: outgoing.offset &+ UInt64(bytes.count)) == nil else {
            outputs.removeFirst()
            outgoing.append(bytes)
            outgoing.markDecoded(position)
            return proceed(redirect, outputs)
        }
        outgoing.countForwarded(bytes.count)
        return outputs
    }

    /// The action for bytes that are forwarded unchanged, with room for what they say.
    private static var forwarding: [Output] {
        var outputs: [Output] = []
        outputs.reserveCapacity(4)
        outputs.append(.forward)
        return outputs
    }

    /// Decodes the queued bytes, and sends those that need not be held back any longer.
    private mutating func resume() -> [Output] {
        var records: [Output] = []
        let bytes = outgoing.bytes
        var position = outgoing.decoded
        let redirect = decode(bytes.span, from: &position, &records)
        outgoing.markDecoded(position)
        return proceed(redirect, records)
    }

    /// Sends the bytes before a redirect, or all bytes that cannot become one.
    private mutating func proceed(_ redirect: (start: UInt64, PendingRedirect)?, _ records: [Output]) -> [Output] {
        guard let (start, pending) = redirect else {
            return send(until: heldBackOffset(before: outgoing.end) ?? outgoing.end) + records
        }
        state = .deciding(pending)
        return send(until: start) + records + [.decide(pending.redirect)]
    }

    /// Decodes piece by piece, up to a redirect that is still queued.
    ///
    /// - Returns: the redirect and its stream offset; nil if all bytes were decoded without one.
    private mutating func decode(
        _ bytes: Span<UInt8>, from position: inout Int, _ records: inout [Output]
    ) -> (start: UInt64, PendingRedirect)? {
        while let kind = tap.next(bytes, from: &position, side: .server) {
            guard case .frame(let frame, _) = kind else {
                records.append(record(kind))
                continue
            }
            switch Redirect.mayBe(frame.verb) ? Command(frame, from: .server) : nil {
            case .unknownRedirect where rewrites:
                let text = "\(frame.verb) has an unknown form and was forwarded unchanged."
                records.append(record(kind))
                records.append(record(.finding(Finding(.redirectNotUnderstood, text, side: .server))))
            case .redirect(let redirect) where !replaces(redirect):
                records.append(record(kind))
                records.append(.promise(redirect))
            case .redirect(let redirect):
                let start = tap.offset(of: .server) &- UInt64(frame.bytes.count)
                if start >= outgoing.offset {
                    return (start, PendingRedirect(frame: frame, redirect: redirect, record: record(kind)))
                }
                let text = "\(frame.verb) arrived while the stream was out of step and was forwarded unchanged."
                records.append(record(kind))
                records.append(record(.finding(Finding(.redirectNotRewritten, text, side: .server))))
            default: records.append(record(kind))
            }
        }
        return nil
    }

    /// The stream offset of an unfinished line that may become a redirect; nil if all bytes up to `end` may be sent.
    private func heldBackOffset(before end: UInt64) -> UInt64? {
        guard let command = tap.unfinishedCommand(of: .server), Redirect.mayBegin(command.bytes),
            command.offset >= outgoing.offset, command.offset < end, rewrites || isInGateway
        else { return nil }
        return command.offset
    }

    private func replaces(_ redirect: Redirect) -> Bool {
        rewrites || isInGateway && redirect.destination == .notification(viaGateway: true)
    }

    /// Sends the pending redirect unchanged.
    private mutating func sendUnchanged(_ pending: PendingRedirect) -> [Output] {
        send(until: outgoing.offset &+ UInt64(pending.frame.bytes.count)) + [pending.record]
    }

    private mutating func send(until offset: UInt64) -> [Output] {
        let bytes = outgoing.remove(until: offset)
        return bytes.isEmpty ? [] : [.send(bytes, to: .client)]
    }

    func record(_ kind: Event.Kind) -> Output { .record(kind, tap.role, tap.dialect) }
}
