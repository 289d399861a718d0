// MSNP in HTTP requests: taken out whole, however it is cut, spread and damaged.

import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Captures
@testable import Doors
@testable import Packets

@Suite struct GatewayTests {
    private static let open = "/gateway/gateway.dll?Action=open&Server="

    private static func post(_ target: String, _ body: String, more: String = "") -> String {
        "POST http://gateway.example.net\(target) HTTP/1.1\r\nHost: gateway.example.net\r\n"
            + "Proxy-Connection: Keep-Alive\r\n\(more)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func poll(_ id: String) -> String { post("/gateway/gateway.dll?Action=poll&SessionID=\(id)", "") }

    private static func answer(_ id: String, _ body: String, _ more: String = "") -> String {
        "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=\(id); GW-IP=203.0.113.30\(more)\r\n"
            + "Content-Type: application/x-msn-messenger\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// A sign-in and a switchboard, one exchange after the other.
    private static let talk: [(String, String)] = [
        (post(open + "NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n"), answer("16.10", "VER 1 MSNP8 CVR0\r\n")),
        (post("/gateway/gateway.dll?SessionID=16.10", "USR 2 TWN I alice@example.com\r\nXFR 3"), answer("16.55", "")),
        (
            post("/gateway/gateway.dll?SessionID=16.55", " SB\r\n"),
            answer("16.55", "USR 2 TWN S lc=1\r\nXFR 3 SB 203.0.113.20:1863 CKI 17.99\r\n")
        ),
        (
            post(open + "SB&IP=203.0.113.20", "USR 1 alice@example.com 17.99\r\n"),
            answer("17.7", "USR 1 OK alice@example.com A\r\n")
        ),
        (poll("16.55"), answer("16.56", "MSG Hotmail Hotmail 5\r\n")),
        (
            post("/gateway/gateway.dll?SessionID=17.7", "CAL 2 bob@example.com\r\n"),
            answer("17.7", "CAL 2 RINGING 11\r\n")
        ),
        (poll("16.56"), answer("16.56", "abcdeNLN AWY bob@example.com Bob\r\n")),
        (post("/gateway/gateway.dll?SessionID=17.7", "OUT\r\n"), answer("17.7", "", "; Session=close")),
    ]
    private static let notification = [
        "C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP8 CVR0", "C: USR 2 TWN I alice@example.com", "C: XFR 3 SB",
        "S: USR 2 TWN S lc=1", "S: XFR 3 SB 203.0.113.20:1863 CKI 17.99", "S: MSG Hotmail Hotmail 5",
        "S: NLN AWY bob@example.com Bob",
    ]
    private static let switchboard = [
        "C: USR 1 alice@example.com 17.99", "S: USR 1 OK alice@example.com A", "C: CAL 2 bob@example.com",
        "S: CAL 2 RINGING 11", "C: OUT",
    ]

    @Test func sessionsAreConnectionsOfTheirOwn() throws {
        var playback = Playback()
        var line = playback.open()
        for (request, answer) in Self.talk {
            playback.send(.a, request, on: &line)
            playback.send(.b, answer, on: &line)
        }
        playback.close(line)
        playback.finish()
        #expect(playback.lines == [1: [], 2: Self.notification, 3: Self.switchboard])
        let ends = playback.ends
        let (carrier, first, second) = (try #require(ends[1]), try #require(ends[2]), try #require(ends[3]))
        #expect(carrier.event.role == .http)
        #expect(carrier.client.bytes == Self.talk.reduce(0) { $0 + UInt64($1.0.utf8.count) })
        #expect(carrier.client.noiseBytes == 0 && carrier.client.verbs.isEmpty)
        #expect(first.ends.server == "messenger.hotmail.com:1863" && first.ends.client == carrier.ends.client)
        #expect(first.reason == "the capture ends" && first.event.role == .notification)
        #expect(second.ends.server == "203.0.113.20:1863" && second.reason == "closed")
        #expect(second.event.role == .switchboard && second.event.dialect == Dialect(8))
        #expect(second.event.signIn != nil && second.event.signIn?.number == first.event.signIn?.number)
        #expect(
            first.client.bytes == UInt64("VER 1 MSNP8 CVR0\r\nUSR 2 TWN I alice@example.com\r\nXFR 3 SB\r\n".utf8.count)
        )
    }

    @Test func onlyAnAnswerInFullAnswersARequest() {
        var playback = Playback()
        var line = playback.open()
        playback.send(.a, Self.post(Self.open + "NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n"), on: &line)
        playback.send(.b, "HTTP/1.1 100 Continue\r\n\r\n", on: &line)
        playback.send(.b, Self.answer("16.10", "VER 1 MSNP8 CVR0\r\n"), on: &line)
        // The text of an error page is not the server's.
        playback.send(.a, Self.poll("16.10"), on: &line)
        playback.send(
            .b, Self.answer("16.10", "QNG 50\r\n").replacing("200 OK", with: "500 Internal Server Error"), on: &line)
        playback.finish()
        #expect(playback.lines == [1: [], 2: ["C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP8 CVR0"]])
    }

    /// At the limit of unanswered requests, the oldest one no longer waits for its answer.
    @Test func unansweredRequestsAreLimited() {
        var playback = Playback()
        var line = playback.open()
        for number in 1...65 {
            playback.send(.a, Self.post(Self.open + "NS&IP=192.0.2.1", "VER \(number) MSNP8 CVR0\r\n"), on: &line)
        }
        playback.send(.b, Self.answer("16.10", "VER 2 MSNP8 CVR0\r\n"), on: &line)
        playback.finish()
        #expect(playback.lines[2] == ["C: VER 1 MSNP8 CVR0"])
        #expect(playback.lines[3] == ["C: VER 2 MSNP8 CVR0", "S: VER 2 MSNP8 CVR0"])
    }

    @Test func aConnectionForEachRequest() {
        var playback = Playback()
        for (request, answer) in Self.talk {
            var line = playback.open()
            playback.send(.a, request, on: &line)
            playback.send(.b, answer, on: &line)
            playback.close(line)
        }
        playback.finish()
        let spoken = playback.lines.filter { !$0.value.isEmpty }.values.sorted { $0.count > $1.count }
        #expect(spoken == [Self.notification, Self.switchboard])
        #expect(playback.lines.count == Self.talk.count + 2)
    }

    @Test func everySplit() {
        for step in 1...40 {
            var playback = Playback()
            var line = playback.open()
            for (request, answer) in Self.talk {
                for (side, text) in [(StreamSide.a, request), (.b, answer)] {
                    let bytes = Array(text.utf8)
                    for start in stride(from: 0, to: bytes.count, by: step) {
                        playback.send(side, Array(bytes[start..<min(start + step, bytes.count)]), on: &line)
                    }
                }
            }
            playback.finish()
            #expect(playback.lines == [1: [], 2: Self.notification, 3: Self.switchboard], "\(step) bytes at a time")
        }
    }

    @Test func aConnectionJoinedInTheMiddle() {
        for evidence in [ClientEvidence.syn, .guessed] {
            var playback = Playback()
            var line = playback.open(evidence: evidence)
            if evidence == .syn {
                playback.miss(.a, 100, on: &line)
                playback.miss(.b, 100, on: &line)
            }
            playback.send(.a, Self.post("/gateway/gateway.dll?SessionID=5.5", "PNG\r\n"), on: &line)
            playback.send(.b, Self.answer("5.6", "QNG 50\r\n"), on: &line)
            playback.send(.a, Self.poll("5.6"), on: &line)
            playback.send(.b, Self.answer("5.6", "NLN AWY bob@example.com Bob\r\nQNG 48\r\n"), on: &line)
            playback.finish()
            #expect(playback.lines[2] == ["C: PNG", "S: QNG 50", "S: NLN AWY bob@example.com Bob", "S: QNG 48"])
            #expect(playback.lines.count == 2)
        }
    }

    @Test func whatIsMissingOfABodyIsMissingOfTheSession() {
        var playback = Playback()
        var line = playback.open()
        playback.send(.a, Self.talk[0].0, on: &line)
        let answer = Array(Self.talk[0].1.utf8)
        playback.send(.b, Array(answer.dropLast(12)), on: &line)
        playback.miss(.b, 10, on: &line)
        playback.send(.b, Array(answer.suffix(2)), on: &line)
        playback.send(.a, Self.poll("16.10"), on: &line)
        playback.send(.b, Self.answer("16.11", "NLN AWY b@example.com B\r\nQNG 5\r\n"), on: &line)
        playback.finish()
        #expect(playback.lines[2]?.filter { $0.hasPrefix("S: gap") } == ["S: gap 10"])
        #expect(playback.lines[2]?.suffix(2) == ["S: NLN AWY b@example.com B", "S: QNG 5"])
        #expect(playback.lines[1] == ["S: gap 10"])
        let holes = playback.ends[2]?.server.gaps.map { [$0.offset, $0.length] }
        #expect(holes == [[6, 10]])
    }

    @Test func anAnswerThatIsMissingDoesNotShiftTheOthers() {
        var playback = Playback()
        var line = playback.open()
        for (index, (request, answer)) in Self.talk.enumerated() {
            playback.send(.a, request, on: &line)
            // The one that renamed the session.
            if index == 1 {
                playback.miss(.b, Int64(answer.utf8.count), on: &line)
            } else {
                playback.send(.b, answer, on: &line)
            }
        }
        playback.finish()
        #expect(playback.lines.count == 3)
        #expect(playback.lines[2]?.filter { $0.hasPrefix("C: ") } == Self.notification.filter { $0.hasPrefix("C: ") })
        #expect(playback.lines[3] == Self.switchboard)
    }

    @Test func refusals() {
        var playback = Playback()
        var line = playback.open()
        playback.send(.a, Self.talk[0].0, on: &line)
        playback.send(.b, "HTTP/1.1 503 No\r\nContent-Length: 14\r\n\r\n<html>\r\n</html", on: &line)
        playback.finish()
        #expect(playback.lines[2] == ["C: VER 1 MSNP8 CVR0"])
        #expect(playback.ends[2]?.reason == "the gateway refused")
        #expect(
            playback.events.contains {
                if case .finding(let finding) = $0.kind { finding.name.text == "gateway_refused" } else { false }
            })
    }

    /// The session in the notes is a sketch; its heads and commands are taken as they stand there.
    @Test func theWorkedSession() throws {
        guard let page = SharedFolder.text("protocol/sessions.md", neededFor: "the worked gateway session") else {
            return
        }
        let section = try #require(page.components(separatedBy: "```http").dropFirst().first)
        var exchanges: [(target: String, body: String, head: String, answer: String)] = []
        for line in try #require(section.components(separatedBy: "```").first).split(separator: "\n") {
            let text = line.dropFirst(2).replacing("<CRLF>", with: "").replacing("...", with: "")
                .trimmingCharacters(in: .whitespaces)
            let isCommand = Frame(Array(text.utf8) + [13, 10]) != nil && !text.isEmpty
            if line.hasPrefix("> POST ") {
                exchanges.append((String(text.split(separator: " ")[1]), "", "", ""))
            } else if line.hasPrefix("> "), isCommand {
                if exchanges.last?.head != "" { exchanges.append(("/gateway.dll?SessionID=1640900.7", "", "", "")) }
                exchanges[exchanges.count - 1].body += text + "\r\n"
            } else if line.hasPrefix("< X-MSN-Messenger") {
                exchanges[exchanges.count - 1].head = String(text.prefix { $0 != "(" }) + "\r\n"
            } else if line.hasPrefix("< "), isCommand {
                exchanges[exchanges.count - 1].answer += text + "\r\n"
            }
        }
        #expect(exchanges.count == 5)
        var playback = Playback()
        for exchange in exchanges {
            var line = playback.open()
            playback.send(
                .a,
                "POST \(exchange.target) HTTP/1.1\r\nContent-Length: \(exchange.body.utf8.count)\r\n\r\n\(exchange.body)",
                on: &line)
            let length = "Content-Length: \(exchange.answer.utf8.count)\r\n"
            let type = "Content-Type: application/x-msn-messenger\r\n"
            playback.send(.b, "HTTP/1.1 200 OK\r\n\(exchange.head)\(type)\(length)\r\n\(exchange.answer)", on: &line)
        }
        playback.finish()
        let spoken = playback.lines.values.filter { !$0.isEmpty }.sorted { $0.count > $1.count }
        #expect(
            spoken.map { $0.map { String($0.prefix(6)) } } == [
                ["C: VER", "S: VER", "C: CVR", "S: CVR"], ["C: USR", "S: USR", "C: OUT"],
            ])
        #expect(playback.ends.values.contains { $0.reason == "closed" && $0.ends.server == "203.0.113.20:1863" })
    }

    @Test func manySessionsAreGivenUp() {
        var gateway = Gateway()
        gateway.open(carrier: 0, isStart: PerSide(both: true))
        var alive = 0
        var most = 0
        for number in 0..<(3 * Gateway.mostSessions) {
            let request = Array(Self.post(Self.open + "NS&IP=a.example", "VER \(number) MSNP8\r\n").utf8)
            for outcome in gateway.take(request.span, from: .client, carrier: 0) {
                if case .opened = outcome { alive += 1 }
                if case .closed(_, .tooMany) = outcome { alive -= 1 }
            }
            most = max(most, alive)
        }
        #expect(most <= Gateway.mostSessions)
        #expect(gateway.finish().count == alive)
    }

    @Test func nothingTraps() {
        var random = SystemRandomNumberGenerator()
        let texts = Self.talk.map { (Array($0.0.utf8), Array($0.1.utf8)) }
        let spice = [
            "Content-Length: 99999999999999999999", "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n", "-1",
            "HTTP/1.1 ",
        ]
        for _ in 0..<400 {
            var gateway = Gateway()
            for carrier in 0..<2 {
                gateway.open(carrier: carrier, isStart: PerSide(client: Bool.random(), server: Bool.random()))
            }
            for (request, answer) in texts {
                for (side, bytes) in [(Side.client, request), (.server, answer)] {
                    var bytes = bytes
                    for _ in 0..<Int.random(in: 0...3, using: &random) {
                        let place = Int.random(in: 0..<bytes.count, using: &random)
                        switch Int.random(in: 0..<3, using: &random) {
                        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                        case 1: bytes.insert(contentsOf: spice.randomElement()?.utf8 ?? "".utf8, at: place)
                        default: bytes.removeSubrange(place..<min(place + 9, bytes.count - 1))
                        }
                    }
                    _ = gateway.take(bytes.span, from: side, carrier: Int.random(in: 0..<2))
                    if Int.random(in: 0..<8) == 0 {
                        _ = gateway.lose(Int.random(in: 1...5_000), from: side, carrier: 0)
                    }
                }
            }
            _ = gateway.end(carrier: 0)
            _ = gateway.finish()
        }
    }
}
