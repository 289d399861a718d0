// Events of what the loops carried, without loops.

import Analysis
import Events
import MSNP
import Testing

@testable import Relay

@Suite struct EventMakerTests {
    private func carried(
        _ connection: Int, _ kinds: [Event.Kind], isEnd: Bool = false, role: Role = .switchboard
    ) -> Carried {
        let events = kinds.map {
            Event(
                time: Timestamp(nanoseconds: 5), connection: connection, role: role, dialect: Dialect(8), kind: $0)
        }
        return Carried(connection: connection, events, bytes: 0, isEnd: isEnd)
    }

    private func frame(_ text: String, _ side: Side = .server) throws -> Event.Kind {
        .frame(try #require(Frame(Array(text.utf8))), from: side)
    }

    private func closed() -> Event.Kind {
        Tap().closed(Endpoints(client: "c", server: "s"), reason: .closed)
    }

    private func part(_ number: Int, of count: Int) throws -> Event.Kind {
        let head = number == 0 ? "Content-Type: text/plain\r\n" : ""
        let chunk = number == 0 ? "Chunks: \(count)" : "Chunk: \(number)"
        let text = "MIME-Version: 1.0\r\n\(head)Message-ID: {1}\r\n\(chunk)\r\n\r\nhi\(number)"
        return try frame("MSG b@x.example B \(text.utf8.count)\r\n\(text)")
    }

    /// What a connection said earlier is known later, and each connection has its own.
    @Test func aMessageInTwoPartsOfTwoConnections() throws {
        var maker = EventMaker()
        var messages: [(Int, String)] = []
        for number in 0...1 {
            for connection in [3, 4] {
                maker.take(carried(connection, [try part(number, of: 2)])) { event in
                    if case .message(let message) = event.kind { messages.append((event.connection, message.text)) }
                }
            }
        }
        #expect(messages.map(\.0) == [3, 4] && messages.allSatisfy { $0.1 == "hi0hi1" })
        #expect(maker.connections == 2)
    }

    @Test func theEndFollowsWhatWasUnfinished() throws {
        var maker = EventMaker()
        var events: [Event] = []
        maker.take(carried(3, [try part(0, of: 2)])) { events.append($0) }
        events = []
        maker.take(carried(3, [try frame("BYE a@x.example\r\n"), closed()], isEnd: true)) { events.append($0) }
        #expect(maker.connections == 0, "nothing is kept of a connection that ended")
        #expect(events.count >= 3)
        if case .frame = events.first?.kind {} else { Issue.record("the frame comes first") }
        if case .closed = events.last?.kind {} else { Issue.record("the end comes last") }
        #expect(
            events.contains { if case .message(let message) = $0.kind { message.fragment != nil } else { false } })
    }

    @Test func whatHasNoConnectionIsNotAnalysed() {
        var maker = EventMaker()
        var events: [Event] = []
        maker.take(carried(0, [.listening(HostPort("127.0.0.1", 1))])) { events.append($0) }
        #expect(events.count == 1 && events[0].connection == 0 && maker.connections == 0)
    }
}
