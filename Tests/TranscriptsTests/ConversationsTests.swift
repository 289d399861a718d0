// Which talk is one conversation, and what becomes of its messages.

import Analysis
import Events
import Payloads
import Testing
import Transcripts

@Suite struct ConversationsTests {
    /// Of a session that two clients show, the second part counts from the end of the first on.
    @Test func whatEarlierSegmentsShow() {
        func segment(_ connection: Int, _ own: String, _ session: String, _ times: ClosedRange<Int64>) -> ChatSegment {
            let people: Set = [own == "a" ? "b" : "a"]
            return ChatSegment(
                connection: connection, recording: 1, carrier: .switchboard(server: "10.0.0.1:1863", session: session),
                own: own, people: people, peopleAtEnd: people, first: Timestamp(nanoseconds: times.lowerBound),
                last: Timestamp(nanoseconds: times.upperBound), entryCount: 1)
        }
        let joined = Conversations.join([
            segment(1, "a", "7", 0...10), segment(2, "b", "7", 1...15), segment(3, "a", "8", 20...30),
            segment(4, "b", "8", 21...25),
        ])
        #expect(joined.map { $0.segments.map(\.connection) } == [[1, 2, 3, 4]])
        #expect(joined.first?.shownBefore.map { $0?.nanoseconds } == [nil, 10, nil, 30])
    }

