// The law of forwarding: sent = received with the recorded replacements. Nothing is lost, doubled or moved.

import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Relay

/// Expects of a connection's events that they hold a stream whole, and returns what the recorded replacements make of it.
///
/// Each `rewritten` follows its frame: that frame's bytes are replaced, and no others.
func replaced(_ kinds: [Event.Kind], of wanted: Side = .server) -> (received: [UInt8], sent: [UInt8]) {
    var received: [UInt8] = []
    var sent: [UInt8] = []
    for kind in kinds {
        switch kind {
        case .frame(let frame, let side) where side == wanted:
            received += frame.bytes
            sent += frame.bytes
        case .noise(let noise, let side) where side == wanted:
            received += noise.bytes
            sent += noise.bytes
        case .rewritten(let rewriting) where wanted == .server:
            guard sent.suffix(rewriting.original.bytes.count).elementsEqual(rewriting.original.bytes) else {
                return ([], [])
            }
            sent.removeLast(rewriting.original.bytes.count)
            sent += rewriting.sent.bytes
        default: break
        }
    }
    return (received, sent)
}

@Suite struct ForwardingLawTests {
    /// How many streams are tried; BUTTERFLYNET_STREAMS asks for more.
    static let count = ProcessInfo.processInfo.environment["BUTTERFLYNET_STREAMS"].flatMap(UInt64.init) ?? 3_000
    /// The same for streams through sockets.
    static let socketCount =
        ProcessInfo.processInfo.environment["BUTTERFLYNET_SOCKET_STREAMS"].flatMap(UInt64.init) ?? 60

