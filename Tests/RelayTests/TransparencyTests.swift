// Every byte arrives that was sent, except the address tokens.

import Crypto
import Events
import Foundation
import MSNP
import NIOCore
import TestSupport
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(5))) struct TransparencyTests {
    /// What the two sides send on one connection, in order.
    typealias Exchange = [(side: Side, bytes: String)]

    /// The two connections of the page's example: `C:` and `S:` lines, payloads below.
    private static func signIn(_ page: String) throws -> [Exchange] {
        let parts = page.split(separator: "```", omittingEmptySubsequences: false)
        try #require(parts.count >= 4)
        return [parts[1], parts[3]].map { block in
            var exchange: Exchange = []
            for raw in block.split(separator: "\n", omittingEmptySubsequences: false) {
                let line = raw.hasSuffix("\r") ? raw.dropLast() : raw
                if line.hasPrefix("C: ") {
                    exchange.append((.client, line.dropFirst(3) + "\r\n"))
                } else if line.hasPrefix("S: ") {
                    exchange.append((.server, line.dropFirst(3) + "\r\n"))
                } else if exchange.last?.bytes.hasPrefix("MSG ") == true {
                    exchange[exchange.count - 1].bytes += line + "\r\n"
                }
            }
            // The page's length is wrong; every page's is (payload-rules.md section 4).
            return exchange.map { say in
                guard say.bytes.hasPrefix("MSG "), let end = say.bytes.range(of: "\r\n") else { return say }
                let payload = say.bytes[end.upperBound...]
                return (say.side, "MSG Hotmail Hotmail \(payload.utf8.count)\r\n\(payload)")
            }
        }
    }

    /// The exchanges of the CVQ page, its broken lines put together.
    private static func questions(_ page: String) -> Exchange {
        var exchange: Exchange = []
        for line in page.split(separator: "\n").map({ $0.trimmingCharacters(in: ["\r"]) }) {
            if line.hasPrefix("C: ") {
                exchange.append((.client, line.dropFirst(3) + "\r\n"))
            } else if line.hasPrefix("S: ") {
                exchange.append((.server, line.dropFirst(3) + "\r\n"))
            } else if line.hasPrefix(".. "), let last = exchange.indices.last {
                exchange[last].bytes = exchange[last].bytes.dropLast(1) + " " + line.dropFirst(3) + "\r\n"
            }
        }
        return exchange
    }

    @Test func theSignInOfThePageWithEveryQuestionForUpdates() async throws {
        guard let seeds = SharedFolder.find("seeds", neededFor: "TransparencyTests") else { return }
        let pages = try FileManager.default.contentsOfDirectory(atPath: seeds.path).sorted().map {
            try String(contentsOf: seeds.appendingPathComponent($0), encoding: .utf8)
        }
        let page = try #require(pages.first { $0.contains("MSNP4 is the third") })
        let cvq = try #require(pages.first { $0.contains("CVQ TrID locale") })
        var connections = try Self.signIn(page)
        let questions = Self.questions(cvq)
        try #require(connections.allSatisfy { $0.count > 4 } && questions.count == 12)
        // The questions belong to the dispatch server: between INF and USR, as clients ask them.
        connections[0].insert(contentsOf: questions, at: 4)
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) {
            $0.dial = [HostPort("10.0.0.5", 1863): server.address]
        }
        for connection in connections {
            let client = try await TestPeer.connect(to: harness.door)
            var peer: TestPeer?
            for (side, text) in connection {
                if side == .client {
                    try await client.send(text)
                    if peer == nil { peer = try await server.accept() }
                    try await peer?.expect(text)
                } else {
                    try await peer?.send(text)
                    try await client.expect(text.replacing("10.0.0.5:1863", with: "\(harness.door)"))
                }
            }
            await peer?.close()
            try await client.expectEnd()
            await client.close()
        }
        try await harness.recorder.closed(2)
        await harness.settle()
        #expect(harness.recorder.noises.isEmpty && harness.recorder.findings.isEmpty)
        for (side, sums) in [
            (Side.client, harness.recorder.sums.map(\.client)), (.server, harness.recorder.sums.map(\.server)),
        ] {
            let said = connections.map { $0.filter { $0.side == side }.map(\.bytes).joined() }
            #expect(sums.map(\.bytes) == said.map { UInt64($0.utf8.count) })
            #expect(sums.map(\.sha256) == said.map { Array(SHA256.hash(data: Data($0.utf8))) })
        }
        let signIns = Set(harness.recorder.events.filter { $0.connection > 0 }.compactMap { $0.signIn?.number })
        #expect(signIns == [1])
        let roles = harness.recorder.events.filter { if case .closed = $0.kind { true } else { false } }.map(\.role)
        #expect(roles == [.dispatch, .notification])
        await harness.relay.stop()
        await server.stop()
    }

    /// Sends the same mebibyte again and again, and returns the digest of all.
    private func pour(_ block: [UInt8], _ times: Int, from peer: TestPeer) async throws -> SHA256.Digest {
        var digest = SHA256()
        for _ in 0..<times {
            digest.update(data: block)
            try await peer.send(block)
        }
        return digest.finalize()
    }

    @Test(arguments: [64]) func randomBytesArriveUnchanged(mebibytes: Int) async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server, "\u{1}not MSNP\r\n")
        client.digestOnly()
        peer.digestOnly()
        var numbers = SeededGenerator(seed: 1)
        let up = numbers.bytes(1 << 20)
        let down = numbers.bytes(1 << 20)
        async let sentUp = pour(up, mebibytes, from: client)
        async let sentDown = pour(down, mebibytes, from: peer)
        let (digestUp, digestDown) = try await (sentUp, sentDown)
        for (receiver, digest) in [(peer, digestUp), (client, digestDown)] {
            let received = try await receiver.received.wait(for: "\(mebibytes) MiB", seconds: 50) { received in
                received.total >= mebibytes << 20 ? received.digest.finalize() : nil
            }
            #expect(received == digest)
        }
        await client.close()
        await peer.close()
        try await harness.recorder.closed()
        await harness.relay.stop()
        await server.stop()
    }

    /// Valid traffic of a server, with redirects in it, and what a client has to receive of it.
    private func traffic(_ bytes: Int, door: HostPort) -> (sent: [UInt8], received: [UInt8]) {
        var numbers = SeededGenerator(seed: 7)
        var sent: [UInt8] = []
        var received: [UInt8] = []
        while sent.count < bytes {
            let number = Int.random(in: 0..<1_000_000, using: &numbers)
            switch number % 6 {
            case 0:
                let line =
                    "XFR \(number) SB 10.0.0.6:\(1_024 + number % 9_000) CKI \(number).1 U messenger.msn.com 1\r\n"
                sent += line.utf8
                received += "XFR \(number) SB \(door) CKI \(number).1 U messenger.msn.com 1\r\n".utf8
                continue
            case 1:
                let line = "RNG \(number) sb.example.org CKI \(number).2 a@b.example N\n"
                sent += line.utf8
                received += "RNG \(number) \(door) CKI \(number).2 a@b.example N\n".utf8
                continue
            case 2, 3:
                let payload = numbers.bytes(number % 1_343)
                let frame = Array("MSG a@b.example N\u{EF} \(payload.count)\r\n".utf8) + payload
                sent += frame
                received += frame
                continue
            default: break
            }
            let line = Array("NLN NLN a\(number)@b.example X%20Y 0\r\n".utf8)
            sent += line
            received += line
        }
        return (sent, received)
    }

    @Test(arguments: [(4_000_000, 3_000), (24_000, 1)])
    func validTrafficCutAnywhereArrivesUnchanged(bytes: Int, longest: Int) async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        let (sent, received) = traffic(bytes, door: harness.door)
        client.digestOnly()
        var numbers = SeededGenerator(seed: 3)
        var position = 0
        while position < sent.count {
            let end = min(sent.count, position + Int.random(in: 1...longest, using: &numbers))
            try await peer.send(Array(sent[position..<end]))
            position = end
        }
        let digest = try await client.received.wait(for: "\(received.count) bytes") { state in
            state.total >= received.count ? state.digest.finalize() : nil
        }
        #expect(client.received.value.total == received.count)
        #expect(digest == SHA256.hash(data: received))
        await client.close()
        await peer.close()
        try await harness.recorder.closed()
        await harness.settle()
        #expect(harness.recorder.noises.isEmpty && harness.recorder.findings.isEmpty)
        #expect(harness.recorder.sums.first?.server.sha256 == Array(SHA256.hash(data: sent)))
        await harness.relay.stop()
        await server.stop()
    }
}