    @Test func overSeveralSwitchboardsItReadsAsOne() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.c(1, "MSG 3 U", text: "one")
        scenario.s(1, "BYE bob@example.com 1")
        scenario.close(1)
        scenario.wait(600)
        scenario.call(2, ["bob"], session: 12, server: "10.0.0.8:1863")
        scenario.s(2, "MSG bob@example.com Bob", text: "two")
        scenario.close(2)
        scenario.wait(25 * 60)
        // This time Bob calls.
        scenario.open(3)
        scenario.c(3, "ANS 1 alice@example.com 5.5 13")
        scenario.s(3, "IRO 1 1 1 bob@example.com Bob")
        scenario.s(3, "MSG bob@example.com Bob", text: "three")
        #expect(scenario.conversations.count == 1)
        #expect(scenario.texts() == ["Alice A: one", "Bob: two", "Bob: three"])
        // He was never away: only once he is said to come.
        #expect(scenario.written(ChatText()).components("joined") == 1)
        #expect(scenario.written(ChatText()).components("is here") == 0)
        // Half an hour of silence ends it.
        scenario.wait(31 * 60)
        scenario.call(4, ["bob"], session: 14)
        scenario.c(4, "MSG 3 U", text: "four")
        #expect(scenario.conversations.map { $0.segments.map(\.connection) } == [[1, 2, 3], [4]])
    }

    @Test(arguments: [(0, 1), (1, 2)])
    func aPauseOfExactlyHalfAnHourIsWithinAConversation(_ more: Int64, _ count: Int) {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.c(1, "MSG 3 U", text: "one")
        scenario.close(1)
        // The first command comes a second after the pause.
        scenario.wait(30 * 60 - 1 + more)
        scenario.call(2, ["bob"], session: 12)
        scenario.c(2, "MSG 3 U", text: "two")
        #expect(scenario.conversations.count == count)
    }

    @Test func timesTooFarApartToSubtractAreAnotherConversation() {
        var scenario = TranscriptScenario()
        for connection in [1, 2] {
            scenario.call(connection, ["bob"], session: connection)
            scenario.c(connection, "MSG 3 U", text: "hi")
        }
        let events = scenario.events.map { event in
            var event = event
            event.time = Timestamp(nanoseconds: event.connection == 1 ? .min : .max)
            return event
        }
        #expect(Reading(events: events).conversations.count == 2)
    }

    @Test func aSessionNumberThatIsUsedAgainLaterIsAnotherConversation() {
        var scenario = TranscriptScenario()
        for connection in [1, 2] {
            scenario.call(connection, ["bob"], session: 11)
            scenario.c(connection, "MSG 3 U", text: "hi")
            scenario.close(connection)
            scenario.wait(3_600)
        }
        #expect(scenario.conversations.count == 2)
    }

    @Test func otherPeopleAreAnotherConversation() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.c(1, "MSG 3 U", text: "to bob")
        scenario.call(2, ["carol"], session: 12)
        scenario.c(2, "MSG 3 U", text: "to carol")
        scenario.call(3, ["bob", "carol"], session: 13)
        scenario.c(3, "MSG 4 U", text: "to both")
        #expect(scenario.conversations.map { $0.segments.map(\.connection) } == [[1], [2], [3]])
        // A group of which one has left goes on with the other.
        scenario.s(3, "BYE carol@example.com")
        scenario.close(3)
        scenario.call(4, ["bob"], session: 14)
        scenario.c(4, "MSG 3 U", text: "still here?")
        #expect(scenario.conversations.map { $0.segments.map(\.connection) } == [[1], [2], [3, 4]])
    }

    @Test func recordingsAreNotJoined() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.call(2, ["bob"], session: 11)
        scenario.c(1, "MSG 3 U", text: "hi")
        scenario.c(2, "MSG 3 U", text: "hi")
        #expect(scenario.conversations.count == 1)
        scenario.recordings = [2: 2]
        #expect(scenario.conversations.count == 2)
    }

    @Test func bothClientsInOneCaptureAreNotToldTwice() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.open(2)
        scenario.c(2, "ANS 1 bob@example.com 9.9 11")
        scenario.s(2, "IRO 1 1 1 alice@example.com Alice%20A")
        scenario.c(1, "MSG 3 A", text: "hello")
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "hello")
        scenario.c(2, "MSG 2 U", text: "hello")
        scenario.s(1, "MSG bob@example.com Bob", text: "hello")
        // The last word arrives at Bob when Alice's connection has ended.
        scenario.c(1, "MSG 4 U", text: "bye")
        scenario.close(1)
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "bye")
        // What Bob sends to nobody is only in his own connection.
        scenario.c(2, "MSG 3 A", text: "gone?")
        scenario.s(2, "NAK 3")
        scenario.close(2)
        #expect(scenario.texts() == ["Alice A: hello", "Bob: hello", "Alice A: bye", "Bob: gone?"])
        #expect(scenario.conversations.count == 1)
        #expect(scenario.written(ChatText()).contains("not delivered] Bob: gone?"))
    }

    /// What one client's connection has, is not missing on another's.
    @Test func whatOneClientLacksIsNotMissing() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.open(2)
        scenario.c(2, "ANS 1 bob@example.com 9.9 11")
        scenario.s(2, "IRO 1 1 1 alice@example.com Alice%20A")
        let head = "Content-Type: text/plain\r\nMessage-ID: {1}\r\nChunks: 2\r\n\r\nall "
        scenario.c(2, "MSG 9 N", Array(head.utf8))
        scenario.s(1, "MSG bob@example.com Bob", Array(head.utf8))
        scenario.s(1, "MSG bob@example.com Bob", Array("Message-ID: {1}\r\nChunk: 1\r\n\r\nof it".utf8))
        scenario.lose(2, 80)
        scenario.c(1, "MSG 9 N", text: "yes")
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "yes")
        scenario.close(1)
        scenario.lose(2, 90)
        scenario.close(2)
        let reading = scenario.readingWithAsides
        #expect(reading.texts() == ["Bob: all of it", "Alice A: yes"])
        #expect(!reading.written(ChatText()).contains("***"))
    }

    private static func twoClients() -> TranscriptScenario {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.open(2)
        scenario.c(2, "ANS 1 bob@example.com 9.9 11")
        scenario.s(2, "IRO 1 1 1 alice@example.com Alice%20A")
        return scenario
    }

    /// What is missing in one connection comes from another: messages, and parts of messages.
    @Test func whatOneConnectionLostAnotherTells() {
        var scenario = Self.twoClients()
        func bob(_ bytes: [UInt8], atAlice: Bool = true, atBob: Bool = true) {
            if atBob { scenario.c(2, "MSG 9 N", bytes) }
            if atAlice { scenario.s(1, "MSG bob@example.com Bob", bytes) }
        }
        func part(_ id: String, _ index: Int, _ text: String) -> [UInt8] {
            let count = index == 0 ? "Chunks: 2" : "Chunk: \(index)"
            let type = index == 0 ? "Content-Type: text/plain\r\n" : ""
            return Array("\(type)Message-ID: {\(id)}\r\n\(count)\r\n\r\n\(text)".utf8)
        }
        bob(TranscriptScenario.chat("first"))
        bob(TranscriptScenario.chat("lost"), atAlice: false)
        // The same text once more is another message.
        bob(TranscriptScenario.chat("first"))
        bob(TranscriptScenario.chat("heard"), atBob: false)
        bob(part("1", 0, "one "))
        bob(part("1", 1, "two"), atAlice: false)
        bob(part("2", 0, "three "))
        bob(part("2", 1, "four"), atBob: false)
        bob(part("3", 0, "never"))
        bob(part("4", 0, "(lost)"), atAlice: false)
        bob(part("4", 1, "five"), atBob: false)
        bob(TranscriptScenario.chat("last"))
        scenario.c(1, "MSG 20 A", text: "refused")
        scenario.s(1, "NAK 20")
        scenario.c(2, "MSG 21 A", text: "refused, too")
        scenario.s(2, "NAK 21")
        scenario.close(1)
        scenario.close(2)
        let reading = scenario.readingWithAsides
        #expect(
            reading.texts() == [
                "Bob: first", "Bob: lost", "Bob: first", "Bob: heard", "Bob: one two", "Bob: three four",
                "Bob: never…", "Bob: (lost)…", "Bob: …five…", "Bob: last", "Alice A: refused", "Bob: refused, too",
            ])
        let text = reading.written(ChatText())
        #expect(text.components("not delivered]") == 2 && text.components("***") == 0)
    }

    /// Behind a gap that is declared late, all frames come late; messages keep their times.
    @Test func whatComesLateIsNotToldAgain() {
        var scenario = Self.twoClients()
        for number in 0..<20 {
            scenario.c(2, "MSG 9 N", text: "\(number)")
            scenario.s(1, "MSG bob@example.com Bob", text: "\(number)")
        }
        let (late, rest) = (
            scenario.events.filter { $0.connection == 1 }, scenario.events.filter { $0.connection == 2 }
        )
        // All messages of the first connection after its first seconds come behind all of the other's.
        let events = late.prefix(10) + rest + late.dropFirst(10)
        let reading = Reading(events: Array(events))
        #expect(reading.texts() == (0..<20).map { "Bob: \($0)" })
    }

    @Test func whatBecameOfMessages() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.c(1, "MSG 10 A", text: "asked, told")
        scenario.c(1, "MSG 11 A", text: "asked, refused")
        scenario.c(1, "MSG 12 A", text: "asked, silence")
        scenario.c(1, "MSG 13 N", text: "bad news wanted, came")
        scenario.c(1, "MSG 14 N", text: "bad news wanted, none")
        scenario.c(1, "MSG 15 U", text: "not asked")
        scenario.c(1, "MSG 16 D", text: "an error")
        scenario.s(1, "NAK 11")
        scenario.s(1, "ACK 10")
        scenario.s(1, "NAK 13")
        scenario.s(1, "282 16")
        // Answers to nothing change nothing.
        scenario.s(1, "ACK 99")
        scenario.s(1, "ACK x")
        scenario.s(1, "MSG bob@example.com Bob", text: "heard")
        scenario.close(1)
        let lines = scenario.written(ChatText()).split(separator: "\n").dropFirst(3).map { $0.dropFirst(9) }
        #expect(
            lines == [
                "] Alice A: asked, told", " not delivered] Alice A: asked, refused",
                " not acknowledged] Alice A: asked, silence", " not delivered] Alice A: bad news wanted, came",
                "] Alice A: bad news wanted, none", "] Alice A: not asked", " not delivered] Alice A: an error",
                "] Bob: heard",
            ])
    }

    @Test func manyUnansweredMessagesDoNotPileUp() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        for number in 0..<5_000 { scenario.c(1, "MSG \(number + 10) A", text: "\(number)") }
        var reader = ConversationReader(scenario.conversations[0])
        var count = 0
        for event in scenario.events { reader.take(event) { _ in count += 1 } }
        #expect(count >= 3_000)
        reader.finish { _ in count += 1 }
        #expect(count == 5_001)
    }

    @Test func placesOfOneAccountAreOnePerson() {
        var scenario = TranscriptScenario()
        scenario.open(1)
        scenario.c(1, "USR 1 alice@example.com;{a} 17.1")
        scenario.s(1, "USR 1 OK alice@example.com;{a} Alice")
        scenario.s(1, "JOI alice@example.com;{b} Alice 27:48")
        scenario.s(1, "JOI bob@example.com;{c} Bob 27:48")
        scenario.s(1, "JOI bob@example.com Bob 27:48")
        scenario.c(1, "MSG 3 U", text: "hi")
        scenario.s(1, "BYE bob@example.com;{c}")
        scenario.s(1, "BYE bob@example.com")
        #expect(scenario.entries()[0].map { "\($0.what)".prefix { $0 != "(" } } == ["joined", "text", "left"])
        #expect(scenario.conversations[0].accounts == ["alice@example.com", "bob@example.com"])
    }

    @Test func aConversationWithoutItsBeginning() {
        var scenario = TranscriptScenario()
        scenario.open(1)
        scenario.s(1, "MSG bob@example.com Bob", text: "in the middle")
        scenario.c(1, "MSG 7 U", text: "of it")
        scenario.lose(1, 85)
        scenario.s(1, "MSG bob@example.com Bob", text: "and on")
        #expect(scenario.texts() == ["Bob: in the middle", "(this side): of it", "Bob: and on"])
        #expect(scenario.written(ChatText()).contains("*** 85 bytes are missing here"))
    }

    @Test func partsAreOneMessage() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        let head =
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Arial; EF=B; CO=ff\r\n"
        // The middle of a character is the end of a part; and the last part comes first.
        scenario.c(1, "MSG 8 N", Array("Message-ID: {7B}\r\nChunk: 1\r\n\r\n".utf8) + [0xA9, 0x21])
        scenario.c(1, "MSG 9 A", Array("\(head)Message-ID: {7B}\r\nChunks: 2\r\n\r\ncaf".utf8) + [0xC3])
        scenario.s(1, "ACK 9")
        guard case .text(let text, let delivery) = scenario.entries()[0].last?.what else {
            Issue.record("no text")
            return
        }
        #expect(text.text == "café!" && text.style?.effects == .bold && delivery == .acknowledged)
        #expect(scenario.conversations[0].segments[0].entryCount == 1)
    }

    @Test func twoOfOneNameAreToldApart() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob", "carol"], session: 11)
        scenario.s(1, "MSG bob@example.com Alice%20A", text: "I am Alice")
        scenario.s(1, "MSG carol@example.com Carol", text: "sure")
        #expect(scenario.texts() == ["Alice A <bob@example.com>: I am Alice", "Carol: sure"])
    }

    @Test func drawingsInPartsAreTold() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        let head = "Content-Type: image/gif\r\nMessage-ID: {7B}\r\nChunks: 2\r\n\r\n"
        scenario.s(1, "MSG bob@example.com Bob", Array("\(head)base64:R0lG".utf8))
        scenario.s(1, "MSG bob@example.com Bob", Array("Message-ID: {7B}\r\nChunk: 1\r\n\r\nODlh".utf8))
        scenario.s(
            1, "MSG bob@example.com Bob",
            Array("Content-Type: text/plain\r\nMessage-ID: {8}\r\nChunks: 1\r\n\r\nx".utf8))
        #expect(scenario.entries()[0].count == 3 && scenario.texts() == ["Bob: x"])
        #expect(scenario.conversations[0].segments[0].entryCount == 2)
    }

    /// Incomplete text stands at its time, with what is missing; a fragment of a picture is only mentioned.
    @Test func wordsOfWhichTheRestNeverCame() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.s(
            1, "MSG bob@example.com Bob",
            Array("Content-Type: text/plain\r\nMessage-ID: {1}\r\nChunks: 3\r\n\r\nthe first <half>".utf8))
        scenario.s(
            1, "MSG bob@example.com Bob",
            Array("Content-Type: text/plain\r\nMessage-ID: {2}\r\nChunks: 0\r\n\r\nnone".utf8))
        scenario.s(
            1, "MSG bob@example.com Bob",
            Array("Content-Type: image/gif\r\nMessage-ID: {3}\r\nChunks: 2\r\n\r\nbase64:".utf8))
        scenario.c(1, "MSG 9 U", text: "later")
        scenario.close(1)
        let reading = scenario.readingWithAsides
        #expect(reading.texts() == ["Bob: the first <half>…", "Bob: none", "Alice A: later"])
        let text = reading.written(ChatText())
        #expect(text.contains("[15:28:24 only 1 of 3 parts] Bob: the first <half>…\n[15:28:25] Bob: none"))
        #expect(text.components("*** Only 1 of 2 parts of a message from bob@example.com") == 1)
        #expect(text.components("***") == 1)
        let page = reading.written(ChatHTML())
        #expect(page.contains("<span class=\"mark\">only 1 of 3 parts</span>"))
        #expect(reading.written(MessageLogXML()).contains("Delivery=\"only 1 of 3 parts\""))
        // There is no other message, and it is a conversation all the same.
        var alone = TranscriptScenario()
        alone.call(1, ["bob"], session: 11)
        alone.s(1, "MSG bob@example.com Bob", Array("Message-ID: {1}\r\nChunk: 1\r\n\r\nthe rest".utf8))
        alone.close(1)
        #expect(alone.conversations.count == 1)
    }

    @Test func manyOpenAtOnceAreNotAllReadAtOnce() {
        var scenario = TranscriptScenario()
        for number in 1...120 {
            scenario.call(number, ["bob"], session: number)
            scenario.c(number, "MSG 9 U", text: "\(number)")
        }
        for number in 1...120 { scenario.c(number, "OUT") }
        #expect(scenario.conversations.map { $0.connectionGroups.map(\.count) } == [[50, 50, 20]])
        #expect(scenario.texts().count == 120)
    }

    @Test func typingOnlyWhereAskedFor() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.s(
            1, "MSG bob@example.com Bob",
            Array(
                "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: bob@example.com\r\n\r\n\r\n"
                    .utf8))
        #expect(scenario.conversations.isEmpty)
        scenario.s(1, "MSG bob@example.com Bob", text: "done")
        #expect(!scenario.written(ChatText()).contains("typing"))
        #expect(scenario.written(ChatText(), typing: true).contains("* Bob is typing"))
    }
}

extension String {
    /// How often something stands in the text.
    func components(_ part: String) -> Int { self.split(separator: part, omittingEmptySubsequences: false).count - 1 }
}
