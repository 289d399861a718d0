// Direct links between two clients: told by their first eight bytes, kept as they are.

import MSNP
import Testing
import Transcript

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
            playback.say(.a, Array(said[start..<min(said.count, start + step)]), on: &line)
        }
        playback.say(.b, Self.packet, on: &line)
        playback.miss(.b, 20, on: &line)
        playback.say(.b, Self.packet, on: &line)
        playback.close(line)
        #expect(playback.events.allSatisfy { $0.role == .peerToPeer })
        var bytes: [MSNP.Side: [UInt8]] = [:]
        for event in playback.events {
            guard case .noise(let noise, let side) = event.kind else { continue }
            #expect(noise.reason == .peerData)
            bytes[side, default: []] += noise.bytes
        }
        #expect(bytes == [.client: said, .server: Self.packet + Self.packet])
        #expect(playback.lines[1]?.filter { $0 == "S: gap 20" }.count == 1)
        let sums = playback.ends[1]
        #expect(sums?.client.bytes == UInt64(said.count) && sums?.server.bytes == UInt64(2 * Self.packet.count))
    }

    @Test func whoGreetsConnected() {
        var playback = Playback()
        var line = playback.open(port: 6_891, evidence: .guessed)
        playback.say(.b, Self.greeting + Self.packet, on: &line)
        playback.close(line)
        #expect(playback.lines[1] == ["C: noise peer_data"])
    }

    @Test func aProxysGreetingIsNone() {
        var playback = Playback()
        var line = playback.open(port: 1_080)
        playback.say(.a, [4, 1, 7, 71, 10, 0, 0, 1, 0], on: &line)
        playback.say(.b, [0, 90, 0, 0, 0, 0, 0, 0], on: &line)
        playback.close(line)
        #expect(playback.events.isEmpty)
    }
}
