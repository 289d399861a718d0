// Requests and answers are put together from their blocks, also where bytes are missing.

import EventSamples
import Events
import MSNP
import Testing

@testable import Analysis

@Suite struct HTTPReaderTests {
    private struct Exchange {
        var tap = Tap(hasDigests: false)
        var analyzer = FrameAnalyzer(connection: 1)
        var messages: [HTTPMessage] = []
        var now: Int64 = 1_100_000_000_000_000_000

        init() { tap.readMessages() }

        mutating func send(_ text: String, _ side: Side) {
            let bytes = Array(text.utf8)
            tap.count(bytes.span, from: side)
            var position = 0
            while let kind = tap.next(bytes.span, from: &position, side: side) { take(kind) }
            now += 500
        }

        mutating func lose(_ count: UInt64, _ side: Side) { for kind in tap.lose(count, from: side) { take(kind) } }

        mutating func finish() {
            for side in Side.allCases { for kind in tap.finish(side) { take(kind) } }
            add(analyzer.finish())
        }

        private mutating func take(_ kind: Event.Kind) {
            var event = Event(time: Timestamp(nanoseconds: now), connection: 1, role: tap.role, kind: kind)
            add(analyzer.take(&event))
        }

        private mutating func add(_ kinds: [Event.Kind]) {
            messages += kinds.compactMap { if case .http(let message) = $0 { message } else { nil } }
        }
    }

    @Test func answersHaveTheirRequests() {
        var exchange = Exchange()
        exchange.send("GET /rdr/pprdr.asp HTTP/1.1\r\n\r\nGET /login2.srf?t=secret HTTP/1.1\r\n\r\n", .client)
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", .server)
        exchange.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", .server)
        #expect(exchange.messages.map(\.method) == ["GET", "GET", nil, nil])
        #expect(exchange.messages.map(\.status) == [nil, nil, 200, 401])
        #expect(exchange.messages.map(\.request) == [nil, nil, "GET /rdr/pprdr.asp", "GET /login2.srf"])
        #expect(exchange.messages.map(\.latency) == [nil, nil, 500, 1_000])
        #expect(exchange.messages.map(\.bodyBytes) == [0, 0, 2, 0])
        exchange.finish()
        #expect(exchange.messages.count == 4)
    }

    @Test func missingBytesAreTold() {
        var exchange = Exchange()
        exchange.send("POST /RST.srf HTTP/1.1\r\nContent-Length: 20\r\n\r\n01234", .client)
        exchange.lose(10, .client)
        exchange.send("fghij", .client)
        #expect(exchange.messages.map(\.isComplete) == [false] && exchange.messages.map(\.bodyBytes) == [20])
        #expect(exchange.messages.first.map { String(decoding: $0.bytes[$0.body], as: UTF8.self) } == "01234")
        // The gap holds the end of one answer and the beginning of another: none is matched any more.
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", .server)
        exchange.lose(100, .server)
        exchange.send("xHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", .server)
        exchange.finish()
        #expect(exchange.messages.map(\.request) == [nil, "POST /RST.srf", nil])
        #expect(exchange.messages.map(\.isComplete) == [false, false, false])
    }

    @Test func whatIsKeptIsBounded() {
        var exchange = Exchange()
        exchange.send("POST /RST.srf HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n", .client)
        for _ in 0..<1_000 { exchange.send(String(repeating: "x", count: 1_000), .client) }
        #expect(exchange.messages.map(\.bodyBytes) == [1_000_000])
        #expect(exchange.messages.first?.body.count == HTTPReader.mostBodyBytes.client)
        #expect(exchange.messages.first?.isBodyCut == true && exchange.messages.first?.isComplete == true)
        for _ in 0..<1_000 { exchange.send("GET /x HTTP/1.1\r\n\r\n", .client) }
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .server)
        // Too many requests wait, so it is not known which one is answered.
        #expect(exchange.messages.last?.request == nil)
    }
}
