// What happened on one connection into its events: their order, and that the cuts between its bytes do not matter.

import Analysis
import EventSamples
import Events
import MSNP
import Testing

/// A connection whose bytes come in any pieces, and its events.
private struct TrackedConnection {
    var tap = Tap()
    var tracker: ConnectionTracker
    var events: [Event] = []

    init(_ analysis: AnalysisOptions = .all) { tracker = ConnectionTracker(connection: 4, analysis: analysis) }

    func event(_ kind: Event.Kind) -> Event {
        Event(time: Sample.time, connection: 4, role: tap.role, dialect: tap.dialect, kind: kind)
    }

    mutating func receive(_ bytes: some Collection<UInt8>, from side: Side) {
        let bytes = Array(bytes)
        var made: [Event] = []
        tap.count(bytes.span, from: side)
        var position = 0
        while let kind = tap.next(bytes.span, from: &position, side: side) {
            tracker.observe(event(kind)) { made.append($0) }
        }
        events += made
    }

    mutating func end(others: [Event.Kind] = []) {
        var made: [Event] = []
        for kind in Side.allCases.flatMap({ tap.finish($0) }) { tracker.observe(event(kind)) { made.append($0) } }
        let ends = Endpoints(client: "10.0.0.1:1025", server: "10.0.0.2:1863")
        tracker.end(event(tap.closed(ends, reason: .closed)), others: others) { made.append($0) }
        events += made
    }

    /// All events as JSON, which shows everything in them.
    var lines: [String] {
        get throws { try events.map { try JSONLine($0).text } }
    }

    var names: [String] {
        events.map { event in
            switch event.kind {
            case .frame(let frame, _): frame.verb.description
            case .finding(let finding): finding.name.text
            case .message: "message"
            case .closed: "closed"
            default: "other"
            }
        }
    }
}

@Suite struct ConnectionTrackerTests {
    private static let client = "VER 1 MSNP8 CVR0\r\nUSR 2 TWN I alice@example.com\r\nPNG\r\n"
    /// The second answer has no request.
    private static let server = "VER 1 MSNP8 CVR0\r\nUSR 9 TWN S lc=1\r\nQNG 50\r\nCHL 0 123\r\n"

    private static func part(_ headers: String, _ text: String) -> String {
        let payload = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nMessage-ID: {A}\r\n\(headers)\r\n\r\n\(text)"
        return "MSG 4 N \(payload.utf8.count)\r\n\(payload)"
    }

    @Test func cutAnywhereTheEventsAreTheSame() throws {
        func lines(_ client: Int, _ server: Int) throws -> [String] {
            var connection = TrackedConnection()
            connection.receive(Self.client.utf8.prefix(client), from: .client)
            connection.receive(Self.client.utf8.dropFirst(client), from: .client)
            connection.receive(Self.server.utf8.prefix(server), from: .server)
            connection.receive(Self.server.utf8.dropFirst(server), from: .server)
            connection.end()
            return try connection.lines
        }
        let whole = try lines(0, 0)
        #expect(whole.count == 9 && whole.contains { $0.contains("reply_without_request") })
        for cut in 1...Self.client.utf8.count { #expect(try lines(cut, 0) == whole, "the client's byte \(cut)") }
        for cut in 1...Self.server.utf8.count { #expect(try lines(0, cut) == whole, "the server's byte \(cut)") }
    }

    @Test func withoutAnalysisThereIsNothingButWhatHappened() {
        var connection = TrackedConnection([])
        connection.receive(Self.client.utf8, from: .client)
        connection.receive(Self.server.utf8, from: .server)
        connection.end()
        #expect(connection.names == ["VER", "USR", "PNG", "VER", "USR", "QNG", "CHL", "closed"])
        #expect(connection.events.allSatisfy { $0.annotation == nil })
        #expect(connection.events.last?.role == .notification && connection.events.last?.connection == 4)
    }

    @Test func aPartOfTheAnalysisGivesItsEventsOnly() {
        func names(_ analysis: AnalysisOptions) -> [String] {
            var connection = TrackedConnection(analysis)
            connection.receive("USR 1 alice@example.com 17.1\r\n".utf8, from: .client)
            connection.receive("USR 5 OK alice@example.com Alice\r\n".utf8, from: .server)
            let text = "Content-Type: text/plain\r\n\r\nhello"
            connection.receive("MSG 2 N \(text.utf8.count)\r\n\(text)".utf8, from: .client)
            connection.receive(Self.part("Chunks: 2", "begun").utf8, from: .client)
            connection.end()
            #expect(connection.events.contains { $0.secrets != nil } == analysis.contains(.secrets))
            let isExplained = connection.events.contains { $0.annotation?.reading != nil }
            #expect(isExplained == analysis.contains(.conformance))
            return connection.names
        }
        let happened = ["USR", "USR", "MSG", "MSG", "closed"]
        let incomplete = ["message", "message_incomplete"]
        #expect(names([]) == happened && names(.secrets) == happened)
        #expect(names(.multipart) == happened.dropLast() + incomplete + ["closed"])
        #expect(names(.transfers) == names(.multipart))
        #expect(names(.messages) == ["USR", "USR", "MSG", "message", "MSG"] + incomplete + ["closed"])
        #expect(names(.conformance).contains("reply_without_request") && names(.conformance) == names(.all))
        #expect(names(.all).filter { !$0.contains("_") || $0 == "message_incomplete" } == names(.messages))
    }

    @Test func whatFollowsComesBehindWhatHappened() {
        var tracker = ConnectionTracker(connection: 4)
        var names: [String] = []
        func observe(_ text: String, _ side: Side) {
            guard let frame = Frame(Array(text.utf8)) else { return }
            let event = Event(
                time: Sample.time, connection: 4, role: .switchboard, dialect: Dialect(8),
                signIn: SignIn(number: 7, account: nil), kind: .frame(frame, from: side))
            tracker.observe(event) { event in
                // Others see the event as it was analysed.
                #expect(event.annotation != nil)
                return [.finding(Finding(.cookieUnknown, "of others"))]
            } emit: { event in
                #expect(event.signIn?.number == 7 && event.time == Sample.time && event.role == .switchboard)
                switch event.kind {
                case .frame(let frame, _): names.append(frame.verb.description)
                case .finding(let finding):
                    #expect(event.annotation == nil)
                    names.append(finding.name.text)
                default: names.append("message")
                }
            }
        }
        observe("USR 1 alice@example.com 17.1\r\n", .client)
        observe("USR 5 OK alice@example.com Alice\r\n", .server)
        observe(Self.part("Chunks: 1", "hello"), .client)
        #expect(names.prefix(5) == ["USR", "cookie_unknown", "USR", "reply_without_request", "cookie_unknown"])
        #expect(names.dropFirst(5).contains("message") && names.last == "cookie_unknown")
    }

    @Test func theEndIsTheLastEvent() throws {
        var connection = TrackedConnection()
        connection.receive("USR 1 alice@example.com 17.1\r\n".utf8, from: .client)
        connection.receive(Self.part("Chunks: 2", "hello").utf8, from: .client)
        connection.receive("PN".utf8, from: .client)
        connection.end(others: [.finding(Finding(.cookieUnknown, "of others"))])
        #expect(
            connection.names == ["USR", "MSG", "other", "message", "message_incomplete", "cookie_unknown", "closed"])
        guard case .closed(_, _, let client, _)? = connection.events.last?.kind else {
            Issue.record("no end")
            return
        }
        #expect(client.noiseBytes == 2 && client.verbs.map(\.count) == [1, 1])
    }
}
