// How connections begin and end, over real sockets.

import Doors
import Events
import MSNP
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct EndsTests {
    @Test func halfCloseByTheClient() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        try await client.finishSending()
        try await peer.expectEnd()
        try await peer.send("VER 1 MSNP12\r\n")
        try await client.expect("VER 1 MSNP12\r\n")
        try await peer.finishSending()
        try await client.expectEnd()
        try await harness.recorder.closed()
        await harness.relay.stop()
        await server.stop()
    }

    @Test func halfCloseByTheServer() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        try await peer.finishSending()
        try await client.expectEnd()
        try await client.send("OUT\r\n")
        try await peer.expect("OUT\r\n")
        try await client.finishSending()
        try await peer.expectEnd()
        try await harness.recorder.closed()
        await harness.relay.stop()
        await server.stop()
    }

    /// The channel of a peer that has reset the connection cannot send, and then reads what is left, in the middle of the
    /// relay's own write.
    @Test(arguments: Side.allCases) func onePeerSendsAndResetsWhileTheOtherSends(_ leaving: Side) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address, group: group)
        for _ in 0..<8 {
            let (client, peer) = try await harness.meet(server)
            let (left, staying) = leaving == .server ? (peer, client) : (client, peer)
            // The loop then finds the bytes of the peer that stays first.
            try await harness.pausing(group.next()) {
                try await staying.send("PNG\r\n")
                try await left.send("QNG 50\r\n")
                try await left.reset()
            }
            try await staying.expect("QNG 50\r\n")
            _ = try await staying.received.wait(for: "the end") { $0.end }
            await staying.close()
        }
        try await harness.recorder.closed(8)
        await harness.relay.stop()
        await server.stop()
        try await group.shutdownGracefully()
    }

    @Test func aCloseRightBehindALineComesAfterIt() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        for ending in 0..<6 {
            let (client, peer) = try await harness.meet(server)
            // An address that takes a look-up, then one that does not.
            let host = ending % 2 == 0 ? "localhost" : "127.0.0.1"
            try await peer.send("XFR 3 NS \(host):\(server.address.port) 0\r\nQNG")
            await peer.close()
            try await client.expect("XFR 3 NS \(harness.door) 0\r\nQNG")
            try await client.expectEnd()
            await client.close()
        }
        try await harness.recorder.closed(6)
        #expect(harness.recorder.sums.allSatisfy { $0.server.noiseBytes == 3 })
        await harness.relay.stop()
        await server.stop()
    }

    @Test func aResetIsPassedOn() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        try await client.reset()
        try await peer.expectEnd(.reset)
        let (second, secondPeer) = try await harness.meet(server)
        try await secondPeer.reset()
        try await second.expectEnd(.reset)
        try await harness.recorder.closed(2)
        #expect(harness.recorder.closingReasons == ["reset by the client", "reset by the server"])
        await harness.relay.stop()
        await server.stop()
    }

    /// A side that has finished sending may still go away before the other side has finished, too.
    @Test(arguments: Side.allCases) func aResetBehindAHalfCloseIsPassedOn(by side: Side) async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        let (leaving, staying) = side == .client ? (client, peer) : (peer, client)
        try await leaving.finishSending()
        try await staying.expectEnd()
        try await staying.send("QNG 50\r\n")
        try await leaving.expect("QNG 50\r\n")
        try await leaving.reset()
        try await staying.channel.closeFuture.get()
        try await harness.recorder.closed()
        #expect(harness.recorder.closingReasons == ["closed by the \(side)"])
        await harness.relay.stop()
        await server.stop()
    }

    /// Bytes for a client that is gone already: the failed write, not the reset, shows the relay its end.
    @Test func aResetThatAWriteMeetsIsPassedOn() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address, group: group)
        let (client, peer) = try await harness.meet(server)
        try await peer.send("VER 1 MSNP12\r\n")
        try await client.expect("VER 1 MSNP12\r\n")
        // The relay finds the server's bytes first and the client's reset second.
        try await harness.pausing(group.next()) {
            try await peer.send("QNG 50\r\n")
            try await client.reset()
        }
        try await peer.expectEnd(.reset)
        try await harness.recorder.closed()
        #expect(harness.recorder.closingReasons == ["reset by the client"])
        await harness.relay.stop()
        await server.stop()
        try await group.shutdownGracefully()
    }

    /// The server's connection is closed in the moment in which it becomes one: that end, too, has to be noticed.
    @Test func aResetDuringTheDialIsPassedOn() async throws {
        let server = try await TestServer.start()
        let latch = ConditionLock(value: 1)
        let lookups = Observable(0)
        let harness = try await RelayHarness.start(to: HostPort("upstream.example", server.address.port)) {
            $0.lookup = { _ in
                lookups.change { $0 += 1 }
                latch.lock(whenValue: 1)
                latch.unlock()
                return [try SocketAddress(ipAddress: "127.0.0.1", port: 0)]
            }
        }
        latch.lock()
        latch.unlock(withValue: 0)
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send("VER 1 MSNP8\r\n")
        try await lookups.wait(for: "the client's lookup") { $0 == 2 ? () : nil }
        try await client.reset()
        // When each loop came round, the relay has seen it.
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() { try await loop.submit {}.get() }
        latch.lock()
        latch.unlock(withValue: 1)
        try await harness.recorder.closed()
        // Its place is free a moment after its end was recorded; a connection that stays is stopped by the time limit.
        while harness.relay.clientLimits.connections > 0 { try await Task.sleep(for: .milliseconds(5)) }
        await harness.relay.stop()
        await server.stop()
    }

    @Test func aSilentClientIsConnected() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.firstLineTimeout = .milliseconds(50) }
        let client = try await TestPeer.connect(to: harness.door)
        let peer = try await server.accept()
        try await peer.send("220 hello\r\n")
        try await client.expect("220 hello\r\n")
        try await client.send("VER 1 MSNP8\r\n")
        try await peer.expect("VER 1 MSNP8\r\n")
        let half = try await TestPeer.connect(to: harness.door)
        try await half.send("VER 1 MS")
        let halfPeer = try await server.accept()
        try await halfPeer.expect("VER 1 MS")
        try await half.send("NP8\r\n")
        try await halfPeer.expect("NP8\r\n")
        await harness.relay.stop()
        await server.stop()
    }

    @Test func aClientThatLeavesBeforeItSaidALine() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send("VER 1 MS")
        try await client.finishSending()
        let peer = try await server.accept()
        try await peer.expect("VER 1 MS")
        try await peer.expectEnd()
        try await peer.send("x")
        try await client.expect("x")
        await peer.close()
        try await harness.recorder.closed()
        await harness.relay.stop()
        await server.stop()
    }

    @Test(arguments: [
        [UInt8]("POST /gateway/gateway.dll HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5],
        Array("hello?\r\n".utf8), [0x05, 1, 0], Array(String(repeating: "VER ", count: 4_000).utf8),
        [4, 0, 0, 0, 0x66, 0x6F, 0x6F, 0],
    ])
    func whatIsNoProtocolGoesToTheUpstreamAsItIs(first: [UInt8]) async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.doors = [.msnp] }
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send(first)
        let peer = try await server.accept()
        try await peer.expect(first)
        try await peer.send([0, 1, 2, 0x0D, 0x0A, 0xFF])
        try await client.expect([0, 1, 2, 0x0D, 0x0A, 0xFF])
        try await client.finishSending()
        try await peer.finishSending()
        try await harness.recorder.closed()
        let noise = harness.recorder.noises.flatMap(\.bytes)
        #expect(noise == first + [0, 1, 2, 0x0D, 0x0A, 0xFF] || noise == [0, 1, 2, 0x0D, 0x0A, 0xFF] + first)
        await harness.relay.stop()
        await server.stop()
    }

    @Test func anUpstreamThatRefuses() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        await server.stop()
        for number in 1...2 {
            let client = try await TestPeer.connect(to: harness.door)
            try await client.send("VER 1 MSNP8\r\n")
            try await client.expectEnd()
            try await harness.recorder.closed(number)
        }
        #expect(harness.reports.value.count == 2)
        #expect(harness.reports.value.allSatisfy { $0.contains("\(server.address)") && !$0.contains("\n") })
        let reasons = harness.recorder.closingReasons
        #expect(reasons.count == 2 && reasons[0].contains("refused"), "\(reasons)")
        await harness.relay.stop()
    }

    @Test func aNameWithAnAddressThatRefuses() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: HostPort("upstream.example", server.address.port)) {
            // Nothing listens at the first one.
            $0.lookup = { _ in try ["127.0.0.2", "127.0.0.1"].map { try SocketAddress(ipAddress: $0, port: 0) } }
        }
        _ = try await harness.meet(server)
        #expect(harness.reports.value.isEmpty)
        await harness.relay.stop()
        await server.stop()
    }

    @Test func anUpstreamThatDoesNotResolve() async throws {
        let harness = try await RelayHarness.start(to: HostPort("no-such-host.invalid", 1863))
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send("VER 1 MSNP8\r\n")
        try await client.expectEnd()
        try await harness.recorder.closed()
        #expect(harness.reports.value.count == 2 && harness.reports.value[1].contains("does not resolve"))
        await harness.relay.stop()
    }

    @Test func aTakenPort() async throws {
        let server = try await TestServer.start()
        let error = await #expect(throws: RelayError.self) {
            try await RelayHarness.start(to: HostPort("127.0.0.1", 1), listen: server.address)
        }
        #expect(error?.description.contains("\(server.address)") == true && error?.isUsage == false)
        await server.stop()
    }

    @Test func stoppingClosesAndTellsEverything() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        var peers: [TestPeer] = []
        for _ in 0..<5 {
            let (client, peer) = try await harness.meet(server)
            peers += [client, peer]
        }
        let silent = try await TestPeer.connect(to: harness.door)
        let (asking, askingPeer) = try await harness.meet(server)
        try await askingPeer.send("XFR 3 NS 10.0")
        await harness.relay.stop()
        for peer in peers + [silent, asking] { _ = try await peer.received.wait(for: "the end") { $0.end } }
        let closed = harness.recorder.events.count { if case .closed = $0.kind { true } else { false } }
        #expect(closed == 6)
        await #expect(throws: (any Error).self) { try await TestPeer.connect(to: harness.door) }
        await server.stop()
    }

    /// A client that one listener accepts while another one is not closed yet.
    @Test func aClientThatComesWhileTheRelayStopsIsClosed() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address, group: group) {
            // Longer than the test: no client is closed because it is silent.
            $0.firstLineTimeout = .seconds(600)
        }
        let listeners = harness.relay.listeners
        let main = try #require(listeners.channels.first).eventLoop
        let (client, peer) = try await harness.meet(server)
        // Further listeners, until one is on the other event loop.
        var other: SocketAddress?
        for number in 2..<20 where other == nil {
            try await peer.send("XFR \(number) NS 192.0.2.1:\(number)\r\n")
            _ = try await client.line()
            other = listeners.channels.first { $0.eventLoop !== main }?.localAddress
        }
        let port = UInt16(try #require(other?.port))
        let relay = harness.relay
        let (stopping, late) = try await harness.pausing(main) {
            // Runs up to the first wait: for the main listener, whose event loop is paused.
            let stopping = Task.immediate { await relay.stop() }
            // The event loops take turns with new clients.
            var late: [TestPeer] = []
            for _ in 0..<2 { late.append(try await TestPeer.connect(to: HostPort("127.0.0.1", port))) }
            for _ in 0..<400 where !late.contains(where: { $0.received.value.end != nil }) {
                try await Task.sleep(for: .milliseconds(5))
            }
            return (stopping, late)
        }
        await stopping.value
        for client in late { _ = try await client.received.wait(for: "the end") { $0.end } }
        await server.stop()
        try await group.shutdownGracefully()
    }
}
