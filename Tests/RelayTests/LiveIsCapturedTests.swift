// What the relay records of a door is what importing a capture of the client's side gives.

import Captures
import Events
import MSNP
import TestSupport
import Testing

@testable import Relay

/// What is compared of one connection: its pieces in order, and its sums; times, numbers and addresses differ.
struct Recorded: Equatable {
    var role = Role.unknown
    var dialect: Dialect?
    var pieces: [String] = []
    var sums: [String] = []

    init(_ events: [Event]) {
        for event in events {
            (role, dialect) = (event.role, event.dialect)
            switch event.kind {
            case .frame(let frame, let side): pieces.append("\(side) \(String(decoding: frame.bytes, as: UTF8.self))")
            case .noise(let noise, let side):
                pieces.append("\(side) \(noise.reason.rawValue) \(noise.bytes) at \(noise.offset)")
            case .http(let message):
                let text = String(decoding: message.bytes, as: UTF8.self)
                pieces.append("\(message.side) http \(message.request ?? "") \(message.bodyBytes) \(text)")
            case .closed(_, _, let client, let server):
                sums = [client, server].map { sums in
                    let verbs = sums.verbs.map { "\($0.verb) \($0.count)" }.sorted()
                    return "\(sums.bytes) bytes, \(sums.noiseBytes) of noise, \(verbs)"
                }
            default: break
            }
        }
    }

    /// The connections in the order of their roles and beginnings.
    static func connections(_ events: [Event]) -> [Recorded] {
        Dictionary(grouping: events.filter { $0.connection > 0 }, by: \.connection).sorted { $0.key < $1.key }
            .map { Recorded($0.value) }.sorted { $0.role.rawValue < $1.role.rawValue }
    }
}

