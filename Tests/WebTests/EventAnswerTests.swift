// The events of the page are those of the commands: one by one, in pages of any size, filtered, and byte by byte.

import Analysis
import Archive
import Captures
import Console
import Events
import Foundation
import MSNP
import Output
import Payloads
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct EventAnswerTests {
    /// The lines of `decode --format jsonl`, by connection.
    private func decoded(_ capture: String, showsSecrets: Bool) -> [Int: [NSDictionary]] {
        var presentation = Presentation()
        presentation.showsSecrets = showsSecrets
        var format = JSONFormat(presentation)
        var lines: [Int: [NSDictionary]] = [:]
        _ = Captures.decode([Repository.capture(capture)], detail: .all) { event in
            var line: [UInt8] = []
            format.append(event, to: &line)
            guard var object = try? json(line) else { return true }
            if object["role"] as? String == "HTTP" { object["c2s"] = nil; object["s2c"] = nil }
            lines[event.connection, default: []].append(object as NSDictionary)
            return true
        }
        return lines
    }

    private func all(_ client: PageClient, _ query: String, limit: Int) async throws -> [[String: Any]] {
        var found: [[String: Any]] = []
        var page = try await client.object("/api/v1/events?at=1970-01-01&limit=\(limit)\(query)")
        while true {
            found += try items(page)
            guard let next = page["next"] as? String else { return found }
            page = try await client.object("/api/v1/events?after=\(next)&limit=\(limit)\(query)")
        }
    }

    private static let captures = Repository.captureFiles.map { URL(filePath: $0).lastPathComponent }

    @Test(arguments: captures)
    func fullEventsEqualThoseOfDecode(_ capture: String) async throws {
        let expected = decoded(capture, showsSecrets: true)
        try await TestPage.run([capture], options: { $0.showsSecrets = true }) { _, client in
            var found: [Int: [NSDictionary]] = [:]
            for item in try await all(client, "&detail=full", limit: 50) {
                var item = item
                // What an HTTP gateway carried is recorded on the connection in it.
                if item["role"] as? String == "HTTP" { item["c2s"] = nil; item["s2c"] = nil }
                let address = try #require(item.removeValue(forKey: "at") as? String)
                let connection = try #require(item["conn"] as? Int)
                #expect(address.hasPrefix("c\(connection)."))
                found[connection, default: []].append(item as NSDictionary)
            }
            #expect(Set(found.keys) == Set(expected.keys))
            for (connection, events) in expected {
                let here = found[connection] ?? []
                #expect(here.count == events.count, "c\(connection)")
                for (one, other) in zip(events, here) { #expect(one == other, "\(one) \(other)") }
            }
        }
    }

    @Test(arguments: [1, 2, 7, 200])
    func pagesGiveEachRowOnce(_ limit: Int) async throws {
        try await TestPage.run { _, client in
            let forward = try await all(client, "", limit: limit)
            func addresses(_ rows: [[String: Any]]) -> [String] { rows.compactMap { $0["at"] as? String } }
            let whole = try items(try await client.object("/api/v1/events?limit=500"))
            #expect(addresses(forward) == addresses(whole) && !whole.isEmpty)
            var backward: [[String: Any]] = []
            var page = try await client.object("/api/v1/events?limit=\(limit)")
            while true {
                backward = try items(page) + backward
                guard let previous = page["previous"] as? String else { break }
                page = try await client.object("/api/v1/events?before=\(previous)&limit=\(limit)")
            }
            #expect(addresses(backward) == addresses(whole))
            let around = try await client.object("/api/v1/events?at=c5.8&limit=\(limit)")
            #expect(addresses(try items(around)).contains("c5.8"))
        }
    }

    @Test(arguments: [
        "verb == USR", "role == SB and verb == MSG", "dir == s2c", "text contains butterfly", "event == message",
        "to == bob@example.com", "fields.package == TWN", "not verb in {MSG, ACK}", "account == alice@example.com",
        "payload_bytes > 100", "time > 2026-11-21T01:41:30.57",
    ])
    func filtersEqualThoseOfTheCommands(_ filter: String) async throws {
        try await TestPage.run { page, client in
            let outcome = try await Self.show(page.path, filter)
            let text = filter.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            var found: [String] = []
            for limit in [1, 500] {
                found = try await all(client, "&where=\(text)", limit: limit).map { row in
                    "\(row["conn"] ?? "") \(row["event"] ?? "") \(row["ns"] ?? "")"
                }
                #expect(found.sorted() == outcome.sorted(), "\(filter)")
            }
        }
    }

    /// What `show --where` prints.
    private static func show(_ path: String, _ filter: String) async throws -> [String] {
        let archive = try Archive.open(path)
        var filter = try EventFilter(filter)
        var lines: [String] = []
        try archive.replay(.everything) { event in
            if filter.matches(event) {
                var line: [UInt8] = []
                var format = JSONFormat(Presentation())
                format.append(event, to: &line)
                if let row = try? json(line) {
                    lines.append("\(row["conn"] ?? "") \(row["event"] ?? "") \(row["ns"] ?? "")")
                }
            }
            return true
        }
        return lines
    }

    @Test func wrongParameters() async throws {
        try await TestPage.run { _, client in
            for (query, parameter) in [
                ("limit=0", "limit"), ("limit=501", "limit"), ("detail=full&limit=51", "limit"), ("detail=x", "detail"),
                ("of=x", "of"), ("at=x", "at"), ("where=rool+%3D%3D+SB", "where"), ("newest=2", "newest"),
            ] {
                let reply = try await client.get("/api/v1/events?\(query)")
                let error = try #require(try json(reply.body)["error"] as? [String: Any])
                #expect(reply.status == 400 && error["parameter"] as? String == parameter, "\(query): \(reply.text)")
                if parameter == "where" {
                    #expect(error["name"] as? String == "filter_invalid" && error["column"] as? Int == 1)
                }
            }
            for path in [
                "events?of=c99", "events?of=s99", "events?at=c99.1", "events/c99.1", "events/c1.9999", "sign-ins/s99",
            ] {
                #expect(try await client.get("/api/v1/\(path)").status == 404, "\(path)")
            }
        }
    }

    /// Spans of one level do not overlap, lie in the level above, and leave out nothing of the line, its end and the
    /// payload; the bytes of each event are those that were recorded.
    @Test(arguments: ["demo.pcap", "transfers.pcap", "client-wlm2009-to-older.pcap", "log-miranda.log"])
    func spansDivideFrames(_ capture: String) throws {
        var frames: [(Frame, Side, CommandReading?)] = []
        _ = Captures.decode([Repository.capture(capture)], detail: .all) { event in
            if case .frame(let frame, let side) = event.kind {
                frames.append((frame, side, event.annotation?.reading))
            }
            return true
        }
        var paths: Set<String> = []
        for (frame, side, reading) in frames {
            let spans = FrameSpans(frame, from: side, reading: reading)
            paths.formUnion(spans.spans.map(\.path))
            check(spans.spans, of: frame)
        }
        #expect(paths.isSuperset(of: ["line", "verb", "args.0"]))
        if capture == "transfers.pcap" {
            #expect(
                paths.isSuperset(of: ["headers.0.name", "body.peer.session_id", "body.peer.slp.call_id"]), "\(paths)")
        }
    }

    private func check(_ spans: [ByteSpan], of frame: Frame) {
        let top = spans.filter { ["line", "line_end", "payload"].contains($0.path) }.map(\.range)
        #expect(top.reduce(0) { $0 + $1.count } == frame.bytes.count)
        for one in spans {
            #expect(one.range.lowerBound >= 0 && one.range.upperBound <= frame.bytes.count && !one.range.isEmpty)
            for other in spans where other != one && one.range.overlaps(other.range) {
                let isInside = one.range.clamped(to: other.range) == one.range
                #expect(isInside || other.range.clamped(to: one.range) == other.range, "\(one) \(other)")
            }
        }
        let arguments = spans.filter { $0.path.hasPrefix("args.") }.map { Array(frame.bytes[$0.range]) }
        #expect(arguments == frame.tokenRanges.map { Array(frame.bytes[$0]) }.filter { !$0.isEmpty })
    }

    @Test func bytesComeInParts() async throws {
        try await TestPage.run { _, client in
            let rows = try items(try await client.object("/api/v1/events?where=args+%3D%3D+TWN+and+dir+%3D%3D+c2s"))
            let address = try #require(rows.last?["at"] as? String)
            let whole = try await client.get("/api/v1/events/\(address)/bytes")
            let event = try await client.object("/api/v1/events/\(address)")
            #expect(whole.value("X-Total") == "\(whole.body.count)" && event["size"] as? Int == whole.body.count)
            #expect(whole.value("Content-Type") == "application/octet-stream")
            let part = try await client.get("/api/v1/events/\(address)/bytes?offset=4&length=3")
            #expect(part.body == Array(whole.body.dropFirst(4).prefix(3)))
            // The ticket is hidden, and its place is kept.
            #expect(whole.text.hasPrefix("USR 7 TWN S ***") && whole.text.hasSuffix("***\r\n"))
            #expect((event["line"] as? String)?.contains("‹secret:") == true)
            let answer = try #require(event["answer_at"] as? String)
            #expect(try await client.object("/api/v1/events/\(answer)")["request_at"] as? String == address)
        }
    }
}
