// What comes is held against its digest and against what came before, without being kept.

import MSNP
import TestSupport
import Testing

@testable import Payloads

/// Some digest of twenty bytes that depends on every byte and its place.
struct MadeDigest: RunningDigest {
    private var state: UInt64 = 1
    mutating func update(_ bytes: Span<UInt8>) {
        for index in bytes.indices { state = (state &* 1_099_511_628_211) ^ UInt64(bytes[index]) &+ 7 }
    }
    var value: [UInt8] { little(Int(truncatingIfNeeded: state), 8) + [UInt8](repeating: 9, count: 12) }

    static func of(_ bytes: Bytes) -> Bytes {
        var digest = MadeDigest()
        digest.update(bytes.span)
        return digest.value
    }
}

@Suite struct StreamVerifierTests {
    private static func reading(_ size: Int, announced: Bytes, limits: TransferLimits = TransferLimits()) -> Reading {
        var reading = Reading()
        reading.transfers = Transfers(.checking { MadeDigest() }, limits: limits)
        let object = Made.object(3, size: size, more: " SHA1D=\"\(announced.base64)\"")
        let (bob, ann) = ("bob@example.com", "ann@example.com")
        let invite = Made.invite(from: bob, to: ann, session: 77, context: Bytes(object.utf8))
        let answer = Made.answer(from: ann, to: bob, session: 77)
        for (index, text) in [invite, answer].enumerated() {
            let packet = Made.packet1(
                session: 0, message: UInt32(index + 1), offset: 0, size: UInt64(text.count), text)
            reading.receive(Made.frame(packet, from: index == 0 ? bob : ann, to: index == 0 ? ann : bob))
        }
        return reading
    }

    private static func part(_ data: Bytes, _ range: Range<Int>) -> Frame {
        let packet = Made.packet1(
            session: 77, message: 9, offset: UInt64(range.lowerBound), size: UInt64(data.count), Bytes(data[range]),
            flags: 0x20)
        return Made.frame(packet, from: "ann@example.com", to: "bob@example.com")
    }

    @Test(arguments: [true, false], [100, 5_000, 300_000]) func digests(_ isRight: Bool, _ size: Int) {
        var dice = SeededGenerator(seed: 21)
        let data = dice.bytes(size)
        var announced = MadeDigest.of(data)
        if !isRight { announced[3] ^= 1 }
        // In order, in groups that are turned round, and with everything twice.
        for way in 0..<3 {
            var reading = Self.reading(size, announced: announced)
            var ranges = stride(from: 0, to: size, by: 1_200).map { $0..<min(size, $0 + 1_200) }
            if way == 1 {
                ranges = stride(from: 0, to: ranges.count, by: 5).flatMap {
                    ranges[$0..<min(ranges.count, $0 + 5)].reversed()
                }
            } else if way == 2 {
                ranges = ranges.flatMap { [$0, $0] }
            }
            for range in ranges { reading.receive(Self.part(data, range)) }
            #expect(reading.ended.map(\.isComplete) == [true])
            #expect(reading.findings.filter { $0 != "p2p_offset_gap" } == (isRight ? [] : ["digest_differs"]))
            #expect(reading.ended[0].findings.contains(.digestDiffers) == !isRight)
        }
    }

    @Test func bytesThatComeAgain() {
        var dice = SeededGenerator(seed: 22)
        let data = dice.bytes(60_000)
        var other = data
        other[1_500] ^= 1
        var reading = Self.reading(data.count, announced: MadeDigest.of(data))
        for start in stride(from: 0, to: 12_000, by: 1_000) { reading.receive(Self.part(data, start..<start + 1_000)) }
        reading.receive(Self.part(data, 500..<2_500))
        #expect(reading.findings == [])
        reading.receive(Self.part(other, 1_400..<2_000))
        #expect(reading.findings == ["p2p_overlap_differs"])
        for start in stride(from: 12_000, to: 60_000, by: 1_000) {
            reading.receive(Self.part(data, start..<start + 1_000))
        }
        // The first bytes were taken.
        #expect(reading.findings == ["p2p_overlap_differs"] && reading.ended.map(\.isComplete) == [true])
    }

    @Test func whatWaitsIsBounded() {
        var dice = SeededGenerator(seed: 23)
        let data = dice.bytes(200_000)
        var limits = TransferLimits()
        limits.checked = 50_000
        var reading = Self.reading(data.count, announced: [UInt8](repeating: 1, count: 20), limits: limits)
        for start in stride(from: 199_000, through: 0, by: -1_000) {
            reading.receive(Self.part(data, start..<start + 1_000))
        }
        // More bytes waited than are kept: the digest is unknown.
        #expect(reading.ended.map(\.isComplete) == [true] && !reading.findings.contains("digest_differs"))
    }

    @Test func theDescriptionsOwnDigest() {
        let object = Made.object(
            3, size: 3, more: " SHA1D=\"BwcHBwcHBwcHBwcHBwcHBwcHBwc=\" SHA1C=\"BwcHBwcHBwcHBwcHBwcHBwcHBwc=\"")
        for (digest, expected) in [(UInt8(7), [String]()), (8, ["digest_differs"])] {
            var reading = Reading()
            reading.transfers = Transfers(.nothing) { _ in [UInt8](repeating: digest, count: 20) }
            let invite = Made.invite(
                from: "bob@example.com", to: "ann@example.com", session: 77, context: Bytes(object.utf8))
            let packet = Made.packet1(session: 0, message: 1, offset: 0, size: UInt64(invite.count), invite)
            reading.receive(Made.frame(packet, from: "bob@example.com", to: "ann@example.com"))
            #expect(reading.findings == expected)
        }
    }

    @Test func impossibleLengthsOfALinkAreSaidOnce() {
        var reading = Reading(.nothing)
        let place = reading.place(2, .peerToPeer, .client)
        for reason in [Noise.Reason.payloadTooLong, .unsynchronised, .damagedFrame] {
            let noise = Noise(bytes: [0xFF, 0xFF, 0xFF, 0x7F, 1, 2], reason: reason, offset: 0)
            reading.note(reading.transfers.take(noise, at: place))
        }
        #expect(reading.findings == ["p2p_link_broken"])
    }
}