    /// What a decision is: the door, the server's own address, or another port.
    private static func decision(_ numbers: inout SeededGenerator) -> Session.Decision {
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: .leave(Finding(.redirectToRelay, "as it is", side: .server))
        case 1: .rewrite(to: HostPort("relay.example.org", 65_535), current: Dialogue.door)
        default: .rewrite(to: Dialogue.door, current: Dialogue.door)
        }
    }

    /// Runs one stream through the pure machine. Decisions come at once, or while more bytes came.
    private static func run(_ stream: RandomStream, _ numbers: inout SeededGenerator) -> Dialogue {
        var dialogue = Dialogue.begun(dialect: [nil, Dialect(8), Dialect(15)].randomElement(using: &numbers) ?? nil)
        dialogue.decidesAtOnce = false
        for piece in stream.pieces {
            dialogue.receive(piece, .server)
            while dialogue.undecided != nil, Int.random(in: 0..<3, using: &numbers) > 0 {
                dialogue.decide(decision(&numbers))
            }
        }
        while dialogue.undecided != nil, Bool.random(using: &numbers) { dialogue.decide(decision(&numbers)) }
        dialogue.ended(.server)
        return dialogue
    }

    @Test(arguments: [false, true]) func sentIsReceivedWithTheRecordedReplacements(_ hasNoise: Bool) {
        var differ = 0
        var rewritings = 0
        for seed in 0..<Self.count {
            let stream = RandomStream(seed: seed &* 2 &+ (hasNoise ? 1 : 0), hasNoise: hasNoise)
            var numbers = SeededGenerator(seed: ~seed)
            let dialogue = Self.run(stream, &numbers)
            let (received, sent) = replaced(dialogue.kinds)
            rewritings += dialogue.rewritings.count
            guard received != stream.bytes || dialogue.receivedByClient != sent else { continue }
            differ += 1
            if differ < 4 {
                Issue.record(
                    "stream \(seed), noise \(hasNoise): \(String(decoding: stream.bytes, as: UTF8.self).debugDescription)"
                )
            }
        }
        #expect(differ == 0)
        #expect(rewritings > Int(Self.count / 4))
    }

    /// A stream of redirects in step: what was sent differs from what came, so the law is not held by doing nothing.
    @Test func theLawNoticesAChangedByte() {
        var dialogue = Dialogue.begun()
        dialogue.server("XFR 4 SB 10.0.0.6:1863 CKI 1.2\r\nQNG 50\r\n")
        let (received, sent) = replaced(dialogue.kinds)
        #expect(received == Array("XFR 4 SB 10.0.0.6:1863 CKI 1.2\r\nQNG 50\r\n".utf8))
        #expect(sent == dialogue.receivedByClient && sent != received)
        #expect(replaced(Array(dialogue.kinds.dropLast())).received != received)
    }

    @Test func aRedirectFoundInNoiseLosesNothingBehindIt() {
        var dialogue = Dialogue.begun("VER 1 MSNP8\r\n")
        dialogue.server(
            "VER 1 MSNP8\r\nhello\r\nXFR 1 SB 127.0.0.1:9 CKI z\r\nCHL 0 12345678901234567890\r\nQNG 50\r\n")
        let expected =
            "VER 1 MSNP8\r\nhello\r\nXFR 1 SB 192.0.2.7:1863 CKI z\r\nCHL 0 12345678901234567890\r\nQNG 50\r\n"
        #expect(dialogue.takeClient() == expected)
    }

    @Test(arguments: 0...14) func anUndecidedErrorInFrontOfARedirectDoublesNothing(_ cut: Int) {
        let text = Array("200 7 3\r\nXFR \r\n".utf8)
        var dialogue = Dialogue.begun("USR 1 a@b.example 2\r\n")
        dialogue.receive(Array(text[..<cut]), .server)
        dialogue.receive(Array(text[cut...]), .server)
        dialogue.ended(.server)
        #expect(dialogue.receivedByClient == text)
    }

    /// An error whose payload is undecided holds back what may become a redirect behind it, and so it is rewritten.
    @Test func aRedirectBehindAnUndecidedErrorIsRewrittenHoweverItIsCut() {
        let text = Array("200 7 3\r\nXFR 4 SB 10.0.0.6:1863 CKI 1.2\r\nQNG 50\r\n".utf8)
        for cut in 0...text.count {
            var dialogue = Dialogue.begun()
            dialogue.receive(Array(text[..<cut]), .server)
            dialogue.receive(Array(text[cut...]), .server)
            #expect(
                dialogue.takeClient() == "200 7 3\r\nXFR 4 SB 192.0.2.7:1863 CKI 1.2\r\nQNG 50\r\n", "cut at \(cut)")
        }
    }

    @Test func theQueueGivesEachByteOnce() {
        var queue = OutgoingQueue()
        queue.append(Array("abcdef".utf8).span)
        #expect(queue.remove(until: 2) == Array("ab".utf8))
        #expect(queue.remove(until: 1).isEmpty)
        #expect(!queue.remove(ByteSlice("ce".utf8)) && queue.remove(ByteSlice("cd".utf8)))
        queue.append(Array("gh".utf8).span)
        #expect(queue.offset == 4 && queue.end == 8)
        #expect(queue.remove(until: 1_000) == Array("efgh".utf8))
        queue.markDecoded(queue.bytes.count)
        #expect(queue.isEmpty && queue.bytes.isEmpty && queue.offset == 8)
    }

    /// The same law over sockets, both directions, eight connections at a time.
    @Test(.timeLimit(.minutes(20))) func theSameThroughSockets() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        for seed in 0..<Self.socketCount {
            let stream = RandomStream(seed: seed &+ 5_000_000, hasNoise: seed % 2 == 0)
            let other = RandomStream(seed: seed &+ 9_000_000, hasNoise: seed % 2 == 0)
            let (client, peer) = try await harness.meet(server)
            async let toClient: Void = { for piece in stream.pieces { try await peer.send(piece) } }()
            async let toServer: Void = { for piece in other.pieces { try await client.send(piece) } }()
            try await toClient
            try await toServer
            try await client.finishSending()
            try await peer.expect(other.bytes)
            try await peer.expectEnd()
            await peer.close()
            try await harness.recorder.closed(Int(seed) + 1)
            let number = Int(seed) + 1
            let kinds = harness.recorder.events.filter { $0.connection == number }.map(\.kind)
            let (received, sent) = replaced(kinds)
            #expect(received == stream.bytes, "stream \(seed)")
            try await client.expect(sent)
            try await client.expectEnd()
            await client.close()
            #expect(replaced(kinds, of: .client).received == Array("VER 1 MSNP12 CVR0\r\n".utf8) + other.bytes)
        }
        await harness.relay.stop()
        await server.stop()
    }
}
