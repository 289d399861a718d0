// Talk that goes over the notification connection.

import Chat
import Messages
import Testing
import Transcript

@Suite struct LettersTests {
    private static func signedIn() -> Scene {
        var scene = Scene()
        scene.open(1)
        scene.c(1, "VER 1 MSNP21 CVR0")
        scene.s(1, "VER 1 MSNP21")
        scene.c(1, "USR 3 SSO I alice@example.com")
        scene.s(1, "USR 3 OK alice@example.com 1 0")
        scene.s(1, "PRP MFN Alice%20A")
        return scene
    }

    private static func envelope(from: String, to: String, type: String, body: String) -> [UInt8] {
        Array(
            ("Routing: 1.0\r\nTo: \(to)\r\nFrom: \(from)\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nMessage-Type: \(type)\r\n"
                + "Content-Type: text/plain; charset=UTF-8\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    }

    @Test func envelopesArePerPersonAndGroup() {
        var scene = Self.signedIn()
        let alice = "1:alice@example.com;epid={8a}"
        scene.c(1, "SDG 11", Self.envelope(from: alice, to: "1:bob@example.com", type: "Text", body: "hello bob"))
        scene.s(1, "SDG 0", Self.envelope(from: "1:carol@example.com", to: alice, type: "Text", body: "hello alice"))
        scene.s(1, "SDG 0", Self.envelope(from: "1:bob@example.com;epid={9}", to: alice, type: "Nudge", body: "\r\n"))
        scene.s(1, "SDG 0", Self.envelope(from: "1:bob@example.com", to: alice, type: "Control/Typing", body: ""))
        scene.c(1, "SDG 12", Self.envelope(from: alice, to: "1:bob@example.com", type: "Text", body: "into the void"))
        scene.s(1, "801 12 5", nil)
        let circle = "9:00-09@live.com"
        scene.c(1, "SDG 13", Self.envelope(from: alice, to: "\(circle);path=IM", type: "Text", body: "all"))
        scene.s(
            1, "SDG 0", Self.envelope(from: "1:dave@example.com;via=\(circle)", to: alice, type: "Text", body: "you"))
        #expect(
            scene.conversations.map(\.everybody) == [
                ["alice@example.com", "bob@example.com"], ["alice@example.com", "carol@example.com"],
                ["alice@example.com", "00-09@live.com"],
            ])
        #expect(scene.texts(0) == ["Alice A: hello bob", "Alice A: into the void"])
        #expect(scene.texts(1) == ["carol@example.com: hello alice"])
        #expect(scene.texts(2) == ["Alice A: all", "dave@example.com: you"])
        let text = scene.written(ChatText())
        #expect(text.contains("* bob@example.com sent a nudge") && text.contains("refused] Alice A: into the void"))
        #expect(!text.contains("typing"))
    }

    /// What the account writes at one place, its other places are sent: it is said to the reader, not to oneself.
    @Test func copiesOfOnesOwnWords() {
        var scene = Self.signedIn()
        let phone = "1:Alice@example.com;epid={9b}"
        scene.s(1, "SDG 0", Self.envelope(from: phone, to: "1:bob@example.com", type: "Text", body: "from my phone"))
        scene.s(
            1, "SDG 0", Self.envelope(from: "1:bob@example.com", to: "1:alice@example.com", type: "Text", body: "hi"))
        #expect(scene.conversations.map(\.everybody) == [["alice@example.com", "bob@example.com"]])
        #expect(scene.texts().map { $0.split(separator: ": ").last } == ["from my phone", "hi"])
    }

    @Test func otherNetworks() {
        var scene = Self.signedIn()
        scene.c(1, "UUM 14 yan@yahoo.com 32 1", Scene.chat("hello yahoo"))
        scene.s(1, "UBM yan@yahoo.com 32 alice@example.com 1 1", Scene.chat("hello back"))
        scene.s(1, "UBM 32:yan@yahoo.com 1:alice@example.com 1", Scene.chat("again"))
        #expect(scene.conversations.map(\.everybody) == [["alice@example.com", "yan@yahoo.com"]])
        #expect(scene.texts() == ["Alice A: hello yahoo", "yan@yahoo.com: hello back", "yan@yahoo.com: again"])
    }

    /// Half a letter is told in the conversation with its writer, and in no other one.
    @Test func lettersThatCameOnlyInPart() {
        var scene = Self.signedIn()
        for name in ["yan", "zoe"] {
            scene.s(1, "UBM \(name)@yahoo.com 32 alice@example.com 1 1", Scene.chat("I am \(name)"))
        }
        for (head, body) in [
            ("{1}\r\nChunks: 2", "half of it"), ("{2}\r\nChunks: 2", "all "), ("{2}\r\nChunk: 1", "of it"),
        ] {
            let type = head.hasSuffix("Chunk: 1") ? "" : "Content-Type: text/plain\r\n"
            scene.s(
                1, "UBM yan@yahoo.com 32 alice@example.com 1 1", Array("\(type)Message-ID: \(head)\r\n\r\n\(body)".utf8)
            )
        }
        scene.s(1, "UBM zoe@yahoo.com 32 alice@example.com 1 1", Scene.chat("bye"))
        scene.close(1)
        let reading = scene.readingWithAsides
        #expect(
            reading.texts(0)
                == ["yan@yahoo.com: I am yan", "yan@yahoo.com: half of it…", "yan@yahoo.com: all of it"])
        #expect(reading.texts(1) == ["zoe@yahoo.com: I am zoe", "zoe@yahoo.com: bye"])
    }

    /// Halves of several people's letters, words and drawings, each stand with their writer and nowhere else.
    @Test func halvesOfSeveralPeople() {
        var scene = Self.signedIn()
        for name in ["yan", "zoe"] {
            for (type, body) in [("text/plain", "half of \(name)"), ("image/gif", "base64:R0lG")] {
                let head = "Content-Type: \(type)\r\nMessage-ID: {\(type)}\r\nChunks: 2\r\n\r\n"
                scene.s(1, "UBM \(name)@yahoo.com 32 alice@example.com 1 1", Array("\(head)\(body)".utf8))
            }
        }
        scene.c(
            1, "UUM 14 zoe@yahoo.com 32 1",
            Array("Content-Type: image/gif\r\nMessage-ID: {3}\r\nChunks: 2\r\n\r\nbase64:".utf8))
        scene.close(1)
        let reading = scene.readingWithAsides
        let told = reading.entries().map { entries in
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
            told == [
                ["half of yan…", "\(part) yan@yahoo.com was seen"],
                [
                    "half of zoe…", "\(part) zoe@yahoo.com was seen",
                    "\(part) alice@example.com to zoe@yahoo.com was seen",
                ],
            ])
    }

    @Test func messagesThatWait() {
        var scene = Self.signedIn()
        let notice =
            "Content-Type: text/x-msmsgsoimnotification\r\n\r\nMail-Data: <MD><M><RT>2007-05-14T15:52:53Z</RT>"
            + "<E>Bob@example.com</E><N>=?utf-8?B?Qm9i?=</N></M></MD>\r\n"
        scene.s(1, "MSG Hotmail Hotmail", Array(notice.utf8))
        // The notice and the talk after it are one conversation.
        scene.call(2, ["bob"], session: 11)
        scene.c(2, "MSG 3 U", text: "I read it")
        #expect(scene.conversations.count == 1)
        #expect(scene.written(ChatText()).contains("* Bob left a message on the server (2007-05-14T15:52:53Z)"))
        #expect(scene.texts() == ["Alice A: I read it"])
    }

    @Test func aLongSilenceEndsIt() {
        var scene = Self.signedIn()
        for text in ["one", "two"] {
            scene.s(1, "UBM yan@yahoo.com 32 alice@example.com 1 1", Scene.chat(text))
            scene.wait(31 * 60)
        }
        #expect(scene.conversations.count == 2)
        #expect(scene.texts(0) == ["yan@yahoo.com: one"] && scene.texts(1) == ["yan@yahoo.com: two"])
    }
}
