// Direct links that the relay keeps, over real sockets: who may come, whom it connects, and when nobody comes.

import Events
import MSNP
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct DirectLinkDoorTests {
    private static func accept(_ address: HostPort) -> String {
        let payload =
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite\r\n\r\nInvitation-Command: ACCEPT\r\n"
            + "IP-Address: \(address.host)\r\nPort: \(address.port)\r\n\r\n"
        return "MSG bob@x.example Bob \(payload.utf8.count)\r\n\(payload)"
    }

    /// A client on a switchboard.
    private func begun(
        _ server: TestServer, _ change: @escaping (inout RelayOptions) -> Void = { _ in }
    ) async throws -> (harness: RelayHarness, client: TestPeer, peer: TestPeer) {
        let harness = try await RelayHarness.start(to: server.address) { options in
            options.directLinks = .keep
            change(&options)
        }
        let (client, peer) = try await harness.meet(server, "USR 1 ann@x.example 1.2\r\n")
        return (harness, client, peer)
    }

    /// The port that the client is told; the message is as long as the one that it replaces.
    private func port(_ client: TestPeer) async throws -> UInt16 {
        while true {
            let line = try await client.line()
            if line.hasPrefix("Port: ") {
                _ = try await client.line()
                return try #require(UInt16(line.dropFirst(6).prefix { !$0.isNewline }))
            }
        }
    }

    @Test func oneClientComes() async throws {
        let server = try await TestServer.start()
        let friend = try await TestServer.start()
        let (harness, client, peer) = try await begun(server)
        try await peer.send(Self.accept(friend.address))
        let port = try await port(client)
        #expect(port != friend.address.port)
        let link = try await TestPeer.connect(to: HostPort("127.0.0.1", port))
        try await link.send("VER MSNFTP\r\n")
        let other = try await friend.accept()
        try await other.expect("VER MSNFTP\r\n")
        // The listener is for one client.
        await #expect(throws: (any Error).self) {
            _ = try await TestPeer.connect(to: HostPort("127.0.0.1", port))
        }
        await link.close()
        try await other.expectEnd()
        await other.close()
        try await harness.recorder.closed()
        await harness.settle()
        let closed = harness.recorder.events.last { if case .closed = $0.kind { true } else { false } }
        #expect(closed?.role == .fileTransfer)
        let opened = harness.recorder.events.compactMap {
            if case .opened(let ends) = $0.kind { ends.server } else { nil }
        }
        #expect(opened.last == friend.address.description)
        await harness.relay.stop()
        for server in [server, friend] { await server.stop() }
    }

    /// Somebody on another machine comes first: he is turned away and reported, and the client still gets its link.
    @Test func aStrangerComesFirst() async throws {
        let server = try await TestServer.start()
        let friend = try await TestServer.start()
        let (harness, client, peer) = try await begun(server)
        try await peer.send(Self.accept(friend.address))
        let listener = HostPort("127.0.0.1", try await port(client))
        let stranger = try await TestPeer.connect(to: listener, from: "127.0.0.2")
        try? await stranger.send("VER MSNFTP\r\n")
        _ = try await stranger.received.wait(for: "the end of the stranger") { $0.end }
        _ = try await harness.reports.wait(for: "a report") { reports in
            reports.contains { $0.hasPrefix("127.0.0.2:") && $0.hasSuffix("another client's direct link") } ? () : nil
        }
        #expect(!friend.hasClients)
        let link = try await TestPeer.connect(to: listener)
        try await link.send("VER MSNFTP\r\n")
        let other = try await friend.accept()
        try await other.expect("VER MSNFTP\r\n")
        await link.close()
        await other.close()
        try await harness.recorder.closed()
        await harness.relay.stop()
        for server in [server, friend] { await server.stop() }
    }

    /// Somebody on the client's own machine comes first: the far end refuses him by the agreement's cookie or nonce, which
    /// the relay never changes. His link is recorded, and the listener was for one client.
    @Test func aStrangerOnTheClientsMachine() async throws {
        let server = try await TestServer.start()
        let friend = try await TestServer.start()
        let (harness, client, peer) = try await begun(server)
        try await peer.send(Self.accept(friend.address))
        let listener = HostPort("127.0.0.1", try await port(client))
        let stranger = try await TestPeer.connect(to: listener)
        try await stranger.send("VER MSNFTP\r\nUSR eve@x.example 1\r\n")
        let other = try await friend.accept()
        try await other.expect("VER MSNFTP\r\nUSR eve@x.example 1\r\n")
        await other.close()
        try await stranger.expectEnd()
        await stranger.close()
        await #expect(throws: (any Error).self) { _ = try await TestPeer.connect(to: listener) }
        try await harness.recorder.closed()
        await harness.settle()
        let said = harness.recorder.events.compactMap { event -> String? in
            guard case .frame(let frame, .client) = event.kind, event.role == .fileTransfer else { return nil }
            return String(decoding: frame.line, as: UTF8.self)
        }
        #expect(said == ["VER MSNFTP", "USR eve@x.example 1"])
        await harness.relay.stop()
        for server in [server, friend] { await server.stop() }
    }

    /// Both clients use the same relay: the agreement is changed once, in what the second one gets, and the link leads to
    /// the first one itself.
    @Test func bothClientsAreBehindTheRelay() async throws {
        let server = try await TestServer.start()
        let friend = try await TestServer.start()
        let (harness, ann, annsPeer) = try await begun(server)
        let (bob, bobsPeer) = try await harness.meet(server, "ANS 1 bob@x.example 1.2 77\r\n")
        let payload = Self.accept(friend.address).drop { $0 != "\r\n" }.dropFirst()
        let sent = "MSG 4 N \(payload.utf8.count)\r\n\(payload)"
        try await bob.send(sent)
        // The server gets what the client sent.
        try await bobsPeer.expect(sent)
        try await annsPeer.send(Self.accept(friend.address))
        let port = try await port(ann)
        let link = try await TestPeer.connect(to: HostPort("127.0.0.1", port))
        try await link.send("VER MSNFTP\r\n")
        let other = try await friend.accept()
        try await other.expect("VER MSNFTP\r\n")
        await link.close()
        await other.close()
        try await harness.recorder.closed()
        await harness.settle()
        let changes = harness.recorder.events.filter { if case .rewritten = $0.kind { true } else { false } }
        #expect(changes.count == 1 && harness.recorder.listening.count == 2)
        for peer in [ann, bob, annsPeer, bobsPeer] { await peer.close() }
        await harness.relay.stop()
        for server in [server, friend] { await server.stop() }
    }

    @Test func nobodyComes() async throws {
        let server = try await TestServer.start()
        let friend = try await TestServer.start()
        let (harness, client, peer) = try await begun(server) { $0.directLinkTimeout = .milliseconds(1) }
        try await peer.send(Self.accept(friend.address))
        let port = try await port(client)
        let findings = try await harness.recorder.kept.wait(for: "the finding") { kept in
            let names = kept.events.compactMap {
                if case .finding(let finding) = $0.kind { finding.name.text } else { nil }
            }
            return names.contains("direct_link_unused") ? names : nil
        }
        #expect(!findings.contains("direct_link_left"))
        await #expect(throws: (any Error).self) {
            _ = try await TestPeer.connect(to: HostPort("127.0.0.1", port))
        }
        await harness.relay.stop()
        for server in [server, friend] { await server.stop() }
    }

    /// Ports of the system, the relay itself, and addresses of nobody.
    @Test func whereTheRelayConnectsNobody() async throws {
        let server = try await TestServer.start()
        let (harness, client, peer) = try await begun(server)
        let targets = [
            HostPort("127.0.0.1", 80), HostPort("10.0.0.1", 1_023), HostPort("169.254.169.254", 8_080),
            HostPort("224.0.0.1", 6_891), HostPort("0.0.0.0", 6_891), harness.door,
        ]
        for target in targets {
            try await peer.send(Self.accept(target))
            try await client.expect(Self.accept(target))
        }
        _ = try await harness.recorder.kept.wait(for: "a finding for each") { kept in
            let left = kept.events.count {
                if case .finding(let finding) = $0.kind { finding.name.text == "direct_link_left" } else { false }
            }
            return left == targets.count ? left : nil
        }
        #expect(harness.recorder.listening == [harness.door])
        await harness.relay.stop()
        await server.stop()
    }
}
