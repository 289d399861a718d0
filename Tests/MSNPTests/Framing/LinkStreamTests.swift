// Direct links: packets are cut out wherever the bytes are cut, lost or false.

import TestSupport
import Testing

@testable import MSNP

@Suite struct LinkStreamTests {
    private typealias Bytes = [UInt8]

    /// A packet of version 1 with its length.
    private static func one(_ offset: Int, _ data: Bytes, of total: Int, flags: Int = 0x20) -> Bytes {
        linkPacket(
            peerPacket(
                session: 77, message: 9, offset: offset, total: total, data, flags: flags,
                tail: little(5, 4) + little(0, 12)))
    }

    /// A packet of version 2 with its length.
    private static func two(_ sequence: Int, _ data: Bytes) -> Bytes {
        let inside = data.isEmpty ? [] : [8, 4] + big(7, 2) + big(77, 4) + data
        return linkPacket([8, 0] + big(inside.count, 2) + big(sequence, 4) + inside)
    }

    private static let greeting: Bytes = [4, 0, 0, 0, 0x66, 0x6F, 0x6F, 0]

    private static func packets(_ version: Int, count: Int = 6) -> [Bytes] {
        var dice = SeededGenerator(seed: 3)
        var sequence = 1_000
        return (0..<count).map { index in
            let data = (0..<(100 + 50 * index)).map { _ in UInt8.random(in: .min ... .max, using: &dice) }
            defer { sequence += data.count + 8 }
            return version == 1 ? one(1_000 * index, data, of: 100_000) : two(sequence, data)
        }
    }

