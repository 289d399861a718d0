// Text messages as events: character sets, parts in disorder, the notification connection.

import Analysis
import EventSamples
import Events
import MSNP
import Testing

@Suite struct TextMessageTests {
    private static func switchboard() -> TappedConnection {
        var connection = TappedConnection()
        connection.client("USR 1 alice@x.example 17.1\r\n")
        connection.server("JOI bob@x.example Bob\r\n")
        return connection
    }

    private static func send(_ head: String, _ body: [UInt8], _ connection: inout TappedConnection) {
        let payload = Array("\(head)\r\n\r\n".utf8) + body
        connection.receive(Array("MSG 4 N \(payload.count)\r\n".utf8) + payload, .client)
    }

    @Test func otherCharacterSets() {
        var connection = Self.switchboard()
        let plain = "MIME-Version: 1.0\r\nContent-Type: text/plain"
        Self.send("\(plain); charset=UTF-8", Array("Grüße".utf8), &connection)
        Self.send("\(plain); charset=windows-1251", [0xCF, 0xF0], &connection)
        Self.send("\(plain)\r\nX-MMS-IM-Format: FN=Arial; CS=cc", [0xCF, 0xF0], &connection)
        Self.send(plain, [0x47, 0xFC], &connection)
        // Parts are put together first: a character may be cut.
        Self.send("Message-ID: {A}\r\nChunk: 1", [0xFA], &connection)
        Self.send("\(plain); charset=shift_jis\r\nMessage-ID: {A}\r\nChunks: 2", [0x93], &connection)
        #expect(connection.messages.map(\.text) == ["Grüße", "Пр", "Пр", "Gü", "日"])
        #expect(connection.messages.allSatisfy { Array($0.text.utf8) == $0.bytes })
    }

    @Test func aFirstPartMayComeLast() {
        var connection = Self.switchboard()
        Self.send("Message-ID: {A}\r\nChunk: 2", [0x32], &connection)
        Self.send("Message-ID: {A}\r\nChunk: 1", [0x31], &connection)
        Self.send("Message-ID: {A}\r\nChunk: 1", [0x21], &connection)
        Self.send("Content-Type: text/plain\r\nMessage-ID: {A}\r\nChunks: 3", [0x30], &connection)
        #expect(connection.messages.map(\.text) == ["012"] && connection.messages.first?.parts == 3)
        #expect(connection.analyzer.finish().isEmpty)
    }

    @Test func picturesInPartsHaveNoWords() {
        var connection = Self.switchboard()
        Self.send("Content-Type: image/gif\r\nMessage-ID: {A}\r\nChunks: 3", [0x30], &connection)
        Self.send("Message-ID: {A}\r\nChunk: 1", [0x31], &connection)
        let left = connection.analyzer.finish()
        #expect(left.count == 1 && connection.messages.isEmpty)
        guard case .finding(let finding)? = left.first else {
            Issue.record("no finding")
            return
        }
        #expect(finding.name.text == "message_incomplete" && finding.text.contains("Only 2 of 3 parts"))
    }

    private static func fragment(_ kinds: [Event.Kind]) -> Message? {
        let messages = kinds.compactMap { if case .message(let message) = $0 { message } else { nil } }
        return messages.count == 1 ? messages[0] : nil
    }

    /// An incomplete message has its text, its sender and recipients, and the number of its parts.
    @Test func wordsOfWhichTheRestNeverCame() throws {
        var connection = Self.switchboard()
        Self.send("Content-Type: text/plain; charset=UTF-8\r\nMessage-ID: {A}\r\nChunks: 5", [0x61, 0xC3], &connection)
        Self.send("Message-ID: {A}\r\nChunk: 2", [0xA9, 0x62], &connection)
        Self.send("Message-ID: {A}\r\nChunk: 4", [0x63], &connection)
        connection.server("BYE bob@x.example\r\n")
        let message = try #require(Self.fragment(connection.analyzer.finish()))
        #expect(message.text == "a…b…c")
        #expect(message.from == "alice@x.example" && message.to == ["bob@x.example"] && message.parts == 3)
        #expect(message.fragment?.expected == 5)
    }

    /// Without its first part, a message has no content type; what looks like text becomes a message.
    @Test(arguments: [
        ("and then we met.", true), ("ok", true), (String(repeating: "R0lGODlh", count: 9), false), ("a\tb", false),
    ])
    func wordsWithoutABeginning(_ example: (body: String, isText: Bool)) {
        var connection = Self.switchboard()
        Self.send("Message-ID: {A}\r\nChunk: 2", Array(example.body.utf8), &connection)
        let left = connection.analyzer.finish()
        let message = Self.fragment(left)
        #expect(message?.text == (example.isText ? "…\(example.body)…" : nil))
        #expect(left.count == (example.isText ? 2 : 1))
    }

