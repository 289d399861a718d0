// Each pathology of TCP in captures: these segments in, these bytes and gaps out.

import Packets
import Testing

struct ReassemblerTests {
    @Test func inOrder() {
        let (record, a, b) = Dialogue.afterHandshake {
            $0.c("VER", at: 0)
            $0.s("OK", at: 0, seen: 3)
            $0.c("USR", at: 3, seen: 2)
        }
        #expect(record == ["a:VER", "b:OK", "a:USR"])
        #expect(a.bytes == 6 && b.bytes == 2 && a.gaps == [] && a.ackedUnseen == 0 && a.packets == 4)
    }

    @Test func outOfOrder() {
        let (record, a, _) = Dialogue.afterHandshake {
            $0.c("cc", at: 4)
            $0.c("bb", at: 2)
            $0.c("aa", at: 0)
        }
        #expect(record == ["a:aa", "a:bb", "a:cc"])
        #expect(a.outOfOrder == 2)
    }

    @Test func repeatedOverlappingAndGrowing() {
        let (record, a, _) = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.c("abc", at: 0)
            $0.c("abcdef", at: 0)
            $0.c("efgh", at: 4)
            $0.c("lm", at: 11)
            $0.c("jklmn", at: 9)
            $0.c("ijk", at: 8)
        }
        #expect(record == ["a:abc", "a:def", "a:gh", "a:i", "a:jk", "a:lm", "a:n"])
        #expect(a.repeatedBytes == 3 + 3 + 2 + 2 + 2 && a.differingBytes == 0)
    }

    @Test func firstCapturedBytesWin() {
        let (record, a, _) = Dialogue.afterHandshake {
            $0.c("abcd", at: 0)
            $0.c("aXcYe", at: 0)
            $0.c("hi", at: 7)
            $0.c("fgZi", at: 5)
        }
        #expect(
            record == ["a:abcd", "a overlapDiffers 1+2", "a:e", "a overlapDiffers 7+1", "a:fg", "a:hi"])
        #expect(a.differingBytes == 3)
    }

    /// The server's answer comes first, then the end of the request again with the answer's acknowledgement.
    @Test func aRequestWithAnOldAcknowledgementStandsBeforeItsAnswer() {
        let (record, _, _) = Dialogue.afterHandshake {
            $0.s("ok", at: 0, seen: 8)
            $0.c("gh", at: 6, seen: 2)
            $0.c("abcdefgh", at: 0, seen: 0)
            $0.c("i", at: 8, seen: 2)
        }
        #expect(record == ["a:abcdef", "a:gh", "b:ok", "a:i"])
    }

    @Test func sequenceNumbersWrap() {
        var dialogue = Dialogue()
        dialogue.clientStart = 0xFFFF_FFFD
        dialogue.serverStart = 0
        dialogue.handshake()
        dialogue.c("defg", at: 3)
        dialogue.c("abc", at: 0)
        dialogue.s("xy", at: 0, seen: 7)
        dialogue.c("h", at: 7, seen: 2)
        #expect(dialogue.record == ["opened 1863 syn", "a:abc", "a:defg", "b:xy", "a:h"])
    }

    @Test func keepAlives() {
        let (record, a, _) = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.c("c", at: 2)
            $0.c("\0", at: 2)
            $0.c(at: 2)
            $0.c("d", at: 3)
        }
        #expect(record == ["a:abc", "a:d"])
        #expect(a.keepAlives == 2 && a.repeatedBytes == 0)
    }

    @Test func finEndsTheStream() {
        let (record, a, b) = Dialogue.afterHandshake {
            $0.c("OUT", at: 0, .fin)
            $0.c("OUT", at: 0, .fin)
            $0.c("more", at: 3)
            $0.s(at: 0, seen: 4, .fin)
            $0.c(at: 4, seen: 1)
        }
        #expect(record == ["a:OUT", "a dataAfterFin 3+4", "closed fin"])
        #expect(a.sawFin && b.sawFin && a.ackedUnseen == 0 && b.ackedUnseen == 0)
    }

    @Test func finBeforeTheLastBytes() {
        let (record, _, _) = Dialogue.afterHandshake {
            $0.c(at: 3, .fin)
            $0.s(at: 0, seen: 0, .fin)
            $0.c("OUT", at: 0)
        }
        #expect(record == ["a:OUT", "closed fin"])
    }

    @Test func resets() {
        let (record, _, _) = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.s(at: 50_000_000, seen: nil, .rst)
            $0.s("de", at: 2, seen: 3)
            $0.s(at: 4, seen: nil, .rst)
            $0.s("bc", at: 0, seen: 3)
        }
        #expect(record == ["a:abc", "b implausibleReset 0+0", "b:bc", "b:de", "closed reset"])
    }

    @Test func aFalseResetEndsNothing() {
        let (record, _, _) = Dialogue.afterHandshake {
            $0.s("abc", at: 0)
            $0.s(at: 3, .rst)
            $0.s("def", at: 3)
            $0.c("x", at: 0, seen: 6)
        }
        #expect(record == ["b:abc", "b:def", "b dataAfterReset 3+3", "a:x"])
    }

    @Test func dataAfterAReportedResetIsAnotherConnection() {
        var dialogue = Dialogue()
        dialogue.handshake()
        dialogue.s("abc", at: 0)
        dialogue.s(at: 3, .rst)
        dialogue.now += 5_000_000_000
        dialogue.c(at: 0, seen: 3)
        dialogue.c(at: 0, seen: 3)
        dialogue.s("abc", at: 0)
        dialogue.s("def", at: 3)
        dialogue.finish()
        #expect(
            dialogue.record == [
                "opened 1863 syn", "b:abc", "closed reset", "opened 1863 guessed", "b:def", "closed endOfCapture",
            ])
        #expect(dialogue.reassembler.strayBytes == 3)
    }

    @Test func portUsedAgain() {
        var dialogue = Dialogue()
        dialogue.handshake()
        dialogue.c("one", at: 0)
        dialogue.clientStart = 500_000
        dialogue.serverStart = 700_000
        dialogue.handshake()
        dialogue.c("two", at: 0)
        dialogue.finish()
        #expect(
            dialogue.record == [
                "opened 1863 syn", "a:one", "closed reused", "opened 1863 syn", "a:two", "closed endOfCapture",
            ])
        #expect(dialogue.connections.map(\.number) == [0, 1])
    }

    @Test func synRepeatedAndLate() {
        var dialogue = Dialogue()
        dialogue.c(at: -1, seen: nil, .syn)
        dialogue.c(at: -1, seen: nil, .syn)
        dialogue.c("abc", at: 0)
        dialogue.s(at: -1, seen: 0, .syn)
        dialogue.c(at: -1, seen: nil, .syn)
        dialogue.s("x", at: 0, seen: 3)
        #expect(dialogue.record == ["opened 1863 syn", "a:abc", "b:x"])
    }

    @Test func synAfterSynAckAndData() {
        var dialogue = Dialogue()
        dialogue.server = Endpoint(address: Address(ipv4: 0x0A00_0002), port: 6891)
        dialogue.client = Endpoint(address: Address(ipv4: 0x0A00_0001), port: 1863)
        dialogue.c("abc", at: 0)
        dialogue.s(at: -1, seen: 0, .syn)
        dialogue.c(at: -1, seen: nil, .syn)
        dialogue.c("def", at: 3)
        #expect(dialogue.record == ["opened 6891 syn", "a:abc", "a:def"])
    }

    @Test func dataOnTheSyn() {
        var dialogue = Dialogue()
        dialogue.send(
            Array("abc".utf8), from: dialogue.client, to: dialogue.server, 999, 0, 0, nil, .syn, nil)
        dialogue.s(at: -1, seen: 3, .syn)
        dialogue.c("def", at: 3)
        #expect(dialogue.record == ["opened 1863 syn", "a:abc", "a:def"])
    }

    @Test func startInTheMiddle() {
        var dialogue = Dialogue()
        dialogue.s("def", at: 3)
        dialogue.s("abc", at: 0)
        dialogue.c("x", at: 0, seen: 6)
        #expect(dialogue.record == [])
        dialogue.finish()
        #expect(dialogue.record == ["opened 1863 guessed", "b:abc", "b:def", "a:x", "closed endOfCapture"])
    }

    @Test func startInTheMiddleIsHeldForAWhileOnly() {
        var dialogue = Dialogue()
        dialogue.s("abc", at: 0)
        for index in 0..<8 { dialogue.s("d", at: 3 + index) }
        #expect(dialogue.record.first == "opened 1863 guessed")
        #expect(dialogue.streams[.b] == Array("abcdddddddd".utf8))
        dialogue.s("too late", at: -8)
        #expect(dialogue.record.last == "b beforeStart -8+8")
    }

    @Test func oneSideAndNoAcks() {
        var dialogue = Dialogue()
        dialogue.s("abc", at: 0, seen: nil)
        dialogue.s("ghi", at: 6, seen: nil)
        dialogue.finish()
        #expect(dialogue.record == ["opened 1863 guessed", "b:abc", "b gap 3+3", "b:ghi", "closed endOfCapture"])
        #expect(dialogue.summaries[0].b.gaps == [.init(offset: 3, count: 3)])
    }

    @Test func snapLength() {
        let (record, a, b) = Dialogue.afterHandshake {
            $0.c("", at: 0, promised: 5)
            $0.s("", at: 0, seen: 5, promised: 8)
            $0.c("", at: 5, seen: 8, promised: 5)
            $0.s("ab", at: 8, seen: 10, promised: 8)
            $0.s("abcdefgh", at: 8, seen: 10)
        }
        #expect(record == ["b gap 0+8", "a gap 0+10", "b:ab", "b:cdefgh"])
        #expect(a.gaps == [.init(offset: 0, count: 10)] && a.cutSegments == 2)
        #expect(b.gaps == [.init(offset: 0, count: 8)] && b.missing == 8)
    }

    @Test func aGapIsDeclaredWhenAcknowledgedAndTheWindowHasPassed() {
        let (record, a, _) = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.c("ghi", at: 6)
            $0.s("ok", at: 0, seen: 9)
            $0.wait(packets: ReassemblyLimits().reorderPackets - 2, at: 9, seen: 2)
            #expect($0.record == ["opened 1863 syn", "a:abc"])
            $0.wait(packets: 1, at: 9, seen: 2)
            #expect($0.record == ["opened 1863 syn", "a:abc", "a gap 3+3", "a:ghi", "b:ok"])
            $0.c("def", at: 3)
        }
        #expect(record.last == "a lateAfterGap 3+3")
        #expect(a.gaps == [.init(offset: 3, count: 3)] && a.missing == 3)
    }

    @Test func aHoleThatNobodyAcknowledgedWaitsForRetransmission() {
        let (record, _, _) = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.c("ghi", at: 6)
            for _ in 0..<60 {
                $0.now += 1_000_000_000
                $0.s(at: 0, seen: 3)
            }
            $0.c("def", at: 3)
        }
        #expect(record == ["a:abc", "a:def", "a:ghi"])
    }

    @Test func acknowledgedButNeverSeen() {
        let (record, a, _) = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.s(at: 0, seen: 10)
        }
        #expect(record == ["a:abc"])
        #expect(a.ackedUnseen == 7 && a.gaps == [] && a.missing == 0)
        let answered = Dialogue.afterHandshake { $0.s("reply", at: 0, seen: 10) }
        #expect(answered.record == ["a gap 0+10", "b:reply"])
        #expect(answered.a.ackedUnseen == 10 && answered.a.gaps == [] && answered.a.missing == 0)
    }

    @Test func theSidesComeOutInTheOrderInWhichTheySpoke() {
        let (record, _, _) = Dialogue.afterHandshake {
            $0.s("answer", at: 0, seen: 8)
            $0.c("thanks", at: 8, seen: 6)
            $0.c("question", at: 0)
        }
        #expect(record == ["a:question", "b:answer", "a:thanks"])
    }

    @Test func absurdJumpsMakeNoGap() {
        let (record, _, _) = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.c("evil", at: 1 << 29)
            $0.c("def", at: 3)
        }
        #expect(record == ["a:abc", "a:def", "a implausibleSequence 536870912+4"])
        let confirmed = Dialogue.afterHandshake {
            $0.c("abc", at: 0)
            $0.c("far", at: 1 << 28)
            $0.c("away", at: (1 << 28) + 3)
        }
        #expect(confirmed.record == ["a:abc", "a gap 3+268435453", "a:far", "a:away"])
    }
}
