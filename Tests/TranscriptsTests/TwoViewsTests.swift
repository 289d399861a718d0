// Talk that two clients' connections show: all that is known of it, once.

import Analysis
import Payloads
import Testing
import Transcripts

@Suite struct TwoViewsTests {
    /// Alice calls Bob, and both clients' connections are seen.
    private static func begin(_ scenario: inout TranscriptScenario, _ alice: Int, _ bob: Int, session: Int) {
        scenario.call(alice, ["bob"], session: session)
        answer(&scenario, bob, session: session)
    }

    /// Bob comes to a session of Alice's.
    private static func answer(_ scenario: inout TranscriptScenario, _ bob: Int, session: Int) {
        scenario.open(bob)
        scenario.c(bob, "ANS 1 bob@example.com 9.\(bob) \(session)")
        scenario.s(bob, "IRO 1 1 1 alice@example.com Alice%20A")
        scenario.s(bob, "ANS 1 OK")
    }

    private static func lines(_ scenario: TranscriptScenario) -> [String] {
        scenario.written(ChatText()).split(separator: "\n").filter { $0.hasPrefix("[") }.map { String($0.dropFirst(9)) }
    }

    /// The answers to a message are on its sender's connection, whichever was seen first.
    @Test func acknowledgementsOfBothAreTold() {
        var scenario = TranscriptScenario()
        Self.begin(&scenario, 1, 2, session: 11)
        scenario.c(1, "MSG 5 A", text: "one")
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "one")
        scenario.s(1, "ACK 5")
        scenario.c(2, "MSG 5 A", text: "two")
        scenario.s(1, "MSG bob@example.com Bob", text: "two")
        scenario.s(2, "ACK 5")
        // A capture may have the other end first.
        scenario.s(1, "MSG bob@example.com Bob", text: "three")
        scenario.c(2, "MSG 6 A", text: "three")
        scenario.s(2, "ACK 6")
        scenario.c(2, "MSG 7 A", text: "four")
        scenario.s(2, "NAK 7")
        scenario.c(2, "MSG 8 A", text: "five")
        scenario.s(1, "MSG bob@example.com Bob", text: "five")
        scenario.close(2)
        scenario.close(1)
        #expect(
            Self.lines(scenario) == [
                "] * Bob joined", "] Alice A: one", "] Bob: two", "] Bob: three", " not delivered] Bob: four",
                " not acknowledged] Bob: five",
            ])
    }

    /// That the first client left is seen only in the other one's connection.
    @Test func leavingOfBothIsTold() {
        var scenario = TranscriptScenario()
        Self.begin(&scenario, 1, 2, session: 11)
        scenario.c(1, "MSG 5 N", text: "hello")
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "hello")
        scenario.c(1, "OUT")
        scenario.s(2, "BYE alice@example.com")
        scenario.c(2, "MSG 5 A", text: "gone?")
        scenario.s(2, "NAK 5")
        scenario.close(1)
        scenario.close(2)
        #expect(
            Self.lines(scenario) == [
                "] * Bob joined", "] Alice A: hello", "] * Alice A left", " not delivered] Bob: gone?",
            ])
    }

    /// What both show of a third one is shown once, though one of them is late.
    @Test func aThirdOneComesAndGoesOnce() {
        var scenario = TranscriptScenario()
        Self.begin(&scenario, 1, 2, session: 11)
        for connection in [1, 2] { scenario.s(connection, "JOI carol@example.com Carol") }
        scenario.c(1, "MSG 5 N", text: "all here")
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "all here")
        scenario.s(1, "BYE carol@example.com")
        scenario.s(1, "JOI carol@example.com Carol")
        scenario.s(2, "BYE carol@example.com")
        scenario.s(2, "JOI carol@example.com Carol")
        // This one only one of them shows.
        scenario.s(2, "BYE carol@example.com")
        scenario.close(1)
        scenario.close(2)
        #expect(
            Self.lines(scenario) == [
                "] * Bob joined", "] * Carol joined", "] Alice A: all here", "] * Carol left", "] * Carol joined",
                "] * Carol left",
            ])
    }

    /// A change that one connection shows is expected on the other one for some seconds only.
    @Test func aParticipantWhoRejoinsMuchLaterIsShown() {
        var scenario = TranscriptScenario()
        Self.begin(&scenario, 1, 2, session: 11)
        scenario.s(1, "JOI carol@example.com Carol")
        scenario.c(1, "MSG 5 N", text: "all here")
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "all here")
        scenario.s(1, "BYE carol@example.com")
        scenario.wait(60)
        // Only the other connection shows this one.
        scenario.s(2, "JOI carol@example.com Carol")
        scenario.close(1)
        scenario.close(2)
        #expect(
            Self.lines(scenario) == [
                "] * Bob joined", "] * Carol joined", "] Alice A: all here", "] * Carol left", "] * Carol joined",
            ])
    }

    @Test func messagesOfTheSecondClientAreNotOnesOwn() {
        var scenario = TranscriptScenario()
        Self.begin(&scenario, 1, 2, session: 11)
        scenario.c(1, "MSG 5 N", text: "mine")
        // Bob's connection is the first to show his message.
        scenario.c(2, "MSG 5 N", text: "his")
        scenario.s(1, "MSG bob@example.com Bob", text: "his")
        scenario.close(1)
        scenario.close(2)
        let own = scenario.entries().joined().compactMap { entry in
            if case .text(let text, _) = entry.what { "\(text.text) \(entry.isOwn)" } else { nil }
        }
        #expect(own == ["mine true", "his false"])
    }

    /// Each called the other: two switchboards at once, each seen by both, are one talk, in order of time.
    @Test func twoSwitchboardsAtOnceAreOneTalk() throws {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.open(3)
        scenario.c(3, "USR 1 bob@example.com 18.3")
        scenario.s(3, "USR 1 OK bob@example.com Bob")
        scenario.c(3, "CAL 2 alice@example.com")
        scenario.s(3, "CAL 2 RINGING 12")
        scenario.s(3, "JOI alice@example.com Alice%20A")
        Self.answer(&scenario, 2, session: 11)
        scenario.open(4)
        scenario.c(4, "ANS 1 alice@example.com 8.8 12")
        scenario.s(4, "IRO 1 1 1 bob@example.com Bob")
        func alice(_ text: String) {
            scenario.c(1, "MSG 9 N", text: text)
            scenario.s(2, "MSG alice@example.com Alice%20A", text: text)
        }
        func bob(_ text: String) {
            scenario.c(3, "MSG 9 N", text: text)
            scenario.s(4, "MSG bob@example.com Bob", text: text)
        }
        alice("a1")
        bob("b1")
        // The same text on both is not a duplicate.
        alice("same")
        scenario.c(4, "MSG 9 N", text: "same")
        scenario.s(3, "MSG alice@example.com Alice%20A", text: "same")
        bob("b2")
        // Bob leaves one of them, and is there still.
        scenario.c(2, "OUT")
        scenario.close(2)
        scenario.s(1, "BYE bob@example.com")
        bob("b3")
        scenario.s(4, "BYE bob@example.com")
        for connection in [1, 3, 4] { scenario.close(connection) }
        #expect(scenario.conversations.map { $0.segments.map(\.connection) } == [[1, 3, 2, 4]])
        #expect(
            Self.lines(scenario).map { $0.dropFirst(2) } == [
                "* Bob joined", "Alice A: a1", "Bob: b1", "Alice A: same", "Alice A: same", "Bob: b2", "Bob: b3",
                "* Bob left",
            ])
        let times = try #require(scenario.entries().first).map(\.time)
        #expect(times == times.sorted())
    }

    /// Who calls back while it still rings has not joined yet; the time and the name come from the server.
    @Test func whoRingsHasNotJoined() {
        var scenario = TranscriptScenario()
        scenario.call(1, [], session: 11)
        scenario.c(1, "CAL 2 bob@example.com")
        scenario.s(1, "CAL 2 RINGING 11")
        scenario.open(3)
        scenario.c(3, "USR 1 bob@example.com 18.3")
        scenario.s(3, "USR 1 OK bob@example.com Bob")
        scenario.c(3, "CAL 2 alice@example.com")
        scenario.s(3, "CAL 2 RINGING 12")
        Self.answer(&scenario, 2, session: 11)
        scenario.s(1, "JOI bob@example.com Bob")
        scenario.open(4)
        scenario.c(4, "ANS 1 alice@example.com 8.8 12")
        scenario.s(4, "IRO 1 1 1 bob@example.com Bob")
        scenario.s(3, "JOI alice@example.com Alice%20A")
        scenario.c(1, "MSG 9 N", text: "one")
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "one")
        scenario.c(3, "MSG 9 N", text: "two")
        scenario.s(4, "MSG bob@example.com Bob", text: "two")
        for connection in 1...4 { scenario.close(connection) }
        #expect(Self.lines(scenario) == ["] * Bob joined", "] Alice A: one", "] Bob: two"])
    }

    /// Without the beginning, the session of a connection is not known: nothing is joined by guess.
    @Test func withoutTheirNumbersTheyStayApart() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.open(2)
        scenario.c(2, "USR 1 bob@example.com 9.9")
        scenario.s(2, "USR 1 OK bob@example.com Bob")
        scenario.s(2, "JOI alice@example.com Alice%20A")
        scenario.c(1, "MSG 5 N", text: "hello")
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "hello")
        scenario.close(1)
        scenario.close(2)
        #expect(scenario.conversations.count == 2)
    }

    /// A third connection of a session is part of it as long as any other is, not only the last one that came.
    @Test func aShortConnectionDoesNotEndTheSession() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob", "carol"], session: 11)
        scenario.open(2)
        scenario.c(2, "ANS 1 bob@example.com 9.9 11")
        scenario.s(2, "IRO 1 1 1 alice@example.com Alice%20A")
        scenario.c(1, "MSG 5 N", text: "hello")
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "hello")
        scenario.close(2)
        scenario.open(3)
        scenario.c(3, "ANS 1 carol@example.com 9.10 11")
        scenario.s(3, "IRO 1 1 1 alice@example.com Alice%20A")
        scenario.c(1, "MSG 6 N", text: "again")
        scenario.s(3, "MSG alice@example.com Alice%20A", text: "again")
        scenario.close(1)
        scenario.close(3)
        #expect(scenario.texts() == ["Alice A: hello", "Alice A: again"])
        #expect(scenario.conversations.count == 1)
    }

    /// Endpoints of MSNP16 and later: somebody left when the last of them did.
    @Test func endpointsOfBothViews() {
        var scenario = TranscriptScenario()
        scenario.open(1)
        scenario.c(1, "USR 1 alice@example.com;{a} 17.1")
        scenario.s(1, "USR 1 OK alice@example.com Alice%20A")
        scenario.c(1, "CAL 2 bob@example.com")
        scenario.s(1, "CAL 2 RINGING 11")
        scenario.s(1, "JOI bob@example.com;{b} Bob 1:2")
        scenario.s(1, "JOI bob@example.com;{c} Bob 1:2")
        scenario.open(2)
        scenario.c(2, "ANS 1 bob@example.com;{b} 9.9 11")
        scenario.s(2, "IRO 1 1 2 alice@example.com;{a} Alice%20A 1:2")
        scenario.s(2, "IRO 1 2 2 bob@example.com;{c} Bob 1:2")
        scenario.c(2, "MSG 3 A", text: "hi")
        scenario.s(1, "MSG bob@example.com Bob", text: "hi")
        scenario.s(2, "ACK 3")
        scenario.s(1, "BYE bob@example.com;{c}")
        scenario.s(2, "BYE bob@example.com;{c}")
        scenario.c(2, "MSG 4 N", text: "still")
        scenario.s(1, "MSG bob@example.com Bob", text: "still")
        scenario.s(1, "BYE bob@example.com;{b}")
        scenario.close(2)
        scenario.close(1)
        #expect(
            Self.lines(scenario) == ["] * Bob joined", "] Bob: hi", "] Bob: still", "] * Bob left"])
    }
}
