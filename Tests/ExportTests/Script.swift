// Invented connections, exported and read again.

import Captures
import EventSamples
import Events
import Foundation
import MSNP
import TestSupport
import Testing

/// Events of invented connections.
struct Script {
    var events: [Event] = []
    var now: Int64 = 1_100_000_000_000_000_000

    mutating func add(_ kind: Event.Kind, on connection: Int = 1, after nanoseconds: Int64 = 1_500_000) {
        now += nanoseconds
        events.append(Event(time: Timestamp(nanoseconds: now), connection: connection, kind: kind))
    }

    mutating func open(_ client: String, _ server: String, on connection: Int = 1) {
        add(.opened(Endpoints(client: client, server: server)), on: connection)
    }

    mutating func send(_ side: Side, _ text: String, on connection: Int = 1, after nanoseconds: Int64 = 1_500_000) {
        guard let frame = Frame(Array(text.utf8)) else {
            Issue.record("no command: \(text)")
            return
        }
        add(.frame(frame, from: side), on: connection, after: nanoseconds)
    }

    mutating func close(_ reason: String, on connection: Int = 1, unseen: UInt64 = 0) {
        var sums = Tally().sums
        sums.ackedUnseenBytes = unseen
        add(
            .closed(Endpoints(client: "", server: ""), reason: CloseReason(reason), client: sums, server: Tally().sums),
            on: connection)
    }

    /// The connections that the exported packets decode to.
    func readBack() throws -> [RecordedConnection] {
        let scratch = try Scratch()
        let recording = Recording([try scratch.write(pcapng(events), to: "made.pcapng")])
        #expect(recording.summary.troubles.isEmpty)
        return recording.connections
    }
}
