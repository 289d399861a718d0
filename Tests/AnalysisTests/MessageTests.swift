// Text messages out of switchboards: who, to whom, and parts put together.

import Analysis
import EventSamples
import Events
import MSNP
import Testing

@Suite struct MessageTests {
    private static let plain = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"

    private static func switchboard() -> TappedConnection {
        var connection = TappedConnection()
        connection.client("USR 1 Alice@X.example 1.2\r\nCAL 2 bob@x.example\r\n")
        connection.server("USR 1 OK alice@x.example A\r\nCAL 2 RINGING 11752013\r\nJOI bob@x.example Bob\r\n")
        return connection
    }

    @Test func aMessageEachWay() {
        var connection = Self.switchboard()
        connection.receiveMessage("\(Self.plain)X-MMS-IM-Format: FN=Arial\r\n\r\nGr\u{FC}\u{DF}e\r\n\u{1F98B}", .client)
        connection.receiveMessage("\(Self.plain)\r\nhi", .server)
        #expect(
            connection.messages == [
                Message(
                    from: "alice@x.example", to: ["bob@x.example"], bytes: Array("Gr\u{FC}\u{DF}e\r\n\u{1F98B}".utf8),
                    conversation: "11752013", side: .client),
                Message(
                    from: "bob@x.example", to: ["alice@x.example"], bytes: Array("hi".utf8), conversation: "11752013",
                    side: .server),
            ])
    }

    @Test func whatIsNoTextMakesNoMessage() {
        var connection = Self.switchboard()
        connection.receiveMessage(
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: a\r\n\r\n\r\n", .client)
        connection.receiveMessage("Content-Type: text/plainer\r\n\r\nx", .client)
        connection.receiveMessage("no headers at all", .client)
        #expect(connection.messages.isEmpty)
    }

    @Test func whoIsThereIsFollowed() {
        var connection = TappedConnection()
        connection.client("ANS 1 alice@x.example 1.2 77\r\n")
        connection.server("IRO 1 1 2 bob@x.example B\r\nIRO 1 2 2 Carol@x.example;{1} C\r\nANS 1 OK\r\n")
        connection.receiveMessage("\(Self.plain)\r\none", .client)
        connection.server("BYE bob@x.example\r\nJOI dave@x.example D\r\n")
        connection.receiveMessage("\(Self.plain)\r\ntwo", .client)
        #expect(
            connection.messages.map(\.to) == [
                ["bob@x.example", "carol@x.example"], ["carol@x.example", "dave@x.example"],
            ])
        #expect(connection.messages.allSatisfy { $0.conversation == "77" })
    }

    @Test func partsArePutTogetherInAnyOrder() {
        for order in [[1, 2, 3], [3, 1, 2], [2, 3, 1]] {
            var connection = Self.switchboard()
            connection.receiveMessage("\(Self.plain)Message-ID: {A}\r\nChunks: 4\r\n\r\n0\u{E9}", .client)
            for part in order { connection.receiveMessage("Message-ID: {A}\r\nChunk: \(part)\r\n\r\n\(part)", .client) }
            #expect(connection.messages.map(\.text) == ["0\u{E9}123"])
            #expect(connection.analyzer.finish().isEmpty)
        }
    }

    @Test func partsOfTwoMessagesDoNotMix() {
        var connection = Self.switchboard()
        connection.receiveMessage("\(Self.plain)Message-ID: {A}\r\nChunks: 2\r\n\r\na0", .client)
        connection.receiveMessage("\(Self.plain)Message-ID: {A}\r\nChunks: 2\r\n\r\nb0", .server)
        connection.receiveMessage("Message-ID: {A}\r\nChunk: 1\r\n\r\nb1", .server)
        connection.receiveMessage("Message-ID: {A}\r\nChunk: 1\r\n\r\na1", .client)
        #expect(connection.messages.map(\.text) == ["b0b1", "a0a1"])
    }

    @Test func whatStaysIncompleteIsAFinding() {
        var connection = Self.switchboard()
        connection.receiveMessage("\(Self.plain)Message-ID: {A}\r\nChunks: 3\r\n\r\na0", .client)
        connection.receiveMessage("Message-ID: {A}\r\nChunk: 1\r\n\r\na1", .client)
        let left = connection.analyzer.finish()
        guard case .message(let words)? = left.first, case .finding(let finding)? = left.last, left.count == 2 else {
            Issue.record("no words and no finding")
            return
        }
        #expect(words.text == "a0a1…" && words.parts == 2 && words.fragment?.expected == 3)
        #expect(finding.name.text == "message_incomplete" && finding.text.contains("2 of 3") && finding.side == .client)
        #expect(finding.text.contains("alice@x.example"))
        #expect(connection.messages.isEmpty)
    }

    @Test func hostilePartsStayBounded() {
        var connection = Self.switchboard()
        for number in 0..<340 {
            connection.receiveMessage("\(Self.plain)Message-ID: {\(number)}\r\nChunks: 1000\r\n\r\nx", .client)
        }
        #expect(connection.findings(.messageIncomplete).count == 84)
        connection.receiveMessage("\(Self.plain)Message-ID: {Z}\r\nChunks: 4000000000\r\n\r\nx", .client)
        connection.receiveMessage("\(Self.plain)Message-ID: {Z}\r\nChunks: 0\r\n\r\nx", .client)
        connection.receiveMessage("Message-ID: {Z}\r\nChunk: 5\r\n\r\nx", .client)
        connection.receiveMessage("Message-ID: {339}\r\nChunk: 99999\r\n\r\nx", .client)
        // Invalid numbers of parts make no parts.
        #expect(connection.messages.filter { $0.fragment == nil }.map(\.text) == ["x", "x"])
        let large = String(repeating: "y", count: 200_000)
        connection.receiveMessage("Message-ID: {339}\r\nChunk: 1\r\n\r\n\(large)", .client)
        connection.receiveMessage("Message-ID: {339}\r\nChunk: 2\r\n\r\n\(large)", .client)
        #expect(connection.findings(.messageIncomplete).count == 86)
    }
}
