// Fuzz target `doors`: passes random client bytes to the doors of the relay; traps on a violated invariant.
//
// The invariants: what comes does not depend on where the stream is cut; the bytes of a handshake and those behind it are
// the bytes of the client; at most one connection is asked for; nothing is held without bound; a gateway answers each
// request once, and delivers the bytes of both sides in order.

@testable internal import Doors
@testable internal import MSNP

/// What a proxy's handshake came to.
private struct Handshake: Equatable {
    var took: [UInt8] = []
    var said: [UInt8] = []
    var asked: [HostPort] = []
    var failures: [String] = []
    var rest: [UInt8] = []

    init(_ server: any ProxyServer, _ bytes: [UInt8], cut: Int, _ outcome: ProxyOutcome) {
        var server = server
        for start in stride(from: 0, to: bytes.count, by: cut) {
            // The relay reads no more after a request or a failure, but the piece that it read may hold more.
            guard asked.isEmpty, failures.isEmpty else {
                rest += bytes[start...]
                break
            }
            note(server.receive(Array(bytes[start..<min(start + cut, bytes.count)])))
        }
        let isAsked = !asked.isEmpty
        note(server.answer(outcome))
        note(server.answer(outcome))
        if isAsked { rest = server.takeRest() + rest }
        precondition(server.takeRest().isEmpty || !isAsked, "the rest is returned twice")
        precondition(asked.count <= 1 && failures.count <= 1 && (asked.isEmpty || failures.isEmpty), "two decisions")
        if isAsked {
            precondition(took + rest == bytes, "bytes were lost")
        } else {
            precondition(bytes.starts(with: took), "other bytes were taken")
            rest = []
        }
        precondition(said.count <= 1_024, "a long answer")
    }

    private mutating func note(_ steps: [ProxyStep]) {
        for step in steps {
            switch step {
            case .took(let bytes): took += bytes
            case .say(let bytes): said += bytes
            case .ask(let target):
                precondition(target.port > 0 && !target.host.isEmpty, "asked for nothing")
                asked.append(target)
            case .fail(let why): failures.append(why)
            }
        }
    }
}

private func checkHandshake(_ bytes: [UInt8], cut: Int, _ outcome: ProxyOutcome, _ password: ProxyPassword?) {
    let servers: [any ProxyServer] = [
        SOCKS4(needsPassword: password != nil), SOCKS5(password: password), ConnectRequest(password: password),
    ]
    for server in servers {
        let whole = Handshake(server, bytes, cut: max(1, bytes.count), outcome)
        let cutUp = Handshake(server, bytes, cut: cut, outcome)
        precondition(whole == cutUp, "a cut changes the handshake")
    }
    let rules = {
        var rules = DestinationRules(upstream: HostPort("msn.example", 1863))
        rules.allowed = [AllowedDestination("*.example")].compactMap(\.self)
        return rules
    }()
    for asked in Handshake(servers[1], bytes, cut: cut, outcome).asked {
        if case .tunnel = rules.choice(for: asked, .init()) { precondition(asked.host.hasSuffix(".example")) }
    }
}

/// The requests of a connection.
private func requests(_ bytes: [UInt8], cut: Int) -> [GatewayCarrier.Output] {
    var carrier = GatewayCarrier()
    var outputs: [GatewayCarrier.Output] = []
    func note(_ more: [GatewayCarrier.Output]) {
        precondition(more.count <= 1, "two requests at once")
        outputs += more
        if case .request(let request)? = more.first {
            precondition(request.body.count <= GatewayCarrier.mostBodyBytes, "a long body")
            note(carrier.answered().outputs)
        }
    }
    for start in stride(from: 0, to: bytes.count, by: cut) {
        note(carrier.receive(Array(bytes[start..<min(start + cut, bytes.count)])))
    }
    return outputs
}

