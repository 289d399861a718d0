// One TCP connection of a client to the relay's HTTP gateway: its bytes into requests. Pure.

internal import MSNP

/// A request to the gateway.
package struct GatewayRequest: Sendable, Hashable {
    /// What a request asks for.
    package enum Action: Sendable, Hashable {
        /// Open a session to this server; nil for the upstream. The port is not known.
        case open(String?)
        /// Pass on the body, and return what there is.
        case send
        /// Return what there is; wait for something for up to so many seconds.
        case poll(lifespan: Int?)
    }

    package var action: Action
    /// The SessionID; empty in an `open`.
    package var session = ""
    /// The host that the request named, to which the next one shall go.
    package var host: String?
    package var body: [UInt8] = []

    package init(action: Action, session: String = "", host: String? = nil, body: [UInt8] = []) {
        self.action = action
        self.session = session
        self.host = host
        self.body = body
    }
}

/// The requests of one connection, one at a time: the next is read after the last was answered.
package struct GatewayCarrier: Sendable {
    /// What a connection's bytes ask for.
    package enum Output: Sendable, Hashable {
        case request(GatewayRequest)
        /// Send this answer, and close the connection.
        case refuse([UInt8], String)
        /// Close the connection without an answer: the client sends this request again on another one, as HTTP demands,
        /// and its first request decides where that leads.
        case hangUp
    }

    /// The maximum length of a request's body in bytes.
    package static let mostBodyBytes = 64 << 10

    private var stream = HTTPStream(isRequest: true, isStart: true)
    /// Bytes behind the open request.
    private var waiting: [UInt8] = []
    private var request: GatewayRequest?
    private var closes = false
    private var ignoresBody = false
    /// Whether a request waits for its answer.
    package private(set) var isAnswering = false
    /// Whether the connection is to be closed.
    package private(set) var isOver = false

    private let forwards: Bool

    /// - Parameter forwards: whether requests for other servers are passed on, on connections that begin with one.
    package init(forwards: Bool = false) { self.forwards = forwards }

    /// Whether a request is incomplete.
    package var isIncomplete: Bool { !isAnswering && !isOver }

    /// Handles bytes from the client.
    package mutating func receive(_ bytes: [UInt8]) -> [Output] {
        waiting += bytes
        return proceed()
    }

    /// Notes that the open request was answered, and reads the next one.
    ///
    /// - Returns: whether the connection is to be closed, and what is to be done next.
    package mutating func answered() -> (closes: Bool, outputs: [Output]) {
        isAnswering = false
        if closes { isOver = true }
        return (closes, closes ? [] : proceed())
    }

    private mutating func proceed() -> [Output] {
        guard !isAnswering, !isOver else { return [] }
        var position = 0
        var outputs: [Output] = []
        let bytes = waiting
        while outputs.isEmpty, let piece = stream.next(bytes.span, from: &position) { outputs = take(piece) }
        waiting = Array(bytes.dropFirst(position))
        return outputs
    }

    private mutating func take(_ piece: HTTPStream.Piece) -> [Output] {
        switch piece {
        case .head(let head): return begin(head)
        case .body(let bytes):
            guard let count = request?.body.count, count + bytes.count <= Self.mostBodyBytes else {
                return refuse(.badRequest, "the body of a request is too long")
            }
            request?.body += bytes
            return []
        case .end:
            guard let whole = request else { return refuse(.badRequest, "not a request") }
            request = nil
            isAnswering = true
            return [.request(whole)]
        case .bodyGap, .lost: return refuse(.badRequest, "not HTTP")
        }
    }

    private mutating func begin(_ head: HTTPHead) -> [Output] {
        guard head.isToGateway else {
            if forwards, !head.target.hasPrefix("/"), head.target != "*" {
                isOver = true
                return [.hangUp]
            }
            // What another proxy would fetch; this one is for MSNP only.
            return head.target.hasPrefix("/") || head.target == "*"
                ? refuse(.notFound, "HTTP asked for \(head.target.prefix(80)), which is not the gateway")
                : refuse(.forbidden, "HTTP asked for \(head.target.prefix(80)), which is not the gateway")
        }
        closes = head.wantsClose
        var action = GatewayRequest.Action.send
        switch head.query("Action")?.lowercased() {
        case "open": action = .open(head.query("IP").flatMap { HostPort($0) }?.host)
        case "poll":
            action = .poll(
                lifespan: head.query("Lifespan").flatMap { Decimal.value(of: $0.utf8) }.map { Int(clamping: $0) })
        default: break
        }
        request = GatewayRequest(action: action, session: head.query("SessionID") ?? "", host: Self.host(of: head))
        return []
    }

    /// The host that a request named, without its port: in its target, else in `Host`.
    private static func host(of head: HTTPHead) -> String? {
        var named = head.host ?? ""
        let scheme = "http://"
        if head.target.lowercased().hasPrefix(scheme) {
            named = String(head.target.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" })
        }
        return HostPort(named, defaultPort: 80)?.host
    }

    private mutating func refuse(_ status: HTTPAnswer.Status, _ why: String) -> [Output] {
        isOver = true
        return [.refuse(HTTPAnswer.refusal(status), why)]
    }
}
