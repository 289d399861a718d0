// Talk that two clients' connections show: all that is known of it, once.

import Chat
import Messages
import Testing
import Transcript

@Suite struct TwoViewsTests {
    /// Alice calls Bob, and both clients' connections are seen.
    private static func begin(_ scene: inout Scene, _ alice: Int, _ bob: Int, session: Int) {
        scene.call(alice, ["bob"], session: session)
        answer(&scene, bob, session: session)
    }

    /// Bob comes to a session of Alice's.
    private static func answer(_ scene: inout Scene, _ bob: Int, session: Int) {
        scene.open(bob)
        scene.c(bob, "ANS 1 bob@example.com 9.\(bob) \(session)")
        scene.s(bob, "IRO 1 1 1 alice@example.com Alice%20A")
        scene.s(bob, "ANS 1 OK")
    }

    private static func lines(_ scene: Scene) -> [String] {
        scene.written(ChatText()).split(separator: "\n").filter { $0.hasPrefix("[") }.map { String($0.dropFirst(9)) }
    }

    /// The answers to a message are on its sender's connection, whichever was seen first.
    @Test func acknowledgementsOfBothAreTold() {
        var scene = Scene()
        Self.begin(&scene, 1, 2, session: 11)
        scene.c(1, "MSG 5 A", text: "one")
        scene.s(2, "MSG alice@example.com Alice%20A", text: "one")
        scene.s(1, "ACK 5")
        scene.c(2, "MSG 5 A", text: "two")
        scene.s(1, "MSG bob@example.com Bob", text: "two")
        scene.s(2, "ACK 5")
        // A capture may have the other end first.
        scene.s(1, "MSG bob@example.com Bob", text: "three")
        scene.c(2, "MSG 6 A", text: "three")
        scene.s(2, "ACK 6")
        scene.c(2, "MSG 7 A", text: "four")
        scene.s(2, "NAK 7")
        scene.c(2, "MSG 8 A", text: "five")
        scene.s(1, "MSG bob@example.com Bob", text: "five")
        scene.close(2)
        scene.close(1)
        #expect(
            Self.lines(scene) == [
                "] * Bob joined", " acknowledged] Alice A: one", " acknowledged] Bob: two",
                " acknowledged] Bob: three", " refused] Bob: four", " unanswered] Bob: five",
            ])
    }

    /// That the first client left, only the other one's connection says.
    @Test func leavingOfBothIsTold() {
        var scene = Scene()
        Self.begin(&scene, 1, 2, session: 11)
        scene.c(1, "MSG 5 N", text: "hello")
        scene.s(2, "MSG alice@example.com Alice%20A", text: "hello")
        scene.c(1, "OUT")
        scene.s(2, "BYE alice@example.com")
        scene.c(2, "MSG 5 A", text: "gone?")
        scene.s(2, "NAK 5")
        scene.close(1)
        scene.close(2)
        #expect(
            Self.lines(scene) == [
                "] * Bob joined", "] Alice A: hello", "] * Alice A left", " refused] Bob: gone?",
            ])
    }

    /// What both show of a third one is told once, though one of them is late.
    @Test func aThirdOneComesAndGoesOnce() {
        var scene = Scene()
        Self.begin(&scene, 1, 2, session: 11)
        for connection in [1, 2] { scene.s(connection, "JOI carol@example.com Carol") }
        scene.c(1, "MSG 5 N", text: "all here")
        scene.s(2, "MSG alice@example.com Alice%20A", text: "all here")
        scene.s(1, "BYE carol@example.com")
        scene.s(1, "JOI carol@example.com Carol")
        scene.s(2, "BYE carol@example.com")
        scene.s(2, "JOI carol@example.com Carol")
        // This one only one of them shows.
        scene.s(2, "BYE carol@example.com")
        scene.close(1)
        scene.close(2)
        #expect(
            Self.lines(scene) == [
                "] * Bob joined", "] * Carol joined", "] Alice A: all here", "] * Carol left", "] * Carol joined",
                "] * Carol left",
            ])
    }

    /// Each called the other: two switchboards at once, each seen by both, are one talk, in order of time.
    @Test func twoSwitchboardsAtOnceAreOneTalk() throws {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.open(3)
        scene.c(3, "USR 1 bob@example.com 18.3")
        scene.s(3, "USR 1 OK bob@example.com Bob")
        scene.c(3, "CAL 2 alice@example.com")
        scene.s(3, "CAL 2 RINGING 12")
        scene.s(3, "JOI alice@example.com Alice%20A")
        Self.answer(&scene, 2, session: 11)
        scene.open(4)
        scene.c(4, "ANS 1 alice@example.com 8.8 12")
        scene.s(4, "IRO 1 1 1 bob@example.com Bob")
        func alice(_ text: String) {
            scene.c(1, "MSG 9 N", text: text)
            scene.s(2, "MSG alice@example.com Alice%20A", text: text)
        }
        func bob(_ text: String) {
            scene.c(3, "MSG 9 N", text: text)
            scene.s(4, "MSG bob@example.com Bob", text: text)
        }
        alice("a1")
        bob("b1")
        // The same words on both are not each other's echo.
        alice("same")
        scene.c(4, "MSG 9 N", text: "same")
        scene.s(3, "MSG alice@example.com Alice%20A", text: "same")
        bob("b2")
        // Bob leaves one of them, and is there still.
        scene.c(2, "OUT")
        scene.close(2)
        scene.s(1, "BYE bob@example.com")
        bob("b3")
        scene.s(4, "BYE bob@example.com")
        for connection in [1, 3, 4] { scene.close(connection) }
        #expect(scene.conversations.map { $0.strands.map(\.connection) } == [[1, 3, 2, 4]])
        #expect(
            Self.lines(scene).map { $0.dropFirst(2) } == [
                "* Bob joined", "Alice A: a1", "Bob: b1", "Alice A: same", "Alice A: same", "Bob: b2", "Bob: b3",
                "* Bob left",
            ])
        let times = try #require(scene.entries().first).map(\.time)
        #expect(times == times.sorted())
    }

    /// Who calls back while it still rings has not joined yet; the server tells when, and the name.
    @Test func whoRingsHasNotJoined() {
        var scene = Scene()
        scene.call(1, [], session: 11)
        scene.c(1, "CAL 2 bob@example.com")
        scene.s(1, "CAL 2 RINGING 11")
        scene.open(3)
        scene.c(3, "USR 1 bob@example.com 18.3")
        scene.s(3, "USR 1 OK bob@example.com Bob")
        scene.c(3, "CAL 2 alice@example.com")
        scene.s(3, "CAL 2 RINGING 12")
        Self.answer(&scene, 2, session: 11)
        scene.s(1, "JOI bob@example.com Bob")
        scene.open(4)
        scene.c(4, "ANS 1 alice@example.com 8.8 12")
        scene.s(4, "IRO 1 1 1 bob@example.com Bob")
        scene.s(3, "JOI alice@example.com Alice%20A")
        scene.c(1, "MSG 9 N", text: "one")
        scene.s(2, "MSG alice@example.com Alice%20A", text: "one")
        scene.c(3, "MSG 9 N", text: "two")
        scene.s(4, "MSG bob@example.com Bob", text: "two")
        for connection in 1...4 { scene.close(connection) }
        #expect(Self.lines(scene) == ["] * Bob joined", "] Alice A: one", "] Bob: two"])
    }

    /// Who speaks of which session is not known where the beginning is missing: nothing is joined by guess.
    @Test func withoutTheirNumbersTheyStayApart() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.open(2)
        scene.c(2, "USR 1 bob@example.com 9.9")
        scene.s(2, "USR 1 OK bob@example.com Bob")
        scene.s(2, "JOI alice@example.com Alice%20A")
        scene.c(1, "MSG 5 N", text: "hello")
        scene.s(2, "MSG alice@example.com Alice%20A", text: "hello")
        scene.close(1)
        scene.close(2)
        #expect(scene.conversations.count == 2)
    }

    /// A third connection of a session is part of it as long as any other is, not only the last one that came.
    @Test func aShortConnectionDoesNotEndTheSession() {
        var scene = Scene()
        scene.call(1, ["bob", "carol"], session: 11)
        scene.open(2)
        scene.c(2, "ANS 1 bob@example.com 9.9 11")
        scene.s(2, "IRO 1 1 1 alice@example.com Alice%20A")
        scene.c(1, "MSG 5 N", text: "hello")
        scene.s(2, "MSG alice@example.com Alice%20A", text: "hello")
        scene.close(2)
        scene.open(3)
        scene.c(3, "ANS 1 carol@example.com 9.10 11")
        scene.s(3, "IRO 1 1 1 alice@example.com Alice%20A")
        scene.c(1, "MSG 6 N", text: "again")
        scene.s(3, "MSG alice@example.com Alice%20A", text: "again")
        scene.close(1)
        scene.close(3)
        #expect(scene.texts() == ["Alice A: hello", "Alice A: again"])
        #expect(scene.conversations.count == 1)
    }

    /// Endpoints of MSNP16 and later: somebody left when the last of them did.
    @Test func endpointsOfBothViews() {
        var scene = Scene()
        scene.open(1)
        scene.c(1, "USR 1 alice@example.com;{a} 17.1")
        scene.s(1, "USR 1 OK alice@example.com Alice%20A")
        scene.c(1, "CAL 2 bob@example.com")
        scene.s(1, "CAL 2 RINGING 11")
        scene.s(1, "JOI bob@example.com;{b} Bob 1:2")
        scene.s(1, "JOI bob@example.com;{c} Bob 1:2")
        scene.open(2)
        scene.c(2, "ANS 1 bob@example.com;{b} 9.9 11")
        scene.s(2, "IRO 1 1 2 alice@example.com;{a} Alice%20A 1:2")
        scene.s(2, "IRO 1 2 2 bob@example.com;{c} Bob 1:2")
        scene.c(2, "MSG 3 A", text: "hi")
        scene.s(1, "MSG bob@example.com Bob", text: "hi")
        scene.s(2, "ACK 3")
        scene.s(1, "BYE bob@example.com;{c}")
        scene.s(2, "BYE bob@example.com;{c}")
        scene.c(2, "MSG 4 N", text: "still")
        scene.s(1, "MSG bob@example.com Bob", text: "still")
        scene.s(1, "BYE bob@example.com;{b}")
        scene.close(2)
        scene.close(1)
        #expect(
            Self.lines(scene) == ["] * Bob joined", " acknowledged] Bob: hi", "] Bob: still", "] * Bob left"])
    }
}
