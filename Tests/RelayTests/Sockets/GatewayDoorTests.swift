// The relay as an HTTP gateway, over real sockets: requests become a connection to the server.

import Doors
import Events
import Foundation
import MSNP
import NIOCore
import Testing

@testable import Relay

/// A client that speaks MSNP in requests to the gateway.
private final class GatewayTester {
    let address: HostPort
    var peer: TestPeer
    /// The SessionID of the last answer.
    var session = ""

    init(_ harness: RelayHarness) async throws {
        address = harness.door
        peer = try await TestPeer.connect(to: address)
    }

    /// Sends a request, and returns the headers and the body of the answer.
    func ask(_ query: String, _ body: String = "", host: String = "gw.example") async throws -> (
        head: [String], body: String
    ) {
        try await post(query, body, host: host)
        return try await answer()
    }

    func post(_ query: String, _ body: String = "", host: String = "gw.example") async throws {
        let target = "http://\(host)/gateway/gateway.dll?\(query)"
        try await peer.send(
            "POST \(target) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    func answer() async throws -> (head: [String], body: String) {
        var head: [String] = []
        while head.last != "" { head.append(String(try await peer.line().dropLast())) }
        if let name = head.first(where: { $0.hasPrefix("X-MSN-Messenger: SessionID=") }) {
            session = String(name.dropFirst(27).prefix { $0 != ";" })
        }
        let length = head.first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        let body = try await peer.received.wait(for: "a body of \(length) bytes") { received -> [UInt8]? in
            guard received.bytes.count >= length else { return nil }
            defer { received.bytes.removeFirst(length) }
            return Array(received.bytes.prefix(length))
        }
        return (head, String(decoding: body, as: UTF8.self))
    }

    func send(_ body: String) async throws -> String { try await ask("SessionID=\(session)", body).body }

    /// Polls until something came.
    func poll() async throws -> String { try await ask("Action=poll&SessionID=\(session)&Lifespan=30").body }

    /// Goes on with another TCP connection.
    func reconnect() async throws {
        await peer.close()
        peer = try await TestPeer.connect(to: address)
    }
}

@Suite(.timeLimit(.minutes(1))) struct GatewayDoorTests {
    @Test func aSignInAndASwitchboardThroughTheGateway() async throws {
        let server = try await TestServer.start()
        let board = try await TestServer.start()
        let boardAddress = HostPort("10.0.0.6", 1864)
        let harness = try await RelayHarness.start(to: server.address) { $0.dial = [boardAddress: board.address] }
        let client = try await GatewayTester(harness)
        let opened = try await client.ask("Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP12 CVR0\r\n")
        #expect(opened.head[0] == "HTTP/1.1 200 OK" && opened.head[1].hasSuffix("; GW-IP=gw.example"))
        #expect(opened.head[2...] == ["Content-Type: application/x-msn-messenger", "Content-Length: 0", ""])
        #expect(client.session.split(separator: ".").map(\.count) == [19, 1])
        let peer = try await server.accept()
        try await peer.expect("VER 1 MSNP12 CVR0\r\n")
        try await peer.send("VER 1 MSNP12\r\n")
        #expect(try await client.poll() == "VER 1 MSNP12\r\n")
        // Each request may come on another connection.
        try await client.reconnect()
        _ = try await client.send("USR 2 TWN I a@x.example\r\n")
        try await peer.expect("USR 2 TWN I a@x.example\r\n")
        // Redirects pass unchanged; the client asks the gateway for their hosts.
        try await peer.send("XFR 3 SB \(boardAddress) CKI 1.2\r\n")
        #expect(try await client.poll() == "XFR 3 SB \(boardAddress) CKI 1.2\r\n")
        let second = try await GatewayTester(harness)
        _ = try await second.ask("Action=open&Server=SB&IP=10.0.0.6")
        _ = try await second.send("USR 1 a@x.example 1.2\r\n")
        let switchboard = try await board.accept()
        try await switchboard.expect("USR 1 a@x.example 1.2\r\n")
        // A frame arrives whole, though its bytes do not.
        try await switchboard.send("MSG b@x.example b 10\r\n01234")
        try await second.post("Action=poll&SessionID=\(second.session)&Lifespan=30")
        try await switchboard.send("56789")
        #expect(try await second.answer().body == "MSG b@x.example b 10\r\n0123456789")
        try await switchboard.send("BYE b@x.example\r\n")
        await switchboard.close()
        var rest = try await second.ask("Action=poll&SessionID=\(second.session)&Lifespan=30")
        if !rest.head[1].hasSuffix("Session=close") {
            #expect(rest.body == "BYE b@x.example\r\n")
            rest = try await second.ask("Action=poll&SessionID=\(second.session)&Lifespan=30")
        }
        #expect(rest.head[1].hasSuffix("; Session=close"))
        let unknown = try await second.ask("Action=poll&SessionID=\(second.session)")
        #expect(unknown.head[0] == "HTTP/1.1 400 Bad Request")
        await harness.relay.stop()
        let closed = harness.recorder.events.filter { if case .closed = $0.kind { true } else { false } }
        #expect(closed.count { $0.role == .http } == 3)
        let inside = closed.filter { $0.role != .http }
        #expect(
            Set(inside.map(\.role)) == [.notification, .switchboard] && Set(inside.map(\.dialect)) == [Dialect(12)])
        #expect(Set(inside.map { $0.signIn?.number }) == [1] && harness.recorder.findings.isEmpty)
        #expect(harness.recorder.noises.isEmpty)
        await server.stop()
        await board.stop()
    }

