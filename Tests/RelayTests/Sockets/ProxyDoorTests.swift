// SOCKS and CONNECT over real sockets: destinations, answers, redirects that are not rewritten, limits.

import Doors
import Events
import MSNP
import NIOCore
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct ProxyDoorTests {
    /// A SOCKS5 request for a destination, and the answers.
    private static func socks5(_ target: HostPort) -> [UInt8] {
        let name = Array(target.host.utf8)
        return [5, 1, 0, 3, UInt8(name.count)] + name + [UInt8(target.port >> 8), UInt8(target.port & 0xFF)]
    }
    private static let granted: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]

    /// A client that asked the relay's SOCKS5 proxy for a server.
    private func ask(_ harness: RelayHarness, for target: HostPort, code: UInt8 = 0) async throws -> TestPeer {
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send([5, 1, 0])
        try await client.expect([5, 0])
        try await client.send(Self.socks5(target))
        try await client.expect([5, code] + Self.granted.dropFirst(2))
        return client
    }

    @Test func redirectsLeadThroughTheProxyUnchanged() async throws {
        let server = try await TestServer.start()
        let other = try await TestServer.start()
        let board = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let client = try await ask(harness, for: HostPort("messenger.hotmail.com", 1863))
        let peer = try await server.accept()
        try await client.send("VER 1 MSNP12 CVR0\r\nUSR 2 TWN I a@x.example\r\n")
        try await peer.expect("VER 1 MSNP12 CVR0\r\nUSR 2 TWN I a@x.example\r\n")
        let redirect = "XFR 3 NS \(other.address) 0 \(server.address)\r\n"
        try await peer.send("VER 1 MSNP12\r\n" + redirect)
        try await client.expect("VER 1 MSNP12\r\n" + redirect)
        let second = try await ask(harness, for: other.address)
        let notification = try await other.accept()
        try await second.send("VER 4 MSNP12 CVR0\r\nUSR 5 TWN I a@x.example\r\n")
        try await notification.expect("VER 4 MSNP12 CVR0\r\nUSR 5 TWN I a@x.example\r\n")
        try await notification.send("VER 4 MSNP12\r\nXFR 6 SB \(board.address) CKI 1.2\r\n")
        try await second.expect("VER 4 MSNP12\r\nXFR 6 SB \(board.address) CKI 1.2\r\n")
        let third = try await ask(harness, for: board.address)
        try await third.send("USR 1 a@x.example 1.2\r\n")
        let switchboard = try await board.accept()
        try await switchboard.expect("USR 1 a@x.example 1.2\r\n")
        await harness.relay.stop()
        let closed = harness.recorder.events.filter { if case .closed = $0.kind { true } else { false } }
        #expect(closed.map(\.role).sorted { $0.rawValue < $1.rawValue } == [.dispatch, .notification, .switchboard])
        // One sign-in on all of them, and the dialect of the switchboard by its cookie.
        #expect(Set(closed.map { $0.signIn?.number }) == [1] && Set(closed.map(\.dialect)) == [Dialect(12)])
        #expect(harness.recorder.findings == ["asked_elsewhere"])
        #expect(harness.recorder.noises.allSatisfy { $0.reason == .proxyHandshake })
        for server in [server, other, board] { await server.stop() }
    }

    @Test func refusalsNameTheOptionToType() async throws {
        let server = try await TestServer.start()
        let inner = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        for target in [HostPort("169.254.169.254", 80), inner.address, HostPort("localhost", inner.address.port)] {
            let client = try await ask(harness, for: target, code: 2)
            try await client.expectEnd()
            let reports = harness.reports.value
            #expect(reports.last?.contains("--allow \(target)") == true)
        }
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send("CONNECT \(inner.address) HTTP/1.0\r\n\r\n")
        #expect(try await client.line() == "HTTP/1.0 403 Forbidden\r\n")
        try await harness.recorder.closed(4)
        await harness.settle()
        #expect(!inner.hasClients && !server.hasClients)
        #expect(harness.recorder.findings == [String](repeating: "proxy_handshake_failed", count: 4))
        #expect(Set(harness.recorder.closingReasons) == ["the proxy handshake failed"])
        await harness.relay.stop()
        await server.stop()
        await inner.stop()
    }

    @Test func anAllowedNameThatIsTheRelayIsRefused() async throws {
        let server = try await TestServer.start()
        let free = try await TestServer.start()
        let port = free.address.port
        await free.stop()
        let harness = try await RelayHarness.start(to: server.address, listen: HostPort("127.0.0.1", port)) {
            $0.allowed = [AllowedDestination("loop.example:\(port)")].compactMap(\.self)
            $0.lookup = { [try SocketAddress(ipAddress: "::ffff:127.0.0.1", port: Int($0.port))] }
        }
        // The name resolves to the relay; on its own port that is a loop.
        let target = HostPort("loop.example", harness.door.port)
        let refused = try await ask(harness, for: target, code: 2)
        try await refused.expectEnd()
        await harness.relay.stop()
        await server.stop()
    }

    @Test func theRelayItselfIsTheDoor() async throws {
        let server = try await TestServer.start()
        let board = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        try await client.send("USR 2 TWN I a@x.example\r\n")
        try await peer.expect("USR 2 TWN I a@x.example\r\n")
        try await peer.send("XFR 3 SB \(board.address) CKI 7.7\r\n")
        try await client.expect("XFR 3 SB \(harness.door) CKI 7.7\r\n")
        let second = try await ask(harness, for: harness.door)
        try await second.send("USR 1 a@x.example 7.7\r\n")
        let switchboard = try await board.accept()
        try await switchboard.expect("USR 1 a@x.example 7.7\r\n")
        await harness.relay.stop()
        await server.stop()
        await board.stop()
    }

    @Test func tunnelsGoWhereTheUserAllows() async throws {
        let server = try await TestServer.start()
        let other = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) {
            $0.allowed = [AllowedDestination(other.address.description)].compactMap(\.self)
        }
        let client = try await ask(harness, for: other.address)
        try await client.send([0x16, 3, 1, 0, 4, 1, 0, 0, 0])
        let peer = try await other.accept()
        try await peer.expect([0x16, 3, 1, 0, 4, 1, 0, 0, 0])
        try await peer.send("VER 1 MSNP8\r\n")
        try await client.expect("VER 1 MSNP8\r\n")
        await peer.close()
        try await client.expectEnd()
        await client.close()
        try await harness.recorder.closed()
        await harness.settle()
        let sums = try #require(harness.recorder.sums.first)
        #expect(sums.server.bytes == 12 + 13 && sums.server.verbs.isEmpty)
        #expect(harness.recorder.noises.allSatisfy { $0.reason == .proxyHandshake })
        let tunnels = harness.recorder.events.compactMap { event -> Tunnel? in
            if case .tunnel(let tunnel) = event.kind { tunnel } else { nil }
        }
        let expected = Tunnel(
            host: other.address.description, hasClientHello: true, serverName: nil, clientBytes: 9, serverBytes: 13)
        #expect(tunnels == [expected])
        // Its sentence is how the archive keeps it.
        #expect(tunnels.first.map { Finding($0).recordedKind }.map { "\($0)" } == "\(Event.Kind.tunnel(expected))")
        await harness.relay.stop()
        await server.stop()
        await other.stop()
    }

    @Test func theNextProxyGetsTheRest() async throws {
        let server = try await TestServer.start()
        let proxy = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.nextProxy = proxy.address }
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send("CONNECT config.example:443 HTTP/1.1\r\n\r\n")
        let peer = try await proxy.accept()
        try await peer.expect("CONNECT config.example:443 HTTP/1.1\r\nHost: config.example:443\r\n\r\n")
        try await peer.send("HTTP/1.1 200 OK\r\n\r\nhello")
        try await client.expect("HTTP/1.1 200 Connection established\r\n\r\nhello")
        try await client.send("x")
        try await peer.expect("x")
        await harness.relay.stop()
        await server.stop()
        await proxy.stop()
    }

    @Test func theNextProxyGetsPlainRequestsToo() async throws {
        let server = try await TestServer.start()
        let proxy = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.nextProxy = proxy.address }
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send("GET http://ads.example/x HTTP/1.1\r\nProxy-Connection: Keep-Alive\r\nA: b\r\n\r\n")
        let peer = try await proxy.accept()
        try await peer.expect("GET http://ads.example/x HTTP/1.1\r\nA: b\r\nConnection: close\r\n\r\n")
        try await peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")
        try await client.expect("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")
        await peer.close()
        try await client.expectEnd()
        await client.close()
        // On a connection of the gateway's, the client has to send it again on another one.
        let second = try await TestPeer.connect(to: harness.door)
        try await second.send("POST /gateway/gateway.dll?SessionID=1.2 HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        #expect(try await second.line() == "HTTP/1.1 400 Bad Request\r\n")
        while try await second.line() != "\r\n" {}
        second.received.change { $0.bytes = [] }
        try await second.send("GET http://ads.example/x HTTP/1.1\r\n\r\n")
        _ = try await second.received.wait(for: "the end") { $0.end }
        #expect(!proxy.hasClients)
        // Its own addresses and messenger servers are not for HTTP.
        for target in [harness.door, server.address] {
            let third = try await TestPeer.connect(to: harness.door)
            try await third.send("GET http://\(target)/ HTTP/1.1\r\n\r\n")
            #expect(try await third.line() == "HTTP/1.1 403 Forbidden\r\n")
        }
        #expect(!proxy.hasClients && !server.hasClients)
        await harness.relay.stop()
        await server.stop()
        await proxy.stop()
    }

    @Test func plainRequestsGoWhereTheUserAllows() async throws {
        let server = try await TestServer.start()
        let other = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) {
            $0.allowed = [AllowedDestination(other.address.description)].compactMap(\.self)
        }
        let client = try await TestPeer.connect(to: harness.door)
        let request = "POST http://\(other.address)/x HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"
        try await client.send(request)
        let peer = try await other.accept()
        try await peer.expect("POST /x HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab")
        await peer.close()
        try await client.expectEnd()
        await client.close()
        try await harness.recorder.closed()
        await harness.settle()
        // What came is counted and recorded, not what was sent instead.
        #expect(harness.recorder.sums.first?.client.bytes == UInt64(request.utf8.count))
        #expect(harness.recorder.noises.map(\.reason) == [.proxyHandshake])
        let refused = try await TestPeer.connect(to: harness.door)
        try await refused.send("GET http://169.254.169.254/ HTTP/1.1\r\n\r\n")
        #expect(try await refused.line() == "HTTP/1.1 403 Forbidden\r\n")
        #expect(harness.reports.value.last?.contains("--allow 169.254.169.254:80") == true)
        await harness.relay.stop()
        await server.stop()
        await other.stop()
    }

    @Test func anUpstreamThatRefusesIsToldToTheClient() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        await server.stop()
        let client = try await ask(harness, for: server.address, code: 5)
        try await client.expectEnd()
        try await harness.recorder.closed()
        await harness.settle()
        #expect(harness.recorder.closingReasons.first?.hasPrefix("no connection to \(server.address)") == true)
        await harness.relay.stop()
    }

    @Test func redirectsThatNobodyFollowsAreTold() async throws {
        let server = try await TestServer.start()
        let board = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.promiseTimeout = .milliseconds(50) }
        let client = try await ask(harness, for: server.address)
        let peer = try await server.accept()
        try await client.send("VER 1 MSNP12 CVR0\r\n")
        try await peer.send("XFR 3 SB \(board.address) CKI 1.2\r\n")
        #expect(try await harness.recorder.findings(1) == ["left_the_proxy"])
        // It comes after all, but directly.
        let direct = try await TestPeer.connect(to: harness.door)
        try await direct.send("USR 1 a@x.example 1.2\r\n")
        try await board.accept().expect("USR 1 a@x.example 1.2\r\n")
        #expect(try await harness.recorder.findings(2).last == "left_the_proxy")
        await harness.relay.stop()
        await server.stop()
        await board.stop()
    }

    @Test func aHandshakeThatTakesTooLongIsEnded() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) {
            $0.firstLineTimeout = .milliseconds(10)
            $0.handshakeTimeout = .milliseconds(40)
        }
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send([5, 1])
        try await client.expectEnd()
        try await harness.recorder.closed()
        await harness.settle()
        #expect(harness.recorder.findings == ["proxy_handshake_failed"] && !server.hasClients)
        #expect(harness.recorder.noises.map(\.bytes) == [[5, 1]])
        await harness.relay.stop()
        await server.stop()
    }

    @Test func furtherListenersAreAsTheMainOne() async throws {
        let server = try await TestServer.start()
        let board = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.alsoListen = [HostPort("127.0.0.1", 0)] }
        let second = try #require(harness.relay.listenAddresses.last)
        await harness.settle()
        #expect(second != harness.door && harness.recorder.listening == [harness.door, second])
        let (client, peer) = try await harness.meet(server, at: second)
        try await peer.send("XFR 3 SB \(board.address) CKI 1.2\r\n")
        try await client.expect("XFR 3 SB \(second) CKI 1.2\r\n")
        _ = try await harness.meet(board, "USR 1 a@x.example 1.2\r\n", at: second)
        await harness.relay.stop()
        await server.stop()
        await board.stop()
    }
}
