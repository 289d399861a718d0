// What is a part of a message, and how parts become one.

import MSNP
import Testing

@testable import Payloads

@Suite struct MessagePartsTests {
    private static func frame(_ head: String, _ body: String) throws -> Frame {
        let payload = "\(head)\r\n\r\n\(body)"
        return try #require(Frame(Array("MSG bob@example.com Bob \(payload.utf8.count)\r\n\(payload)".utf8)))
    }

    private static func first(_ count: Int, _ body: String, type: String = "text/plain") throws -> Frame {
        try frame("MIME-Version: 1.0\r\nContent-Type: \(type)\r\nMessage-ID: {A}\r\nChunks: \(count)", body)
    }

    private static func later(_ index: Int, _ body: String) throws -> Frame {
        try frame("Message-ID: {A}\r\nChunk: \(index)", body)
    }

    private static func place(_ time: Int64) -> Place {
        Place(connection: 1, role: .switchboard, side: .server, time: time, offset: 0)
    }

    /// The outcomes of some frames.
    private static func joined(_ frames: [Frame]) -> (outcomes: [String], givenUp: [MessageParts.Fragment]) {
        var parts = MessageParts()
        var outcomes: [String] = []
        var givenUp: [MessageParts.Fragment] = []
        for (time, frame) in frames.enumerated() {
            let kind = Headers.kind(of: frame.payload)
            let outcome = parts.take(
                frame, kind, from: "bob", to: ["ann"], at: place(Int64(time)), givingUp: &givenUp)
            switch outcome {
            case .alone: outcomes.append("alone")
            case .part: outcomes.append("part")
            case .whole(let whole, _):
                outcomes.append("whole " + String(decoding: whole.bytes, as: UTF8.self).replacing("\r\n", with: "|"))
            }
        }
        return (outcomes, givenUp + parts.close())
    }

    /// Hundreds of messages at once become whole; what is given up is reported.
    @Test func manyAtOnce() throws {
        let count = 200
        let firsts = try (0..<count).map {
            try Self.frame("Content-Type: text/plain\r\nMessage-ID: {\($0)}\r\nChunks: 2", "a")
        }
        let seconds = try (0..<count).map { try Self.frame("Message-ID: {\($0)}\r\nChunk: 1", "b") }
        let (outcomes, givenUp) = Self.joined(firsts + seconds)
        #expect(outcomes.count { $0.hasPrefix("whole") } == count && givenUp.isEmpty)
        let flood = try (0..<1_000).map {
            try Self.frame("Content-Type: text/plain\r\nMessage-ID: {\($0)}\r\nChunks: 2", "a")
        }
        let left = Self.joined(flood).givenUp
        #expect(left.count == 1_000 && left.count(where: \.isGivenUp) == 744)
    }

    @Test(
        arguments: [
            ("Message-ID: 1\nChunks: 2", 2, 0), ("Message-ID: 1\nChunk: 1", nil, 1),
            ("Message-ID: 1\nChunks: 1000", 1_000, 0),
            ("Message-ID: 1\nChunk: 999", nil, 999), ("Message-ID: 1\nChunks: 3\nChunk: 2", 3, 0),
        ] as [(String, Int?, Int)])
    func whatIsAPart(_ example: (head: String, count: Int?, index: Int)) {
        let part = MessagePayload(ByteSlice(Bytes("\(example.head)\n\nx".utf8))).part
        #expect(part?.count == example.count && part?.index == example.index)
    }

    @Test(arguments: [
        "Chunks: 2", "Chunk: 1", "Message-ID: 1", "Message-ID: 1\nChunks: 0", "Message-ID: 1\nChunks: 1",
        "Message-ID: 1\nChunks: 1001", "Message-ID: 1\nChunks: -2", "Message-ID: 1\nChunks: 99999999999999999999",
        "Message-ID: 1\nChunk: 0", "Message-ID: 1\nChunk: 1000", "Message-ID: 1\nChunk:",
    ])
    func whatStandsAlone(_ head: String) throws {
        let message = MessagePayload(ByteSlice(Bytes("Content-Type: text/plain\n\(head)\n\nx".utf8)))
        #expect(message.part == nil && message.body == .text(TextMessage(text: "x")))
        let frame = try Self.frame("Content-Type: text/plain\r\n\(head.replacing("\n", with: "\r\n"))", "x")
        #expect(Self.joined([frame]).outcomes == ["alone"])
    }