@Suite(.timeLimit(.minutes(1))) struct LiveIsCapturedTests {
    static let talk: [(Side, String)] = [
        (.client, "VER 1 MSNP12 CVR0\r\n"), (.server, "VER 1 MSNP12\r\n"),
        (.client, "CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 7.0 MSMSGS a@x.example\r\nUSR 3 TWN I a@x.example\r\n"),
        (.server, "XFR 3 NS 10.0.0.6:1863 0 10.0.0.5:1863\r\n"),
    ]

    /// The handshakes: what the client sends, and what it then gets.
    static let doors: [(name: String, turns: [(Side, [UInt8])])] = [
        ("SOCKS4", [(.client, [4, 1, 7, 0x47, 10, 0, 0, 5, 0]), (.server, [0, 0x5A, 0, 0, 0, 0, 0, 0])]),
        (
            "SOCKS4a",
            [
                (.client, [4, 1, 7, 0x47, 0, 0, 0, 1, 0x6D, 0] + Array("ns.example\0".utf8)),
                (.server, [0, 0x5A, 0, 0, 0, 0, 0, 0]),
            ]
        ),
        (
            "SOCKS5 with a password",
            [
                (.client, [5, 2, 1, 2]), (.server, [5, 2]), (.client, [1, 2, 0x6D, 0x65, 1, 0x78]), (.server, [1, 0]),
                (.client, [5, 1, 0, 3, 10] + Array("ns.example".utf8) + [7, 0x47]),
                (.server, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
            ]
        ),
        (
            "CONNECT",
            [
                (.client, Array("CONNECT ns.example:1863 HTTP/1.0\r\n\r\n".utf8)),
                (.server, Array("HTTP/1.0 200 Connection established\r\n\r\n".utf8)),
            ]
        ),
    ]

    @Test(arguments: doors.indices) func aProxiedConnection(_ index: Int) async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let client = try await TestPeer.connect(to: harness.door)
        var captured = TCPConversation()
        captured.handshake()
        for (side, bytes) in Self.doors[index].turns {
            if side == .client { try await client.send(bytes) } else { try await client.expect(bytes) }
            captured.transmit(side == .client, bytes)
        }
        let peer = try await server.accept()
        for (side, text) in Self.talk {
            let (from, to) = side == .client ? (client, peer) : (peer, client)
            try await from.send(text)
            try await to.expect(text)
            captured.transmit(side == .client, Array(text.utf8))
        }
        try await client.finishSending()
        try await peer.expectEnd()
        await peer.close()
        try await client.expectEnd()
        try await harness.recorder.closed()
        await harness.settle()
        captured.close()
        #expect(Recorded.connections(harness.recorder.events) == Recorded.connections(try Self.decode([captured])))
        await harness.relay.stop()
        await server.stop()
    }

    @Test func aGatewaySession() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let client = try await TestPeer.connect(to: harness.door)
        var captured = TCPConversation(server: 80)
        captured.handshake()
        var id = ""
        func ask(_ query: String, _ body: String = "") async throws {
            let request =
                "POST /gateway/gateway.dll?\(query) HTTP/1.1\r\nHost: gw.example\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            try await client.send(request)
            captured.c(request)
            var answer = ""
            var length = 0
            repeat {
                let line = try await client.line()
                answer += line
                if line.hasPrefix("X-MSN-Messenger: SessionID=") {
                    id = String(line.dropFirst(27).prefix { $0 != ";" })
                }
                if line.hasPrefix("Content-Length: ") { length = Int(line.dropFirst(16).dropLast(1)) ?? 0 }
            } while !answer.hasSuffix("\r\n\r\n")
            let total = length
            let content = try await client.received.wait(for: "a body") { received -> [UInt8]? in
                guard received.bytes.count >= total else { return nil }
                defer { received.bytes.removeFirst(total) }
                return Array(received.bytes.prefix(total))
            }
            captured.s(answer + String(decoding: content, as: UTF8.self))
        }
        try await ask("Action=open&Server=NS&IP=messenger.hotmail.com", Self.talk[0].1)
        let peer = try await server.accept()
        try await peer.expect(Self.talk[0].1)
        try await peer.send(Self.talk[1].1)
        try await ask("Action=poll&SessionID=\(id)&Lifespan=30")
        try await ask("SessionID=\(id)", Self.talk[2].1)
        try await peer.expect(Self.talk[2].1)
        try await peer.send(Self.talk[3].1)
        try await ask("Action=poll&SessionID=\(id)&Lifespan=30")
        await peer.close()
        try await ask("Action=poll&SessionID=\(id)&Lifespan=30")
        await client.close()
        try await harness.recorder.closed(2)
        await harness.settle()
        captured.close()
        let live = Recorded.connections(harness.recorder.events)
        #expect(live == Recorded.connections(try Self.decode([captured])) && live.count == 2)
        await harness.relay.stop()
        await server.stop()
    }

    /// Requests of a sign-in; the bodies are longer than a block, and come in other pieces than they are captured in.
    @Test func aSignIn() async throws {
        let server = try await TestServer.start()
        let service = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.signIn = service.address }
        let client = try await TestPeer.connect(to: harness.door)
        var captured = TCPConversation(server: 80)
        captured.handshake()
        let envelope = "<s:Envelope>" + String(repeating: "<a>contact</a>", count: 2_000) + "</s:Envelope>"
        let turns = [
            (
                "POST /RST.srf HTTP/1.1\r\nHost: h\r\nContent-Length: 33\r\n\r\n<p:Password>swordfish</p:Password>"
                    .dropLast(1),
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n4\r\n</a>\r\n0\r\n\r\n"
            ),
            (
                "POST /abservice/abservice.asmx HTTP/1.1\r\nContent-Length: \(envelope.utf8.count)\r\n\r\n\(envelope)"[
                    ...],
                "HTTP/1.1 200 OK\r\n\r\n\(envelope)"
            ),
        ]
        var peer: TestPeer?
        for (request, answer) in turns {
            for part in [request.prefix(40), request.dropFirst(40)] { try await client.send(String(part)) }
            let other = try await { if let peer { peer } else { try await service.accept() } }()
            peer = other
            try await other.expect(String(request))
            try await other.send(answer)
            try await client.expect(answer)
            // Cut elsewhere.
            for part in [request.prefix(7), request.dropFirst(7)] { captured.c(String(part)) }
            for part in [answer.prefix(9), answer.dropFirst(9).prefix(1_300), answer.dropFirst(1_309)]
            where !part.isEmpty { captured.s(String(part)) }
        }
        await peer?.close()
        try await client.expectEnd()
        await client.close()
        try await harness.recorder.closed()
        await harness.settle()
        captured.close()
        let live = Recorded.connections(harness.recorder.events)
        #expect(live == Recorded.connections(try Self.decode([captured])) && live.count == 1)
        let messages = harness.recorder.events.compactMap { event -> HTTPMessage? in
            if case .http(let message) = event.kind { message } else { nil }
        }
        #expect(
            messages.map(\.request) == [nil, "POST /RST.srf", "POST /RST.srf", nil, "POST /abservice/abservice.asmx"])
        #expect(messages.map(\.bodyBytes) == [33, 0, 7, UInt64(envelope.utf8.count), UInt64(envelope.utf8.count)])
        #expect(messages.allSatisfy { $0.isComplete && !$0.isBodyCut })
        #expect(messages.last.map { String(decoding: $0.bytes[$0.body], as: UTF8.self) } == envelope)
        await harness.relay.stop()
        for server in [server, service] { await server.stop() }
    }

    static func decode(_ conversations: [TCPConversation]) throws -> [Event] {
        let scratch = try Scratch()
        let path = try scratch.write(CaptureFile.pcap(conversations.flatMap(\.packets)), to: "door.pcap")
        var events: [Event] = []
        _ = Captures.decode([path], everything: false, begin: { _ in }) { event in
            events.append(event)
            return true
        }
        return events
    }
}
