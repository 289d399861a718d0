// The relay connects nobody to the page beside it (attack row 25): not by a redirect, not by a proxy, not as its upstream.

import Doors
import MSNP
import NIOCore
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct RefusedServiceTests {
    @Test func redirectsToThePageAreNotFollowed() async throws {
        let server = try await TestServer.start()
        let page = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) {
            $0.lookup = { [try SocketAddress(ipAddress: "127.0.0.1", port: Int($0.port))] }
        }
        try await harness.relay.refuse(page.address, named: "the page")
        let (client, peer) = try await harness.meet(server)
        try await client.send("USR 2 TWN I a@x.example\r\n")
        try await peer.expect("USR 2 TWN I a@x.example\r\n")
        // By its number, the line goes on as it is, so that the client would have to connect by itself.
        for redirect in ["XFR 3 NS \(page.address)\r\n", "XFR 4 SB \(page.address) CKI 1.2\r\n"] {
            try await peer.send(redirect)
            try await client.expect(redirect)
        }
        #expect(try await harness.recorder.findings(2) == ["redirect_to_relay", "redirect_to_relay"])
        // By a name, the relay takes the redirect for that of another server, and refuses to connect.
        try await peer.send("XFR 5 SB page.example:\(page.address.port) CKI 1.3\r\n")
        try await client.expect("XFR 5 SB \(harness.door) CKI 1.3\r\n")
        let second = try await TestPeer.connect(to: harness.door)
        try await second.send("USR 1 a@x.example 1.3\r\n")
        try await second.expectEnd()
        await harness.relay.stop()
        #expect(!page.hasClients)
        await server.stop()
        await page.stop()
    }

    /// Without the refusal, the same redirect leads there.
    @Test func otherServersAreReached() async throws {
        let server = try await TestServer.start()
        let page = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        try await peer.send("XFR 4 SB \(page.address) CKI 1.2\r\n")
        try await client.expect("XFR 4 SB \(harness.door) CKI 1.2\r\n")
        _ = try await harness.meet(page, "USR 1 a@x.example 1.2\r\n")
        await harness.relay.stop()
        #expect(!page.hasClients && !server.hasClients)
        await server.stop()
        await page.stop()
    }

    @Test func proxiesDoNotReachThePage() async throws {
        let server = try await TestServer.start()
        let page = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) {
            $0.allowed = [AllowedDestination("page.example:\(page.address.port)")].compactMap(\.self)
            $0.lookup = { [try SocketAddress(ipAddress: "::ffff:127.0.0.1", port: Int($0.port))] }
        }
        try await harness.relay.refuse(page.address, named: "the page")
        // By a name that is allowed and leads there: refused.
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send("CONNECT page.example:\(page.address.port) HTTP/1.1\r\n\r\n")
        #expect(try await client.line().hasPrefix("HTTP/1.1 403"))
        // By its number: the request is one for the relay itself, which is the upstream's door.
        let other = try await TestPeer.connect(to: harness.door)
        try await other.send("CONNECT \(page.address) HTTP/1.1\r\n\r\n")
        #expect(try await other.line().hasPrefix("HTTP/1.1 200"))
        try await other.send("GET / HTTP/1.1\r\n")
        let peer = try await server.accept()
        try await peer.expect("GET / HTTP/1.1\r\n")
        await harness.relay.stop()
        #expect(!page.hasClients)
        await server.stop()
        await page.stop()
    }

    @Test(arguments: ["127.0.0.1", "page.example"]) func anUpstreamThatIsThePage(_ host: String) async throws {
        let page = try await TestServer.start()
        let harness = try await RelayHarness.start(to: HostPort(host, page.address.port)) {
            $0.lookup = { [try SocketAddress(ipAddress: "127.0.0.1", port: Int($0.port))] }
        }
        do {
            try await harness.relay.refuse(page.address, named: "the page")
            Issue.record("the relay's server is the page")
        } catch let error as RelayError {
            #expect(error.isUsage && error.description.contains("is the address of the page"))
        }
        await harness.relay.stop()
        await page.stop()
    }
}
