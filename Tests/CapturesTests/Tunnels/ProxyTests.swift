// Connections through SOCKS and CONNECT: the handshake is put aside, what follows is decoded from its start.

import Doors
import Events
import MSNP
import Output
import Testing

@testable import Captures
@testable import Packets

@Suite struct ProxyTests {
    /// What is sent in turns, client first; MSNP begins with the last two.
    struct Handshake: Sendable, CustomTestStringConvertible {
        var name: String
        var turns: [[UInt8]]
        var isGranted = true
        var testDescription: String { name }
    }

    private static func bytes(_ parts: Any...) -> [UInt8] {
        parts.flatMap { part in (part as? String).map { Array($0.utf8) } ?? (part as? [UInt8]) ?? [] }
    }

    static let handshakes: [Handshake] = [
        Handshake(
            name: "SOCKS4",
            turns: [bytes([4, 1, 7, 71, 203, 0, 113, 10] as [UInt8], "me\0"), [0, 0x5A, 0, 0, 0, 0, 0, 0]]),
        Handshake(
            name: "SOCKS4a",
            turns: [bytes([4, 1, 7, 71, 0, 0, 0, 9, 0] as [UInt8], "ns.example\0"), [0, 0x5A, 0, 0, 0, 0, 0, 0]]),
        Handshake(
            name: "SOCKS5",
            turns: [[5, 1, 0], [5, 0], [5, 1, 0, 1, 203, 0, 113, 10, 7, 71], [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]]),
        Handshake(
            name: "SOCKS5 with a password",
            turns: [
                [5, 2, 0, 2], [5, 2], bytes([1, 2] as [UInt8], "me", [6] as [UInt8], "hunter"), [1, 0],
                bytes([5, 1, 0, 3, 10] as [UInt8], "ns.example", [7, 71] as [UInt8]),
                [5, 0, 0, 4] + [UInt8](repeating: 0, count: 18),
            ]),
        Handshake(
            name: "CONNECT",
            turns: [
                bytes("CONNECT ns.example:1863 HTTP/1.0\r\nUser-Agent: MSMSGS\r\n\r\n"),
                bytes("HTTP/1.0 200 Connection established\r\nProxy-agent: x\r\n\r\n"),
            ]),
        Handshake(
            name: "CONNECT, asked for a password",
            turns: [
                bytes("CONNECT ns.example:1863 HTTP/1.1\r\n\r\n"),
                bytes("HTTP/1.1 407 Who\r\nContent-Length: 4\r\n\r\nno!\n"),
                bytes("CONNECT ns.example:1863 HTTP/1.1\r\nProxy-Authorization: Basic aDp4\r\n\r\n"),
                bytes("HTTP/1.1 200 OK\r\n\r\n"),
            ]),
        Handshake(
            name: "SOCKS4 refused",
            turns: [bytes([4, 1, 7, 71, 203, 0, 113, 10, 0] as [UInt8]), [0, 0x5B, 0, 0, 0, 0, 0, 0]],
            isGranted: false),
        Handshake(
            name: "SOCKS5 refused",
            turns: [[5, 1, 0], [5, 0], [5, 1, 0, 1, 1, 2, 3, 4, 7, 71], [5, 5, 0, 1, 0, 0, 0, 0, 0, 0]],
            isGranted: false),
        Handshake(name: "SOCKS5, no method", turns: [[5, 1, 0], [5, 255]], isGranted: false),
        Handshake(
            name: "CONNECT refused",
            turns: [bytes("CONNECT ns.example:1863 HTTP/1.0\r\n\r\n"), bytes("HTTP/1.0 403 No\r\n\r\n")],
            isGranted: false),
    ]
    private static let talk = ["VER 1 MSNP8 CVR0\r\n", "VER 1 MSNP8\r\n"]

    @Test(arguments: handshakes, [1, 2, 3, 7, 1_000])
    func isLookedThrough(_ handshake: Handshake, step: Int) throws {
        var playback = Playback()
        var line = playback.open(port: 1_080)
        for (index, turn) in (handshake.turns + Self.talk.map { Array($0.utf8) }).enumerated() {
            for start in stride(from: 0, to: turn.count, by: step) {
                playback.send(index % 2 == 0 ? .a : .b, Array(turn[start..<min(start + step, turn.count)]), on: &line)
            }
        }
        playback.close(line)
        guard handshake.isGranted else {
            #expect(playback.events.isEmpty)
            return
        }
        let lines = try #require(playback.lines[1])
        #expect(lines.suffix(2) == ["C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP8"])
        #expect(lines.dropLast(2).allSatisfy { $0.hasSuffix("noise proxy_handshake") })
        // Every byte is somewhere, in the order in which it was sent.
        var said: [UInt8] = []
        for event in playback.events {
            switch event.kind {
            case .noise(let noise, _): said += noise.bytes
            case .frame(let frame, _): said += frame.bytes
            default: break
            }
        }
        let expected = handshake.turns.flatMap { $0 } + Self.talk.flatMap { Array($0.utf8) }
        #expect(said == expected)
        let end = try #require(playback.ends[1])
        #expect(end.client.noiseBytes + UInt64(Self.talk[0].utf8.count) == end.client.bytes)
        #expect(end.event.role == .notification)
    }

    @Test(arguments: handshakes.filter(\.isGranted))
    func targets(_ handshake: Handshake) {
        let said = stride(from: 0, to: handshake.turns.count, by: 2).flatMap { handshake.turns[$0] }
        let target = ProxyHandshake.target(in: said)?.description
        #expect(target == "203.0.113.10:1863" || target == "ns.example:1863")
    }

    @Test func passwordsAreNotShown() {
        var playback = Playback()
        var line = playback.open(port: 1_080)
        for (index, turn) in (Self.handshakes[3].turns + Self.talk.map { Array($0.utf8) }).enumerated() {
            playback.send(index % 2 == 0 ? .a : .b, turn, on: &line)
        }
        func shown(_ presentation: Presentation) -> String {
            var bytes: [UInt8] = []
            var json = JSONFormat(presentation)
            var text = TextFormat(presentation)
            for event in playback.events {
                json.append(event, to: &bytes)
                text.append(event, to: &bytes)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        var presentation = Presentation()
        presentation.includesBytes = true
        presentation.detail = 3
        // `hunter` as base64 behind its length, and as hexadecimal.
        let marks = ["AgBtZQ", "aHVudGVy", "BmhvbnRlcg", "68 75 6e 74"]
        let masked = shown(presentation)
        #expect(marks.allSatisfy { !masked.contains($0) } && masked.contains("proxy_handshake"))
        presentation.showsSecrets = true
        #expect(shown(presentation).contains("68 75 6e 74"))
    }

    @Test func nothingTraps() {
        var random = SystemRandomNumberGenerator()
        for handshake in Self.handshakes {
            for _ in 0..<300 {
                var client = stride(from: 0, to: handshake.turns.count, by: 2).flatMap { handshake.turns[$0] }
                var server = stride(from: 1, to: handshake.turns.count, by: 2).flatMap { handshake.turns[$0] }
                client[Int.random(in: 0..<client.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                server[Int.random(in: 0..<server.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                client = Array(client.prefix(Int.random(in: 0...client.count, using: &random)))
                server = Array(server.prefix(Int.random(in: 0...server.count, using: &random)))
                _ = ProtocolDetector.proxied(client: client, server: server, ended: Bool.random(using: &random))
                _ = ProxyHandshake.target(in: client)
            }
        }
    }
}
