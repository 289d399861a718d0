// Hostile numbers: nothing breaks, and nothing grows without bound.

import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite(.timeLimit(.minutes(1))) struct HostilePeerTests {
    private func chunk(
        _ session: UInt32, _ message: UInt32, at offset: UInt64, of size: UInt64, _ data: Bytes = [1, 2, 3]
    ) -> Frame {
        Made.frame(
            Made.packet1(session: session, message: message, offset: offset, size: size, data, flags: 0x20),
            from: "ann@example.com", to: "bob@example.com")
    }

    @Test func offsetsAtTheEndOfNumbers() {
        var reading = Reading()
        let offsets: [UInt64] = [0, 1, .max, .max - 1, .max - 2, .max - 3, .max / 2, .max / 2 + 1]
        for offset in offsets {
            reading.receive(chunk(5, 1, at: offset, of: .max))
            reading.receive(chunk(0, 2, at: offset, of: .max))
            reading.receive(chunk(6, 3, at: offset, of: 2))
        }
        reading.finish()
        #expect(reading.ended.allSatisfy { !$0.isComplete && $0.data == nil })
        #expect(reading.findings.contains("p2p_offset_outside"))
    }

    @Test func bytesPastTheEndOfAMessageAreNotTaken() {
        var reading = Reading()
        reading.receive(chunk(5, 1, at: 0, of: 2))
        reading.finish()
        #expect(reading.findings == ["p2p_offset_outside"] && reading.ended.isEmpty)
    }

    @Test func aPartOfATextStaysWithinItsSize() {
        let key = SLPAssembler.Key(connection: 1, isFromClient: false, sender: "", recipient: "", message: 1)
        var texts = SLPAssembler(TransferLimits())
        let tooLong = texts.add(ByteSlice(Bytes(repeating: 1, count: 20)), at: 0, total: 10, key)
        #expect(tooLong == nil)
    }

    @Test func partsOfTextsAreHeldWithinALimitInBytes() {
        var limits = TransferLimits()
        limits.textBytes = 100
        var texts = SLPAssembler(limits)
        func key(_ message: UInt32) -> SLPAssembler.Key {
            SLPAssembler.Key(connection: 1, isFromClient: false, sender: "", recipient: "", message: message)
        }
        let text = Bytes(repeating: 1, count: 70)
        for message in 1...2 as ClosedRange<UInt32> {
            let whole = texts.add(ByteSlice(text)[..<60], at: 0, total: 70, key(message))
            #expect(whole == nil)
        }
        let second = texts.add(ByteSlice(text)[60...], at: 60, total: 70, key(2))
        #expect(second == nil, "there was no room for its first part")
        let first = texts.add(ByteSlice(text)[60...], at: 60, total: 70, key(1))
        #expect(first == text)
    }

    @Test func remainingBytesAtTheEndOfNumbers() {
        var reading = Reading()
        let numbers: [UInt64] = [.max, .max - 3, .max - 4, .max / 2, 1 << 40]
        let types: [UInt8] = [0, 1, 4, 5, 6, 7, 255]
        for remaining in numbers {
            for type in types {
                let packet = Made.packet2(session: 5, package: 1, type: type, remaining: remaining, [1, 2, 3])
                reading.receive(Made.frame(packet, from: "a@b", to: "c@d", isVersion2: true))
                let text = Made.packet2(session: 0, package: 1, type: type, remaining: remaining, [1, 2, 3])
                reading.receive(Made.frame(text, from: "a@b", to: "c@d", isVersion2: true))
            }
        }
        reading.finish()
        #expect(reading.ended.allSatisfy { !$0.isComplete })
    }

    @Test func aMillionHoles() {
        var limits = TransferLimits()
        limits.ranges = 100
        var reading = Reading(limits: limits)
        for index in 0..<500 as Range<UInt64> { reading.receive(chunk(5, 1, at: index * 10, of: 1 << 40)) }
        reading.finish()
        #expect(reading.ended.map { $0.received.ranges.count } == [100])
        #expect(reading.ended[0].findings.contains(.p2pLimit))
        // A limited number of each finding, and one more for the rest.
        for name in ["p2p_offset_gap", "p2p_limit"] {
            #expect(reading.findings.count { $0 == name } == limits.findingsOfOneName + 1)
        }
    }

    /// What one transfer does wrong does not silence what is wrong with the next.
    @Test func findingsOfLaterTransfers() {
        var reading = Reading()
        for index in 1..<300 as Range<UInt64> { reading.receive(chunk(5, 1, at: index * 10, of: 1 << 40)) }
        let before = reading.findings.count
        for message in 2..<100 as Range<UInt32> {
            reading.receive(chunk(6, message, at: 0, of: 10))
            reading.receive(chunk(6, message, at: 0, of: 10, [9, 9, 9]))
        }
        let later = reading.findings.dropFirst(before)
        #expect(later.count { $0 == "p2p_overlap_differs" } == 98)
        #expect(reading.findings.count { $0 == "p2p_offset_gap" } == 17)
    }

    @Test func aConnectionOfNothingButFindings() {
        var limits = TransferLimits()
        limits.findings = 50
        var reading = Reading(limits: limits)
        for message in 1...100 as ClosedRange<UInt32> {
            reading.receive(chunk(6, message, at: 0, of: 10))
            reading.receive(chunk(6, message, at: 0, of: 10, [9, 9, 9]))
        }
        #expect(reading.findings.count == 51 && reading.findings.last == "p2p_limit")
        // A finding of another name is still made, and another connection begins anew.
        reading.receive(chunk(6, 1_000, at: 20, of: 10))
        #expect(reading.findings.count == 52 && reading.findings.last == "p2p_offset_outside")
        reading.receive(chunk(6, 1, at: 20, of: 10), on: 2)
        #expect(reading.findings.count == 53)
    }

    @Test func manySessionsAndTransfers() {
        var limits = TransferLimits()
        limits.sessions = 50
        limits.open = 20
        var reading = Reading(limits: limits)
        for number in 1...2_000 as ClosedRange<UInt32> {
            let text = Made.invite(
                from: "bob@example.com", to: "ann@example.com", session: number, call: "{\(number)}", context: [])
            let packet = Made.packet1(session: 0, message: number, offset: 0, size: UInt64(text.count), text)
            reading.receive(Made.frame(packet, from: "bob@example.com", to: "ann@example.com"))
            reading.receive(chunk(number, 1, at: 0, of: 1_000_000))
        }
        #expect(reading.ended.count == 1_980)
        reading.finish()
        #expect(reading.ended.count == 2_000 && reading.ended.allSatisfy { !$0.isComplete })
    }

    @Test func oneNumberForAllSessions() {
        var reading = Reading()
        for number in 1...500 {
            let text = Made.invite(
                from: "bob@example.com", to: "ann@example.com", session: 1, call: "{\(number)}", context: [])
            let packet = Made.packet1(
                session: 0, message: UInt32(number), offset: 0, size: UInt64(text.count), text)
            reading.receive(Made.frame(packet, from: "bob@example.com", to: "ann@example.com"))
        }
        reading.receive(chunk(1, 1, at: 0, of: 3))
        #expect(reading.ended.map(\.isComplete) == [true])
    }

    @Test func textsThatNeverEnd() {
        var reading = Reading()
        for number in 0..<500 as Range<UInt32> {
            reading.receive(chunk(0, number, at: 200_000, of: 250_000, Bytes(repeating: 1, count: 1_000)))
        }
        reading.finish()
        #expect(reading.ended.isEmpty)
    }

    @Test func whatIsKeptIsBounded() {
        var reading = Reading(.data(most: 10_000))
        // One that is too large, and many that are too large together.
        for index in 0..<20 as Range<UInt64> {
            reading.receive(chunk(5, 1, at: index * 1_000, of: 20_000, Bytes(repeating: 1, count: 1_000)))
        }
        #expect(reading.ended.map(\.data) == [nil] && reading.ended.map(\.isComplete) == [true])
        for message in 2..<30 as Range<UInt32> {
            reading.receive(chunk(5, message, at: 0, of: 9_001, Bytes(repeating: 1, count: 9_000)))
        }
        for message in 2..<30 as Range<UInt32> { reading.receive(chunk(5, message, at: 9_000, of: 9_001, [1])) }
        let kept = reading.ended.dropFirst().compactMap(\.data).map(\.count)
        #expect(!kept.isEmpty && kept.allSatisfy { $0 == 9_001 } && kept.reduce(0, +) <= 80_000 + 28)
    }

    /// Ranges against a plain list of which bytes are there.
    @Test func rangesAgainstAList() {
        var dice = SeededGenerator(seed: 3)
        for round in 0..<200 {
            var ranges = ByteRanges()
            var list = [Bool](repeating: false, count: 60)
            var isRight = true
            for _ in 0..<12 {
                let start = Int.random(in: 0..<60, using: &dice)
                let end = Int.random(in: start...60, using: &dice)
                let fresh = ranges.insert(UInt64(start)..<UInt64(end))
                isRight = isRight && fresh.flatMap { $0.map(Int.init) } == (start..<end).filter { !list[$0] }
                for index in start..<end { list[index] = true }
                let (here, missing) = (ranges.ranges, ranges.missing(of: 60))
                isRight = isRight && here.flatMap { $0.map(Int.init) } == list.indices.filter { list[$0] }
                isRight = isRight && missing.flatMap { $0.map(Int.init) } == list.indices.filter { !list[$0] }
                isRight = isRight && zip(here, here.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
            }
            #expect(isRight, "round \(round)")
        }
    }
}
