// Synthetic TCP for what captures do not show: long frames, gaps at the end, names instead of addresses, endpoints used
// twice.

import EventSamples
import Events
import Foundation
import MSNP
import Testing

@Suite struct SyntheticTCPTests {
    private static let opening = "USR 1 anna@example.com 17.4\r\n"

    private func message(_ size: Int) -> String {
        "MSG 4 N \(size)\r\n" + String(repeating: "x", count: size)
    }

    @Test func longWordsComeInSeveralPackets() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, Self.opening)
        script.send(.client, message(200_000))
        script.send(.server, "ACK 4\r\n")
        script.close("closed")
        let connection = try #require(script.readBack().first)
        #expect(connection.pieces.map(\.what) == ["USR 29", "MSG 200016", "ACK 7"])
        #expect(connection.reason == "closed")
    }

    @Test(arguments: [
        "[2001:db8::1]:1025 [2001:db8::ffff:7]:1863", "[fe80::1]:9 [::1]:1863", "192.0.2.1:7 198.51.100.9:80",
    ])
    func addressesStay(ends: String) throws {
        let parts = ends.split(separator: " ").map(String.init)
        var script = Script()
        script.open(parts[0], parts[1])
        script.send(.client, Self.opening)
        script.send(.server, "USR 1 OK anna@example.com Anna\r\n")
        script.close("reset by the client")
        let connection = try #require(script.readBack().first)
        #expect(connection.ends == ends)
        #expect(connection.reason == "reset")
    }

    @Test func namesGetAddresses() throws {
        var script = Script()
        for (connection, ends) in [
            ("unknown", "unknown"), ("unknown", "chat.example.org:1864"), ("[2001:db8::5]:7", "chat.example.org"),
            ("unknown", "unknown"),
        ].enumerated() {
            script.open(ends.0, ends.1, on: connection + 1)
            script.send(.client, Self.opening, on: connection + 1)
            script.send(.server, "USR 1 OK anna@example.com Anna\r\n", on: connection + 1)
        }
        let ends = try script.readBack().map(\.ends)
        #expect(
            ends == [
                "203.0.113.1:49153 203.0.113.2:1863", "203.0.113.1:49154 203.0.113.3:1864",
                "[2001:db8::5]:7 [2001:db8::1:3]:1863", "203.0.113.1:49156 203.0.113.2:1863",
            ])
        #expect(pcapng(script.events).contains("chat.example.org".utf8))
    }

    @Test func twoWithTheSameEndsAtTheSameTimeAreTwo() throws {
        var script = Script()
        for connection in [1, 2] { script.open("10.0.0.1:1025", "10.0.0.2:1863", on: connection) }
        for connection in [1, 2] { script.send(.client, Self.opening, on: connection) }
        for connection in [2, 1] { script.send(.server, "JOI ben@example.com Ben\r\n", on: connection) }
        script.close("closed", on: 1)
        script.open("10.0.0.1:1025", "10.0.0.2:1863", on: 3)
        // Joined in the middle, and not to be taken for the end of the first.
        script.send(.server, "NLN NLN ben@example.com Ben\r\n", on: 3)
        script.send(.server, "FLN ben@example.com\r\n", on: 3)
        let connections = try script.readBack()
        #expect(connections.count == 3)
        #expect(connections.map(\.pieces.count) == [2, 2, 2])
        #expect(Set(connections.map(\.ends)).count == 3)
    }

    @Test func portsMayBeUsedAgain() throws {
        var script = Script()
        for connection in 1...3 {
            script.open("10.0.0.1:1025", "10.0.0.2:1863", on: connection)
            script.send(.client, Self.opening, on: connection)
            script.close(connection == 2 ? "its ports were used again" : "closed", on: connection)
        }
        let connections = try script.readBack()
        #expect(connections.map(\.reason) == ["closed", "its ports were used again", "closed"])
        #expect(Set(connections.map(\.ends)) == ["10.0.0.1:1025 10.0.0.2:1863"])
    }

    @Test func holesStayWhereTheyAre() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.add(.gap(bytes: 100, offset: 0, from: .client))
        script.send(.client, "CAL 2 ben@example.com\r\n")
        script.send(.client, "CAL 3 ben@example.com\r\n")
        script.add(.gap(bytes: 70_000, offset: 0, from: .server))
        script.send(.server, "JOI ben@example.com Ben\r\n")
        script.send(.server, "BYE ben@example.com\r\n")
        script.add(.gap(bytes: 100_000, offset: 146, from: .client))
        script.close("the capture ends")
        let connection = try #require(script.readBack().first)
        #expect(
            connection.pieces.filter { $0.side == .client }.map(\.what) == [
                "gap 0 100", "CAL 23", "CAL 23", "gap 146 100000",
            ])
        #expect(connection.pieces.filter { $0.side == .server }.map(\.what) == ["gap 0 70000", "JOI 25", "BYE 21"])
        #expect(connection.reason == "the capture ends")
    }

    /// An archive of another program may contain anything.
    @Test func holesWithoutEndCostNothing() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, Self.opening)
        script.add(.gap(bytes: .max, offset: .max, from: .client))
        script.add(.gap(bytes: 1 << 62, offset: 0, from: .server))
        script.close("the capture ends", unseen: .max)
        #expect(pcapng(script.events).count < 1 << 20)
    }

    @Test func whatNobodySawIsAcknowledged() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, Self.opening)
        script.close("the capture ends", unseen: 77)
        let connection = try #require(script.readBack().first)
        #expect(connection.unseen == [77, 0])
    }

    @Test func timesMayStepBack() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, Self.opening)
        script.send(.server, "JOI ben@example.com Ben\r\n", after: -5_000_000_000)
        script.send(.client, "OUT\r\n", after: 1_234)
        let connection = try #require(script.readBack().first)
        #expect(connection.pieces.map(\.what) == ["USR 29", "JOI 25", "OUT 5"])
        #expect(connection.pieces.map(\.time) == script.events.dropFirst().map { $0.time.nanoseconds / 1_000 })
    }

    @Test func anArchiveWithoutBeginningsIsExportedToo() throws {
        var script = Script()
        script.send(.client, Self.opening)
        script.send(.server, "USR 1 OK anna@example.com Anna\r\n")
        #expect(try script.readBack().first?.pieces.count == 2)
    }

    @Test func remarksAreOnTheNextPacket() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, Self.opening)
        var events = script.events
        events[1].kind = .rewritten(
            Rewriting(
                original: try Sample.frame(Array("XFR 1 NS a\r\n".utf8)),
                sent: try Sample.frame(Array("XFR 1 NS b\r\n".utf8)),
                from: "upstream",
                to: "here"))
        let without = pcapng(script.events)
        let with = pcapng(events + script.events.dropFirst())
        #expect(with.contains("upstream is now here".utf8))
        #expect(!without.contains("upstream is now here".utf8))
    }
}
