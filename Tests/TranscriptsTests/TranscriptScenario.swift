// Invented connections with their events, and the transcripts of them.

import Analysis
import Charsets
import Events
import MSNP
import Payloads
import Testing
import Transcripts

/// Some connections whose events follow each other.
struct TranscriptScenario {
    /// 2005-05-06 15:28:18 UTC.
    static let start: Int64 = 1_115_393_298_000_000_000

    private(set) var events: [Event] = []
    /// The number of the recording of a connection, where it is not the first.
    var recordings: [Int: Int] = [:]
    private var now = start
    private var taps: [Int: Tap] = [:]
    private var trackers: [Int: ConnectionTracker] = [:]
    private var servers: [Int: String] = [:]

    /// Lets seconds pass.
    mutating func wait(_ seconds: Int64) { now += seconds * 1_000_000_000 }

    /// Opens a connection.
    mutating func open(_ connection: Int, at server: String = "10.0.0.9:1863") {
        taps[connection] = Tap()
        trackers[connection] = ConnectionTracker(connection: connection)
        servers[connection] = server
        report(connection, .opened(Endpoints(client: "10.0.0.1:1030", server: server)))
    }

    mutating func close(_ connection: Int) {
        let sums = Tally().sums
        let ends = Endpoints(client: "10.0.0.1:1030", server: servers[connection] ?? "")
        let closed = event(
            connection, .closed(ends, reason: .closed, client: sums, server: sums), taps[connection])
        var made: [Event] = []
        trackers[connection]?.end(closed) { made.append($0) }
        events += made
    }

    mutating func lose(_ connection: Int, _ bytes: UInt64) {
        report(connection, .gap(bytes: bytes, offset: 0, from: .server))
    }

    mutating func c(_ connection: Int, _ line: String, _ payload: [UInt8]? = nil) {
        send(connection, line, payload, .client)
    }
    mutating func s(_ connection: Int, _ line: String, _ payload: [UInt8]? = nil) {
        send(connection, line, payload, .server)
    }

    /// A chat message; `line` without its length.
    mutating func c(
        _ connection: Int, _ line: String, text: String, format: String = "FN=Arial; EF=; CO=0; CS=0; PF=22"
    ) {
        c(connection, line, Self.chat(text, format))
    }
    mutating func s(
        _ connection: Int, _ line: String, text: String, format: String = "FN=Arial; EF=; CO=0; CS=0; PF=22"
    ) {
        s(connection, line, Self.chat(text, format))
    }

    static func chat(_ text: String, _ format: String = "FN=Arial; EF=; CO=0; CS=0; PF=22") -> [UInt8] {
        Array(
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: \(format)\r\n\r\n\(text)"
                .utf8)
    }

    private mutating func send(_ connection: Int, _ line: String, _ payload: [UInt8]?, _ side: Side) {
        now += 1_000_000_000
        let bytes = Array((payload.map { "\(line) \($0.count)" } ?? line).utf8) + [0x0D, 0x0A] + (payload ?? [])
        guard let frame = Frame(bytes) else {
            Issue.record("no frame: \(line)")
            return
        }
        guard var tap = taps[connection] else {
            Issue.record("\(connection) was not opened")
            return
        }
        let event = event(connection, tap.take(frame, from: side), tap)
        var made: [Event] = []
        trackers[connection]?.observe(event) { event in
            // Findings in these synthetic commands are not shown in a transcript.
            if case .finding = event.kind { return }
            made.append(event)
        }
        events += made
        taps[connection] = tap
    }

    private mutating func report(_ connection: Int, _ kind: Event.Kind) {
        events.append(event(connection, kind, nil))
    }

    private func event(_ connection: Int, _ kind: Event.Kind, _ tap: Tap?) -> Event {
        Event(
            time: Timestamp(nanoseconds: now), connection: connection, role: tap?.role ?? .unknown,
            dialect: tap?.dialect,
            signIn: tap?.account.map { SignIn(number: connection, account: $0) }, kind: kind)
    }

    var reading: Reading { Reading(events: events, recordings: recordings) }
    /// The same with the events beside messages, such as files and pictures.
    var readingWithAsides: Reading {
        var attachments = Attachments(keepsPictures: false) { $0 }
        for connection in Set(events.map(\.connection)).sorted() {
            for event in events where event.connection == connection { attachments.take(event) }
            attachments.endOfConnection(connection)
        }
        attachments.endOfRecording()
        return Reading(events: events, recordings: recordings, sideEvents: attachments.sideEvents)
    }
    var conversations: [ChatConversation] { reading.conversations }
    func entries(typing: Bool = false) -> [[ChatEntry]] { reading.entries(typing: typing) }
    func written(_ format: some ChatFormat, typing: Bool = false) -> String { reading.written(format, typing: typing) }
    func texts(_ index: Int = 0) -> [String] { reading.texts(index) }

    // MARK: Common beginnings

    /// Alice asks for a switchboard and calls somebody.
    mutating func call(_ connection: Int, _ people: [String], session: Int, server: String = "10.0.0.9:1863") {
        open(connection, at: server)
        c(connection, "USR 1 alice@example.com 17.\(connection)")
        s(connection, "USR 1 OK alice@example.com Alice%20A")
        for (index, person) in people.enumerated() {
            c(connection, "CAL \(index + 2) \(person)@example.com")
            s(connection, "CAL \(index + 2) RINGING \(session)")
            s(connection, "JOI \(person)@example.com \(person.prefix(1).uppercased())\(person.dropFirst())")
        }
    }
}
