// Drawings in messages, in one part or several, in any order behind the first.

import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite struct DrawingTests {
    private static let gif = Bytes("GIF89a".utf8) + Bytes((0..<2_000).map { UInt8($0 % 250) })
    private static let letters = Bytes("base64:\(gif.base64)".utf8)

    private static func parts(_ count: Int) -> [Frame] {
        let size = (letters.count + count - 1) / count
        return (0..<count).map { index in
            let body = Bytes(letters[(index * size)..<min(letters.count, (index + 1) * size)])
            guard count > 1 else { return Made.message("image/gif", "", body, from: "ann@example.com") }
            guard index > 0 else {
                return Made.message(
                    "image/gif", "Message-ID: {1}\r\nChunks: \(count)\r\n", body, from: "ann@example.com")
            }
            let payload = Bytes("Message-ID: {1}\r\nChunk: \(index)\r\n\r\n".utf8) + body
            let bytes = Bytes("MSG ann@example.com Ann \(payload.count)\r\n".utf8) + payload
            guard let frame = Frame(bytes) else { preconditionFailure("a message that is no frame") }
            return frame
        }
    }

    @Test(arguments: [1, 2, 3, 10]) func inParts(_ count: Int) {
        var dice = SeededGenerator(seed: UInt64(count))
        var reading = Reading()
        let parts = Self.parts(count)
        for frame in [parts[0]] + parts.dropFirst().shuffled(using: &dice) + parts.dropFirst() {
            reading.receive(frame)
        }
        reading.finish()
        #expect(reading.ended.map(\.data) == [Self.gif])
        #expect(reading.ended.map(\.kind) == ["ink"] && reading.ended.map(\.sender) == ["ann@example.com"])
    }

    @Test func itIsForEverybodyWhoIsThere() {
        var reading = Reading()
        reading.receive(Made.line("USR 1 bob@example.com 1.2"), side: .client)
        reading.receive(Made.line("JOI ann@example.com Ann"))
        reading.receive(Self.parts(1)[0])
        reading.receive(Made.line("JOI cid@example.com Cid"))
        for frame in Self.parts(2) { reading.receive(frame) }
        reading.receive(Self.parts(1)[0], side: .client)
        reading.receive(Made.line("BYE cid@example.com"))
        reading.receive(Self.parts(1)[0])
        #expect(
            reading.ended.map(\.recipient) == [
                "bob@example.com", "cid@example.com, bob@example.com", "ann@example.com, cid@example.com",
                "bob@example.com",
            ])
    }

    @Test func aPartIsMissing() {
        var reading = Reading()
        for (index, frame) in Self.parts(4).enumerated() where index != 2 { reading.receive(frame) }
        reading.note(reading.transfers.close(1))
        #expect(reading.ended.map(\.isComplete) == [false])
        #expect(reading.ended.map(\.reason) == ["only 3 of its 4 parts were seen"])
    }

    @Test func lettersThatAreNone() {
        var reading = Reading()
        reading.receive(Made.message("image/gif", "", Bytes("base64:*".utf8), from: "ann@example.com"))
        reading.receive(
            Made.message(
                "application/x-ms-ink", "Message-ID: 1\r\nChunks: 4294967295\r\n", [1], from: "ann@example.com"))
        // An invalid number of parts makes no part of it.
        #expect(reading.ended.map(\.isComplete) == [false, true])
    }
}
