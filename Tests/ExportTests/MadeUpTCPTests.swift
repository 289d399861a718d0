// Made-up TCP for what captures do not show: long words, holes at ends, names instead of addresses, ends used twice.

import Analysis
import Captures
import Events
import Foundation
import MSNP
import Output
import Query
import TestSupport
import Testing

@testable import Export
@testable import Redaction

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

    mutating func say(_ side: Side, _ text: String, on connection: Int = 1, after nanoseconds: Int64 = 1_500_000) {
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

    /// What is told of the exported packets.
    func readBack() throws -> [Heard] {
        let scratch = try Scratch()
        let recording = Recording([try scratch.write(pcapng(events), to: "made.pcapng")])
        #expect(recording.summary.troubles.isEmpty)
        return recording.connections
    }
}

@Suite struct MadeUpTCPTests {
    private static let opening = "USR 1 anna@example.com 17.4\r\n"

    private func message(_ size: Int) -> String {
        "MSG 4 N \(size)\r\n" + String(repeating: "x", count: size)
    }

    @Test func longWordsComeInSeveralPackets() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.say(.client, Self.opening)
        script.say(.client, message(200_000))
        script.say(.server, "ACK 4\r\n")
        script.close("closed")
        let heard = try #require(script.readBack().first)
        #expect(heard.pieces.map(\.what) == ["USR 29", "MSG 200016", "ACK 7"])
        #expect(heard.reason == "closed")
    }

    @Test(arguments: [
        "[2001:db8::1]:1025 [2001:db8::ffff:7]:1863", "[fe80::1]:9 [::1]:1863", "192.0.2.1:7 198.51.100.9:80",
    ])
    func addressesStay(ends: String) throws {
        let parts = ends.split(separator: " ").map(String.init)
        var script = Script()
        script.open(parts[0], parts[1])
        script.say(.client, Self.opening)
        script.say(.server, "USR 1 OK anna@example.com Anna\r\n")
        script.close("reset by the client")
        let heard = try #require(script.readBack().first)
        #expect(heard.ends == ends)
        #expect(heard.reason == "reset")
    }

    @Test func namesGetAddresses() throws {
        var script = Script()
        for (connection, ends) in [
            ("unknown", "unknown"), ("unknown", "chat.example.org:1864"), ("[2001:db8::5]:7", "chat.example.org"),
            ("unknown", "unknown"),
        ].enumerated() {
            script.open(ends.0, ends.1, on: connection + 1)
            script.say(.client, Self.opening, on: connection + 1)
            script.say(.server, "USR 1 OK anna@example.com Anna\r\n", on: connection + 1)
        }
        let ends = try script.readBack().map(\.ends)
        #expect(
            ends == [
                "203.0.113.1:49153 203.0.113.2:1863", "203.0.113.1:49154 203.0.113.3:1864",
                "[2001:db8::5]:7 [2001:db8::1:3]:1863", "203.0.113.1:49156 203.0.113.2:1863",
            ])
        #expect(Search.found(["chat.example.org"], in: pcapng(script.events)) == ["chat.example.org"])
    }

    @Test func twoWithTheSameEndsAtTheSameTimeAreTwo() throws {
        var script = Script()
        for connection in [1, 2] { script.open("10.0.0.1:1025", "10.0.0.2:1863", on: connection) }
        for connection in [1, 2] { script.say(.client, Self.opening, on: connection) }
        for connection in [2, 1] { script.say(.server, "JOI ben@example.com Ben\r\n", on: connection) }
        script.close("closed", on: 1)
        script.open("10.0.0.1:1025", "10.0.0.2:1863", on: 3)
        // Joined in the middle, and not to be taken for the end of the first.
        script.say(.server, "NLN NLN ben@example.com Ben\r\n", on: 3)
        script.say(.server, "FLN ben@example.com\r\n", on: 3)
        let heard = try script.readBack()
        #expect(heard.count == 3)
        #expect(heard.map(\.pieces.count) == [2, 2, 2])
        #expect(Set(heard.map(\.ends)).count == 3)
    }

    @Test func portsMayBeUsedAgain() throws {
        var script = Script()
        for connection in 1...3 {
            script.open("10.0.0.1:1025", "10.0.0.2:1863", on: connection)
            script.say(.client, Self.opening, on: connection)
            script.close(connection == 2 ? "its ports were used again" : "closed", on: connection)
        }
        let heard = try script.readBack()
        #expect(heard.map(\.reason) == ["closed", "its ports were used again", "closed"])
        #expect(Set(heard.map(\.ends)) == ["10.0.0.1:1025 10.0.0.2:1863"])
    }

    @Test func holesStayWhereTheyAre() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.add(.gap(bytes: 100, offset: 0, from: .client))
        script.say(.client, "CAL 2 ben@example.com\r\n")
        script.say(.client, "CAL 3 ben@example.com\r\n")
        script.add(.gap(bytes: 70_000, offset: 0, from: .server))
        script.say(.server, "JOI ben@example.com Ben\r\n")
        script.say(.server, "BYE ben@example.com\r\n")
        script.add(.gap(bytes: 100_000, offset: 146, from: .client))
        script.close("the capture ends")
        let heard = try #require(script.readBack().first)
        #expect(
            heard.pieces.filter { $0.side == .client }.map(\.what) == [
                "gap 0 100", "CAL 23", "CAL 23", "gap 146 100000",
            ])
        #expect(heard.pieces.filter { $0.side == .server }.map(\.what) == ["gap 0 70000", "JOI 25", "BYE 21"])
        #expect(heard.reason == "the capture ends")
    }

    /// An archive that somebody else made may say anything.
    @Test func holesWithoutEndCostNothing() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.say(.client, Self.opening)
        script.add(.gap(bytes: .max, offset: .max, from: .client))
        script.add(.gap(bytes: 1 << 62, offset: 0, from: .server))
        script.close("the capture ends", unseen: .max)
        #expect(pcapng(script.events).count < 1 << 20)
    }

    @Test func whatNobodySawIsAcknowledged() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.say(.client, Self.opening)
        script.close("the capture ends", unseen: 77)
        let heard = try #require(script.readBack().first)
        #expect(heard.unseen == [77, 0])
    }

    @Test func timesMayStepBack() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.say(.client, Self.opening)
        script.say(.server, "JOI ben@example.com Ben\r\n", after: -5_000_000_000)
        script.say(.client, "OUT\r\n", after: 1_234)
        let heard = try #require(script.readBack().first)
        #expect(heard.pieces.map(\.what) == ["USR 29", "JOI 25", "OUT 5"])
        #expect(heard.pieces.map(\.time) == script.events.dropFirst().map { $0.time.nanoseconds / 1_000 })
    }

    @Test func anArchiveWithoutBeginningsIsExportedToo() throws {
        var script = Script()
        script.say(.client, Self.opening)
        script.say(.server, "USR 1 OK anna@example.com Anna\r\n")
        #expect(try script.readBack().first?.pieces.count == 2)
    }

    @Test func remarksAreOnTheNextPacket() {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.say(.client, Self.opening)
        var events = script.events
        events[1].kind = .rewritten(
            Rewriting(
                original: Frame(Array("XFR 1 NS a\r\n".utf8))!, sent: Frame(Array("XFR 1 NS b\r\n".utf8))!,
                from: "upstream",
                to: "here"))
        let without = pcapng(script.events)
        let with = pcapng(events + script.events.dropFirst())
        #expect(Search.found(["upstream is now here"], in: with) == ["upstream is now here"])
        #expect(Search.found(["upstream is now here"], in: without).isEmpty)
    }
}
