// One address in many forms, and connections that come back.

import MSNP
import NIOCore
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct HostAddressTests {
    private static func end(_ host: String, _ port: Int = 1863) throws -> SocketAddress {
        try SocketAddress(ipAddress: host, port: port)
    }

    /// The dialer of a relay that listens there.
    private static func dialer(of host: String) throws -> Dialer {
        let address = try end(host)
        return Dialer(ownAddresses: { [address] }, names: .unused(), timeout: .seconds(1))
    }

    @Test(arguments: [
        "127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1",
        "2002:7f00:1::", "127.0.0.2", "::1", "0.0.0.0", "::", "::ffff:0.0.0.0", "64:ff9b::", "::ffff:127.255.0.9",
    ])
    func everyFormOfLoopbackIsThisMachine(_ host: String) throws {
        let dialer = try Self.dialer(of: "0.0.0.0")
        #expect(dialer.isOwn(try Self.end(host)))
        #expect(!dialer.isOwn(try Self.end(host, 1864)))
    }

    /// It begins like an embedded IPv4 address.
    @Test func theLoopbackOfIPv6IsNoIPv4Address() throws {
        let host = try #require(HostAddress(try Self.end("::1")))
        #expect(host.isLoopback && host != HostAddress(bytes: [0, 0, 0, 1]))
    }

    @Test(arguments: ["::ffff:127.0.0.1", "::ffff:0.0.0.0", "0.0.0.0", "::", "64:ff9b::7f00:1", "127.0.0.1"])
    func aListenerOnOneAddressIsFoundInEveryForm(_ host: String) throws {
        let dialer = try Self.dialer(of: "127.0.0.1")
        #expect(dialer.isOwn(try Self.end(host)))
    }

    @Test(arguments: ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "64:ff9b::c000:201"])
    func otherMachinesAreOthers(_ host: String) throws {
        let dialer = try Self.dialer(of: "0.0.0.0")
        #expect(!dialer.isOwn(try Self.end(host)))
    }

    /// The machine's own interfaces, plain and mapped.
    @Test func ownInterfacesInEveryForm() throws {
        let dialer = try Self.dialer(of: "::")
        let hosts = try System.enumerateDevices().compactMap { $0.address?.ipAddress }.filter { !$0.contains(":") }
        try #require(!hosts.isEmpty)
        for host in hosts {
            #expect(dialer.isOwn(try Self.end(host)))
            #expect(dialer.isOwn(try Self.end("::ffff:\(host)")))
        }
    }

    /// What was never dialled opens no circle: the redirect to the door stays as it is, in each form.
    @Test(arguments: ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0.0.0.0]", "[64:ff9b::7f00:1]", "0.0.0.0"])
    func aRedirectToTheRelayInAnotherFormIsLeft(_ host: String) async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        let lines = "XFR 3 SB \(host):\(harness.door.port) CKI 1.2\r\nXFR 4 NS \(host):\(harness.door.port) 0\r\n"
        try await peer.send(lines)
        try await client.expect(lines)
        #expect(try await harness.recorder.findings(2) == ["redirect_to_relay", "redirect_to_relay"])
        await harness.settle()
        #expect(harness.recorder.listening == [harness.door])
        await harness.relay.stop()
        await server.stop()
    }

    @Test func connectionsOfTheRelayAreCounted() throws {
        func ends(_ host: String, _ port: Int, to server: Int = 1_863) throws -> HopCount.Endpoints? {
            HopCount.Endpoints(from: try Self.end(host, port), to: try Self.end("127.0.0.1", server))
        }
        let counter = HopCount()
        let own = try ends("127.0.0.1", 40_000)
        #expect(counter.hops(of: own) == 1 && counter.hops(of: nil) == 1)
        counter.opened(own, hops: 1)
        #expect(try counter.hops(of: ends("::ffff:127.0.0.1", 40_000)) == 2)
        #expect(try counter.hops(of: ends("127.0.0.1", 40_001)) == 1)
        // The system gives one port to connections that lead to different servers.
        #expect(try counter.hops(of: ends("127.0.0.1", 40_000, to: 1_864)) == 1)
        counter.closed(own)
        #expect(counter.hops(of: own) == 1)
    }

    @Test func aConnectionThatWentThroughTheRelayTwiceIsNotCarriedOn() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let client = try await TestPeer.connect(to: harness.door)
        let ends = HopCount.Endpoints(from: client.channel.localAddress, to: client.channel.remoteAddress)
        harness.relay.hopCount.opened(ends, hops: HopCount.most)
        try await client.send("VER 1 MSNP12 CVR0\r\n")
        try await client.expectEnd()
        try await harness.reports.wait(for: "the report") { $0.contains { $0.contains("a loop") } ? () : nil }
        await harness.relay.stop()
        await server.stop()
    }
}
