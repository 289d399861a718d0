// Text messages as events: character sets, parts in disorder, the notification connection.

import Analysis
import Events
import MSNP
import Output
import Query
import Testing

@Suite struct TextMessageTests {
    private static func switchboard() -> Listener {
        var listener = Listener()
        listener.client("USR 1 alice@x.example 17.1\r\n")
        listener.server("JOI bob@x.example Bob\r\n")
        return listener
    }

    private static func say(_ head: String, _ body: [UInt8], _ listener: inout Listener) {
        let payload = Array("\(head)\r\n\r\n".utf8) + body
        listener.hear(Array("MSG 4 N \(payload.count)\r\n".utf8) + payload, .client)
    }

    @Test func otherCharacterSets() {
        var listener = Self.switchboard()
        let plain = "MIME-Version: 1.0\r\nContent-Type: text/plain"
        Self.say("\(plain); charset=UTF-8", Array("Grüße".utf8), &listener)
        Self.say("\(plain); charset=windows-1251", [0xCF, 0xF0], &listener)
        Self.say("\(plain)\r\nX-MMS-IM-Format: FN=Arial; CS=cc", [0xCF, 0xF0], &listener)
        Self.say(plain, [0x47, 0xFC], &listener)
        // Parts are put together first: a character may be cut.
        Self.say("Message-ID: {A}\r\nChunk: 1", [0xFA], &listener)
        Self.say("\(plain); charset=shift_jis\r\nMessage-ID: {A}\r\nChunks: 2", [0x93], &listener)
        #expect(listener.messages.map(\.text) == ["Grüße", "Пр", "Пр", "Gü", "日"])
        #expect(listener.messages.allSatisfy { Array($0.text.utf8) == $0.bytes })
    }

    @Test func aFirstPartMayComeLast() {
        var listener = Self.switchboard()
        Self.say("Message-ID: {A}\r\nChunk: 2", [0x32], &listener)
        Self.say("Message-ID: {A}\r\nChunk: 1", [0x31], &listener)
        Self.say("Message-ID: {A}\r\nChunk: 1", [0x21], &listener)
        Self.say("Content-Type: text/plain\r\nMessage-ID: {A}\r\nChunks: 3", [0x30], &listener)
        #expect(listener.messages.map(\.text) == ["012"] && listener.messages.first?.parts == 3)
        #expect(listener.analyzer.finish().isEmpty)
    }

    @Test func picturesInPartsHaveNoWords() {
        var listener = Self.switchboard()
        Self.say("Content-Type: image/gif\r\nMessage-ID: {A}\r\nChunks: 3", [0x30], &listener)
        Self.say("Message-ID: {A}\r\nChunk: 1", [0x31], &listener)
        let left = listener.analyzer.finish()
        #expect(left.count == 1 && listener.messages.isEmpty)
        guard case .finding(let finding)? = left.first else {
            Issue.record("no finding")
            return
        }
        #expect(finding.name == "message_incomplete" && finding.text.contains("Only 2 of 3 parts"))
    }

    private static func fragment(_ kinds: [Event.Kind]) -> Message? {
        let messages = kinds.compactMap { if case .message(let message) = $0 { message } else { nil } }
        return messages.count == 1 ? messages[0] : nil
    }

    /// The words that came are told with what is missing, who said them, to whom, and when.
    @Test func wordsOfWhichTheRestNeverCame() throws {
        var listener = Self.switchboard()
        Self.say("Content-Type: text/plain; charset=UTF-8\r\nMessage-ID: {A}\r\nChunks: 5", [0x61, 0xC3], &listener)
        Self.say("Message-ID: {A}\r\nChunk: 2", [0xA9, 0x62], &listener)
        Self.say("Message-ID: {A}\r\nChunk: 4", [0x63], &listener)
        listener.server("BYE bob@x.example\r\n")
        let message = try #require(Self.fragment(listener.analyzer.finish()))
        #expect(message.text == "a…b…c")
        #expect(message.from == "alice@x.example" && message.to == ["bob@x.example"] && message.parts == 3)
        #expect(message.fragment?.expected == 5)
    }

    /// Where the first part is missing nobody says what it is; what looks like words is told as such.
    @Test(arguments: [
        ("and then we met.", true), ("ok", true), (String(repeating: "R0lGODlh", count: 9), false), ("a\tb", false),
    ])
    func wordsWithoutABeginning(_ example: (body: String, isText: Bool)) {
        var listener = Self.switchboard()
        Self.say("Message-ID: {A}\r\nChunk: 2", Array(example.body.utf8), &listener)
        let left = listener.analyzer.finish()
        let message = Self.fragment(left)
        #expect(message?.text == (example.isText ? "…\(example.body)…" : nil))
        #expect(left.count == (example.isText ? 2 : 1))
    }

