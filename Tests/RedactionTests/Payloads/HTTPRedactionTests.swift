// Shared copies of HTTP messages: readable as messages, without what they contain.

import EventSamples
import Events
import MSNP
import Testing

@testable import Analysis
@testable import Redaction

@Suite struct HTTPRedactionTests {
    private static let request =
        "POST http://private.example/RST.srf?t=ticket HTTP/1.1\r\nHost: private.example\r\nContent-Type: text/xml\r\n"
        + "Cookie: MSPAuth=private\r\n folded private\r\nContent-Length: 31\r\n\r\n<Password>private words</Passwo"
        + "GET /private/page HTTP/1.1\r\n\r\n"
    private static let answer =
        "HTTP/1.1 302 Private\r\nTransfer-Encoding: chunked\r\nLocation: http://private.example\r\n\r\n"
        + "8;private=1\r\n<private\r\n9\r\n/>private\r\n0\r\nX-Private: abc\r\n\r\n"

    private static func record(_ pieces: [(Side, String)]) -> [Event] {
        var tap = Tap()
        tap.readMessages()
        var tracker = ConnectionTracker(connection: 1)
        var events: [Event] = []
        for (side, text) in pieces {
            let bytes = Array(text.utf8)
            tap.count(bytes.span, from: side)
            var position = 0
            while let kind = tap.next(bytes.span, from: &position, side: side) {
                tracker.observe(Sample.event(kind, conn: 1, role: .http)) { events.append($0) }
            }
        }
        return events
    }

    private static func messages(_ events: [Event]) -> [HTTPMessage] {
        events.compactMap { if case .http(let message) = $0.kind { message } else { nil } }
    }

    @Test func messagesStayMessages() {
        let events = Self.record([(.client, Self.request), (.server, Self.answer)])
        let copy = RedactedCopy(of: events)
        #expect(copy.report.refusals.isEmpty)
        let original = Self.messages(events)
        let redacted = Self.messages(copy.events)
        #expect(original.map(\.method) == ["POST", "GET", nil])
        #expect(redacted.map(\.method) == ["POST", "GET", nil])
        for (one, other) in zip(original, redacted) {
            #expect(one.bodyBytes == other.bodyBytes && one.bytes.count == other.bytes.count)
            #expect(one.method == other.method && one.status == other.status && one.lines == other.lines)
        }
        #expect(redacted.first?.word(1) == "xxxxxxxxxxxxxxxxxxxxxx/RST.srfxxxxxxxxx")
        #expect(
            redacted.first.map { String(decoding: $0.bytes[$0.body], as: UTF8.self) }
                == "<xxxxxxxx>xxxxxxx xxxxx</xxxxxx")
        let text = String(decoding: copy.bytes, as: UTF8.self).lowercased()
        for word in ["private", "ticket", "mspauth", "abc"] { #expect(!text.contains(word), "\(word)") }
        for event in copy.events {
            guard case .noise(let noise, _) = event.kind else { continue }
            let text = String(decoding: noise.bytes, as: UTF8.self).lowercased()
            for word in ["private=", "private words", "private.", "ticket", "mspauth", "abc"] {
                #expect(!text.contains(word), "\(word)")
            }
        }
    }

    /// Every cut of the stream into blocks and every offset stays.
    @Test func lengthsStay() {
        let long = String(repeating: "private words\n", count: 3_000)
        let text = "POST /RST.srf HTTP/1.1\r\nContent-Length: \(long.utf8.count)\r\n\r\n\(long)"
        let events = Self.record([(.client, text), (.client, "\u{1}private\r\n" + Self.request)])
        func sizes(_ events: [Event]) -> [[Int]] {
            events.compactMap { event in
                if case .noise(let noise, _) = event.kind { [noise.bytes.count, Int(noise.offset)] } else { nil }
            }
        }
        let copy = RedactedCopy(of: events)
        #expect(sizes(copy.events) == sizes(events))
        #expect(!String(decoding: copy.bytes, as: UTF8.self).contains("private words"))
    }
}
