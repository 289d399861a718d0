// Events of connections for the tests of ladders.

import Analysis
import EventSamples
import Events
import Ladders
import MSNP
import Output

/// Builds ladders from commands written as text.
struct LadderSample {
    private var builder: LadderBuilder
    private var places = EventPlaces()
    private var time = Sample.time.nanoseconds
    private var analyzers: [Int: FrameAnalyzer] = [:]

    init(_ options: LadderOptions = LadderOptions()) { builder = LadderBuilder(Presentation(), options) }

    var ladder: Ladder { builder.finish() }

    mutating func wait(_ nanoseconds: Int64) { time += nanoseconds }

    mutating func take(_ kind: Event.Kind, on connection: Int, _ role: Role = .notification, signIn: SignIn? = nil) {
        var event = Event(
            time: Timestamp(nanoseconds: time), connection: connection, role: role, dialect: Dialect(8),
            signIn: signIn, kind: kind)
        time += 1_000_000
        let further = analyzers[connection, default: FrameAnalyzer(connection: connection)].take(&event)
        builder.take(event, at: places.next(event))
        for kind in further {
            let derived = Event(time: event.time, context: event.context, kind: kind)
            builder.take(derived, at: places.next(derived))
        }
    }

    mutating func open(
        _ connection: Int, _ role: Role = .notification, client: String = "10.0.0.1:1050",
        server: String = "10.0.0.9:1863", signIn: SignIn? = nil
    ) {
        take(.opened(Endpoints(client: client, server: server)), on: connection, role, signIn: signIn)
    }

    mutating func close(_ connection: Int, _ role: Role = .notification) {
        take(
            .closed(
                Endpoints(client: "", server: ""), reason: .closedBy(.client), client: Tally().sums,
                server: Tally().sums),
            on: connection, role)
    }

    mutating func client(
        _ text: String, on connection: Int, _ role: Role = .notification, signIn: SignIn? = nil
    ) throws {
        take(.frame(try Sample.frame(Array("\(text)\r\n".utf8)), from: .client), on: connection, role, signIn: signIn)
    }

    mutating func server(
        _ text: String, on connection: Int, _ role: Role = .notification, signIn: SignIn? = nil
    ) throws {
        take(.frame(try Sample.frame(Array("\(text)\r\n".utf8)), from: .server), on: connection, role, signIn: signIn)
    }

    /// A message of the client with headers and a body.
    mutating func message(_ type: String, _ body: String, on connection: Int) throws {
        let payload = "MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\r\n\(body)"
        let line = "MSG 4 N \(payload.utf8.count)\r\n\(payload)"
        take(.frame(try Sample.frame(Array(line.utf8)), from: .client), on: connection, .switchboard)
    }
}

extension Ladder {
    /// The rows of commands, texts and folded commands as `from>to label`.
    var arrows: [String] { rows.filter { $0.from != $0.to }.map { "\($0.from)>\($0.to) \($0.label)" } }

    var asText: String { Self.text { LadderText().append(self, to: &$0) } }
    var asSVG: String { Self.text { LadderSVG().append(self, to: &$0) } }
    var asMermaid: String { Self.text { LadderMermaid().append(self, to: &$0) } }

    private static func text(_ fill: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        fill(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
