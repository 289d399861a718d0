// Transparent mode on three machines: real firewall rules bring the clients, on IPv4 and IPv6.

import Doors
import Events
import MSNP
import NIOCore
import TestSupport
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1)), .serialized) struct TransparentTests {
    private static let first = "VER 1 MSNP12 CVR0\r\n"
    private static let server4 = HostPort("10.2.0.2", 1863)
    private static let server6 = HostPort("fd02::2", 1863)
    private static let names = FirewallRules.Names(relayPort: 1863)

    /// A transparent relay on the router.
    private func relay(
        _ machines: Namespaces, _ change: (inout RelayOptions) -> Void = { _ in }
    ) async throws -> RelayHarness {
        try await RelayHarness.start(to: nil, listen: HostPort("::", 1863), group: machines.router.group) { options in
            options.isTransparent = true
            change(&options)
        }
    }

    private func listen(_ machines: Namespaces, _ address: HostPort) async throws -> TestServer {
        try await TestServer.start(at: address.host, port: Int(address.port), on: machines.server.group)
    }

    /// A client that has sent a line to a server, and the server's end of its connection.
    private func meet(
        _ machine: Namespaces.Machine, _ server: TestServer, _ line: String = first, at address: HostPort? = nil
    ) async throws -> (client: TestPeer, server: TestPeer) {
        let client = try await TestPeer.connect(to: address ?? server.address, on: machine.group)
        try await client.send(line)
        let peer = try await server.accept()
        try await peer.expect(line)
        return (client, peer)
    }

    private func opened(_ harness: RelayHarness) -> [String] {
        harness.recorder.events.compactMap { if case .opened(let ends) = $0.kind { ends.server } else { nil } }
    }

    @Test func aRedirectRuleOnTheRouter() async throws {
        guard let machines = try await Namespaces.make() else { return }
        try machines.router.run(FirewallRules.router(Self.names).commands)
        let server = try await listen(machines, Self.server4)
        let board = try await listen(machines, HostPort("10.2.0.2", 1864))
        let other = try await listen(machines, HostPort("10.2.0.2", 1865))
        let harness = try await relay(machines)
        let (client, peer) = try await meet(machines.client, server)
        try await peer.send("VER 1 MSNP12\r\nXFR 2 SB \(board.address) CKI 1.2\r\n")
        try await client.expect("VER 1 MSNP12\r\nXFR 2 SB 10.1.0.1:1863 CKI 1.2\r\n")
        // The client comes back to the relay itself, which has no other server for it than that of the cookie.
        _ = try await meet(machines.client, board, "USR 1 a@x.example 1.2\r\n", at: HostPort("10.1.0.1", 1863))
        try await peer.send("XFR 3 NS \(other.address) 0 \(server.address)\r\n")
        let word = try #require(try await client.line().split(separator: " ").dropFirst(3).first)
        let redirected = try #require(HostPort(word))
        #expect(redirected.host == "10.1.0.1" && redirected.port != 1863)
        _ = try await meet(machines.client, other, "VER 4 MSNP12 CVR0\r\n", at: redirected)
        await harness.relay.stop()
        #expect(opened(harness) == [server, board, other].map(\.address.description))
        #expect(harness.recorder.findings.isEmpty && harness.reports.value.isEmpty)
        for server in [server, board, other] { await server.stop() }
        try await machines.end()
    }

    @Test func redirectsOfAClientOnIPv6() async throws {
        guard let machines = try await Namespaces.make() else { return }
        try machines.router.run(FirewallRules.router(Self.names).commands)
        let server = try await listen(machines, Self.server6)
        let other = try await listen(machines, Self.server4)
        let harness = try await relay(machines)
        let (client, peer) = try await meet(machines.client, server)
        // The rule catches the port of the first, but not that of the second.
        let redirects = "XFR 2 NS 10.2.0.2:1863 0 10.2.0.2:1863\r\nXFR 3 SB 10.2.0.2:1864 CKI 1.2\r\n"
        try await peer.send(redirects)
        try await client.expect(redirects)
        #expect(try await harness.recorder.findings(1) == ["redirect_not_rewritten"])
        _ = try await meet(machines.client, other)
        await harness.relay.stop()
        #expect(opened(harness) == [Self.server6.description, Self.server4.description])
        for server in [server, other] { await server.stop() }
        try await machines.end()
    }

    @Test(arguments: [server4, server6]) func tproxy(_ address: HostPort) async throws {
        guard let machines = try await Namespaces.make() else { return }
        try machines.router.run(FirewallRules.intercepting(Self.names).commands)
        let server = try await listen(machines, address)
        let board = try await listen(machines, HostPort("10.2.0.2", 1864))
        let harness = try await relay(machines)
        #expect(harness.relay.acceptsForeignAddresses)
        let (client, peer) = try await meet(machines.client, server)
        // The relay is where the client's server is.
        let isIPv4 = address == Self.server4
        try await peer.send("XFR 2 SB \(board.address) CKI 1.2\r\nXFR 3 NS 10.2.0.9:1863 0\r\n")
        try await client.expect("XFR 2 SB \(isIPv4 ? address : board.address) CKI 1.2\r\nXFR 3 NS 10.2.0.9:1863 0\r\n")
        if isIPv4 { _ = try await meet(machines.client, board, "USR 1 a@x.example 1.2\r\n", at: address) }
        await harness.settle()
        #expect(harness.recorder.findings == (isIPv4 ? [] : ["redirect_not_rewritten"]))
        await harness.relay.stop()
        #expect(opened(harness) == [address.description] + (isIPv4 ? [board.address.description] : []))
        for server in [server, board] { await server.stop() }
        try await machines.end()
    }

    @Test func clientsOnTheRelaysMachine() async throws {
        guard let machines = try await Namespaces.make(relayUser: 65_534),
            let local = try await Namespaces.Machine(on: machines.router)
        else { return }
        var names = Self.names
        names.user = "65534"
        try machines.router.run(FirewallRules.machine(names).commands)
        let server = try await listen(machines, Self.server4)
        let server6 = try await listen(machines, Self.server6)
        let board = try await listen(machines, HostPort("10.2.0.2", 1864))
        let harness = try await relay(machines)
        let (client, peer) = try await meet(local, server)
        try await peer.send("XFR 2 SB \(board.address) CKI 1.2\r\n")
        try await client.expect("XFR 2 SB 127.0.0.1:1863 CKI 1.2\r\n")
        _ = try await meet(local, board, "USR 1 a@x.example 1.2\r\n", at: HostPort("127.0.0.1", 1863))
        _ = try await meet(local, server6)
        await harness.relay.stop()
        #expect(opened(harness) == [server, board, server6].map(\.address.description))
        for server in [server, server6, board] { await server.stop() }
        try await machines.end()
        try await local.group.shutdownGracefully()
    }

    /// The rule lacks the line that lets the relay's own connections pass.
    @Test func aRuleThatBringsTheRelayToItselfIsNoticed() async throws {
        guard let machines = try await Namespaces.make(relayUser: 65_534),
            let local = try await Namespaces.Machine(on: machines.router)
        else { return }
        try machines.router.run(FirewallRules.machine(Self.names).commands.filter { !$0.contains("skuid") })
        let harness = try await relay(machines)
        let client = try await TestPeer.connect(to: Self.server4, on: local.group)
        try await client.send(Self.first)
        try await client.expectEnd()
        await client.close()
        try await harness.recorder.closed(2)
        #expect(harness.reports.value.count == 1 && harness.reports.value[0].contains("would be a loop"))
        await harness.relay.stop()
        try await machines.end()
        try await local.group.shutdownGracefully()
    }

    @Test func clientsOfTheRelayItself() async throws {
        guard let machines = try await Namespaces.make() else { return }
        try machines.router.run(FirewallRules.router(Self.names).commands)
        let server = try await listen(machines, Self.server4)
        let door = HostPort("10.1.0.1", 1863)
        let refusing = try await relay(machines)
        let client = try await TestPeer.connect(to: door, on: machines.client.group)
        try await client.send(Self.first)
        try await client.expectEnd()
        #expect(try await refusing.recorder.findings(1) == ["destination_refused"])
        // No client of another machine gets to the relay's machine by a rule for its port.
        try machines.router.run([
            "nft add rule inet butterflynet prerouting iifname lan0 tcp dport 25 redirect to :1863"
        ])
        let second = try await TestPeer.connect(to: HostPort("10.1.0.1", 25), on: machines.client.group)
        try await second.send(Self.first)
        try await second.expectEnd()
        #expect(try await refusing.recorder.findings(2) == ["destination_refused", "destination_refused"])
        await refusing.relay.stop()
        let harness = try await relay(machines) { $0.upstream = Self.server4 }
        _ = try await meet(machines.client, server, at: door)
        await harness.relay.stop()
        #expect(opened(harness) == [server.address.description])
        await server.stop()
        try await machines.end()
    }

    @Test func withoutRewriting() async throws {
        guard let machines = try await Namespaces.make() else { return }
        var names = Self.names
        names.serverPorts = "{ 1863, 1864 }"
        try machines.router.run(FirewallRules.router(names).commands)
        let server = try await listen(machines, Self.server4)
        let board = try await listen(machines, HostPort("10.2.0.2", 1864))
        let harness = try await relay(machines) { options in
            options.rewritesRedirects = false
            options.promiseTimeout = .zero
        }
        let (client, peer) = try await meet(machines.client, server)
        try await client.send("USR 2 TWN I a@x.example\r\n")
        try await peer.expect("USR 2 TWN I a@x.example\r\n")
        let redirect = "VER 1 MSNP12\r\nXFR 3 SB \(board.address) CKI 1.2\r\n"
        try await peer.send(redirect)
        try await client.expect(redirect)
        _ = try await meet(machines.client, board, "USR 1 a@x.example 1.2\r\n")
        await harness.relay.stop()
        #expect(opened(harness) == [server, board].map(\.address.description))
        // The cookie still says whose connection it is.
        let closed = harness.recorder.events.filter { if case .closed = $0.kind { true } else { false } }
        #expect(Set(closed.map { $0.signIn?.number }) == [1] && Set(closed.map(\.dialect)) == [Dialect(12)])
        #expect(harness.recorder.findings.isEmpty)
        for server in [server, board] { await server.stop() }
        try await machines.end()
    }

    /// What the relay records of a client that it never told anything is what a capture of the client shows.
    @Test func liveIsCaptured() async throws {
        guard let machines = try await Namespaces.make() else { return }
        try machines.router.run(FirewallRules.router(Self.names).commands)
        let server = try await listen(machines, Self.server4)
        let harness = try await relay(machines) { $0.rewritesRedirects = false }
        let client = try await TestPeer.connect(to: server.address, on: machines.client.group)
        var captured = TCPConversation()
        captured.handshake()
        var peer: TestPeer?
        for (side, text) in LiveIsCapturedTests.talk {
            if peer == nil {
                try await client.send(text)
                peer = try await server.accept()
                try await peer?.expect(text)
            } else {
                try await (side == .client ? client : peer)?.send(text)
                try await (side == .client ? peer : client)?.expect(text)
            }
            captured.transmit(side == .client, Array(text.utf8))
        }
        try await client.finishSending()
        try await peer?.expectEnd()
        await peer?.close()
        try await client.expectEnd()
        try await harness.recorder.closed()
        await harness.settle()
        captured.close()
        let live = Recorded.connections(harness.recorder.events)
        #expect(live == Recorded.connections(try LiveIsCapturedTests.decode([captured])) && live.count == 1)
        await harness.relay.stop()
        await server.stop()
        try await machines.end()
    }

    /// A file by MSNFTP and a packet of a peer-to-peer link: the rule names their ports, and no byte changes.
    @Test func directLinks() async throws {
        guard let machines = try await Namespaces.make() else { return }
        var names = Self.names
        names.serverPorts = "6891-6900"
        try machines.router.run(FirewallRules.router(names).commands)
        let harness = try await relay(machines)
        let links: [(port: UInt16, first: [UInt8], answer: [UInt8], role: Role)] = [
            (6_891, Array("VER MSNFTP\r\n".utf8), Array("VER MSNFTP\r\n".utf8), .fileTransfer),
            (6_892, [4, 0, 0, 0, 0x66, 0x6F, 0x6F, 0], [4, 0, 0, 0, 1, 2, 3, 4], .peerToPeer),
        ]
        for link in links {
            let friend = try await listen(machines, HostPort("10.2.0.2", link.port))
            let client = try await TestPeer.connect(to: friend.address, on: machines.client.group)
            try await client.send(link.first)
            let peer = try await friend.accept()
            try await peer.expect(link.first)
            try await peer.send(link.answer)
            try await client.expect(link.answer)
            await client.close()
            try await peer.expectEnd()
            await peer.close()
            await friend.stop()
        }
        try await harness.recorder.closed(2)
        let closed = harness.recorder.events.filter { if case .closed = $0.kind { true } else { false } }
        #expect(closed.map(\.role) == links.map(\.role))
        await harness.relay.stop()
        try await machines.end()
    }
}
