// The state of one captured connection: its tap, and its links to other connections.

internal import Analysis
internal import Doors
internal import Events
internal import MSNP
internal import Packets

/// One connection of a capture. A class, so that every packet changes it in place.
///
/// Exclusive access to the properties that every packet changes is not checked at run time, which costs more than some
/// of the work itself: only the thread that decodes uses them, and no call that changes one of them calls back.
final class CapturedConnection {
    let number: Int
    let ends: Endpoints
    /// The client's address without its port.
    let clientHost: String
    /// The server that the client connects to; behind a proxy, the target, not the proxy.
    var destination: HostPort
    /// Whether the tap decodes the bytes as MSNP.
    let isDecoded: Bool
    /// Whether the connection carries HTTP requests to a gateway.
    let isCarrier: Bool
    /// Whether it is from a pasted log, which may leave anything out.
    let isExcerpt: Bool
    let firstTime: Int64
    /// The time of its last bytes.
    @exclusivity(unchecked) var lastTime: Int64
    @exclusivity(unchecked) var tap: Tap
    @exclusivity(unchecked) var signIn: SignIn? { didSet { context = nil } }
    /// The state that the latest event had; nil if the sign-in has changed since.
    @exclusivity(unchecked) private var context: ConnectionContext?
    /// Whether the registry has identified the sign-in by its account.
    var isIdentified = false
    /// A finding to report at the end if the capture turns out to be complete.
    var pendingFinding: Finding?
    /// The arrival times of undecoded bytes, by side.
    @exclusivity(unchecked) private var arrivals = PerSide(both: ArrivalTimes())
    @exclusivity(unchecked) private var hasBegun: PerSide<Bool>
    /// The bytes of the proxy handshake still to come, by side.
    @exclusivity(unchecked) private var handshakeLeft = PerSide(both: 0)
    private var handshake: [UInt8] = []

    /// A TCP connection. One that carries requests to a gateway has the role HTTP and no commands of its own.
    init(number: Int, _ opened: StreamBatch.Opened) {
        self.number = number
        firstTime = opened.time
        lastTime = opened.time
        isExcerpt = false
        ends = Endpoints(
            client: opened.ends.client.description, server: opened.ends.server.description, file: opened.file)
        clientHost = opened.ends.client.address.description
        destination = HostPort(opened.ends.server.address.description, opened.ends.server.port)
        tap = Tap(hasDigests: false)
        hasBegun = opened.isStart
        switch opened.kind {
        case .msnp, .proxied, .peer, .signIn: (isDecoded, isCarrier) = (true, false)
        case .gateway: (isDecoded, isCarrier) = (false, true)
        case .foreign: (isDecoded, isCarrier) = (false, false)
        }
        if case .peer(let isStart) = opened.kind {
            tap.inherit(dialect: nil, role: .peerToPeer)
            for side in Side.allCases where !isStart && !hasBegun[side] { tap.joinMidStream(side) }
            hasBegun = PerSide(both: true)
        }
        if case .signIn = opened.kind {
            tap.readMessages()
            hasBegun = PerSide(both: true)
        }
        if case .proxied(let lengths) = opened.kind { handshakeLeft = lengths }
        if isCarrier { tap.inherit(dialect: nil, role: .http) }
    }

    /// A connection inside gateway requests or from a pasted log; with the role HTTP, one that carries such requests.
    init(
        number: Int, ends: Endpoints, clientHost: String, destination: HostPort, time: Int64, isStart: Bool,
        role: Role? = nil, isExcerpt: Bool = false
    ) {
        self.number = number
        self.ends = ends
        self.clientHost = clientHost
        self.destination = destination
        firstTime = time
        lastTime = time
        self.isExcerpt = isExcerpt
        (isDecoded, isCarrier) = (role != .http, role == .http)
        tap = Tap(hasDigests: false)
        hasBegun = PerSide(both: isStart)
        if let role { tap.inherit(dialect: nil, role: role) }
    }

    /// An event of this connection with its current role, dialect and sign-in.
    func event(_ kind: consuming Event.Kind, _ time: Int64) -> Event {
        Event(time: Timestamp(nanoseconds: time), context: currentContext, kind: kind)
    }

    private var currentContext: ConnectionContext {
        if let context, context.role == tap.role, context.dialect == tap.dialect { return context }
        let new = ConnectionContext(connection: number, role: tap.role, dialect: tap.dialect, signIn: signIn)
        context = new
        return new
    }

    /// Notes the arrival time of undecoded bytes: after a gap, a command waits for a second plausible one.
    func noteArrival(_ side: Side, _ time: Int64) {
        arrivals[side].note(tap.heldBack(of: side), time)
    }

    /// The arrival time of the last byte of a decoded frame or noise.
    func time(of kind: Event.Kind, now: Int64) -> Int64 {
        switch kind {
        case .frame(let frame, let side): arrivals[side].time(of: frame.bytes.count, now)
        case .noise(let noise, let side): arrivals[side].time(of: noise.bytes.count, now)
        default: now
        }
    }

    /// Checks whether the first bytes of a side whose start was not captured begin with a command.
    func checkStart(_ side: Side, with bytes: Span<UInt8>) {
        guard !hasBegun[side], bytes.count > 0 else { return }
        hasBegun[side] = true
        if !CommandPlausibility.begin([UInt8](copying: bytes), from: side) { tap.joinMidStream(side) }
    }

    /// Consumes the part of these bytes that belongs to the proxy handshake.
    ///
    /// - Returns: the number of bytes consumed.
    func consumeHandshake(_ bytes: Span<UInt8>, from side: Side) -> Int {
        let count = min(handshakeLeft[side], bytes.count)
        guard count > 0 else { return 0 }
        handshakeLeft[side] -= count
        guard side == .client else { return count }
        handshake.append(copying: bytes, count: count)
        if handshakeLeft.client == 0, let target = ProxyHandshake.target(in: handshake) { destination = target }
        return count
    }

    /// Counts missing bytes as part of the proxy handshake, as far as it is incomplete.
    func skipMissingHandshake(_ count: Int, from side: Side) {
        handshakeLeft[side] -= min(count, handshakeLeft[side])
    }
}
