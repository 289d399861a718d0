// Fuzz target `relay`: passes random server bytes, chunk boundaries and decisions to a relay session.
//
// The invariant at any time: the bytes sent to the client are those of the server, with the recorded replacements, up to
// the bytes that are held back. The client's bytes reach the server unchanged, unless agreements on direct links are
// changed, which is recorded, too.

@testable internal import Analysis
@testable internal import Events
@testable internal import MSNP
@testable internal import Payloads

/// One relayed connection, with the bytes that it received and sent.
struct Connection {
    private var session: Session
    /// Whether agreements on direct links are changed.
    private let edits: Bool
    private var received: [UInt8] = []
    private var sent: [UInt8] = []
    private var fromClient: [UInt8] = []
    private var toServer: [UInt8] = []
    /// Each stream according to the events: as received, and with the recorded replacements.
    private var recorded = PerSide<[UInt8]>(client: [], server: [])
    private var replaced = PerSide<[UInt8]>(client: [], server: [])
    private var hasReplacement = false
    private var undecided: Redirect?
    private var agreement: DirectLinkAgreement?
    private var isOpen = false
    /// The number of sent bytes that were compared with the received ones.
    private var compared = 0

    init(_ policy: DirectLinkPolicy) {
        var doors = Session.OpenDoors()
        doors.directLinks = policy
        session = Session(doors)
        edits = policy != .pass
    }

    /// Whether a redirect or an agreement waits for its decision.
    var isDeciding: Bool { undecided != nil || agreement != nil }

    mutating func receive(_ bytes: [UInt8], from side: Side) {
        guard side == .client || isOpen && agreement == nil else { return }
        if side == .client { fromClient += bytes } else { received += bytes }
        perform(session.receive(bytes.span, from: side), bytes, side)
        check()
    }

    mutating func decide(_ decision: Session.Decision) {
        guard undecided != nil else { return }
        undecided = nil
        perform(session.decided(decision), [], .server)
        check()
    }

    mutating func decideLink(_ number: UInt8) {
        guard let waiting = agreement else { return }
        agreement = nil
        let plan = DirectLinkPlan(waiting, host: "192.168.1.20", isLocal: number & 2 != 0)
        let decision = plan.map { Session.DirectLinkDecision.keep($0, port: 40_000) } ?? .leave("No.")
        perform(session.decided(number & 1 == 0 ? decision : .leave("No.")), [], .server)
        check()
    }

    mutating func end() {
        perform(session.ended(.server), [], .server)
        perform(session.ended(.client), [], .client)
        precondition(recorded.server == received, "the events do not hold the stream")
        precondition(replaced.server == sent, "sent is not received with the recorded replacements")
        precondition(!isOpen || toServer == (edits ? replaced.client : fromClient), "the client's bytes were changed")
    }

    /// Checks that the sent bytes are a prefix of the received ones, up to the first replacement.
    private mutating func check() {
        guard !edits else { return }
        precondition(toServer.isEmpty || toServer.count == fromClient.count, "the client's bytes were held back")
        guard !hasReplacement else { return }
        precondition(sent.count <= received.count, "more bytes were sent than came")
        precondition(
            sent[compared...].elementsEqual(received[compared..<sent.count]), "other bytes were sent than came")
        compared = sent.count
        guard undecided == nil, isOpen else { return }
        precondition(received.count - sent.count <= 16_384, "more than a line is held back")
    }

    private mutating func perform(_ outputs: [Session.Output], _ bytes: [UInt8], _ side: Side) {
        for output in outputs {
            switch output {
            case .dial:
                precondition(!isOpen, "dialled twice")
                isOpen = true
                perform(session.dialled(dialect: nil), [], .client)
            case .forward: deliver(bytes, to: side.other)
            case .send(let bytes, let side): deliver(bytes, to: side)
            case .decide(let redirect):
                precondition(undecided == nil, "two redirects wait")
                undecided = redirect
            case .openLink(let waiting):
                precondition(agreement == nil, "two agreements wait")
                agreement = waiting
            case .record(let kind, _, _): note(kind)
            case .identified: break
            case .reach, .learn, .promise, .end, .serve, .request, .readClient, .hangUp: preconditionFailure("no door is open")
            }
        }
    }

