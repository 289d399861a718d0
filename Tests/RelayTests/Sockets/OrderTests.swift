// What comes first in the relay: forwarding, or looking at what is forwarded.

import Events
import MSNP
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct OrderTests {
    /// A sink that a test can hold, in front of a recorder.
    private final class HeldSink: LiveEventSink {
        let recorder = Recorder()
        let isHeld = Observable(false)
        private let mayGoOn = ConditionLock(value: true)

        func hold() {
            mayGoOn.lock()
            mayGoOn.unlock(withValue: false)
        }

        func release() {
            mayGoOn.lock()
            mayGoOn.unlock(withValue: true)
        }

        func receive(_ events: [Event]) -> Bool {
            isHeld.change { $0 = true }
            mayGoOn.lock(whenValue: true)
            mayGoOn.unlock()
            return recorder.receive(events)
        }

        func whenReady(_ callback: @escaping @Sendable () -> Void) { recorder.whenReady(callback) }
    }

    /// While the sink holds up all events, the bytes come all the same, on the only loop.
    @Test func bytesDoNotWaitForTheirAnalysis() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await TestServer.start()
        let sink = HeldSink()
        let relay = try await RelayServer.start(
            RelayOptions(upstream: server.address, listen: HostPort("127.0.0.1", 0)), group: group, sink: sink
        ) { _ in }
        sink.hold()
        defer { sink.release() }
        let client = try await TestPeer.connect(to: relay.listenAddress)
        try await client.send("VER 1 MSNP18\r\n")
        let peer = try await server.accept()
        try await peer.expect("VER 1 MSNP18\r\n")
        try await sink.isHeld.wait(for: "events") { $0 ? () : nil }
        for number in 0..<100 {
            try await client.send("PNG\r\n")
            try await peer.expect("PNG\r\n")
            try await peer.send("QNG \(number)\r\n")
            try await client.expect("QNG \(number)\r\n")
        }
        #expect(!sink.recorder.events.contains { if case .frame = $0.kind { true } else { false } })
        sink.release()
        await client.close()
        await peer.close()
        await relay.stop()
        let verbs = sink.recorder.events.compactMap { event -> String? in
            if case .frame(let frame, _) = event.kind { "\(frame.verb)" } else { nil }
        }
        #expect(verbs == ["VER"] + (0..<100).flatMap { _ in ["PNG", "QNG"] }, "stopping delivers what was held")
        await server.stop()
        try await group.shutdownGracefully()
    }

    /// What was carried already waits, too; a relay that stops delivers it all the same.
    @Test func aFullSinkGetsNoMoreUntilTheRelayStops() async throws {
        let server = try await TestServer.start()
        let recorder = Recorder()
        recorder.kept.change { $0.isFull = true }
        let harness = try await RelayHarness.start(to: server.address, recorder: recorder)
        // The listener's own event is refused first. Whoever waits for the sink has closed the gate before.
        try await recorder.kept.wait(for: "somebody who waits") { $0.callbacks.isEmpty ? nil : () }
        #expect(!harness.relay.clientLimits.gate.isOpen, "nobody new is accepted")
        recorder.open()
        let (client, peer) = try await harness.meet(server)
        await harness.settle()
        recorder.kept.change { $0.isFull = true }
        try await client.send("PNG\r\n")
        try await peer.expect("PNG\r\n")
        try await recorder.kept.wait(for: "somebody who waits") { $0.callbacks.isEmpty ? nil : () }
        let refusals = recorder.kept.value.refusals
        try await peer.send("QNG 1\r\n")
        try await client.expect("QNG 1\r\n")
        #expect(recorder.kept.value.refusals == refusals)
        await harness.relay.stop()
        let verbs = recorder.events.compactMap { event -> String? in
            if case .frame(let frame, _) = event.kind { "\(frame.verb)" } else { nil }
        }
        #expect(verbs == ["VER", "PNG", "QNG"])
        #expect(recorder.closingReasons.count == 1)
        await server.stop()
    }

    /// A connection that sends more than is analysed waits for it; the others of its loop do not.
    @Test func aFloodedConnectionWaitsAlone() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await TestServer.start()
        let sink = HeldSink()
        let relay = try await RelayServer.start(
            RelayOptions(upstream: server.address, listen: HostPort("127.0.0.1", 0)), group: group, sink: sink
        ) { _ in }
        var pairs: [(client: TestPeer, server: TestPeer)] = []
        for _ in 0..<2 {
            let client = try await TestPeer.connect(to: relay.listenAddress)
            try await client.send("VER 1 MSNP18\r\n")
            let peer = try await server.accept()
            try await peer.expect("VER 1 MSNP18\r\n")
            pairs.append((client, peer))
        }
        let (busy, quiet) = (pairs[0], pairs[1])
        sink.hold()
        defer { sink.release() }
        let block = Array("MSG 1 N 99985\r\n".utf8) + [UInt8](repeating: 0x41, count: 99_985)
        let most = 400
        busy.server.digestOnly()
        let flood = Task { for _ in 0..<most { try await busy.client.send(block) } }
        try await busy.server.received.wait(for: "the flood") {
            $0.total > CarriedQueue.mostBytesOfOne ? () : nil
        }
        for number in 0..<100 {
            try await quiet.client.send("PNG\r\n")
            try await quiet.server.expect("PNG\r\n")
            try await quiet.server.send("QNG \(number)\r\n")
            try await quiet.client.expect("QNG \(number)\r\n")
        }
        #expect(busy.server.received.value.total < 4 << 20)
        sink.release()
        try await flood.value
        try await busy.server.received.wait(for: "the rest") { $0.total >= most * block.count ? () : nil }
        for pair in pairs {
            await pair.client.close()
            await pair.server.close()
        }
        await relay.stop()
        let frames = sink.recorder.events.count {
            if case .frame(let frame, _) = $0.kind { frame.verb == "MSG" } else { false }
        }
        #expect(frames == most)
        await server.stop()
        try await group.shutdownGracefully()
    }

    /// With two loops and one pair of peers, every request comes before its answer on another connection.
    @Test func eventsOfAllLoopsAreInOrderOfCause() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address, group: group)
        let (first, firstPeer) = try await harness.meet(server)
        let (second, secondPeer) = try await harness.meet(server)
        for number in 0..<300 {
            try await first.send("PNG \(number)\r\n")
            try await firstPeer.expect("PNG \(number)\r\n")
            try await second.send("PNG \(number)\r\n")
            try await secondPeer.expect("PNG \(number)\r\n")
        }
        await harness.relay.stop()
        let order = harness.recorder.events.compactMap { event -> Int? in
            if case .frame(let frame, _) = event.kind, frame.verb == "PNG" { event.connection } else { nil }
        }
        #expect(order == (0..<300).flatMap { _ in [1, 2] })
        await server.stop()
        try await group.shutdownGracefully()
    }
}
