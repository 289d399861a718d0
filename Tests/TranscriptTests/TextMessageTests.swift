// Text messages as events: character sets, parts in disorder, the notification connection.

import MSNP
import Testing
import Transcript

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
        #expect(listener.commentary.finish().isEmpty)
    }

    @Test func partsOfPicturesAreNoTrouble() {
        var listener = Self.switchboard()
        Self.say("Content-Type: image/gif\r\nMessage-ID: {A}\r\nChunks: 3", [0x30], &listener)
        Self.say("Message-ID: {A}\r\nChunk: 1", [0x31], &listener)
        #expect(listener.messages.isEmpty && listener.commentary.finish().isEmpty)
        // A part whose beginning never came is.
        Self.say("Message-ID: {B}\r\nChunk: 1", [0x31], &listener)
        #expect(listener.commentary.finish().count == 1)
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
