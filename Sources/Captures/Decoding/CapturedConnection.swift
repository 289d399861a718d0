// One connection of a capture: its tap, its tracker, and what joins it to others.

internal import Analysis
internal import Events
internal import MSNP
internal import Packets

/// One connection of a capture. A class, for it is changed in place by every packet.
final class CapturedConnection {
    let number: Int
    let ends: Endpoints
    /// Where the client came from, without its port.
    let clientHost: String
    /// The server that the client wants to speak with; behind a proxy, not the proxy.
    var destination: HostPort
    /// Whether the tap looks for commands in the bytes.
    let isDecoded: Bool
    /// Whether the bytes are requests to a gateway.
    let isCarrier: Bool
    let firstTime: Int64
    /// When bytes came last.
    var lastTime: Int64
    var tap: Tap
    var tracker: ConnectionTracker
    var signIn: SignIn?
    /// Whether the registry was asked for the sign-in of the account.
    var isIdentified = false
    /// What is odd about the connection unless something was missed, which may show later.
    var doubt: Finding?
    /// When the bytes arrived that are not decoded yet, by side.
    private var arrivals = PerSide(both: ArrivalTimes())
    private var hasBegun: PerSide<Bool>
    /// How many bytes of the handshake with a proxy are to come.
    private var handshakeLeft = PerSide(both: 0)
    private var handshake: [UInt8] = []

    /// A TCP connection. One that carries requests to a gateway has the role HTTP, and no commands of its own.
    init(number: Int, _ opened: Batch.Opened, passwords: Passwords) {
        self.number = number
        firstTime = opened.time
        lastTime = opened.time
        ends = Endpoints(client: opened.client.description, server: opened.server.description)
        clientHost = opened.client.address.description
        destination = HostPort(opened.server.address.description, opened.server.port)
        tap = Tap()
        tracker = ConnectionTracker(connection: number, passwords: passwords)
        hasBegun = PerSide(client: opened.clientIsStart, server: opened.serverIsStart)
        switch opened.kind {
        case .msnp, .proxied, .peer: (isDecoded, isCarrier) = (true, false)
        case .gateway: (isDecoded, isCarrier) = (false, true)
        case .foreign: (isDecoded, isCarrier) = (false, false)
        }
        if case .peer(let isStart) = opened.kind {
            tap.inherit(dialect: nil, role: .peerToPeer)
            for side in Side.allCases where !isStart && !hasBegun[side] { tap.joinMidStream(side) }
            hasBegun = PerSide(both: true)
        }
        if case .proxied(let client, let server) = opened.kind {
            handshakeLeft = PerSide(client: client, server: server)
        }
        if isCarrier { tap.inherit(dialect: nil, role: .http) }
    }

    /// A connection that is no TCP connection of the capture.
    init(
        number: Int, ends: Endpoints, clientHost: String, destination: HostPort, time: Int64, isStart: Bool,
        role: Role? = nil, isExcerpt: Bool = false, passwords: Passwords
    ) {
        self.number = number
        self.ends = ends
        self.clientHost = clientHost
        self.destination = destination
        firstTime = time
        lastTime = time
        (isDecoded, isCarrier) = (true, false)
        tap = Tap()
        tracker = ConnectionTracker(connection: number, passwords: passwords, isExcerpt: isExcerpt)
        hasBegun = PerSide(both: isStart)
        if let role { tap.inherit(dialect: nil, role: role) }
    }

    /// Something that happened now, with what is known of the connection.
    func occurrence(_ kind: Event.Kind, _ time: Int64) -> Occurrence {
        Occurrence(
            kind, at: Timestamp(nanoseconds: time), role: tap.role, dialect: tap.dialect, signIn: signIn)
    }

    /// Notes when bytes arrived that are not decoded yet: behind a hole one command waits for the next.
    func noteArrival(_ side: Side, _ time: Int64) {
        arrivals[side].note(tap.heldBack(of: side), time)
    }

    /// When the last byte of a piece arrived that is decoded now.
    func time(of kind: Event.Kind, now: Int64) -> Int64 {
        switch kind {
        case .frame(let frame, let side): arrivals[side].time(of: frame.bytes.count, now)
        case .noise(let noise, let side): arrivals[side].time(of: noise.bytes.count, now)
        default: now
        }
    }

    /// Looks whether the first bytes of a side that was joined in the middle start with a command.
    func begin(_ side: Side, with bytes: Span<UInt8>) {
        guard !hasBegun[side], bytes.count > 0 else { return }
        hasBegun[side] = true
        if !CommandPlausibility.begin([UInt8](copying: bytes), from: side) { tap.joinMidStream(side) }
    }

    /// How many of these bytes belong to the handshake with a proxy; they count as taken.
    func takeHandshake(_ bytes: Span<UInt8>, from side: Side) -> Int {
        let count = min(handshakeLeft[side], bytes.count)
        guard count > 0 else { return 0 }
        handshakeLeft[side] -= count
        guard side == .client else { return count }
        handshake.append(copying: bytes, count: count)
        if handshakeLeft.client == 0, let target = ProxyHandshake.target(in: handshake) { destination = target }
        return count
    }

    /// Notes that bytes are missing, which may be of the handshake.
    func loseHandshake(_ count: Int, from side: Side) {
        handshakeLeft[side] -= min(count, handshakeLeft[side])
    }
}