    /// What is no text is shown with the frame that completes it.
    @Test func whateverComesInPartsIsPutTogether() throws {
        var connection = Self.switchboard()
        Self.send("Content-Type: image/gif\r\nMessage-ID: {A}\r\nChunks: 2", Array("base64:R0lG".utf8), &connection)
        let payload = Array("Message-ID: {A}\r\nChunk: 1\r\n\r\nODlh".utf8)
        let frame = try #require(Frame(Array("MSG 5 N \(payload.count)\r\n".utf8) + payload))
        var event = Event(
            time: Timestamp(nanoseconds: 0), connection: 5, role: .switchboard, kind: .frame(frame, from: .client))
        #expect(connection.analyzer.take(&event).isEmpty)
        let json = try JSONLine(event).text
        #expect(json.contains(#""joined":{"content_type":"image/gif","kind":"ink","format":"gif","bytes":6}"#))
        #expect(
            logText(event, detail: 2).contains(
                "= in several parts: content_type=image/gif, kind=ink, format=gif, bytes=6"))
    }

    @Test func partsOverOtherNetworks() {
        var connection = TappedConnection()
        connection.client("VER 1 MSNP15 CVR0\r\n")
        connection.client("USR 3 SSO I alice@x.example\r\n")
        for (head, text) in [
            ("Content-Type: text/plain\r\nMessage-ID: {A}\r\nChunks: 2", "one "),
            ("Message-ID: {A}\r\nChunk: 1", "two"),
            ("Content-Type: text/plain\r\nMessage-ID: {B}\r\nChunks: 2", "half"),
        ] {
            let body = "\(head)\r\n\r\n\(text)"
            connection.server("UBM yan@y.example 32 alice@x.example 1 1 \(body.utf8.count)\r\n\(body)")
        }
        #expect(connection.messages.map(\.text) == ["one two"] && connection.messages.map(\.parts) == [2])
        let half = Self.fragment(connection.analyzer.finish())
        #expect(half?.text == "half…" && half?.from == "yan@y.example" && half?.conversation == "yan@y.example")
    }

    @Test func anIdentifierAloneMakesNoParts() {
        var connection = Self.switchboard()
        Self.send("Content-Type: text/plain\r\nMessage-ID: {A}", [0x30], &connection)
        #expect(connection.messages.map(\.text) == ["0"])
    }

    @Test func lettersAreMessagesToo() {
        var connection = TappedConnection()
        connection.client("VER 1 MSNP21 CVR0\r\n")
        connection.client("USR 3 SSO I Alice@x.example\r\n")
        let envelope =
            "Routing: 1.0\r\nTo: 1:bob@x.example\r\nFrom: 1:alice@x.example;epid={8}\r\n\r\nReliability: 1.0\r\n\r\n"
            + "Messaging: 2.0\r\nMessage-Type: Text\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: 5\r\n\r\nhello"
        connection.client("SDG 11 \(envelope.utf8.count)\r\n\(envelope)")
        let body = "Content-Type: text/plain\r\n\r\nhi"
        connection.client("UUM 14 yan@y.example 32 1 \(body.utf8.count)\r\n\(body)")
        connection.server("UBM yan@y.example 32 alice@x.example 1 1 \(body.utf8.count)\r\n\(body)")
        connection.server("UBX bob@x.example 1 \(body.utf8.count)\r\n\(body)")
        #expect(connection.messages.map(\.from) == ["alice@x.example", "alice@x.example", "yan@y.example"])
        #expect(connection.messages.map(\.to) == [["bob@x.example"], ["yan@y.example"], ["alice@x.example"]])
        #expect(connection.messages.map(\.conversation) == ["bob@x.example", "yan@y.example", "yan@y.example"])
        #expect(connection.messages.map(\.text) == ["hello", "hi", "hi"])
    }
}

/// From MSNP16 on a person may be there at several places (commands.tsv, `BYE`).
@Suite struct EndpointMessageTests {
    @Test func messagesGoToAPersonUntilTheLastPlaceHasLeft() {
        var connection = TappedConnection()
        connection.client("USR 1 ann@x.example;{a1} 17.1\r\n")
        connection.server(
            "JOI bob@x.example;{b1} Bob 1:1\r\nJOI bob@x.example;{b2} Bob 1:1\r\nJOI bob@x.example Bob 1:1\r\n")
        func send() {
            let payload = Array("Content-Type: text/plain\r\n\r\nhi".utf8)
            connection.receive(Array("MSG 4 N \(payload.count)\r\n".utf8) + payload, .client)
        }
        send()
        connection.server("BYE bob@x.example;{b1}\r\n")
        send()
        connection.server("BYE bob@x.example;{b2}\r\nBYE bob@x.example\r\n")
        send()
        #expect(connection.messages.map(\.to) == [["bob@x.example"], ["bob@x.example"], []])
    }
}
