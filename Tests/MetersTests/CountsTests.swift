// What is counted of events, and the text that comes of it.

import Doors
import Events
import MSNP
import Testing

@testable import Meters

@Suite struct CountsTests {
    private static func sums(_ bytes: UInt64) -> Tally.Sums {
        var tally = Tally(hasDigest: false)
        tally.count([UInt8](repeating: 0, count: Int(bytes)).span)
        return tally.sums
    }

    private static func event(_ kind: Event.Kind, role: Role = .notification, connection: Int = 1) -> Event {
        Event(time: Timestamp(nanoseconds: 0), connection: connection, role: role, kind: kind)
    }

    private static func closed(_ client: UInt64, _ server: UInt64, role: Role = .notification) -> Event {
        let ends = Endpoints(client: "a:1", server: "b:2")
        return event(.closed(ends, reason: .closed, client: sums(client), server: sums(server)), role: role)
    }

    private static let opened = event(.opened(Endpoints(client: "a:1", server: "b:2")), role: .unknown)

    @Test func bytesFramesAndRedirects() throws {
        let redirect = try #require(Frame(Array("XFR 3 NS 10.0.0.6:1863 0\r\n".utf8)))
        let sent = try #require(Frame(Array("XFR 3 NS 127.0.0.1:1863 0\r\n".utf8)))
        let question = try #require(Frame(Array("VER 1 MSNP8\r\n".utf8)))
        var counts = EventCounts()
        counts.add([Self.opened, Self.event(.frame(question, from: .client))])
        #expect(counts.openConnections == [.init(role: .notification, door: .msnp): 1])
        let rewriting = Rewriting(original: redirect, sent: sent, from: "10.0.0.6:1863", to: "127.0.0.1:1863")
        counts.add([
            Self.event(.frame(redirect, from: .server)), Self.event(.rewritten(rewriting)),
            Self.event(.frame(redirect, from: .server)),
            Self.event(.noise(Noise(bytes: [1, 2, 3], reason: .notMSNP, offset: 0), from: .client)),
            Self.event(.finding(Finding(.askedElsewhere, "x"))),
            Self.event(.finding(Finding(recorded: .other("new_name"), "x", side: nil))),
        ])
        let server = UInt64(redirect.bytes.count * 2)
        counts.add([Self.closed(UInt64(question.bytes.count) + 3, server, role: .dispatch)])
        #expect(counts.openConnections.isEmpty && counts.ended == [.init(role: .dispatch, door: .msnp): 1])
        #expect(counts.received.client == UInt64(question.bytes.count) + 3 && counts.received.server == server)
        #expect(counts.sent.server == counts.received.client)
        #expect(counts.sent.client == server + UInt64(sent.bytes.count - redirect.bytes.count))
        #expect(counts.redirects == [.notification: 2] && counts.rewritten == [.notification: 1])
        #expect(counts.noise == [.notMSNP: 3])
        #expect(counts.findings == [.askedElsewhere: 1] && counts.otherFindings == 1)
    }

    /// The bytes of a tunnel are in no event but the last.
    @Test func tunnelsAreCountedWhenTheyEnd() {
        var counts = EventCounts()
        counts.note(1, by: .connect)
        counts.add([Self.opened, Self.closed(70, 900, role: .unknown)])
        #expect(counts.received.client == 70 && counts.sent.client == 900)
        #expect(counts.ended == [.init(role: .unknown, door: .connect): 1])
    }

    @Test func whatEndsIsForgotten() {
        var counts = EventCounts()
        for number in 1...1_000 {
            counts.note(number, by: .socks)
            counts.add([Self.event(.opened(Endpoints(client: "a:1", server: "b:2")), connection: number)])
            let ends = Endpoints(client: "a:1", server: "b:2")
            counts.add([
                Self.event(
                    .closed(ends, reason: .closed, client: Self.sums(0), server: Self.sums(0)), connection: number)
            ])
        }
        #expect(counts.openConnections.isEmpty && counts.ended.values.reduce(0, +) == 1_000)
    }