    /// What is no text is told by the frame that completes it.
    @Test func whateverComesInPartsIsPutTogether() throws {
        var listener = Self.switchboard()
        Self.say("Content-Type: image/gif\r\nMessage-ID: {A}\r\nChunks: 2", Array("base64:R0lG".utf8), &listener)
        let payload = Array("Message-ID: {A}\r\nChunk: 1\r\n\r\nODlh".utf8)
        let frame = try #require(Frame(Array("MSG 5 N \(payload.count)\r\n".utf8) + payload))
        var event = Event(
            time: Timestamp(nanoseconds: 0), connection: 5, role: .switchboard, kind: .frame(frame, from: .client))
        #expect(listener.analyzer.take(&event).isEmpty)
        let json = try Line(event).text
        #expect(json.contains(#""joined":{"content_type":"image/gif","kind":"ink","format":"gif","bytes":6}"#))
        var presentation = Presentation()
        presentation.detail = 2
        var format = TextFormat(presentation)
        var bytes: [UInt8] = []
        format.append(event, to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("= in several parts: content_type=image/gif, kind=ink, format=gif, bytes=6"))
    }

    @Test func partsOverOtherNetworks() {
        var listener = Listener()
        listener.client("VER 1 MSNP15 CVR0\r\n")
        listener.client("USR 3 SSO I alice@x.example\r\n")
        for (head, text) in [
            ("Content-Type: text/plain\r\nMessage-ID: {A}\r\nChunks: 2", "one "),
            ("Message-ID: {A}\r\nChunk: 1", "two"),
            ("Content-Type: text/plain\r\nMessage-ID: {B}\r\nChunks: 2", "half"),
        ] {
            let body = "\(head)\r\n\r\n\(text)"
            listener.server("UBM yan@y.example 32 alice@x.example 1 1 \(body.utf8.count)\r\n\(body)")
        }
        #expect(listener.messages.map(\.text) == ["one two"] && listener.messages.map(\.parts) == [2])
        let half = Self.fragment(listener.analyzer.finish())
        #expect(half?.text == "half…" && half?.from == "yan@y.example" && half?.conversation == "yan@y.example")
    }

    @Test func anIdentifierAloneMakesNoParts() {
        var listener = Self.switchboard()
        Self.say("Content-Type: text/plain\r\nMessage-ID: {A}", [0x30], &listener)
        #expect(listener.messages.map(\.text) == ["0"])
    }

    @Test func lettersAreMessagesToo() {
        var listener = Listener()
        listener.client("VER 1 MSNP21 CVR0\r\n")
        listener.client("USR 3 SSO I Alice@x.example\r\n")
        let envelope =
            "Routing: 1.0\r\nTo: 1:bob@x.example\r\nFrom: 1:alice@x.example;epid={8}\r\n\r\nReliability: 1.0\r\n\r\n"
            + "Messaging: 2.0\r\nMessage-Type: Text\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: 5\r\n\r\nhello"
        listener.client("SDG 11 \(envelope.utf8.count)\r\n\(envelope)")
        let body = "Content-Type: text/plain\r\n\r\nhi"
        listener.client("UUM 14 yan@y.example 32 1 \(body.utf8.count)\r\n\(body)")
        listener.server("UBM yan@y.example 32 alice@x.example 1 1 \(body.utf8.count)\r\n\(body)")
        listener.server("UBX bob@x.example 1 \(body.utf8.count)\r\n\(body)")
        #expect(listener.messages.map(\.from) == ["alice@x.example", "alice@x.example", "yan@y.example"])
        #expect(listener.messages.map(\.to) == [["bob@x.example"], ["yan@y.example"], ["alice@x.example"]])
        #expect(listener.messages.map(\.conversation) == ["bob@x.example", "yan@y.example", "yan@y.example"])
        #expect(listener.messages.map(\.text) == ["hello", "hi", "hi"])
    }
}

/// From MSNP16 on a person may be there at several places (commands.tsv, `BYE`).
@Suite struct EndpointMessageTests {
    @Test func messagesGoToAPersonUntilTheLastPlaceHasLeft() {
        var listener = Listener()
        listener.client("USR 1 ann@x.example;{a1} 17.1\r\n")
        listener.server(
            "JOI bob@x.example;{b1} Bob 1:1\r\nJOI bob@x.example;{b2} Bob 1:1\r\nJOI bob@x.example Bob 1:1\r\n")
        func say() {
            let payload = Array("Content-Type: text/plain\r\n\r\nhi".utf8)
            listener.hear(Array("MSG 4 N \(payload.count)\r\n".utf8) + payload, .client)
        }
        say()
        listener.server("BYE bob@x.example;{b1}\r\n")
        say()
        listener.server("BYE bob@x.example;{b2}\r\nBYE bob@x.example\r\n")
        say()
        #expect(listener.messages.map(\.to) == [["bob@x.example"], ["bob@x.example"], []])
    }
}