    /// All of it in one command, in any order of its parts and with parts that come again.
    @Test func inOneCommand() throws {
        let frames = [try Self.first(3, "one "), try Self.later(1, "two "), try Self.later(2, "three")]
        let whole =
            "whole MSG bob@example.com Bob 88|MIME-Version: 1.0|Content-Type: text/plain|Message-ID: {A}|Chunks: 1||"
            + "one two three"
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
            let result = Self.joined(order.map { frames[$0] } + [frames[1]])
            #expect(result.outcomes == ["part", "part", whole, "part"] && result.givenUp.isEmpty)
        }
        let again = Self.joined([frames[0], frames[0], frames[1], frames[1], frames[2]])
        #expect(again.outcomes == ["part", "part", "part", "part", whole] && again.givenUp.isEmpty)
        let frame = try #require(Frame(Array(whole.dropFirst(6).replacing("|", with: "\r\n").utf8)))
        #expect(MessagePayload(frame.payload).part == nil)
    }

    @Test func runsAndHoles() throws {
        let given = Self.joined([try Self.first(6, "0"), try Self.later(1, "1"), try Self.later(4, "4")]).givenUp
        #expect(given.map(\.sender) == ["bob"] && given.map(\.recipients) == [["ann"]])
        #expect(given.map(\.place.time) == [0] && given.map(\.count) == [6])
        let runs = try #require(given.first).runs
        #expect(runs.map { String(decoding: $0.bytes, as: UTF8.self) } == ["01", "4"])
        #expect(runs.map(\.isCutBefore) == [false, true] && runs.map(\.isCutBehind) == [true, true])
        let end = try #require(Self.joined([try Self.later(1, "1"), try Self.first(3, "0")]).givenUp.first)
        #expect(end.runs.map(\.isCutBehind) == [true])
        let late = try #require(Self.joined([try Self.later(2, "2"), try Self.first(3, "0")]).givenUp.first)
        #expect(late.runs.map(\.isCutBehind) == [true, false])
    }

    /// Nothing that came is lost without a word.
    @Test func whatDoesNotBelongIsGivenUp() throws {
        // Another message under the same identifier.
        let two = Self.joined([try Self.first(2, "a"), try Self.first(2, "b"), try Self.later(1, "c")])
        #expect(two.outcomes.count == 3 && two.outcomes[2].hasSuffix("bc"))
        #expect(two.givenUp.map(\.bodies) == [[0: Array("a".utf8)]])
        // Parts that the message cannot have, in front of its first one and behind.
        let beyond = Self.joined([try Self.later(7, "x"), try Self.first(2, "a"), try Self.later(8, "y")])
        #expect(beyond.givenUp.map { $0.count ?? 0 } == [0, 0, 2])
        #expect(beyond.givenUp.map { $0.bodies.keys.sorted() } == [[7], [8], [0]])
    }

    @Test func memoryIsBounded() throws {
        let large = String(repeating: "y", count: 200_000)
        let result = Self.joined([try Self.first(9, large), try Self.later(1, large), try Self.later(2, "z")])
        #expect(result.givenUp.map(\.bodies.count) == [2, 1])
        let many = try (0..<280).map { number in
            try Self.frame("Content-Type: text/plain\r\nMessage-ID: {\(number)}\r\nChunks: 2", "x")
        }
        #expect(Self.joined(many).givenUp.count == 280)
        var parts = MessageParts()
        var givenUp: [MessageParts.Fragment] = []
        for frame in many {
            _ = parts.take(
                frame, Headers.kind(of: frame.payload), from: "", at: Self.place(0), givingUp: &givenUp)
        }
        #expect(givenUp.count == 24 && parts.close(2).isEmpty && parts.close(1).count == 256)
    }

    @Test func charactersThatACutWentThrough() {
        let text = Bytes("aé€🦋".utf8)
        for end in 0...text.count {
            let front = TruncatedText.whole(ByteSlice(text)[..<end], isCutBefore: false, isCutBehind: true)
            #expect(String(validating: front, as: UTF8.self).map { "aé€🦋".hasPrefix($0) } == true)
            #expect(end - front.count < 4)
            let back = TruncatedText.whole(ByteSlice(text)[end...], isCutBefore: true, isCutBehind: false)
            #expect(String(validating: back, as: UTF8.self).map { "aé€🦋".hasSuffix($0) } == true)
        }
        #expect(TruncatedText.whole([0x80, 0x80, 0x80, 0x80], isCutBefore: true, isCutBehind: true) == [0x80])
        #expect(TruncatedText.whole([], isCutBefore: true, isCutBehind: true) == [])
    }

    /// A part of a picture or a list gives no text; a part of a text does.
    @Test func fieldsOfParts() {
        func fields(_ type: String, _ body: [UInt8]) -> String {
            let head = "Content-Type: \(type)\r\nMessage-ID: {7}\r\nChunks: 2\r\n\r\n"
            return line(MessagePayload(ByteSlice((Bytes(head.utf8) + body))).fields)
        }
        #expect(
            fields("image/gif", Bytes("base64:R0l".utf8))
                == "content_type=image/gif, kind=part, message_id={7}, chunks=#2")
        #expect(
            fields("text/x-mms-emoticon", Bytes(":)\t<msnobj Cre".utf8))
                == "content_type=text/x-mms-emoticon, kind=part, message_id={7}, chunks=#2")
        #expect(
            fields("text/plain", Bytes("caf".utf8) + [0xC3])
                == "content_type=text/plain, kind=text, text=caf, message_id={7}, chunks=#2")
        #expect(
            fields("text/plain; charset=windows-1252", Bytes("caf".utf8) + [0xE9])
                == "content_type=text/plain, charset=windows-1252, charset_name=CP1252, kind=text, text=café, message_id={7}, chunks=#2"
        )
    }
}
