// Messages that go over the notification connection.

import Analysis
import Events
import Payloads
import Testing
import Transcripts

@Suite struct DirectMessagesTests {
    private static func signedIn() -> TranscriptScenario {
        var scenario = TranscriptScenario()
        scenario.open(1)
        scenario.c(1, "VER 1 MSNP21 CVR0")
        scenario.s(1, "VER 1 MSNP21")
        scenario.c(1, "USR 3 SSO I alice@example.com")
        scenario.s(1, "USR 3 OK alice@example.com 1 0")
        scenario.s(1, "PRP MFN Alice%20A")
        return scenario
    }

    private static func envelope(from: String, to: String, type: String, body: String) -> [UInt8] {
        Array(
            ("Routing: 1.0\r\nTo: \(to)\r\nFrom: \(from)\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nMessage-Type: \(type)\r\n"
                + "Content-Type: text/plain; charset=UTF-8\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    }

    @Test func envelopesArePerPersonAndGroup() {
        var scenario = Self.signedIn()
        let alice = "1:alice@example.com;epid={8a}"
        scenario.c(1, "SDG 11", Self.envelope(from: alice, to: "1:bob@example.com", type: "Text", body: "hello bob"))
        scenario.s(1, "SDG 0", Self.envelope(from: "1:carol@example.com", to: alice, type: "Text", body: "hello alice"))
        scenario.s(
            1, "SDG 0", Self.envelope(from: "1:bob@example.com;epid={9}", to: alice, type: "Nudge", body: "\r\n"))
        scenario.s(1, "SDG 0", Self.envelope(from: "1:bob@example.com", to: alice, type: "Control/Typing", body: ""))
        scenario.c(
            1, "SDG 12", Self.envelope(from: alice, to: "1:bob@example.com", type: "Text", body: "into the void"))
        scenario.s(1, "801 12 5", nil)
        let circle = "9:00-09@live.com"
        scenario.c(1, "SDG 13", Self.envelope(from: alice, to: "\(circle);path=IM", type: "Text", body: "all"))
        scenario.s(
            1, "SDG 0", Self.envelope(from: "1:dave@example.com;via=\(circle)", to: alice, type: "Text", body: "you"))
        #expect(
            scenario.conversations.map(\.accounts) == [
                ["alice@example.com", "bob@example.com"], ["alice@example.com", "carol@example.com"],
                ["alice@example.com", "00-09@live.com"],
            ])
        #expect(scenario.texts(0) == ["Alice A: hello bob", "Alice A: into the void"])
        #expect(scenario.texts(1) == ["carol@example.com: hello alice"])
        #expect(scenario.texts(2) == ["Alice A: all", "dave@example.com: you"])
        let text = scenario.written(ChatText())
        #expect(
            text.contains("* bob@example.com sent a nudge") && text.contains("not delivered] Alice A: into the void"))
        #expect(!text.contains("typing"))
    }

    /// What an account writes at one endpoint is sent to its others: it is a message to the contact, not to oneself.
    @Test func copiesOfOnesOwnWords() {
        var scenario = Self.signedIn()
        let phone = "1:Alice@example.com;epid={9b}"
        scenario.s(1, "SDG 0", Self.envelope(from: phone, to: "1:bob@example.com", type: "Text", body: "from my phone"))
        scenario.s(
            1, "SDG 0", Self.envelope(from: "1:bob@example.com", to: "1:alice@example.com", type: "Text", body: "hi"))
        #expect(scenario.conversations.map(\.accounts) == [["alice@example.com", "bob@example.com"]])
        #expect(scenario.texts().map { $0.split(separator: ": ").last } == ["from my phone", "hi"])
    }

    @Test func otherNetworks() {
        var scenario = Self.signedIn()
        scenario.c(1, "UUM 14 yan@yahoo.com 32 1", TranscriptScenario.chat("hello yahoo"))
        scenario.s(1, "UBM yan@yahoo.com 32 alice@example.com 1 1", TranscriptScenario.chat("hello back"))
        scenario.s(1, "UBM 32:yan@yahoo.com 1:alice@example.com 1", TranscriptScenario.chat("again"))
        #expect(scenario.conversations.map(\.accounts) == [["alice@example.com", "yan@yahoo.com"]])
        #expect(scenario.texts() == ["Alice A: hello yahoo", "yan@yahoo.com: hello back", "yan@yahoo.com: again"])
    }

    /// An incomplete direct message is shown in the conversation with its sender, and in no other.
    @Test func lettersThatCameOnlyInPart() {
        var scenario = Self.signedIn()
        for name in ["yan", "zoe"] {
            scenario.s(1, "UBM \(name)@yahoo.com 32 alice@example.com 1 1", TranscriptScenario.chat("I am \(name)"))
        }
        for (head, body) in [
            ("{1}\r\nChunks: 2", "half of it"), ("{2}\r\nChunks: 2", "all "), ("{2}\r\nChunk: 1", "of it"),
        ] {
            let type = head.hasSuffix("Chunk: 1") ? "" : "Content-Type: text/plain\r\n"
            scenario.s(
                1, "UBM yan@yahoo.com 32 alice@example.com 1 1", Array("\(type)Message-ID: \(head)\r\n\r\n\(body)".utf8)
            )
        }
        scenario.s(1, "UBM zoe@yahoo.com 32 alice@example.com 1 1", TranscriptScenario.chat("bye"))
        scenario.close(1)
        let reading = scenario.readingWithAsides
        #expect(
            reading.texts(0)
                == ["yan@yahoo.com: I am yan", "yan@yahoo.com: half of it…", "yan@yahoo.com: all of it"])
        #expect(reading.texts(1) == ["zoe@yahoo.com: I am zoe", "zoe@yahoo.com: bye"])
    }

