// Random expressions are refused with a column inside them, or evaluated.

import EventSamples
import Events
import MSNP
import TestSupport
import Testing

@testable import Query

@Suite(.timeLimit(.minutes(1))) struct RandomFilterTests {
    private static let words = [
        "verb", "time", "trid", "dir", "dialect", "from", "role", "fields", "fields.state", "body.kind", "c2s.bytes",
        ".",
        "a.", "==", "!=", "<", ">=", "=~", "~", "contains", "in", "{", "}", ",", "(", ")", "and", "or", "not", "!",
        "has",
        "MSG", "5", "-5", "2005-05-06", "12:30", "C", "a@b.c", "\"x y\"", "'", "\"", "\\", "é", "\u{1F98B}", "\u{0}",
        "\n",
        "9999999999999999999", "like", "verb:",
    ]
    private static let keys = FilterKeys(
        kinds: ["fields": .object, "c2s": .object, "latency_ns": .number], shortForms: ["body": ["fields", "body"]],
        kind: { $0.last == "bytes" ? .number : .text }, path: { $0 == "state" ? "fields.state" : nil })

    @Test(arguments: 0..<8) func noExpressionEndsTheProgram(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let events = [
            try Sample.frame("XFR 15 SB\r\n"), Sample.event(.listening(HostPort("127.0.0.1", 1_863)), conn: 0),
        ]
        var parsed = 0
        for _ in 0..<3_000 {
            let source: String
            if random.chance(20) {
                source = String(decoding: random.bytes(Int.random(in: 0..<40, using: &random)), as: UTF8.self)
            } else {
                let count = Int.random(in: 1..<12, using: &random)
                let separator = random.chance(80) ? " " : ""
                source = (0..<count).compactMap { _ in Self.words.randomElement(using: &random) }
                    .joined(separator: separator)
            }
            let scope: Filter.Scope = random.chance(70) ? .events : random.chance(50) ? .sessions : .messages
            do {
                let filter = try Filter(source, for: scope, keys: Self.keys, times: TimeText(now: Sample.time))
                parsed += 1
                for event in events {
                    let decision = filter.decision(on: event)
                    let result = filter.matches(event) { _ in ["1", "x"] }
                    #expect(decision == nil || decision == result, "\(source)")
                    #expect(filter.readsJSON || decision != nil, "\(source)")
                }
            } catch let error as FilterError {
                #expect((1...source.count + 1).contains(error.column), "\(source): \(error)")
                #expect(!error.message.isEmpty)
            }
        }
        #expect(parsed > 100)
    }
}