/// A session whose steps the bytes choose.
private func checkSession(_ bytes: [UInt8]) {
    var session = GatewaySession(secret: "1", now: 0)
    var now = 0.0
    var sent: [UInt8] = []
    var answered = 0
    var delivered = 0
    var given = 0
    var name = "1.1"
    var isOpen = false
    var isOver = false
    func note(_ outputs: [GatewaySession.Output]) {
        for output in outputs {
            switch output {
            case .answer(let bytes):
                precondition(isOpen, "an answer without a request")
                isOpen = false
                guard let end = HTTPHead.end(in: bytes), let head = HTTPHead(Array(bytes[..<end]), isRequest: false)
                else {
                    preconditionFailure("an answer that is none")
                }
                precondition(head.contentLength == UInt64(bytes.count - end), "a wrong length")
                name = head.messenger("SessionID") ?? ""
                let body = bytes[end...]
                precondition(
                    answered + body.count <= sent.count
                        && sent[answered..<(answered + body.count)].elementsEqual(body), "bytes are lost or changed")
                answered += body.count
            case .deliver(let bytes): delivered += bytes.count
            case .over: isOver = true
            }
        }
    }
    for byte in bytes {
        let size = Int(byte >> 3)
        switch byte & 7 {
        case 0, 1, 2:
            let actions: [GatewayRequest.Action] = [.send, .poll(lifespan: nil), .poll(lifespan: size)]
            let body = [UInt8](repeating: byte, count: byte & 7 == 0 ? size : 0)
            let request = GatewayRequest(action: actions[Int(byte & 7)], session: name, body: body)
            let wasOpen = isOpen
            isOpen = true
            guard let outputs = session.handle(request, host: "h", now: now) else {
                precondition(wasOpen || isOver, "a good request was refused")
                isOpen = wasOpen
                continue
            }
            precondition(!wasOpen && !isOver, "two requests are open")
            given += body.count
            note(outputs)
        case 3,
            4 where session.isWritable:
            let more = [UInt8](repeating: byte, count: size * (byte & 7 == 3 ? 1 : 4_000))
            sent += more
            note(session.receive(more, part: min(more.count, size / 2), now: now))
        case 5:
            now += Double(size) / 4
            note(session.tick(now: now))
        case 6:
            note(
                session.handle(GatewayRequest(action: .poll(lifespan: nil), session: "2.1"), host: "h", now: now) ?? [])
        case 7 where size == 31: note(session.serverEnded(now: now))
        default: break
        }
        precondition(delivered == given, "bytes are lost or changed")
        if isOpen { precondition(session.due != nil, "a request waits for nothing") }
    }
}

/// The input: three bytes select the cut, the password and the outcome; the rest is what the client sends.
/// The blocks of HTTP messages.
private func blocks(_ bytes: [UInt8], cut: Int, isRequest: Bool) -> [[UInt8]] {
    var cutter = HTTPBlocks(isRequest: isRequest)
    var blocks: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: cut) {
        let part = Array(bytes[start..<min(start + cut, bytes.count)])
        var position = 0
        while let block = cutter.next(part.span, from: &position) { blocks.append(block) }
        precondition(position == part.count, "bytes were left")
    }
    if let rest = cutter.finish() { blocks.append(rest) }
    return blocks
}

/// The answers of a sign-in as they are sent, and what was changed.
private func edited(_ bytes: [UInt8], cut: Int) -> (sent: [UInt8], changes: [SignInEditor.Change]) {
    var editor = SignInEditor(address: HostPort("192.0.2.7", 1863))
    var sent: [UInt8] = []
    var changes: [SignInEditor.Change] = []
    for start in stride(from: 0, to: bytes.count, by: cut) {
        let (more, new) = editor.edit(Array(bytes[start..<min(start + cut, bytes.count)]).span)
        sent += more
        changes += new
    }
    return (sent + editor.finish(), changes)
}

private func checkSignIn(_ bytes: [UInt8], cut: Int) {
    for isRequest in [true, false] {
        let whole = blocks(bytes, cut: max(1, bytes.count), isRequest: isRequest)
        precondition(whole == blocks(bytes, cut: cut, isRequest: isRequest), "a cut changes the blocks")
        precondition(Array(whole.joined()) == bytes, "bytes were lost")
        precondition(whole.allSatisfy { !$0.isEmpty && $0.count <= HTTPBlocks.mostBytes }, "an empty or a long block")
    }
    let whole = edited(bytes, cut: max(1, bytes.count))
    let cutUp = edited(bytes, cut: cut)
    precondition(whole.sent == cutUp.sent && whole.changes == cutUp.changes, "a cut changes a sign-in")
    if whole.changes.isEmpty { precondition(whole.sent == bytes, "a sign-in was changed without a record") }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 3 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let bytes = Array(input[3...])
    let cut = Int(input[0]) % 64 + 1
    let password = input[1] & 1 == 0 ? nil : ProxyPassword(Array("secret".utf8))
    let outcome = ProxyOutcome.allCases[Int(input[2]) % ProxyOutcome.allCases.count]
    let doors = Set(Door.allCases)
    precondition(bytes.count < FirstBytes.most || FirstBytes.read(bytes, doors: doors) != nil, "no decision")
    checkHandshake(bytes, cut: cut, outcome, password)
    precondition(requests(bytes, cut: bytes.count) == requests(bytes, cut: cut), "a cut changes the requests")
    checkSession(bytes)
    checkSignIn(bytes, cut: cut)
    return 0
}
