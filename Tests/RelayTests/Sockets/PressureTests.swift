// Slow readers and slow logs: bounded memory, nothing lost. And what the events contain.

import Crypto
import Events
import MSNP
import NIOCore
import TestSupport
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct PressureTests {
    /// Sends blocks until the system takes no more for a while.
    ///
    /// - Returns: how many bytes were handed over, and the write that waits.
    private func fill(_ peer: TestPeer, _ block: [UInt8], most: Int) async -> (sent: Int, isStuck: Bool) {
        let taken = Observable(0)
        let pouring = Task {
            for _ in 0..<most {
                try await peer.send(block)
                taken.change { $0 += 1 }
            }
        }
        _ = pouring
        var seen = 0
        // Stuck is: no block was taken while a second went by.
        while true {
            let before = seen
            let more = try? await taken.wait(for: "a block", seconds: 1) { $0 > before ? $0 : nil }
            guard let more else { return (seen * block.count, seen < most) }
            seen = more
            if seen == most { return (seen * block.count, false) }
        }
    }

    @Test func aClientThatDoesNotReadPausesTheServer() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let client = try await TestPeer.connect(to: harness.door, reads: false)
        try await client.send("VER 1 MSNP8\r\n")
        let peer = try await server.accept()
        client.digestOnly()
        var numbers = SeededGenerator(seed: 5)
        let block = Array("MSG a@b N 1048560\r\n".utf8) + numbers.bytes(1_048_560)
        let most = 64
        let (sent, isStuck) = await fill(peer, block, most: most)
        #expect(isStuck, "the server must be paused before \(most) MiB, but \(sent) bytes went through")
        // Between the two socket buffers the relay keeps little: it has seen not much more than the client was sent.
        await harness.settle()
        let seen = harness.recorder.events.count { if case .frame = $0.kind { true } else { false } }
        #expect(seen <= sent / block.count + 2)
        try await client.listenOn()
        let digest = try await client.received.wait(for: "everything", seconds: 40) { received in
            received.total >= most * block.count ? received.digest.finalize() : nil
        }
        var wanted = SHA256()
        for _ in 0..<most { wanted.update(data: block) }
        #expect(digest == wanted.finalize())
        await harness.relay.stop()
        await server.stop()
    }

    @Test func aSinkThatIsNotReadyPausesReading() async throws {
        let server = try await TestServer.start()
        let recorder = Recorder()
        let harness = try await RelayHarness.start(to: server.address, recorder: recorder)
        let (client, peer) = try await harness.meet(server)
        try await peer.send("VER 1 MSNP12\r\n")
        try await client.expect("VER 1 MSNP12\r\n")
        recorder.kept.change { $0.isFull = true }
        peer.digestOnly()
        let block = Array("MSG 1 N 99985\r\n".utf8) + [UInt8](repeating: 0x41, count: 99_985)
        let most = 200
        let (_, isStuck) = await fill(client, block, most: most)
        #expect(isStuck, "the client must be paused")
        #expect(recorder.kept.value.refusals >= 1)
        #expect(recorder.events.count < most)
        recorder.open()
        let digest = try await peer.received.wait(for: "everything") { received in
            received.total >= most * block.count ? received.digest.finalize() : nil
        }
        var wanted = SHA256()
        for _ in 0..<most { wanted.update(data: block) }
        #expect(digest == wanted.finalize())
        await client.close()
        await peer.close()
        try await recorder.closed()
        let frames = recorder.events.count {
            if case .frame(let frame, _) = $0.kind { frame.verb == "MSG" } else { false }
        }
        #expect(frames == most)
        await harness.relay.stop()
        await server.stop()
    }

    @Test func eventsComeInOrderAndCarryTheSignIn() async throws {
        let server = try await TestServer.start()
        let board = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (first, dispatch) = try await harness.meet(server)
        try await dispatch.send("VER 1 MSNP9 CVR0\r\n")
        try await first.expect("VER 1 MSNP9 CVR0\r\n")
        try await first.send("USR 2 TWN I A@x.example\r\n")
        try await dispatch.expect("USR 2 TWN I A@x.example\r\n")
        try await dispatch.send("XFR 2 NS \(server.address) 0 \(server.address)\r\n")
        await dispatch.close()
        _ = try await first.line()
        try await first.expectEnd()
        await first.close()
        try await harness.recorder.closed()
        let (second, notification) = try await harness.meet(server, "VER 3 MSNP9 CVR0\r\n")
        try await notification.send("VER 3 MSNP9 CVR0\r\nXFR 4 SB \(board.address) CKI 1.2\r\n")
        try await second.expect("VER 3 MSNP9 CVR0\r\nXFR 4 SB \(harness.door) CKI 1.2\r\n")
        let (third, chat) = try await harness.meet(board, "USR 1 a@x.example 1.2\r\n")
        let text = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nhi"
        try await chat.send("JOI b@x.example B\r\nMSG b@x.example B \(text.utf8.count)\r\n\(text)")
        _ = try await third.line()
        await chat.close()
        await notification.close()
        await third.close()
        await second.close()
        try await harness.recorder.closed(3)
        await harness.relay.stop()
        let events = harness.recorder.events.filter { event in
            if case .finding(let finding) = event.kind { !finding.isDerived } else { true }
        }
        #expect(names(events.filter { $0.connection == 0 }) == ["listening"])
        #expect(names(Array(events.prefix(1))) == ["listening"])
        #expect(
            names(events.filter { $0.connection == 1 })
                == ["opened", "c VER", "s VER", "c USR", "s XFR", "rewritten", "closed"])
        #expect(
            names(events.filter { $0.connection == 2 }) == ["opened", "c VER", "s VER", "s XFR", "rewritten", "closed"])
        #expect(
            names(events.filter { $0.connection == 3 }) == ["opened", "c USR", "s JOI", "s MSG", "message", "closed"])
        // From the first redirect on every event has the sign-in.
        #expect(
            events.filter { $0.connection > 1 }.allSatisfy { $0.signIn == SignIn(number: 1, account: "a@x.example") })
        #expect(events.filter { $0.connection == 3 }.allSatisfy { $0.role == .switchboard && $0.dialect == Dialect(9) })
        let sums = harness.recorder.sums
        #expect(sums[0].client.verbs.map { "\($0.verb) \($0.count)" } == ["USR 1", "VER 1"])
        let said = Array("VER 1 MSNP12 CVR0\r\nUSR 2 TWN I A@x.example\r\n".utf8)
        #expect(sums[0].client.sha256 == Array(SHA256.hash(data: said)) && sums[0].client.bytes == UInt64(said.count))
        for server in [server, board] { await server.stop() }
    }

    private func names(_ events: [Event]) -> [String] {
        events.map { event in
            switch event.kind {
            case .listening: "listening"
            case .opened: "opened"
            case .closed: "closed"
            case .frame(let frame, let side): "\(side == .client ? "c" : "s") \(frame.verb)"
            case .rewritten: "rewritten"
            case .noise: "noise"
            case .gap: "gap"
            case .finding(let finding): finding.name.text
            case .message: "message"
            case .http: "http"
            case .tunnel: "tunnel"
            case .notPrinted: "not_printed"
            }
        }
    }

    @Test func nothingWaitsForMoreBeforeItIsSent() async throws {
        // With Nagle's algorithm every turn would wait for delayed acknowledgements, 40 ms each way; without it, at least
        // every fourth turn is quick, whatever else the machine does.
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        var turns: [Duration] = []
        for number in 0..<200 {
            let start = ContinuousClock.now
            try await client.send("PN")
            try await client.send("G\r\n")
            try await peer.expect("PNG\r\n")
            try await peer.send("QNG")
            try await peer.send(" \(number)\r\n")
            try await client.expect("QNG \(number)\r\n")
            turns.append(ContinuousClock.now - start)
        }
        #expect(turns.sorted()[turns.count / 4] < .milliseconds(30))
        await harness.relay.stop()
        await server.stop()
    }
}
