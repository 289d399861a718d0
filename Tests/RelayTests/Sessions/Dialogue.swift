// Drives one session without a socket: what a client and a server send, and what each of them receives.

import Doors
import Events
import MSNP
import Payloads

@testable import Relay

/// A relayed connection as lines.
struct Dialogue {
    /// Where redirected clients are sent, unless a test decides otherwise.
    static let door = HostPort("192.0.2.7", 1863)

    private(set) var session: Session
    /// Everything that went to the client so far.
    private(set) var receivedByClient: [UInt8] = []
    /// Everything that went to the server so far.
    private(set) var receivedByServer: [UInt8] = []
    private(set) var kinds: [Event.Kind] = []
    private(set) var openings: [FirstCommand] = []
    /// The redirect that waits for a decision.
    private(set) var undecided: Redirect?
    /// Whether redirects are decided at once.
    var decidesAtOnce = true

    /// The servers that a proxy's client asked for, and what was learned of it.
    private(set) var asked: [HostPort] = []
    private(set) var learned: [FirstCommand] = []
    private(set) var promised: [Redirect] = []
    private var ends: [Finding] = []
    private(set) var isServing = false
    private(set) var requests: [GatewayRequest] = []
    private(set) var hasHungUp = false
    /// The agreements on direct links that wait for an address.
    private(set) var agreements: [DirectLinkAgreement] = []
    /// Whether servers are connected at once.
    var dialsAtOnce = false
    /// The dialect that a cookie says.
    var dialectOfFirstCommand: Dialect?

    init(_ doors: Session.OpenDoors = Session.OpenDoors()) { session = Session(doors) }

    /// A connection whose client has sent its first line.
    static func begun(_ line: String = "VER 1 MSNP12 CVR0\r\n", dialect: Dialect? = nil) -> Dialogue {
        var dialogue = Dialogue()
        dialogue.client(line)
        dialogue.dialled(dialect: dialect)
        return dialogue
    }

    mutating func client(_ text: String) { receive(Array(text.utf8), .client) }
    mutating func server(_ text: String) { receive(Array(text.utf8), .server) }

    mutating func receive(_ bytes: [UInt8], _ side: Side) {
        perform(session.receive(bytes.span, from: side), bytes, side)
    }

    mutating func dialled(dialect: Dialect? = nil) { perform(session.dialled(dialect: dialect), [], .client) }
    mutating func stopWaiting() { perform(session.stopWaiting(), [], .client) }
    mutating func reach(_ destination: Session.Destination) { session.reach(destination) }
    mutating func reachRelay() { perform(session.reachRelay(), [], .client) }
    mutating func unreachable(_ outcome: ProxyOutcome) { perform(session.unreachable(outcome), [], .client) }
    mutating func ended(_ side: Side) { perform(session.ended(side), [], side) }

    /// Decides the redirect that waits.
    mutating func decide(_ decision: Session.Decision = .rewrite(to: door, current: door)) {
        undecided = nil
        perform(session.decided(decision), [], .server)
    }

    /// Decides the agreement that waits.
    mutating func decide(_ decision: Session.DirectLinkDecision) {
        perform(session.decided(decision), [], .server)
    }

    /// What the client received since the last call, as text.
    mutating func takeClient() -> String {
        defer { receivedByClient = [] }
        return String(decoding: receivedByClient, as: UTF8.self)
    }

    var findings: [String] {
        kinds.compactMap { if case .finding(let finding) = $0 { finding.name.text } else { nil } }
            + ends.map(\.name.text)
    }
    var rewritings: [Rewriting] {
        kinds.compactMap { if case .rewritten(let rewriting) = $0 { rewriting } else { nil } }
    }
    /// The verbs of the frames of a side.
    func verbs(_ wanted: Side) -> [String] {
        kinds.compactMap {
            if case .frame(let frame, let side) = $0, side == wanted { frame.verb.description } else { nil }
        }
    }
    /// All bytes of a side that were recorded, in order.
    func recorded(_ wanted: Side) -> [UInt8] {
        kinds.flatMap { kind -> [UInt8] in
            switch kind {
            case .frame(let frame, let side) where side == wanted: Array(frame.bytes)
            case .noise(let noise, let side) where side == wanted: Array(noise.bytes)
            default: []
            }
        }
    }

    private mutating func perform(_ outputs: [Session.Output], _ bytes: [UInt8], _ side: Side) {
        for output in outputs {
            switch output {
            case .dial(let opening): openings.append(opening)
            case .forward: deliver(bytes, to: side.other)
            case .send(let bytes, let side): deliver(bytes, to: side)
            case .decide(let redirect):
                undecided = redirect
                if decidesAtOnce { decide() }
            case .record(let kind, _, _): kinds.append(kind)
            case .identified: break
            case .reach(let address):
                asked.append(address)
                if dialsAtOnce { dialled() }
            case .learn(let opening):
                learned.append(opening)
                perform(session.learned(opening, dialect: dialectOfFirstCommand), [], .client)
            case .promise(let redirect): promised.append(redirect)
            case .end(let finding): ends.append(finding)
            case .serve: isServing = true
            case .request(let request): requests.append(request)
            case .hangUp: hasHungUp = true
            case .readClient: break
            case .openLink(let agreement): agreements.append(agreement)
            }
        }
    }

    private mutating func deliver(_ bytes: [UInt8], to side: Side) {
        if side == .client { receivedByClient += bytes } else { receivedByServer += bytes }
    }
}
