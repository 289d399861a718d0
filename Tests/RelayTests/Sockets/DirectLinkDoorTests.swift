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
