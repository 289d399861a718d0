// What happens at the edge of a rule: one byte, one packet or one number further it would be otherwise.

import Packets
import Testing

struct EdgeTests {
    @Test func aKeepAliveBeforeAnyDataOfAConnectionMetInTheMiddleIsNoData() {
        var dialogue = Dialogue()
        dialogue.s(at: 0, seen: 5)
        dialogue.c("\0", at: 4)
        dialogue.c("abc", at: 5)
        dialogue.finish()
        #expect(dialogue.record == ["opened 1863 guessed", "a:abc", "closed endOfCapture"])
        #expect(dialogue.summaries.last?.a.keepAlives == 1)
    }

    @Test func aByteBeforeTheStartIsNoKeepAlive() {
        let (record, a, _) = Dialogue.afterHandshake { $0.c("x", at: -1) }
        #expect(record.first == "a beforeStart -1+1" && a.keepAlives == 0)
    }

    @Test func twoBytesAgainAreRepeatedNotAKeepAlive() {
        let (_, a, _) = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.c("bc", at: 1)
        }
        #expect(a.keepAlives == 0 && a.repeatedBytes == 2)
    }

    @Test func aNewByteBehindTheLastOneIsData() {
        let (record, a, _) = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.c("cd", at: 2)
        }
        #expect(record == ["a:abc", "a:d"])
        #expect(a.keepAlives == 0 && a.repeatedBytes == 1)
    }

    @Test func anAcknowledgementFarFromTheStreamMakesNoBytesMissing() {
        let limit = ReassemblyLimits().plausibleJump
        for (seen, unseen) in [(3 + limit, Int64(limit)), (4 + limit, 0)] {
            let (record, a, _) = Dialogue.afterHandshake {
                $0.c("abc", at: 0)
                $0.s(at: 0, seen: seen)
            }
            #expect(record == ["a:abc"])
            #expect(a.ackedUnseen == unseen)
        }
    }

    /// The order of the addresses decides which side is which inside of the reassembler.
    @Test(arguments: [0x0A00_0001, 0x0A00_0003] as [UInt32])
    func anAnswerWaitsForTheBytesThatItAcknowledges(_ address: UInt32) {
        var dialogue = Dialogue()
        dialogue.client = Endpoint(address: Address(ipv4: address), port: 1025)
        dialogue.handshake()
        dialogue.c("answer", at: 0, seen: 8)
        dialogue.s("question", at: 0)
        dialogue.finish()
        #expect(dialogue.record == ["opened 1863 syn", "b:question", "a:answer", "closed endOfCapture"])
    }

    @Test(arguments: [(40_000, 6_891, 6_891), (6_891, 40_000, 6_891), (1_863, 80, 1_863), (80, 1_863, 1_863)])
    func withoutAHandshakeThePortsSayWhichSideIsTheServer(_ low: UInt16, _ high: UInt16, _ server: UInt16) {
        var dialogue = Dialogue()
        dialogue.client = Endpoint(address: Address(ipv4: 0x0A00_0001), port: low)
        dialogue.server = Endpoint(address: Address(ipv4: 0x0A00_0002), port: high)
        dialogue.c("abc", at: 0)
        dialogue.finish()
        #expect(dialogue.record.first == "opened \(server) guessed")
    }

    @Test func aHoleThatIsGivenUpInTwoStepsIsOne() {
        let (record, a, _) = Dialogue.afterHandshake {
            $0.s("x", at: 0, seen: 5)
            $0.s("y", at: 1, seen: 8)
            $0.c("z", at: 8, seen: 2)
        }
        #expect(record == ["a gap 0+5", "b:x", "a gap 5+3", "b:y", "a:z"])
        #expect(a.gaps == [.init(offset: 0, count: 8)])
    }

    @Test func aFinThatWasNotCapturedIsNoMissingByte() {
        let ended = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.s(at: 0, seen: 4, .fin)
        }
        #expect(ended.a.ackedUnseen == 0)
        let goesOn = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.s(at: 0, seen: 4)
        }
        #expect(goesOn.a.ackedUnseen == 1)
    }

    @Test func streamsGoOnBehindTwoGibibytes() {
        let (record, a, _) = Dialogue.afterHandshake {
            for step in 1...10 {
                $0.c("far", at: step << 28)
                $0.c("away", at: step << 28 + 3)
            }
        }
        #expect(record.count { $0 == "a:far" } == 10 && record.count { $0 == "a:away" } == 10)
        #expect(a.bytes == 70 && !record.contains { $0.contains("implausible") })
    }

    @Test func aDirectionHoldsNoMoreThanItsLimit() {
        var limits = ReassemblyLimits()
        limits.directionBytes = 4_000
        var dialogue = Dialogue(limits: limits)
        dialogue.handshake()
        for index in 0..<60 {
            dialogue.c("text that waits for a hole", at: 1 + index * 26)
            #expect(dialogue.reassembler.heldBytes <= 4_000 + 200)
        }
    }

    /// What was held and came out no longer counts: a long talk out of order never reaches the limit.
    @Test func whatCameOutIsNoLongerHeld() {
        var limits = ReassemblyLimits()
        limits.directionBytes = 4_000
        let (record, a, _) = Dialogue.afterHandshake(limits: limits) {
            for index in 0..<200 {
                $0.c("bb", at: index * 4 + 2)
                $0.c("aa", at: index * 4)
            }
            $0.c("end", at: 801)
            $0.c("!", at: 800)
        }
        #expect(!record.contains { $0.contains("limit") || $0.contains("gap") })
        #expect(a.bytes == 804)
    }

    @Test func dataThatCrossesAResetTakesNothingBack() {
        let (record, _, _) = Dialogue.afterHandshake {
            $0.s("abc", at: 0)
            $0.s(at: 3, .rst)
            $0.c("x", at: 0, seen: 3)
        }
        #expect(record == ["b:abc", "a:x", "closed reset"])
    }

    @Test func whatWasOverwrittenInTheHistoryIsNotComparedWith() {
        let (record, a, _) = Dialogue.afterHandshake {
            for (index, letter) in "abcd".enumerated() {
                $0.c(String(repeating: letter, count: 2_000), at: index * 2_000)
            }
            $0.c(String(repeating: "a", count: 100), at: 0)
        }
        #expect(!record.contains { $0.contains("differs") })
        #expect(a.differingBytes == 0 && a.repeatedBytes == 100)
    }

    @Test func aDatagramEndsAtTheLargestSize() {
        let body = tcp(Bytes(repeating: 0x41, count: 65_592 - 20))
        var dissector = Dissector()
        var found: [Found] = []
        for start in stride(from: 0, to: 65_528, by: 8_192) {
            let piece = Array(body[start..<min(start + 8_192, 65_528)])
            if let one = find(ipv4(piece, place: 0x2000 | start / 8), .raw, with: &dissector) { found.append(one) }
        }
        if let one = find(ipv4(Array(body[65_528...]), place: 8_191), .raw, with: &dissector) { found.append(one) }
        #expect(found.isEmpty)
    }

    @Test func fragmentsThatContradictEachOtherAreDropped() {
        let body = tcp(Array("a somewhat longer text".utf8))
        var dissector = Dissector()
        #expect(find(ipv4(Array(body[..<32]), place: 0x2000), .raw, with: &dissector) == nil)
        #expect(
            find(ipv4(Array(body[8..<16]), place: 1), .raw, with: &dissector) == nil, "the end, inside of the first")
        #expect(find(ipv4(Array(body[..<16]), place: 0x2000), .raw, with: &dissector) == nil)
        #expect(find(ipv4(Array(body[16...]), place: 2), .raw, with: &dissector)?.payload == "a somewhat longer text")
    }

    @Test func fragmentsAreHeldWithinALimitInBytes() {
        var limits = ReassemblyLimits()
        limits.fragmentBytes = 10_000
        var dissector = Dissector(limits: limits)
        let body = tcp()
        #expect(find(ipv4(Array(body[..<16]), place: 0x2000), .raw, with: &dissector, at: 0) == nil)
        for number in 100..<103 {
            let far = ipv4(Bytes(repeating: 1, count: 8), place: 0x2000 | 1_000, identification: number)
            #expect(find(far, .raw, with: &dissector, at: Int64(number)) == nil)
        }
        #expect(find(ipv4(Array(body[16...]), place: 2), .raw, with: &dissector, at: 200) == nil, "the oldest gave way")
    }

    /// An HTTP client may send its FIN long before the answer is through.
    @Test func aHalfClosedConnectionThatIsIgnoredIsRemembered() {
        var dialogue = Dialogue()
        dialogue.handshake()
        dialogue.reassembler.ignore(dialogue.connections[0])
        dialogue.c(at: 0, .fin)
        dialogue.client = Endpoint(address: Address(ipv4: 0x0A00_0001), port: 9)
        dialogue.handshake()
        dialogue.wait(packets: 400, at: 0, seen: 0)
        #expect(dialogue.reassembler.rememberedConnections == 2)
    }

    private static let framings: [(String, LinkType, Bytes, Found)] = [
        (
            "a frame that a bridge passed on (802.1H)", .ethernet,
            ethernet(60, [0xAA, 0xAA, 3, 0, 0, 0xF8, 8, 0] + ipv4(tcp())), DissectorTests.four
        ),
        (
            "padding behind PPPoE", .ethernet, ethernet(0x8864, pppoe([0, 0x21] + ipv4(tcp(), total: 0)) + [9, 9]),
            DissectorTests.four
        ),
        (
            "802.11 with HT control", .wireless, wifi(snap(0x800, ipv4(tcp())), kind: 0x88, flags: 0x82, header: 30),
            DissectorTests.four
        ),
        (
            "a checksum behind 802.11", .wirelessRadiotap,
            [0, 0, 9, 0, 2, 0, 0, 0, 0x10] + wifi(snap(0x800, ipv4(tcp(), total: 0))) + [1, 2, 3, 4],
            DissectorTests.four
        ),
    ]

    @Test(arguments: framings.indices) func onlyTheSegmentIsPayload(_ index: Int) {
        let (name, link, packet, expected) = Self.framings[index]
        #expect(find(packet, link) == expected, "\(name)")
    }
}