    /// Incomplete direct messages of several people, text and drawings, each stand with their sender and nowhere else.
    @Test func halvesOfSeveralPeople() {
        var scenario = Self.signedIn()
        for name in ["yan", "zoe"] {
            for (type, body) in [("text/plain", "half of \(name)"), ("image/gif", "base64:R0lG")] {
                let head = "Content-Type: \(type)\r\nMessage-ID: {\(type)}\r\nChunks: 2\r\n\r\n"
                scenario.s(1, "UBM \(name)@yahoo.com 32 alice@example.com 1 1", Array("\(head)\(body)".utf8))
            }
        }
        scenario.c(
            1, "UUM 14 zoe@yahoo.com 32 1",
            Array("Content-Type: image/gif\r\nMessage-ID: {3}\r\nChunks: 2\r\n\r\nbase64:".utf8))
        scenario.close(1)
        let reading = scenario.readingWithAsides
        let shown = reading.entries().map { entries in
            entries.map { entry in
                switch entry.what {
                case .text(let text, _): text.text
                case .incomplete(let text): String(text.prefix { $0 != ";" })
                default: "\(entry.what)"
                }
            }
        }
        let part = "Only 1 of 2 parts of a message from"
        #expect(
            shown == [
                ["half of yan…", "\(part) yan@yahoo.com was seen"],
                [
                    "half of zoe…", "\(part) zoe@yahoo.com was seen",
                    "\(part) alice@example.com to zoe@yahoo.com was seen",
                ],
            ])
    }

    @Test func messagesThatWait() {
        var scenario = Self.signedIn()
        let notice =
            "Content-Type: text/x-msmsgsoimnotification\r\n\r\nMail-Data: <MD><M><RT>2007-05-14T15:52:53Z</RT>"
            + "<E>Bob@example.com</E><N>=?utf-8?B?Qm9i?=</N></M></MD>\r\n"
        scenario.s(1, "MSG Hotmail Hotmail", Array(notice.utf8))
        // The notice and the talk after it are one conversation.
        scenario.call(2, ["bob"], session: 11)
        scenario.c(2, "MSG 3 U", text: "I read it")
        #expect(scenario.conversations.count == 1)
        #expect(scenario.written(ChatText()).contains("* Bob left a message on the server (2007-05-14T15:52:53Z)"))
        #expect(scenario.texts() == ["Alice A: I read it"])
    }

    @Test func aLongSilenceEndsIt() {
        var scenario = Self.signedIn()
        for text in ["one", "two"] {
            scenario.s(1, "UBM yan@yahoo.com 32 alice@example.com 1 1", TranscriptScenario.chat(text))
            scenario.wait(31 * 60)
        }
        #expect(scenario.conversations.count == 2)
        #expect(scenario.texts(0) == ["yan@yahoo.com: one"] && scenario.texts(1) == ["yan@yahoo.com: two"])
    }
}