    private static func pieces(_ bytes: Bytes, step: Int, startsMidStream: Bool = false) -> [Noise] {
        var stream = LinkStream(startsMidStream: startsMidStream)
        var result: [Noise] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = Array(bytes[start..<min(bytes.count, start + step)])
            var position = 0
            while let noise = stream.next(part.span, from: &position) { result.append(noise) }
        }
        return result + stream.finish()
    }

    @Test(arguments: [1, 2], [1, 3, 7, 100, 100_000]) func eachPacketComesOnce(_ version: Int, _ step: Int) {
        let all = [Self.greeting] + Self.packets(version) + [[0, 0, 0, 0]]
        let pieces = Self.pieces(Array(all.joined()), step: step)
        #expect(pieces.map { Array($0.bytes) } == all)
        #expect(pieces.allSatisfy { $0.reason == .peerData })
        #expect(pieces.map(\.offset) == all.indices.map { UInt64(all[..<$0].joined().count) })
    }

    @Test(arguments: [1, 2], [1, 53, 100_000]) func fromTheMiddle(_ version: Int, _ step: Int) {
        let all = Self.packets(version)
        let bytes = Array(all.joined())
        for start in [1, 4, 50, 103, all[0].count, all[0].count + 60] {
            let pieces = Self.pieces(Array(bytes[start...]), step: step, startsMidStream: true)
            let whole = pieces.filter { $0.reason == .peerData }.map { Array($0.bytes) }
            #expect(whole == Array(all[(start <= all[0].count ? 1 : 2)...]), "from \(start)")
            #expect(Array(pieces.map(\.bytes).joined()) == Array(bytes[start...]))
        }
    }

    @Test(arguments: [1, 2]) func holes(_ version: Int) {
        let all = Self.packets(version)
        let bytes = Array(all.joined())
        let first = all[0].count
        for (from, hole) in [(20, 30), (20, first - 20), (20, first), (first, 10), (first + 2, 100), (first + 90, 500)]
        {
            var stream = LinkStream()
            var pieces: [Noise] = []
            var position = 0
            while let noise = stream.next(Array(bytes[..<from]).span, from: &position) { pieces.append(noise) }
            pieces += stream.lose(UInt64(hole))
            position = 0
            while let noise = stream.next(Array(bytes[(from + hole)...]).span, from: &position) { pieces.append(noise) }
            pieces += stream.finish()
            #expect(Array(pieces.map(\.bytes).joined()) == Array(bytes[..<from] + bytes[(from + hole)...]))
            // Everything behind the hole that is whole is found again.
            var place = 0
            let untouched = all.filter { packet in
                defer { place += packet.count }
                return place + packet.count <= from || place >= from + hole
            }
            #expect(pieces.filter { $0.reason == .peerData }.map { Array($0.bytes) } == untouched, "\(hole) at \(from)")
        }
    }

    @Test func impossibleLengths() {
        let good = Self.packets(1)
        for length in [LinkStream.mostBytes + 1, 0x7FFF_FFFF, 0xFFFF_FFFF] {
            let bad = little(length, 4) + Bytes(repeating: 0x41, count: 40)
            let pieces = Self.pieces(Array(([good[0], bad] + good[1...]).joined()), step: 64)
            #expect(pieces.filter { $0.reason == .peerData }.map { Array($0.bytes) } == good)
            #expect(pieces.first { $0.reason != .peerData }?.reason == .payloadTooLong)
        }
    }

    /// Whatever comes, all bytes come out again in order, and nothing waits for more than a packet or two.
    @Test func nothingIsLost() {
        var dice = SeededGenerator(seed: 17)
        for round in 0..<200 {
            var bytes: Bytes = []
            while bytes.count < 3_000 {
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: bytes += Self.packets(round % 2 + 1, count: 2).joined()
                case 1: bytes += little(Int.random(in: 0..<200, using: &dice), 4)
                case 2: bytes += Bytes(repeating: 0, count: Int.random(in: 0..<60, using: &dice))
                default: bytes += (0..<50).map { _ in UInt8.random(in: .min ... .max, using: &dice) }
                }
            }
            let step = Int.random(in: 1..<400, using: &dice)
            let pieces = Self.pieces(bytes, step: step, startsMidStream: round % 3 == 0)
            #expect(Array(pieces.map(\.bytes).joined()) == bytes)
            #expect(pieces.allSatisfy { !$0.bytes.isEmpty })
        }
    }

    @Test func otherProtocolsAreNoLinks() {
        var dice = SeededGenerator(seed: 5)
        var samples: [Bytes] = [Bytes(repeating: 0, count: 8_000), Bytes(repeating: 0xFF, count: 8_000)]
        // Records of 48 bytes with their length in front, of small numbers.
        for number in 0..<100 {
            samples[0] += little(48, 4) + little(number, 4) + Bytes(repeating: 0, count: 44)
            samples[1] += little(12, 4) + Bytes(repeating: UInt8(number), count: 12)
        }
        for _ in 0..<20 { samples.append((0..<8_000).map { _ in UInt8.random(in: .min ... .max, using: &dice) }) }
        for sample in samples { #expect(LinkSearch.holdsPackets(sample) != true) }
        for version in 1...2 {
            let bytes = Array(Self.packets(version).joined())
            #expect(LinkSearch.holdsPackets(Array(bytes[37...])) == true)
            #expect(LinkSearch.holdsPackets(Array(bytes.prefix(120))) == nil)
        }
    }

    @Test func packetsWithContradictoryNumbersAreNoPackets() {
        let data = Bytes(repeating: 7, count: 60)
        #expect(LinkSearch.holdsPackets(Self.one(0, data, of: 100) + Self.one(0, data, of: 100)) == true)
        for (offset, total) in [(5_000, 100), (50, 100)] {
            let packet = Self.one(offset, data, of: total)
            #expect(LinkSearch.holdsPackets(packet + packet) != true, "\(offset) of \(total)")
        }
        for (next, isRight) in [(1_068, true), (1_069, false)] {
            let bytes = Self.two(1_000, data) + Self.two(next, data)
            #expect((LinkSearch.holdsPackets(bytes) == true) == isRight, "\(next)")
        }
    }

    @Test func aPacketMayHaveTheLargestSizeButNoMore() {
        let largest = Self.one(0, Bytes(repeating: 7, count: LinkStream.mostBytes - 48), of: 100_000)
        let pieces = Self.pieces(largest, step: 1_000)
        #expect(pieces.map { Array($0.bytes) } == [largest] && pieces.map(\.reason) == [.peerData])
        #expect(LinkSearch.holdsPackets(largest + largest) == true)
        let larger = Self.one(0, Bytes(repeating: 7, count: LinkStream.mostBytes - 47), of: 100_000)
        #expect(LinkSearch.holdsPackets(larger + larger) != true)
    }

    @Test func theNextPacketIsKnownBehindAHoleUpToTheEndOfAPacket() {
        let (first, second) = (Self.packets(1)[0], Self.packets(1)[1])
        let start = Array(first.prefix(20))
        var stream = LinkStream()
        var position = 0
        let nothing = stream.next(start.span, from: &position)
        #expect(nothing == nil)
        let lost = stream.lose(UInt64(first.count - 20))
        #expect(lost.map(\.reason) == [.damagedFrame])
        position = 0
        let next = stream.next(second.span, from: &position)
        #expect(next.map { Array($0.bytes) } == second && next?.reason == .peerData)
    }

    @Test func noncesAreHiddenEvenInParts() {
        let nonce = Bytes(repeating: 0xAB, count: 16)
        let second = linkPacket(nonce)
        let first = linkPacket(peerPacket(message: 9, [], flags: 0x100, tail: nonce))
        for packet in [first, second] {
            for cut in 1...packet.count {
                for (part, reason) in [
                    (packet.prefix(cut), Noise.Reason.peerData), (packet.prefix(cut), .unfinishedPayload),
                    (packet.prefix(cut), .damagedFrame), (packet.dropFirst(packet.count - cut), .damagedFrame),
                ] {
                    let noise = Noise(bytes: Bytes(part), reason: reason, offset: 0)
                    var shown = Array(noise.bytes)
                    for range in Secrets.ranges(in: noise, from: .client, role: .peerToPeer) {
                        shown.replaceSubrange(range, with: repeatElement(0x2A, count: range.count))
                    }
                    #expect(!shown.contains(0xAB), "\(cut) of \(packet.count), \(reason)")
                }
            }
        }
    }
}