    @Test func histograms() {
        var histogram = Histogram()
        for seconds in [0.0005, 0.001, 0.02, 3, 100] { histogram.add(seconds: seconds) }
        #expect(histogram.counts == [2, 0, 0, 1, 0, 0, 0, 1, 0, 1] && histogram.count == 5)
        var out = Exposition()
        out.histogram("x", [("role", "ns")], of: histogram)
        let lines = out.text.split(separator: "\n")
        #expect(lines.first == "x_bucket{role=\"ns\",le=\"0.001\"} 2")
        #expect(lines.contains("x_bucket{role=\"ns\",le=\"+Inf\"} 5") && lines.last == "x_count{role=\"ns\"} 5")
    }

    @Test func everyFamilyIsThereFromTheStart() {
        let text = MetricsSnapshot(version: "1.2.3").text
        let families = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            .compactMap { $0.split(separator: " ").dropFirst(2).first }
        #expect(families.count == Set(families).count && families.count == 16)
        #expect(text.contains("butterflynet_build_info{version=\"1.2.3\"} 1\n"))
        #expect(text.contains("butterflynet_findings_total{name=\"asked_elsewhere\"} 0\n"))
        #expect(!text.contains("butterflynet_archive"))
        var recorded = MetricsSnapshot()
        recorded.archive = ArchiveFigures(
            behindSeconds: 0.5, backlogBytes: 7, failures: 1, lostBytes: 2, isRecording: false)
        #expect(recorded.text.contains("butterflynet_archive_behind_seconds 0.5\n"))
    }

    @Test func labelsCannotBreakTheFormat() {
        var out = Exposition()
        out.sample("x", [("a", "quote\" back\\ line\nend")], "1")
        #expect(out.text == "x{a=\"quote\\\" back\\\\ line\\nend\"} 1\n")
    }

    @Test func readiness() {
        #expect(Readiness().reasons.isEmpty && Readiness().json == "{\"ready\":true,\"reasons\":[]}\n")
        let bad = Readiness(isAccepting: false, isRecording: false, upstreamIsReached: false)
        #expect(bad.reasons == ["not_accepting", "archive_not_written", "upstream_not_reached"])
    }

    @Test(arguments: [
        ("GET", "/metrics", ["127.0.0.1:1866"], false, MetricsAnswer.metrics),
        ("GET", "/metrics?x=1", ["LOCALHOST:1866"], false, .metrics),
        ("GET", "/healthz", ["[::1]:1866"], false, .healthy), ("GET", "/readyz", ["host.lan:1866"], false, .ready),
    ])
    func requestsThatAreAnswered(
        _ method: String, _ target: String, _ hosts: [String], _ hasBody: Bool, _ answer: MetricsAnswer
    ) {
        let names = MetricsHosts(port: 1866, names: ["host.lan"])
        #expect(MetricsAnswer(method: method, target: target, hosts: hosts, hasBody: hasBody, at: names) == answer)
    }

    @Test(arguments: [
        ("GET", "/metrics", ["evil.example:1866"], false, 421), ("GET", "/metrics", [], false, 421),
        ("GET", "/metrics", ["127.0.0.1:1866", "127.0.0.1:1866"], false, 421),
        ("GET", "/metrics", ["127.0.0.1"], false, 421), ("POST", "/metrics", ["127.0.0.1:1866"], false, 405),
        ("GET", "/metrics", ["127.0.0.1:1866"], true, 400), ("GET", "/", ["127.0.0.1:1866"], false, 404),
        ("GET", "/metrics/", ["127.0.0.1:1866"], false, 404),
    ])
    func requestsThatAreRefused(
        _ method: String, _ target: String, _ hosts: [String], _ hasBody: Bool, _ status: Int
    ) {
        let names = MetricsHosts(port: 1866, names: [])
        let answer = MetricsAnswer(method: method, target: target, hosts: hosts, hasBody: hasBody, at: names)
        guard case .refusal(let given, _) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(given == status)
    }
}
