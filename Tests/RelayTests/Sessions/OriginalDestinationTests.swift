// Where a client of transparent mode wanted to go, and where it is not let.

import MSNP
import NIOCore
import Testing

@testable import Relay

@Suite struct OriginalDestinationTests {
    /// The relay listens at 192.168.1.20:1863 and [fd00::20]:1863, on a machine with these addresses and loopback.
    private static let own = ["192.168.1.20", "fd00::20"]

    private static func find(_ local: String, _ translated: String?, client: String = "192.168.1.7") throws
        -> OriginalDestination?
    {
        func address(_ text: String) throws -> SocketAddress {
            let address = try #require(HostPort(text))
            return try SocketAddress(ipAddress: address.host, port: Int(address.port))
        }
        let hosts = try own.compactMap { HostAddress(try SocketAddress(ipAddress: $0, port: 1)) }
        let facts = OriginalDestination.Facts(
            isListener: { address in
                HostAddress(address).map(hosts.contains) == true && address.port == 1863
            },
            isThisMachine: { $0.isLoopback || hosts.contains($0) })
        return OriginalDestination.find(
            local: try address(local), translated: try translated.map(address), client: try address(client + ":9"),
            facts)
    }

    @Test(arguments: [
        // Redirected by NAT: to an address of the relay, on IPv4, IPv4 in IPv6, and IPv6.
        ("192.168.1.20:1863", "10.0.0.5:1863", OriginalDestination.redirected(HostPort("10.0.0.5", 1863))),
        ("[::ffff:192.168.1.20]:1863", "10.0.0.5:1864", .redirected(HostPort("10.0.0.5", 1864))),
        ("127.0.0.1:1870", "10.0.0.5:1863", .redirected(HostPort("10.0.0.5", 1863))),
        // TPROXY, without and with connection tracking.
        ("10.0.0.5:1863", "", .intercepted(HostPort("10.0.0.5", 1863))),
        ("[::ffff:10.0.0.5]:1863", "10.0.0.5:1863", .intercepted(HostPort("10.0.0.5", 1863))),
        // Came to the relay itself, with and without rules.
        ("192.168.1.20:1863", "", .relay(1863)), ("[::ffff:192.168.1.20]:1863", "192.168.1.20:1863", .relay(1863)),
    ]) func destinations(_ local: String, _ translated: String, _ wanted: OriginalDestination) throws {
        #expect(try Self.find(local, translated.isEmpty ? nil : translated) == wanted)
    }

    @Test(arguments: [
        "192.168.1.20:6891", "127.0.0.1:22", "169.254.169.254:80", "224.0.0.1:1863", "255.255.255.255:1863",
        "0.0.0.0:1863",
        "10.0.0.5:0",
    ]) func refusals(_ destination: String) throws {
        guard case .refused = try Self.find("192.168.1.20:1863", destination) else {
            Issue.record("\(destination) is not refused")
            return
        }
    }

    @Test(arguments: ["fe80::1", "ff02::1", "::", "fd00::20", "::1"]) func refusalsOnIPv6(_ host: String) throws {
        guard case .refused = try Self.find("[fd00::20]:1863", "[\(host)]:80") else {
            Issue.record("\(host) is not refused")
            return
        }
    }

    @Test func ipv6() throws {
        let wanted = HostPort("fd01::5", 1863)
        #expect(try Self.find("[fd00::20]:1863", "[fd01::5]:1863", client: "[fd00::7]") == .redirected(wanted))
        #expect(try Self.find("[fd01::5]:1863", nil, client: "[fd00::7]") == .intercepted(wanted))
        // 6to4: the text stays what it is, although the address counts as the IPv4 address in it.
        let sixToFour = HostPort("2002:a00:5::1", 1863)
        #expect(try Self.find("[fd00::20]:1863", "[2002:a00:5::1]:1863") == .redirected(sixToFour))
    }

    /// What a client could reach anyway, it may.
    @Test func aClientOnThisMachineReachesThisMachine() throws {
        let wanted = OriginalDestination.redirected(HostPort("127.0.0.1", 1864))
        #expect(try Self.find("127.0.0.1:1863", "127.0.0.1:1864", client: "127.0.0.1") == wanted)
    }
}
