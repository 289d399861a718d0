// Where clients end up, over real sockets: cookies, further listeners, mappings, and never in a circle.

import Events
import MSNP
import NIOCore
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct RoutingTests {
    @Test func crossedRedirectsLeadEachClientToItsOwnSwitchboard() async throws {
        let server = try await TestServer.start()
        let boards = [try await TestServer.start(), try await TestServer.start()]
        let harness = try await RelayHarness.start(to: server.address)
        var pairs: [(client: TestPeer, server: TestPeer)] = []
        for _ in boards { pairs.append(try await harness.meet(server)) }
        for (index, name) in ["a", "b"].enumerated() {
            try await pairs[index].client.send("USR 2 TWN I \(name)@x.example\r\n")
            try await pairs[index].server.expect("USR 2 TWN I \(name)@x.example\r\n")
        }
        // The second is answered first.
        for index in [1, 0] {
            try await pairs[index].server.send("XFR 15 SB \(boards[index].address) CKI 1.\(index)\r\n")
            try await pairs[index].client.expect("XFR 15 SB \(harness.door) CKI 1.\(index)\r\n")
        }
        for index in [0, 1] {
            let line = "USR 1 \(index == 0 ? "a" : "b")@x.example 1.\(index)\r\n"
            let (client, peer) = try await harness.meet(boards[index], line)
            try await peer.send("USR 1 OK\r\n")
            try await client.expect("USR 1 OK\r\n")
        }
        #expect(!boards[0].hasClients && !boards[1].hasClients && !server.hasClients)
        await harness.settle()
        #expect(harness.recorder.findings.isEmpty)
        // The cookie of one in the hands of the other: its server decides, and there is a finding.
        _ = try await harness.meet(boards[0], "USR 1 b@x.example 1.0\r\n")
        // The same once more, and an unknown cookie: that connection goes to the upstream.
        _ = try await harness.meet(boards[1], "USR 1 b@x.example 1.1\r\n")
        _ = try await harness.meet(server, "ANS 1 b@x.example 9.9 77\r\n")
        let findings = try await harness.recorder.findings(3)
        #expect(findings.sorted() == ["cookie_of_another_client", "cookie_unknown", "cookie_used_twice"])
        // On a switchboard the cookie decides which sign-in it is, whatever account comes with it, up to the last event.
        await harness.relay.stop()
        let signIns = Dictionary(grouping: harness.recorder.events.filter { $0.connection > 0 }, by: \.connection)
            .mapValues { Set($0.map { $0.signIn?.number }) }
        let first = try #require(signIns[1]?.compactMap(\.self).first)
        #expect(signIns[3] == [first] && signIns[5] == [first])
        #expect(signIns[7] == [nil])
        for server in boards + [server] { await server.stop() }
    }

    @Test func anotherNotificationServerGetsAListener() async throws {
        let server = try await TestServer.start()
        let other = try await TestServer.start()
        let third = try await TestServer.start()
        let free = try await TestServer.start()
        let port = free.address.port
        await free.stop()
        let harness = try await RelayHarness.start(to: server.address) { $0.ports = port...port }
        let (client, peer) = try await harness.meet(server, "VER 3 MSNP12 CVR0\r\n")
        try await peer.send("XFR 3 NS \(other.address) 0 \(server.address)\r\n")
        try await client.expect("XFR 3 NS 127.0.0.1:\(port) 0 \(harness.door)\r\n")
        let listener = HostPort("127.0.0.1", port)
        let (second, secondPeer) = try await harness.meet(other, "VER 4 MSNP12 CVR0\r\n", at: listener)
        // The same server again: the same listener; and it is the current one there.
        try await secondPeer.send("XFR 0 NS \(other.address) 0 \(other.address)\r\n")
        try await second.expect("XFR 0 NS \(listener) 0 \(listener)\r\n")
        // A switchboard always leads to the door.
        try await secondPeer.send("XFR 5 SB \(third.address) CKI 1.2\r\n")
        try await second.expect("XFR 5 SB \(harness.door) CKI 1.2\r\n")
        // No port is left for a third one.
        try await secondPeer.send("XFR 0 NS \(third.address) 0 \(other.address)\r\nQNG 1\r\n")
        try await second.expect("XFR 0 NS \(third.address) 0 \(other.address)\r\nQNG 1\r\n")
        #expect(try await harness.recorder.findings(1) == ["redirect_not_rewritten"])
        await harness.settle()
        #expect(harness.recorder.listening == [harness.door, listener])
        #expect(harness.reports.value.count == 1)
        let signIns = Set(
            harness.recorder.events.filter { $0.connection == 2 }.compactMap { $0.signIn?.number }
                + harness.recorder.events.filter { $0.connection == 1 }.compactMap { $0.signIn?.number })
        #expect(signIns.count == 1)
        await harness.relay.stop()
        for server in [server, other, third] { await server.stop() }
    }

    @Test func listenersOpenWhereTheDoorIsNamed() async throws {
        let server = try await TestServer.start()
        let other = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address, listen: HostPort("localhost", 0))
        let door = HostPort("127.0.0.1", harness.door.port)
        guard harness.door.host == "127.0.0.1" else { return await harness.relay.stop() }
        let (client, peer) = try await harness.meet(server, at: door)
        try await peer.send("XFR 3 NS \(other.address)\r\n")
        let line = try await client.line()
        await harness.settle()
        let listener = try #require(harness.recorder.listening.last)
        #expect(line == "XFR 3 NS \(listener)\r\n" && listener != harness.door)
        _ = try await harness.meet(other, at: listener)
        await harness.relay.stop()
        for server in [server, other] { await server.stop() }
    }

    @Test func theUpstreamByAnotherNameIsTheDoor() async throws {
        let server = try await TestServer.start()
        let port = server.address.port
        for (upstream, named) in [("localhost", "127.0.0.1"), ("127.0.0.1", "localhost")] {
            let harness = try await RelayHarness.start(to: HostPort(upstream, port))
            let (client, peer) = try await harness.meet(server)
            try await peer.send("XFR 3 NS \(named):\(port) 0\r\n")
            try await client.expect("XFR 3 NS \(harness.door) 0\r\n")
            await harness.settle()
            #expect(harness.recorder.listening == [harness.door])
            await harness.relay.stop()
        }
        await server.stop()
    }

    @Test func dialMappings() async throws {
        let server = try await TestServer.start()
        let board = try await TestServer.start()
        let harness = try await RelayHarness.start(to: HostPort("ds.invalid", 1863)) {
            $0.dial = [
                HostPort("ds.invalid", 1863): server.address, HostPort("10.99.0.6", 1863): board.address,
                HostPort("10.99.0.5", 1863): server.address,
            ]
        }
        let (client, peer) = try await harness.meet(server)
        try await peer.send("XFR 3 NS 10.99.0.5\r\nXFR 4 SB 10.99.0.6 CKI 1.2\r\n")
        try await client.expect("XFR 3 NS \(harness.door)\r\nXFR 4 SB \(harness.door) CKI 1.2\r\n")
        _ = try await harness.meet(board, "ANS 1 a@b.example 1.2 3\r\n")
        await harness.settle()
        #expect(harness.recorder.listening == [harness.door])
        await harness.relay.stop()
        for server in [server, board] { await server.stop() }
    }

    @Test func advertising() async throws {
        let server = try await TestServer.start()
        let other = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) {
            $0.advertisedHost = "203.0.113.7"
            $0.advertisedPort = 1999
        }
        #expect(harness.relay.advertised == HostPort("203.0.113.7", 1999))
        let (client, peer) = try await harness.meet(server)
        try await peer.send("XFR 4 SB 10.0.0.6 CKI 1.2\r\nXFR 3 NS \(server.address) 0 \(server.address)\r\n")
        try await client.expect("XFR 4 SB 203.0.113.7:1999 CKI 1.2\r\nXFR 3 NS 203.0.113.7:1999 0 203.0.113.7:1999\r\n")
        try await peer.send("XFR 3 NS \(other.address)\r\n")
        let line = try await client.line()
        await harness.settle()
        let port = try #require(harness.recorder.listening.last?.port)
        #expect(line == "XFR 3 NS 203.0.113.7:\(port)\r\n" && port != 1999)
        await harness.relay.stop()
        for server in [server, other] { await server.stop() }
    }

    /// With a cookie that the relay does not remember, its client would come to the upstream.
    @Test func aRedirectWhoseCookieIsTooLongIsLeft() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        let board = HostPort("10.0.0.6", 1863)
        for (length, address) in [(512, harness.door), (513, board)] {
            let cookie = String(repeating: "1", count: length)
            try await peer.send("XFR 4 SB \(board) CKI \(cookie)\r\n")
            try await client.expect("XFR 4 SB \(address) CKI \(cookie)\r\n")
        }
        #expect(try await harness.recorder.findings(1) == ["redirect_not_rewritten"])
        await harness.relay.stop()
        await server.stop()
    }

    @Test func theRelayNeverDialsItself() async throws {
        for name in ["127.0.0.1", "localhost"] {
            var error: RelayError?
            // A port that was free a moment ago may be somebody else's by now: then another one.
            for _ in 0..<20 where error?.isUsage != true {
                let probe = try await TestServer.start()
                await probe.stop()
                error = await #expect(throws: RelayError.self) {
                    try await RelayHarness.start(to: HostPort(name, probe.address.port), listen: probe.address)
                }
            }
            #expect(error?.isUsage == true)
        }
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        for host in ["127.0.0.1", "localhost"] {
            let address = "\(host):\(harness.door.port)"
            let lines =
                "XFR 3 NS \(address) 0\r\nXFR 4 SB \(address) CKI 1.2\r\nRNG 1 \(address) CKI 1.3 a@b.example N\r\n"
            try await peer.send(lines)
            try await client.expect(lines)
        }
        #expect(try await harness.recorder.findings(6) == Array(repeating: "redirect_to_relay", count: 6))
        await harness.settle()
        #expect(harness.recorder.listening == [harness.door])
        await harness.relay.stop()
        let outside = try await RelayHarness.start(to: server.address) {
            $0.advertisedHost = "203.0.113.7"
            $0.advertisedPort = 1999
        }
        let (third, thirdPeer) = try await outside.meet(server)
        try await thirdPeer.send("XFR 4 SB 203.0.113.7:1999 CKI 1.2\r\n")
        try await third.expect("XFR 4 SB 203.0.113.7:1999 CKI 1.2\r\n")
        #expect(try await outside.recorder.findings(1) == ["redirect_to_relay"])
        await outside.relay.stop()
        await server.stop()
    }

    @Test func overIPv6() async throws {
        guard let server = try? await TestServer.start(at: "::1") else {
            print("SKIPPED: this machine has no IPv6 loopback")
            return
        }
        let harness = try await RelayHarness.start(to: server.address, listen: HostPort("::1", 0))
        let (client, peer) = try await harness.meet(server)
        try await peer.send("XFR 4 SB [::1]:\(server.address.port) CKI 1.2\r\n")
        // No client understands an IPv6 address in a redirect; most resolve a name.
        try await client.expect("XFR 4 SB localhost:\(harness.door.port) CKI 1.2\r\n")
        _ = try await harness.meet(server, "USR 1 a@b.example 1.2\r\n")
        await harness.relay.stop()
        let mapped = try await RelayHarness.start(to: server.address, listen: HostPort("::1", 0)) {
            $0.advertisedHost = "192.0.2.7"
        }
        let (second, secondPeer) = try await mapped.meet(server)
        try await secondPeer.send("XFR 4 SB 10.0.0.6:1863 CKI 1.2\r\n")
        try await second.expect("XFR 4 SB 192.0.2.7:\(mapped.door.port) CKI 1.2\r\n")
        await mapped.relay.stop()
        await server.stop()
    }
}
