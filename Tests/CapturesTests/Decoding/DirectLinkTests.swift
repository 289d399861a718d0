// Direct links between two clients: recognized by their first eight bytes, kept as they are.

import Events
import MSNP
import Testing

@testable import Captures
@testable import Packets

@Suite struct DirectLinkTests {
    private static let greeting: [UInt8] = [4, 0, 0, 0, 0x66, 0x6F, 0x6F, 0]
    private static let packet: [UInt8] = [48, 0, 0, 0] + [UInt8](repeating: 7, count: 48)

    @Test(arguments: [1, 3, 8, 100]) func itIsKept(_ step: Int) {
        var playback = Playback()
        var line = playback.open(port: 6_891)
        let said = Self.greeting + Self.packet + Self.packet
        for start in stride(from: 0, to: said.count, by: step) {
            playback.send(.a, Array(said[start..<min(said.count, start + step)]), on: &line)
        }
        playback.send(.b, Self.packet, on: &line)
        playback.miss(.b, 20, on: &line)
        playback.send(.b, Self.packet, on: &line)
        playback.close(line)
        #expect(playback.events.allSatisfy { $0.role == .peerToPeer })
        var bytes: [Side: [UInt8]] = [:]
        var packets: [Side: Int] = [:]
        for event in playback.events {
            guard case .noise(let noise, let side) = event.kind else { continue }
            // Behind the gap the packet boundaries are unknown, and this packet has no numbers that show them.
            #expect(noise.reason == .peerData || side == .server && noise.reason == .unsynchronised)
            if noise.reason == .peerData { packets[side, default: 0] += 1 }
            bytes[side, default: []] += noise.bytes
        }
        #expect(packets == [.client: 3, .server: 1])
        #expect(bytes == [.client: said, .server: Self.packet + Self.packet])
        #expect(playback.lines[1]?.filter { $0 == "S: gap 20" }.count == 1)
        let sums = playback.ends[1]
        #expect(sums?.client.bytes == UInt64(said.count) && sums?.server.bytes == UInt64(2 * Self.packet.count))
    }

    @Test func whoGreetsConnected() {
        var playback = Playback()
        var line = playback.open(port: 6_891, evidence: .guessed)
        playback.send(.b, Self.greeting + Self.packet, on: &line)
        playback.close(line)
        #expect(playback.lines[1] == ["C: noise peer_data", "C: noise peer_data"])
    }

    /// A packet with a header of version 1.
    private static func data(_ offset: UInt8, session: UInt8 = 77) -> [UInt8] {
        let header: [UInt8] =
            [session, 0, 0, 0, 9, 0, 0, 0, offset, 0, 0, 0, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0x20]
        return [68, 0, 0, 0] + header + [UInt8](repeating: 0, count: 19) + [UInt8](repeating: 0x0A, count: 20)
    }

    @Test(arguments: [1, 30, 72, 1_000]) func aLinkHeardFromTheMiddle(_ step: Int) {
        for cut in [0, 10, 68] {
            var playback = Playback()
            var line = playback.open(port: 6_891, evidence: .guessed)
            let said = [UInt8](Self.data(0).dropFirst(cut)) + Self.data(20) + Self.data(40) + Self.data(60)
            for start in stride(from: said.startIndex, to: said.endIndex, by: step) {
                playback.send(.b, Array(said[start..<min(said.endIndex, start + step)]), on: &line)
            }
            playback.close(line)
            let expected =
                (cut == 0 ? [] : ["S: noise unsynchronised"])
                + [String](
                    repeating: "S: noise peer_data", count: cut == 0 ? 4 : 3)
            var lines = playback.lines[1] ?? []
            while lines.starts(with: ["S: noise unsynchronised", "S: noise unsynchronised"]) { lines.removeFirst() }
            #expect(lines == expected, "\(cut)")
            #expect(playback.events.allSatisfy { $0.role == .peerToPeer })
        }
    }

    @Test func whatBeginsHereWithoutAGreetingIsNoLink() {
        var playback = Playback()
        var line = playback.open(port: 6_891)
        playback.send(.a, Self.data(0) + Self.data(20) + Self.data(40), on: &line)
        playback.send(.b, Self.data(0) + Self.data(20) + Self.data(40), on: &line)
        playback.close(line)
        #expect(playback.events.isEmpty)
    }

    @Test func aLinkWhoseGreetingIsMissing() {
        var playback = Playback()
        var line = playback.open(port: 6_891)
        playback.miss(.a, 60, on: &line)
        playback.send(.a, Self.data(0) + Self.data(20) + Self.data(40), on: &line)
        playback.close(line)
        #expect(playback.lines[1] == ["C: gap 60"] + [String](repeating: "C: noise peer_data", count: 3))
    }

    @Test func aProxysGreetingIsNone() {
        var playback = Playback()
        var line = playback.open(port: 1_080)
        playback.send(.a, [4, 1, 7, 71, 10, 0, 0, 1, 0], on: &line)
        playback.send(.b, [0, 90, 0, 0, 0, 0, 0, 0], on: &line)
        playback.close(line)
        #expect(playback.events.isEmpty)
    }
}
