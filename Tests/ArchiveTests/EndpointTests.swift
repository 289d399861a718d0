// When a person left a conversation, as the table of participants has it.

import Events
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct EndpointTests {
    /// From MSNP16 on a person leaves with the last place (commands.tsv, `BYE`).
    @Test func aPersonLeavesWithTheLastPlace() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        let ends = Endpoints(client: "10.0.0.1:1", server: "10.0.0.2:1863")
        let lines: [(String, Side)] = [
            ("USR 1 ann@x.example;{a1} 17.1", .client), ("JOI bob@x.example;{b1} Bob 1:1", .server),
            ("JOI bob@x.example;{b2} Bob 1:1", .server), ("JOI bob@x.example Bob 1:1", .server),
            ("BYE bob@x.example;{b1}", .server), ("BYE bob@x.example;{b2}", .server), ("BYE bob@x.example", .server),
        ]
        var events = [event(0, .opened(ends))]
        for (index, (line, side)) in lines.enumerated() {
            let frame = try #require(Frame(Array("\(line)\r\n".utf8)))
            events.append(event(Int64(index + 1) * 1_000, .frame(frame, from: side)))
        }
        events.append(event(9_000, .closed(ends, reason: .closed, client: Tally().sums, server: Tally().sums)))
        try archive.importing([], toolVersion: "0", now: Timestamp(nanoseconds: 0)) { sink in
            _ = sink.receive(events)
            return []
        }
        let left = try archive.queue.read { db in
            try Int64?.fetchAll(
                db,
                sql: """
                    SELECT left_ns FROM participant JOIN account ON account.id = participant.account
                    WHERE address = 'bob@x.example'
                    """)
        }
        #expect(left == [6_000])
    }

    private func event(_ time: Int64, _ kind: Event.Kind) -> Event {
        Event(time: Timestamp(nanoseconds: time), connection: 1, role: .switchboard, kind: kind)
    }
}
