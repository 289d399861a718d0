// Random and damaged packets, crowds of connections: nothing traps, nothing grows, nothing is silent.

import Packets
import TestSupport
import Testing

struct HostileInputTests {
    private let links: [LinkType] = [
        .raw, .ethernet, .null, .loop, .ppp, .pppSerial, .pppOverEthernet, .wireless, .wirelessRadiotap, .wirelessPrism,
        .wirelessAVS, .cooked, .cooked2, LinkType(rawValue: 999),
    ]

    @Test func randomBytes() {
        var random = SeededGenerator(seed: 1)
        var dissector = Dissector()
        var reassembler = Reassembler()
        for round in 0..<20_000 {
            let packet = (0..<Int.random(in: 0...90, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            reassembler.receive(
                packet.span, wireLength: Int.random(in: -5...2000, using: &random),
                linkType: links[round % links.count],
                at: Int64.random(in: .min ... .max, using: &random), through: &dissector
            ) { _, _ in }
        }
        reassembler.finish { _, _ in }
        #expect(dissector.counts.packets == 20_000 && reassembler.rememberedConnections == 0)
    }

    @Test func damagedPackets() {
        var random = SeededGenerator(seed: 2)
        var dissector = Dissector()
        var reassembler = Reassembler()
        var delivered = 0
        for _ in 0..<200 {
            for (_, link, packet, _) in DissectorTests.framings {
                var damaged = packet
                for _ in 0..<3 {
                    damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(
                        in: .min ... .max, using: &random)
                }
                reassembler.receive(
                    damaged.span, wireLength: damaged.count, linkType: link, at: 0, through: &dissector
                ) { delivered += $1.count }
            }
        }
        reassembler.finish { delivered += $1.count }
        #expect(delivered > 0 && reassembler.heldBytes == 0)
    }

    @Test func heldBytesStayWithinTheLimits() {
        var limits = ReassemblyLimits()
        limits.directionBytes = 4000
        limits.totalBytes = 20_000
        var dialogue = Dialogue(limits: limits)
        var most = 0
        for port in 0..<40 {
            dialogue.client = Endpoint(address: Address(ipv4: 0x0A00_0001), port: UInt16(2000 + port))
            dialogue.handshake()
            for index in 0..<12 {
                dialogue.c("text that waits for a hole", at: 1 + index * 26)
                most = max(most, dialogue.reassembler.heldBytes)
            }
        }
        #expect(most <= limits.totalBytes)
        #expect(dialogue.record.contains { $0.contains("totalLimit") })
        dialogue.client = Endpoint(address: Address(ipv4: 0x0A00_0001), port: 9)
        dialogue.handshake()
        for index in 0..<40 { dialogue.c("text that waits for a hole", at: 1 + index * 26) }
        #expect(dialogue.record.contains { $0.contains("directionLimit") })
        dialogue.finish()
        #expect(dialogue.streams[.a]?.count == (40 * 12 + 40) * 26)
        #expect(dialogue.reassembler.heldBytes == 0)
    }

    @Test func connectionsStayWithinTheLimit() {
        var limits = ReassemblyLimits()
        limits.connections = 100
        var dialogue = Dialogue(limits: limits)
        for port in 0..<1000 {
            dialogue.client = Endpoint(address: Address(ipv4: 0x0A00_0001), port: UInt16(2000 + port))
            dialogue.handshake()
            #expect(dialogue.reassembler.rememberedConnections <= 100)
        }
        dialogue.finish()
        #expect(dialogue.summaries.count == 1000 && dialogue.summaries.filter { $0.reason == .limit }.count == 900)
    }

    @Test func endedAndIdleConnectionsAreForgotten() {
        var dialogue = Dialogue()
        for port in 0..<300 {
            dialogue.client = Endpoint(address: Address(ipv4: 0x0A00_0001), port: UInt16(2000 + port))
            dialogue.handshake()
            if port % 2 == 0 { dialogue.c(at: 0, .rst) }
        }
        dialogue.client = Endpoint(address: Address(ipv4: 0x0A00_0001), port: 9)
        dialogue.wait(packets: 400, at: 0, seen: 0)
        #expect(dialogue.reassembler.rememberedConnections == 151)
        dialogue.now += 8000 * 1_000_000_000
        dialogue.wait(packets: 400, at: 0, seen: 0)
        #expect(dialogue.reassembler.rememberedConnections == 1)
        #expect(dialogue.summaries.filter { $0.reason == .idle }.count == 150)
    }

    @Test func ignoredConnectionsAreSilentButRemembered() {
        var dialogue = Dialogue()
        dialogue.handshake()
        dialogue.c("GET / HTTP/1.0", at: 0)
        dialogue.reassembler.ignore(dialogue.connections[0])
        dialogue.c("more", at: 14)
        dialogue.c(at: 18, .fin)
        dialogue.s(at: 0, seen: 19, .fin)
        #expect(dialogue.record == ["opened 1863 syn", "a:GET / HTTP/1.0"])
        dialogue.clientStart = 77_000
        dialogue.serverStart = 88_000
        dialogue.handshake()
        dialogue.c("VER", at: 0)
        #expect(dialogue.record.suffix(2) == ["opened 1863 syn", "a:VER"])
    }
}
