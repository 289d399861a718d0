// Which talk is one conversation, and what becomes of its messages.

import Chat
import Messages
import Testing
import Transcript

@Suite struct ConversationsTests {
    @Test func overSeveralSwitchboardsItReadsAsOne() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.c(1, "MSG 3 U", text: "one")
        scene.s(1, "BYE bob@example.com 1")
        scene.close(1)
        scene.wait(600)
        scene.call(2, ["bob"], session: 12, server: "10.0.0.8:1863")
        scene.s(2, "MSG bob@example.com Bob", text: "two")
        scene.close(2)
        scene.wait(25 * 60)
        // This time Bob calls.
        scene.open(3)
        scene.c(3, "ANS 1 alice@example.com 5.5 13")
        scene.s(3, "IRO 1 1 1 bob@example.com Bob")
        scene.s(3, "MSG bob@example.com Bob", text: "three")
        #expect(scene.conversations.count == 1)
        #expect(scene.texts() == ["Alice A: one", "Bob: two", "Bob: three"])
        // He was never away: only once he is said to come.
        #expect(scene.written(ChatText()).components("joined") == 1)
        #expect(scene.written(ChatText()).components("is here") == 0)
        // Half an hour of silence ends it.
        scene.wait(31 * 60)
        scene.call(4, ["bob"], session: 14)
        scene.c(4, "MSG 3 U", text: "four")
        #expect(scene.conversations.map { $0.strands.map(\.connection) } == [[1, 2, 3], [4]])
    }

    @Test func otherPeopleAreAnotherConversation() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.c(1, "MSG 3 U", text: "to bob")
        scene.call(2, ["carol"], session: 12)
        scene.c(2, "MSG 3 U", text: "to carol")
        scene.call(3, ["bob", "carol"], session: 13)
        scene.c(3, "MSG 4 U", text: "to both")
        #expect(scene.conversations.map { $0.strands.map(\.connection) } == [[1], [2], [3]])
        // A group of which one has left goes on with the other.
        scene.s(3, "BYE carol@example.com")
        scene.close(3)
        scene.call(4, ["bob"], session: 14)
        scene.c(4, "MSG 3 U", text: "still here?")
        #expect(scene.conversations.map { $0.strands.map(\.connection) } == [[1], [2], [3, 4]])
    }

    @Test func recordingsAreNotJoined() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.call(2, ["bob"], session: 11)
        scene.c(1, "MSG 3 U", text: "hi")
        scene.c(2, "MSG 3 U", text: "hi")
        #expect(scene.conversations.count == 1)
        scene.recordings = [2: 2]
        #expect(scene.conversations.count == 2)
    }

    @Test func bothClientsInOneCaptureAreNotToldTwice() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.open(2)
        scene.c(2, "ANS 1 bob@example.com 9.9 11")
        scene.s(2, "IRO 1 1 1 alice@example.com Alice%20A")
        scene.c(1, "MSG 3 A", text: "hello")
        scene.s(2, "MSG alice@example.com Alice%20A", text: "hello")
        scene.c(2, "MSG 2 U", text: "hello")
        scene.s(1, "MSG bob@example.com Bob", text: "hello")
        // The last word arrives at Bob when Alice's connection has ended.
        scene.c(1, "MSG 4 U", text: "bye")
        scene.close(1)
        scene.s(2, "MSG alice@example.com Alice%20A", text: "bye")
        // What Bob says into the void, only his own connection shows.
        scene.c(2, "MSG 3 A", text: "gone?")
        scene.s(2, "NAK 3")
        scene.close(2)
        #expect(scene.texts() == ["Alice A: hello", "Bob: hello", "Alice A: bye", "Bob: gone?"])
        #expect(scene.conversations.count == 1)
        #expect(scene.written(ChatText()).contains("refused] Bob: gone?"))
    }

    /// What one client's connection has, is not missing on another's.
    @Test func whatOneClientLacksIsNotMissing() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.open(2)
        scene.c(2, "ANS 1 bob@example.com 9.9 11")
        scene.s(2, "IRO 1 1 1 alice@example.com Alice%20A")
        let head = "Content-Type: text/plain\r\nMessage-ID: {1}\r\nChunks: 2\r\n\r\nall "
        scene.c(2, "MSG 9 N", Array(head.utf8))
        scene.s(1, "MSG bob@example.com Bob", Array(head.utf8))
        scene.s(1, "MSG bob@example.com Bob", Array("Message-ID: {1}\r\nChunk: 1\r\n\r\nof it".utf8))
        scene.lose(2, 80)
        scene.c(1, "MSG 9 N", text: "yes")
        scene.s(2, "MSG alice@example.com Alice%20A", text: "yes")
        scene.close(1)
        scene.lose(2, 90)
        scene.close(2)
        let reading = scene.readingWithAsides
        #expect(reading.texts() == ["Bob: all of it", "Alice A: yes"])
        #expect(!reading.written(ChatText()).contains("***"))
    }

    private static func twoClients() -> Scene {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.open(2)
        scene.c(2, "ANS 1 bob@example.com 9.9 11")
        scene.s(2, "IRO 1 1 1 alice@example.com Alice%20A")
        return scene
    }

    /// What a connection lost, another one tells: words, and the parts that make a message whole.
    @Test func whatOneConnectionLostAnotherTells() {
        var scene = Self.twoClients()
        func bob(_ bytes: [UInt8], atAlice: Bool = true, atBob: Bool = true) {
            if atBob { scene.c(2, "MSG 9 N", bytes) }
            if atAlice { scene.s(1, "MSG bob@example.com Bob", bytes) }
        }
        func part(_ id: String, _ index: Int, _ text: String) -> [UInt8] {
            let count = index == 0 ? "Chunks: 2" : "Chunk: \(index)"
            let type = index == 0 ? "Content-Type: text/plain\r\n" : ""
            return Array("\(type)Message-ID: {\(id)}\r\n\(count)\r\n\r\n\(text)".utf8)
        }
        bob(Scene.chat("first"))
        bob(Scene.chat("lost"), atAlice: false)
        // The same words once more are other words.
        bob(Scene.chat("first"))
        bob(Scene.chat("heard"), atBob: false)
        bob(part("1", 0, "one "))
        bob(part("1", 1, "two"), atAlice: false)
        bob(part("2", 0, "three "))
        bob(part("2", 1, "four"), atBob: false)
        bob(part("3", 0, "never"))
        bob(part("4", 0, "(lost)"), atAlice: false)
        bob(part("4", 1, "five"), atBob: false)
        bob(Scene.chat("last"))
        scene.c(1, "MSG 20 A", text: "refused")
        scene.s(1, "NAK 20")
        scene.c(2, "MSG 21 A", text: "refused, too")
        scene.s(2, "NAK 21")
        scene.close(1)
        scene.close(2)
        let reading = scene.readingWithAsides
        #expect(
            reading.texts() == [
                "Bob: first", "Bob: lost", "Bob: first", "Bob: heard", "Bob: one two", "Bob: three four",
                "Bob: never…", "Bob: (lost)…", "Bob: …five…", "Bob: last", "Alice A: refused", "Bob: refused, too",
            ])
        let text = reading.written(ChatText())
        #expect(text.components("refused]") == 2 && text.components("***") == 0)
    }

    /// Behind a hole that was given up late, all comes late; it was said when it was said.
    @Test func whatComesLateIsNotToldAgain() {
        var scene = Self.twoClients()
        for number in 0..<20 {
            scene.c(2, "MSG 9 N", text: "\(number)")
            scene.s(1, "MSG bob@example.com Bob", text: "\(number)")
        }
        let (late, rest) = (scene.events.filter { $0.connection == 1 }, scene.events.filter { $0.connection == 2 })
        // All of the first connection's words behind its first seconds, behind all of the other's.
        let events = late.prefix(10) + rest + late.dropFirst(10)
        let reading = Reading(events: Array(events))
        #expect(reading.texts() == (0..<20).map { "Bob: \($0)" })
    }

    @Test func whatBecameOfMessages() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.c(1, "MSG 10 A", text: "asked, told")
        scene.c(1, "MSG 11 A", text: "asked, refused")
        scene.c(1, "MSG 12 A", text: "asked, silence")
        scene.c(1, "MSG 13 N", text: "bad news wanted, came")
        scene.c(1, "MSG 14 N", text: "bad news wanted, none")
        scene.c(1, "MSG 15 U", text: "not asked")
        scene.c(1, "MSG 16 D", text: "an error")
        scene.s(1, "NAK 11")
        scene.s(1, "ACK 10")
        scene.s(1, "NAK 13")
        scene.s(1, "282 16")
        // Answers to nothing change nothing.
        scene.s(1, "ACK 99")
        scene.s(1, "ACK x")
        scene.s(1, "MSG bob@example.com Bob", text: "heard")
        scene.close(1)
        let lines = scene.written(ChatText()).split(separator: "\n").dropFirst(3).map { $0.dropFirst(9) }
        #expect(
            lines == [
                " acknowledged] Alice A: asked, told", " refused] Alice A: asked, refused",
                " unanswered] Alice A: asked, silence", " refused] Alice A: bad news wanted, came",
                "] Alice A: bad news wanted, none", "] Alice A: not asked", " refused] Alice A: an error",
                "] Bob: heard",
            ])
    }

    @Test func manyUnansweredMessagesDoNotPileUp() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        for number in 0..<5_000 { scene.c(1, "MSG \(number + 10) A", text: "\(number)") }
        var reader = ConversationReader(scene.conversations[0])
        var told = 0
        for event in scene.events { reader.take(event) { _ in told += 1 } }
        #expect(told >= 3_000)
        reader.finish { _ in told += 1 }
        #expect(told == 5_001)
    }

    @Test func placesOfOneAccountAreOnePerson() {
        var scene = Scene()
        scene.open(1)
        scene.c(1, "USR 1 alice@example.com;{a} 17.1")
        scene.s(1, "USR 1 OK alice@example.com;{a} Alice")
        scene.s(1, "JOI alice@example.com;{b} Alice 27:48")
        scene.s(1, "JOI bob@example.com;{c} Bob 27:48")
        scene.s(1, "JOI bob@example.com Bob 27:48")
        scene.c(1, "MSG 3 U", text: "hi")
        scene.s(1, "BYE bob@example.com;{c}")
        scene.s(1, "BYE bob@example.com")
        #expect(scene.entries()[0].map { "\($0.what)".prefix(6) } == ["joined", "text(M", "left"])
        #expect(scene.conversations[0].everybody == ["alice@example.com", "bob@example.com"])
    }

    @Test func aConversationWithoutItsBeginning() {
        var scene = Scene()
        scene.open(1)
        scene.s(1, "MSG bob@example.com Bob", text: "in the middle")
        scene.c(1, "MSG 7 U", text: "of it")
        scene.lose(1, 85)
        scene.s(1, "MSG bob@example.com Bob", text: "and on")
        #expect(scene.texts() == ["Bob: in the middle", "(this side): of it", "Bob: and on"])
        #expect(scene.written(ChatText()).contains("*** 85 bytes are missing here"))
    }

    @Test func partsAreOneMessage() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        let head =
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Arial; EF=B; CO=ff\r\n"
        // The middle of a character is the end of a part; and the last part comes first.
        scene.c(1, "MSG 8 N", Array("Message-ID: {7B}\r\nChunk: 1\r\n\r\n".utf8) + [0xA9, 0x21])
        scene.c(1, "MSG 9 A", Array("\(head)Message-ID: {7B}\r\nChunks: 2\r\n\r\ncaf".utf8) + [0xC3])
        scene.s(1, "ACK 9")
        guard case .text(let text, let delivery) = scene.entries()[0].last?.what else {
            Issue.record("no text")
            return
        }
        #expect(text.text == "café!" && text.style?.effects == .bold && delivery == .acknowledged)
        #expect(scene.conversations[0].strands[0].remarks == 1)
    }

    @Test func twoOfOneNameAreToldApart() {
        var scene = Scene()
        scene.call(1, ["bob", "carol"], session: 11)
        scene.s(1, "MSG bob@example.com Alice%20A", text: "I am Alice")
        scene.s(1, "MSG carol@example.com Carol", text: "sure")
        #expect(scene.texts() == ["Alice A <bob@example.com>: I am Alice", "Carol: sure"])
    }

    @Test func drawingsInPartsAreTold() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        let head = "Content-Type: image/gif\r\nMessage-ID: {7B}\r\nChunks: 2\r\n\r\n"
        scene.s(1, "MSG bob@example.com Bob", Array("\(head)base64:R0lG".utf8))
        scene.s(1, "MSG bob@example.com Bob", Array("Message-ID: {7B}\r\nChunk: 1\r\n\r\nODlh".utf8))
        scene.s(
            1, "MSG bob@example.com Bob",
            Array("Content-Type: text/plain\r\nMessage-ID: {8}\r\nChunks: 1\r\n\r\nx".utf8))
        #expect(scene.entries()[0].count == 3 && scene.texts() == ["Bob: x"])
        #expect(scene.conversations[0].strands[0].remarks == 2)
    }

    /// Words stand where they were said, with what is missing; a picture's fragment is only mentioned.
    @Test func wordsOfWhichTheRestNeverCame() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.s(
            1, "MSG bob@example.com Bob",
            Array("Content-Type: text/plain\r\nMessage-ID: {1}\r\nChunks: 3\r\n\r\nthe first <half>".utf8))
        scene.s(
            1, "MSG bob@example.com Bob",
            Array("Content-Type: text/plain\r\nMessage-ID: {2}\r\nChunks: 0\r\n\r\nnone".utf8))
        scene.s(
            1, "MSG bob@example.com Bob",
            Array("Content-Type: image/gif\r\nMessage-ID: {3}\r\nChunks: 2\r\n\r\nbase64:".utf8))
        scene.c(1, "MSG 9 U", text: "later")
        scene.close(1)
        let reading = scene.readingWithAsides
        #expect(reading.texts() == ["Bob: the first <half>…", "Bob: none", "Alice A: later"])
        let text = reading.written(ChatText())
        #expect(text.contains("[15:28:24 only 1 of 3 parts] Bob: the first <half>…\n[15:28:25] Bob: none"))
        #expect(text.components("*** Only 1 of 2 parts of a message from bob@example.com") == 1)
        #expect(text.components("***") == 1)
        let page = reading.written(ChatHTML())
        #expect(page.contains("<span class=\"mark refused\">only 1 of 3 parts</span>"))
        #expect(reading.written(MessageLogXML()).contains("Delivery=\"only 1 of 3 parts\""))
        // Nothing else was said, and it is a conversation all the same.
        var alone = Scene()
        alone.call(1, ["bob"], session: 11)
        alone.s(1, "MSG bob@example.com Bob", Array("Message-ID: {1}\r\nChunk: 1\r\n\r\nthe rest".utf8))
        alone.close(1)
        #expect(alone.conversations.count == 1)
    }

    @Test func manyOpenAtOnceAreNotAllReadAtOnce() {
        var scene = Scene()
        for number in 1...120 {
            scene.call(number, ["bob"], session: number)
            scene.c(number, "MSG 9 U", text: "\(number)")
        }
        for number in 1...120 { scene.c(number, "OUT") }
        #expect(scene.conversations.map { $0.sittings.map(\.count) } == [[50, 50, 20]])
        #expect(scene.texts().count == 120)
    }

    @Test func typingOnlyWhereAskedFor() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.s(
            1, "MSG bob@example.com Bob",
            Array(
                "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: bob@example.com\r\n\r\n\r\n"
                    .utf8))
        #expect(scene.conversations.isEmpty)
        scene.s(1, "MSG bob@example.com Bob", text: "done")
        #expect(!scene.written(ChatText()).contains("typing"))
        #expect(scene.written(ChatText(), typing: true).contains("* Bob is typing"))
    }
}

extension String {
    /// How often something stands in the text.
    func components(_ part: String) -> Int { self.split(separator: part, omittingEmptySubsequences: false).count - 1 }
}
