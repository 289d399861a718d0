// Bounds over all connections: how many there are, how many are still dialled, and when listeners rest.

import Events
import Glibc
import MSNP
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct BoundsTests {
    // MARK: Clients whose server is not there yet

    @Test func theIdlestClientGivesWay() {
        var handshakes = PendingClients(most: 3)
        for number in 1...3 {
            let gone = handshakes.begin(number)
            #expect(gone == [])
        }
        let quiet = handshakes.count(5, of: 1)
        #expect(quiet == [])
        let first = handshakes.begin(4)
        #expect(first == [2])
        handshakes.end(3)
        let none = handshakes.begin(5)
        let second = handshakes.begin(6)
        #expect(none == [] && second == [1])
    }

    /// The list of activities is bounded by the clients, not by what they do; and a flood is not searched for each client.
    @Test func aFloodOfClientsIsHandledInOrder() {
        var handshakes = PendingClients(most: 100)
        var gone: [Int] = []
        for number in 1...100_000 {
            gone += handshakes.begin(number)
            if number % 3 == 0 { handshakes.end(number) }
            if number % 2 == 0 { gone += handshakes.count(1, of: number) }
        }
        #expect(gone == gone.sorted() && Set(gone).count == gone.count)
        #expect(gone.allSatisfy { $0 % 3 != 0 } && gone.count == 66_667 - 100)
    }

    @Test func whatClientsSayBeforeTheirServerIsThereIsBounded() {
        var handshakes = PendingClients()
        var gone: [Int] = []
        for number in 1...100 {
            gone += handshakes.begin(number)
            gone += handshakes.count(1 << 20, of: number)
        }
        #expect(gone == Array(1...84))
        let tooMuch = handshakes.count(1, of: 100)
        #expect(tooMuch == [100])
        let unknown = handshakes.count(1 << 30, of: 100)
        #expect(unknown == [])
    }

    @Test func aClientThatGivesWayIsClosed() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.mostHandshakes = 2 }
        let clients = [
            try await TestPeer.connect(to: harness.door), try await TestPeer.connect(to: harness.door),
        ]
        let (third, _) = try await harness.meet(server)
        let fourth = try await TestPeer.connect(to: harness.door)
        let fifth = try await TestPeer.connect(to: harness.door)
        // Which of the four came first is known: each was there before the next one dialled.
        try await clients[0].expectEnd()
        _ = try await harness.reports.wait(for: "a line") { $0.first { $0.contains("longest is disconnected") } }
        try await third.send("PNG\r\n")
        for peer in [fourth, fifth] { #expect(peer.received.value.end == nil) }
        await harness.relay.stop()
        await server.stop()
    }

    /// Waits until the relay accepts no more clients.
    private func rest(_ harness: RelayHarness) async throws {
        let door = try #require(harness.relay.listeners.channels.first)
        while try await door.getOption(.autoRead).get() { try await Task.sleep(for: .milliseconds(5)) }
    }

    // MARK: Files

    @Test(arguments: [64, 256, 1_024, 20_000, 1 << 20, Int(clamping: UInt.max)])
    func filesAreLeftForOtherThings(files: Int) {
        let connections = FileBudget.connections(files: files, loops: 2)
        #expect(connections >= 1 && connections * 2 <= files - min(32, files / 2))
        #expect(connections >= files / 4 - 1)
    }

    @Test func clientsBeyondTheLimitWaitUntilOneLeaves() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.mostConnections = 2 }
        let (first, firstPeer) = try await harness.meet(server)
        let (second, _) = try await harness.meet(server)
        // Listeners may take a few more that come before they rest.
        _ = try await harness.reports.wait(for: "a line") { $0.first { $0.contains("new clients wait") } }
        try await rest(harness)
        let third = try await TestPeer.connect(to: harness.door)
        try await third.send("VER 1 MSNP8\r\n")
        try await second.send("PNG\r\n")
        #expect(!server.hasClients)
        await firstPeer.close()
        try await first.expectEnd()
        await first.close()
        let thirdPeer = try await server.accept()
        try await thirdPeer.expect("VER 1 MSNP8\r\n")
        #expect(harness.reports.value.count { $0.contains("new clients wait") } == 1)
        await harness.relay.stop()
        await server.stop()
    }

    /// Event loops that are busy let no more clients in: they count as soon as they are accepted.
    @Test func noMoreAreAcceptedThanThereMayBe() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address, group: group) { $0.mostConnections = 4 }
        let door = try #require(harness.relay.listeners.channels.first)
        let latch = ConditionLock(value: 0)
        for loop in group.makeIterator() where loop !== door.eventLoop {
            loop.execute {
                latch.lock(whenValue: 1)
                latch.unlock()
            }
        }
        var clients: [TestPeer] = []
        for _ in 0..<40 {
            let client = try await TestPeer.connect(to: harness.door)
            try await client.send("VER 1 MSNP8\r\n")
            clients.append(client)
        }
        try await rest(harness)
        latch.lock()
        latch.unlock(withValue: 1)
        for loop in group.makeIterator() { try await loop.submit {}.get() }
        #expect(harness.relay.clientLimits.connections == 4)
        for _ in 0..<4 { _ = try await server.accept() }
        #expect(!server.hasClients)
        // Those who wait come in when the others leave, and nobody is counted for ever.
        for client in clients { try await client.reset() }
        while harness.relay.clientLimits.connections > 0 || !harness.relay.clientLimits.gate.isOpen {
            try await Task.sleep(for: .milliseconds(5))
        }
        await harness.relay.stop()
        await server.stop()
        try await group.shutdownGracefully()
    }

    @Test func aClientThatCannotBePreparedLeavesItsPlace() async throws {
        var options = RelayOptions(upstream: HostPort("127.0.0.1", 1))
        options.mostConnections = 1
        let crowd = ClientLimits(options, loops: 2) { _ in }
        let listeners = Listeners(
            group: MultiThreadedEventLoopGroup.singleton, ports: nil, gate: crowd.gate, names: .unused(),
            accepted: crowd.accepted, filesExhausted: {})
        let door = try await listeners.openMain(at: HostPort("127.0.0.1", 0)) { channel in
            channel.eventLoop.makeFailedFuture(RelayError("no"))
        }
        for _ in 0..<3 { try await TestPeer.connect(to: door).expectEnd() }
        await listeners.close()
    }

    @Test func aListenerRestsWhenTheSystemHasNoFileLeft() async throws {
        let server = try await TestServer.start()
        let gate = AcceptGate()
        let rests = Observable(0)
        let listeners = Listeners(
            group: MultiThreadedEventLoopGroup.singleton, ports: nil, gate: gate, names: .unused(), accepted: { _ in },
            filesExhausted: {
                gate.close(for: .files)
                rests.change { $0 += 1 }
            })
        let taken = Observable(0)
        let door = try await listeners.openMain(at: HostPort("127.0.0.1", 0)) { channel in
            taken.change { $0 += 1 }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        let channel = try #require(listeners.channels.first)
        channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
        try await rests.wait(for: "a rest") { $0 == 1 ? () : nil }
        #expect(try await channel.getOption(.autoRead).get() == false)
        let peer = try await TestPeer.connect(to: door)
        #expect(taken.value == 0)
        gate.open(for: .files)
        try await taken.wait(for: "the client") { $0 == 1 ? () : nil }
        await peer.close()
        await listeners.close()
        await server.stop()
    }

    @Test func aRestEndsByItself() async throws {
        let crowd = ClientLimits(RelayOptions(upstream: HostPort("127.0.0.1", 1)), loops: 2) { _ in }
        crowd.filesExhausted(on: MultiThreadedEventLoopGroup.singleton.next())
        #expect(!crowd.gate.isOpen)
        let start = ContinuousClock.now
        while !crowd.gate.isOpen, ContinuousClock.now - start < .seconds(20) {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(crowd.gate.isOpen && ContinuousClock.now - start > .milliseconds(900))
        // Or as soon as somebody leaves.
        crowd.filesExhausted(on: MultiThreadedEventLoopGroup.singleton.next())
        let server = try await TestServer.start()
        let peer = try await TestPeer.connect(to: server.address)
        crowd.accepted(peer.channel)
        #expect(crowd.arrived(1, ObjectIdentifier(peer.channel)) == [])
        // Its server's socket is open as long as the connection is.
        await peer.close()
        try await peer.channel.closeFuture.get()
        #expect(crowd.connections == 1 && !crowd.gate.isOpen)
        crowd.left(1, ObjectIdentifier(peer.channel))
        #expect(crowd.connections == 0 && crowd.gate.isOpen)
        await server.stop()
    }

    // MARK: A log that has enough

    @Test func newClientsWaitWhileTheSinkHasEnough() async throws {
        let server = try await TestServer.start()
        let recorder = Recorder()
        let harness = try await RelayHarness.start(to: server.address, recorder: recorder)
        let (client, peer) = try await harness.meet(server)
        recorder.kept.change { $0.isFull = true }
        try await client.send("PNG\r\n")
        try await peer.expect("PNG\r\n")
        try await recorder.kept.wait(for: "somebody who waits") { $0.callbacks.isEmpty ? nil : () }
        try await rest(harness)
        let second = try await TestPeer.connect(to: harness.door)
        try await second.send("VER 7 MSNP8\r\n")
        #expect(!server.hasClients)
        recorder.open()
        let secondPeer = try await server.accept()
        try await secondPeer.expect("VER 7 MSNP8\r\n")
        await harness.relay.stop()
        await server.stop()
    }
}
