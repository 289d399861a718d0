// Random conversations, cut and disturbed: the same bytes come out, or a gap where some are missing.

import Packets
import TestSupport
import Testing

struct StreamPropertyTests {
    /// One segment: who, where, how many bytes, what it had seen of the other.
    struct Piece {
        var isClient: Bool
        var range: Range<Int>
        var seen: Int
    }

    /// A byte depends on its offset, so that a misplaced one is noticed.
    static func byte(_ isClient: Bool, _ place: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: place &* 31 &+ place / 256 &+ (isClient ? 7 : 99))
    }

    static func talk(_ random: inout SeededGenerator) -> [Piece] {
        var said = (client: 0, server: 0)
        return (0..<Int.random(in: 10...40, using: &random)).map { _ in
            let isClient = random.chance(50)
            let start = isClient ? said.client : said.server
            let end = start + Int.random(in: 1...60, using: &random)
            if isClient { said.client = end } else { said.server = end }
            return Piece(isClient: isClient, range: start..<end, seen: isClient ? said.server : said.client)
        }
    }

    static func disturb(_ pieces: [Piece], _ random: inout SeededGenerator) -> [Piece] {
        var result: [Piece] = []
        for piece in pieces {
            result.append(piece)
            if random.chance(20) { result.append(piece) }
            if random.chance(20), piece.range.lowerBound > 5 {
                var other = piece
                other.range = (piece.range.lowerBound - 5)..<piece.range.upperBound
                result.append(other)
            }
        }
        for index in result.indices where random.chance(30) {
            result.swapAt(index, min(result.count - 1, index + Int.random(in: 0...3, using: &random)))
        }
        return result
    }

    static func play(
        _ pieces: [Piece], seed: UInt64, handshake: Bool, cut: Int? = nil
    ) -> Dialogue {
        var dialogue = Dialogue()
        dialogue.clientStart = UInt32(truncatingIfNeeded: seed &* 0x1234_5677) | 0xFFFF_FF00
        dialogue.serverStart = 0xFFFF_FFF0
        if handshake { dialogue.handshake() }
        for piece in pieces {
            let bytes = piece.range.prefix(cut ?? .max).map { byte(piece.isClient, $0) }
            let ends = (dialogue.client, dialogue.server, dialogue.clientStart, dialogue.serverStart)
            if piece.isClient {
                dialogue.send(
                    bytes, from: ends.0, to: ends.1, ends.2, piece.range.lowerBound, ends.3, piece.seen, .psh,
                    piece.range.count)
            } else {
                dialogue.send(
                    bytes, from: ends.1, to: ends.0, ends.3, piece.range.lowerBound, ends.2, piece.seen, .psh,
                    piece.range.count)
            }
        }
        dialogue.finish()
        return dialogue
    }

    /// Which bytes of a side were captured.
    static func captured(_ pieces: [Piece], isClient: Bool, cut: Int? = nil) -> [Int] {
        Set(pieces.filter { $0.isClient == isClient }.flatMap { $0.range.prefix(cut ?? .max) }).sorted()
    }

    @Test(arguments: 0..<60)
    func disturbedButComplete(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = Self.disturb(Self.talk(&random), &random)
        let dialogue = Self.play(pieces, seed: seed, handshake: seed % 3 != 0)
        for (side, isClient) in [(StreamSide.a, true), (.b, false)] {
            let expected = Self.captured(pieces, isClient: isClient).map { Self.byte(isClient, $0) }
            #expect(dialogue.streams[side] ?? [] == expected)
        }
        let other = dialogue.record.filter { !$0.hasPrefix("a:") && !$0.hasPrefix("b:") }
        #expect(other.count == 2, "\(other)")
    }

    @Test(arguments: 0..<60)
    func dropped(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed &+ 1000)
        let pieces = Self.disturb(Self.talk(&random), &random).filter { _ in !random.chance(15) }
        check(Self.play(pieces, seed: seed, handshake: true), pieces)
    }

    @Test(arguments: 0..<30)
    func cutBySnapLength(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed &+ 2000)
        let pieces = Self.disturb(Self.talk(&random), &random)
        check(Self.play(pieces, seed: seed, handshake: true, cut: 20), pieces, cut: 20)
    }

    /// What was captured comes out, what was not is a gap exactly there.
    private func check(_ dialogue: Dialogue, _ pieces: [Piece], cut: Int? = nil) {
        for (side, isClient) in [(StreamSide.a, true), (.b, false)] {
            let expected = Self.captured(pieces, isClient: isClient, cut: cut)
            #expect(dialogue.streams[side] ?? [] == expected.map { Self.byte(isClient, $0) })
            let summary = side == .a ? dialogue.summaries[0].a : dialogue.summaries[0].b
            let end = pieces.filter { $0.isClient == isClient }.map(\.range.upperBound).max() ?? 0
            let missing = Set(0..<end).subtracting(expected)
            let listed = summary.gaps.flatMap { Int($0.offset)..<Int($0.offset + $0.count) }
            #expect(Set(listed) == missing && listed.count == missing.count)
            let acked = pieces.filter { $0.isClient != isClient }.map(\.seen).max() ?? 0
            #expect(Int(summary.ackedUnseen) == max(0, acked - end))
        }
    }
}