    private mutating func deliver(_ bytes: [UInt8], to side: Side) {
        if side == .client { sent += bytes } else { toServer += bytes }
    }

    private mutating func note(_ kind: Event.Kind) {
        switch kind {
        case .frame(let frame, let side): append(frame.bytes, side)
        case .noise(let noise, let side): append(noise.bytes, side)
        case .rewritten(let rewriting):
            let (original, side) = (rewriting.original.bytes, rewriting.side)
            precondition(
                replaced[side].suffix(original.count).elementsEqual(original), "a replacement without its frame")
            replaced[side].removeLast(original.count)
            replaced[side] += rewriting.sent.bytes
            hasReplacement = true
        default: break
        }
    }

    private mutating func append(_ bytes: ByteSlice, _ side: Side) {
        recorded[side] += bytes
        replaced[side] += bytes
    }
}

private let agreement =
    "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite\r\n\r\nIP-Address: 10.1.1.4\r\nPort: 6891\r\n"
private let words = [
    "MSG a@b.example A \(agreement.utf8.count)\r\n\(agreement)",
    "XFR 4 SB 10.0.0.6:1863 CKI 1.2\r\n", "XFR 3 NS 10.0.0.5:1863 0 10.0.0.4:1863\r\n", "XFR 2 NS 10.0.0.5:80 G D\r\n",
    "XFR 15 SB 10.0.0.6 CKI 1.3 U x 1\r\n", "RNG 1 10.0.0.6:1864 CKI 3.4 c@d.example N\r\n", "XFR 2 NS 0\r\n", "XFR ",
    "200 7 3\r\n", "XFR 1 SB", "MSG a@b.example A 40\r\n", "NOT 9\r\n", "CHL 0 1234\r\n", "VER 1 MSNP8 CVR0\r\n",
    "\r\n",
]

/// The input: one byte selects the client's first line, then the server's bytes. A byte below 5 is an instruction with the
/// next byte as its argument: 0 ends the chunk, 1 ends it and decides, 2 sends a line of the client, 3 inserts a word of the
/// list, 4 inserts the argument itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let openings = ["VER 1 MSNP12 CVR0\r\n", "VER 1 MSNP2\r\n", "USR 1 a@b.example 2\r\n", "GET / HTTP/1.1\r\n"]
    let policies = DirectLinkPolicy.allCases
    var connection = Connection(policies[Int(input[0] >> 2) % policies.count])
    connection.receive(Array(openings[Int(input[0]) % openings.count].utf8), from: .client)
    var piece: [UInt8] = []
    func cut() {
        if !piece.isEmpty { connection.receive(piece, from: .server) }
        piece = []
    }
    func decide(_ number: UInt8) {
        connection.decideLink(number)
        let here = HostPort("192.0.2.7", 1863)
        switch number % 3 {
        case 0: connection.decide(.leave(Finding(.redirectToRelay, "As it is.", side: .server)))
        case 1: connection.decide(.rewrite(to: HostPort("relay.example.org", 65_535), current: here))
        default: connection.decide(.rewrite(to: here, current: here))
        }
    }
    var place = 1
    while place < count {
        let byte = input[place]
        let next = place + 1 < count ? input[place + 1] : 0
        place += byte < 5 ? 2 : 1
        switch byte {
        case 0: cut()
        case 1:
            cut()
            decide(next)
        case 2:
            cut()
            connection.receive(Array("PNG\r\nXFR \(next) SB\r\n".utf8.prefix(Int(next % 20) + 1)), from: .client)
        case 3: piece += Array(words[Int(next) % words.count].utf8)
        case 4: piece.append(next)
        default: piece.append(byte)
        }
    }
    cut()
    // For half of the inputs, the server ends while a redirect waits.
    if input[0] & 0x80 == 0 {
        while connection.isDeciding { decide(input[0] >> 4) }
    }
    connection.end()
    return 0
}
