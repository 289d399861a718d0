// The names of people at the time of their messages.

import Analysis
import Events
import Payloads
import Testing
import Transcripts

@Suite struct NamesTests {
    /// A notification connection of Alice's.
    private static func signedIn(_ scenario: inout TranscriptScenario, _ connection: Int, name: String) {
        scenario.open(connection)
        scenario.c(connection, "VER 1 MSNP8 CVR0")
        scenario.s(connection, "VER 1 MSNP8")
        scenario.c(connection, "USR 3 TWN I alice@example.com")
        scenario.s(connection, "USR 3 OK alice@example.com \(name) 1")
    }

    /// Neither a later name stands in an earlier line, nor an earlier one in a later line.
    @Test func theNameOfThatTime() {
        var scenario = TranscriptScenario()
        Self.signedIn(&scenario, 9, name: "Ann")
        scenario.s(9, "ILN 5 NLN bob@example.com Bobby 0")
        scenario.open(1)
        scenario.c(1, "ANS 1 alice@example.com 5.5 13")
        // The switchboard does not have the names of the two.
        scenario.c(1, "MSG 3 U", text: "one")
        scenario.s(9, "REA 7 4 alice@example.com Anna")
        scenario.c(1, "MSG 4 U", text: "two")
        scenario.s(1, "IRO 1 1 1 bob@example.com Bob")
        scenario.s(1, "MSG bob@example.com Bob", text: "three")
        scenario.s(9, "NLN NLN bob@example.com Robert 0")
        scenario.s(1, "MSG bob@example.com Robert", text: "four")
        scenario.s(1, "BYE bob@example.com")
        scenario.c(1, "MSG 5 U", text: "five")
        scenario.close(1)
        #expect(scenario.texts() == ["Ann: one", "Anna: two", "Bob: three", "Robert: four", "Anna: five"])
        #expect(scenario.written(ChatText()).contains("* Robert left"))
        #expect(scenario.written(ChatText()).contains("=== Anna <alice@example.com>, Robert <bob@example.com>  (c1)"))
    }

    /// A conversation of later has names of its own; the first one keeps its.
    @Test func twoConversations() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.c(1, "MSG 3 U", text: "one")
        scenario.close(1)
        scenario.wait(86_400)
        scenario.open(2)
        scenario.c(2, "USR 1 alice@example.com 17.2")
        scenario.s(2, "USR 1 OK alice@example.com Later")
        scenario.s(2, "JOI bob@example.com Robert")
        scenario.c(2, "MSG 3 U", text: "two")
        scenario.close(2)
        #expect(scenario.texts(0) == ["Alice A: one"] && scenario.texts(1) == ["Later: two"])
        let text = scenario.written(ChatText())
        #expect(text.contains("=== Alice A <alice@example.com>, Bob <bob@example.com>  (c1)"))
        #expect(text.contains("=== Later <alice@example.com>, Robert <bob@example.com>  (c2)"))
    }

    /// A name of later is no name of before: then the address stands there.
    @Test func noNameBeforeTheFirst() {
        var scenario = TranscriptScenario()
        scenario.open(9)
        scenario.c(9, "VER 1 MSNP13 CVR0")
        scenario.s(9, "VER 1 MSNP13")
        scenario.c(9, "USR 3 SSO I alice@example.com")
        scenario.s(9, "USR 3 OK alice@example.com 1 0")
        scenario.open(1)
        scenario.c(1, "ANS 1 alice@example.com 5.5 13")
        scenario.s(1, "IRO 1 1 1 bob@example.com Bob 0")
        scenario.c(1, "MSG 3 U", text: "one")
        scenario.s(9, "PRP 8 MFN New%20name")
        scenario.c(1, "MSG 4 U", text: "two")
        scenario.close(1)
        #expect(scenario.texts() == ["alice@example.com: one", "New name: two"])
    }

    /// What the message itself bears counts for it: the server's copy of the name, and `P4-Context`.
    @Test func theMessagesOwnName() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.s(1, "MSG bob@example.com Bob", text: "one")
        scenario.s(1, "MSG bob@example.com Bo%20b", text: "two")
        scenario.s(
            1, "MSG bob@example.com Bob", Array("Content-Type: text/plain\r\nP4-Context: Nick\r\n\r\nthree".utf8))
        scenario.s(1, "MSG bob@example.com Bob", text: "four")
        scenario.close(1)
        #expect(scenario.texts() == ["Bob: one", "Bo b: two", "Nick: three", "Bob: four"])
    }

    @Test func theBookIsBounded() {
        var book = NameHistory()
        func time(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds)) }
        for number in 0..<60_000 { book.note("n\(number)", of: "a@x", at: time(number)) }
        #expect(book.name(of: "a@x", at: time(70_000)) == "n59999")
        // What was given up is not replaced by another name.
        #expect(book.name(of: "a@x", at: time(5)) == nil && book.name(of: "a@x", at: time(30_000)) == "n30000")
        book.note("b", of: "b@x", at: time(1))
        #expect(book.name(of: "b@x", at: time(1)) == nil)
    }

    @Test func timesInAnyOrder() {
        var book = NameHistory()
        func time(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds)) }
        book.note("late", of: "a@x", at: time(30))
        book.note("early", of: "a@x", at: time(10))
        book.note("early", of: "a@x", at: time(20))
        book.note("late", of: "a@x", at: time(25))
        #expect(
            [5, 10, 24, 25, 40].map { book.name(of: "a@x", at: time($0)) } == [nil, "early", "early", "late", "late"])
    }
}
