// Properties from packet to message: segments shuffled, repeated, overlapped, dropped give the same or a declared gap.

import Captures
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@Suite struct DisorderTests {
    /// What is done to the segments of a conversation.
    struct Disorder: Sendable, CustomTestStringConvertible {
        var repeats = 0
        var overlaps = 0
        var drops = 0
        var swaps = 0
        var hasHandshake = true
        var testDescription: String { "\(self)" }
    }

    static let disorders: [Disorder] = [
        Disorder(), Disorder(swaps: 3), Disorder(repeats: 3), Disorder(overlaps: 3), Disorder(drops: 12),
        Disorder(repeats: 5, overlaps: 5, swaps: 4), Disorder(repeats: 5, overlaps: 5, drops: 12, swaps: 4),
        Disorder(overlaps: 4, drops: 10, hasHandshake: false),
    ]

    @Test(arguments: disorders) func theSameOrADeclaredGap(_ disorder: Disorder) throws {
        let scratch = try Scratch()
        for seed in 0..<UInt64(40) {
            var generator = SeededGenerator(seed: seed)
            let (packets, streams, dropped) = Self.conversation(disorder, using: &generator)
            let decoded = DecodedCapture([try scratch.write(CaptureFile.pcap(packets), to: "a")])
            #expect(decoded.connections.count == 1, "seed \(seed)")
            guard let connection = decoded.connections.first else { continue }
            for side in Side.allCases {
                let stream = streams[side] ?? []
                let pieces = connection.pieces(side)
                let bytes = pieces.flatMap { $0 ?? [] }
                if !dropped.contains(side), disorder.hasHandshake {
                    #expect(bytes == stream, "seed \(seed), \(side)")
                    #expect(
                        connection.gaps(side).isEmpty && connection.sums[side]?.noiseBytes == 0, "seed \(seed), \(side)"
                    )
                } else {
                    #expect(Self.fits(pieces, connection, side, stream), "seed \(seed), \(side)")
                }
            }
            if dropped.isEmpty, disorder.hasHandshake {
                #expect(connection.messages.map(\.text) == (0..<20).map { "text \($0)" }, "seed \(seed)")
            } else {
                let numbers = connection.messages.map { Int($0.text.dropFirst(5)) ?? -1 }
                #expect(
                    numbers.allSatisfy { (0..<20).contains($0) } && Set(numbers).count == numbers.count, "seed \(seed)")
            }
        }
    }

    /// Pieces and gaps, in order, are the stream: each gap stands for just the bytes that are not there.
    private static func fits(_ pieces: [[UInt8]?], _ connection: DecodedConnection, _ side: Side, _ stream: [UInt8])
        -> Bool
    {
        let gaps = connection.kinds.compactMap { kind -> Int? in
            if case .gap(let count, _, side) = kind { Int(count) } else { nil }
        }
        // A stream without a handshake may start anywhere.
        for start in 0..<max(1, stream.count) {
            var place = start
            var rest = gaps[...]
            let isFitting = pieces.allSatisfy { piece in
                guard let piece else {
                    place += rest.popFirst() ?? 0
                    return true
                }
                guard place + piece.count <= stream.count else { return false }
                defer { place += piece.count }
                return stream[place..<(place + piece.count)].elementsEqual(piece)
            }
            if isFitting { return true }
        }
        return false
    }

    /// Twenty messages in turn, cut into segments anywhere.
    private static func conversation(
        _ disorder: Disorder, using generator: inout SeededGenerator
    ) -> (packets: [CapturedPacket], streams: [Side: [UInt8]], dropped: Set<Side>) {
        var talk = TCPConversation(start: UInt32.random(in: 0...UInt32.max, using: &generator))
        if disorder.hasHandshake { talk.handshake() }
        var streams: [Side: [UInt8]] = [:]
        var dropped: Set<Side> = []
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
        for number in 0..<20 {
            let fromClient = number % 3 != 1
            let side: Side = fromClient ? .client : .server
            let text =
                fromClient
                ? TCPConversation.message("text \(number)", transaction: number + 1)
                : TCPConversation.message("text \(number)", from: "ben@example.com Ben")
            let bytes = [UInt8](((number == 0 ? "USR 1 anna@example.com 1.2\r\n" : "") + text).utf8)
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...90, using: &generator))
                // The first commands identify the connection; they are never dropped here.
                if number > 3, number < 18, chance(disorder.drops) {
                    talk.omit(fromClient, end - start)
                    dropped.insert(side)
                } else {
                    talk.transmit(fromClient, [UInt8](bytes[start..<end]))
                    if chance(disorder.repeats * 10), let last = talk.packets.last { talk.packets.append(last) }
                    if chance(disorder.overlaps * 10), start > 0 {
                        let back = Int.random(in: 1...start, using: &generator)
                        let length = UInt32(back + end - start)
                        if fromClient { talk.clientNext &-= length } else { talk.serverNext &-= length }
                        if dropped.contains(side) {
                            // What was dropped must not come back this way.
                            if fromClient { talk.clientNext &+= length } else { talk.serverNext &+= length }
                        } else {
                            talk.transmit(fromClient, [UInt8](bytes[(start - back)..<end]))
                        }
                    }
                }
                start = end
            }
            streams[side, default: []] += bytes
        }
        talk.close()
        var packets = talk.packets
        let first = disorder.hasHandshake ? 3 : 0
        for _ in 0..<(disorder.swaps * 4) {
            let place = Int.random(in: first..<(packets.count - 4), using: &generator)
            packets.swapAt(place, place + 1)
        }
        for index in packets.indices { packets[index].time = 1_100_000_000_000_000_000 + Int64(index) * 3_000_000 }
        return (packets, streams, dropped)
    }
}