    @Test func aRedirectToAnotherGatewayNamesThisOne() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let client = try await GatewayTester(harness)
        _ = try await client.ask("Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP21\r\n")
        let peer = try await server.accept()
        try await peer.send("XFR 0 NS real.example.com:80 G D abc\r\nXFR 1 NS 10.0.0.7:1863 U D\r\n")
        var text = try await client.poll()
        while !text.hasSuffix("U D\r\n") { text += try await client.poll() }
        #expect(text == "XFR 0 NS gw.example:80 G D abc\r\nXFR 1 NS 10.0.0.7:1863 U D\r\n")
        await harness.relay.stop()
        await server.stop()
    }

    @Test func twoRequestsAtOnceAndStrangers() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let client = try await GatewayTester(harness)
        _ = try await client.ask("Action=open&Server=NS&IP=x.example")
        let other = try await GatewayTester(harness)
        let query = "Action=poll&SessionID=\(client.session)"
        try await client.peer.send(
            "POST /gateway/gateway.dll?\(query)&Lifespan=60 HTTP/1.1\r\nHost: gw.example\r\n\r\n")
        // The first is open once the second is refused.
        var status = ""
        repeat { status = try await other.ask(query).head[0] } while status == "HTTP/1.1 200 OK"
        #expect(status == "HTTP/1.1 400 Bad Request")
        #expect(try await other.ask("Action=poll&SessionID=1.2").head[0] == "HTTP/1.1 400 Bad Request")
        let stranger = try await TestPeer.connect(to: harness.door)
        try await stranger.send("GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await stranger.line() == "HTTP/1.1 404 Not Found\r\n")
        await harness.relay.stop()
        #expect(harness.recorder.findings == ["proxy_handshake_failed"])
        await server.stop()
    }

    @Test func aServerThatCannotBeReachedClosesTheSession() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        await server.stop()
        let client = try await GatewayTester(harness)
        _ = try await client.ask("Action=open&Server=NS&IP=x.example", "VER 1 MSNP8\r\n")
        let answer = try await client.ask("Action=poll&SessionID=\(client.session)&Lifespan=30")
        #expect(answer.head[1].hasSuffix("; Session=close") && answer.body.isEmpty)
        await harness.relay.stop()
    }

    @Test func bigAnswersArriveWhole() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let client = try await GatewayTester(harness)
        _ = try await client.ask("Action=open&Server=NS&IP=x.example", "VER 1 MSNP8\r\n")
        let peer = try await server.accept()
        let line = "QNG 50\r\n"
        let count = 600_000
        let sending = Task { try await peer.send(String(repeating: line, count: count)) }
        var received = 0
        while received < count * line.utf8.count {
            let body = try await client.poll()
            #expect(body.utf8.count % line.utf8.count == 0 && body.hasSuffix(line))
            received += body.utf8.count
        }
        try await sending.value
        #expect(received == count * line.utf8.count)
        await harness.relay.stop()
        await server.stop()
    }
}
