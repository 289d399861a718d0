// What people were called when they said something.

import Chat
import Messages
import Testing
import Transcript

@Suite struct NamesTests {
    /// A notification connection of Alice's.
    private static func signedIn(_ scene: inout Scene, _ connection: Int, name: String) {
        scene.open(connection)
        scene.c(connection, "VER 1 MSNP8 CVR0")
        scene.s(connection, "VER 1 MSNP8")
        scene.c(connection, "USR 3 TWN I alice@example.com")
        scene.s(connection, "USR 3 OK alice@example.com \(name) 1")
    }

    /// Neither a later name stands in an earlier line, nor an earlier one in a later line.
    @Test func theNameOfThatTime() {
        var scene = Scene()
        Self.signedIn(&scene, 9, name: "Ann")
        scene.s(9, "ILN 5 NLN bob@example.com Bobby 0")
        scene.open(1)
        scene.c(1, "ANS 1 alice@example.com 5.5 13")
        // Nothing on the switchboard says what the two are called.
        scene.c(1, "MSG 3 U", text: "one")
        scene.s(9, "REA 7 4 alice@example.com Anna")
        scene.c(1, "MSG 4 U", text: "two")
        scene.s(1, "IRO 1 1 1 bob@example.com Bob")
        scene.s(1, "MSG bob@example.com Bob", text: "three")
        scene.s(9, "NLN NLN bob@example.com Robert 0")
        scene.s(1, "MSG bob@example.com Robert", text: "four")
        scene.s(1, "BYE bob@example.com")
        scene.c(1, "MSG 5 U", text: "five")
        scene.close(1)
        #expect(scene.texts() == ["Ann: one", "Anna: two", "Bob: three", "Robert: four", "Anna: five"])
        #expect(scene.written(ChatText()).contains("* Robert left"))
        #expect(scene.written(ChatText()).contains("=== Anna <alice@example.com>, Robert <bob@example.com>  (c1)"))
    }

    /// A conversation of later has names of its own; the first one keeps its.
    @Test func twoConversations() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.c(1, "MSG 3 U", text: "one")
        scene.close(1)
        scene.wait(86_400)
        scene.open(2)
        scene.c(2, "USR 1 alice@example.com 17.2")
        scene.s(2, "USR 1 OK alice@example.com Later")
        scene.s(2, "JOI bob@example.com Robert")
        scene.c(2, "MSG 3 U", text: "two")
        scene.close(2)
        #expect(scene.texts(0) == ["Alice A: one"] && scene.texts(1) == ["Later: two"])
        let text = scene.written(ChatText())
        #expect(text.contains("=== Alice A <alice@example.com>, Bob <bob@example.com>  (c1)"))
        #expect(text.contains("=== Later <alice@example.com>, Robert <bob@example.com>  (c2)"))
    }

    /// A name of later is no name of before: then the address stands there.
    @Test func noNameBeforeTheFirst() {
        var scene = Scene()
        scene.open(9)
        scene.c(9, "VER 1 MSNP13 CVR0")
        scene.s(9, "VER 1 MSNP13")
        scene.c(9, "USR 3 SSO I alice@example.com")
        scene.s(9, "USR 3 OK alice@example.com 1 0")
        scene.open(1)
        scene.c(1, "ANS 1 alice@example.com 5.5 13")
        scene.s(1, "IRO 1 1 1 bob@example.com Bob 0")
        scene.c(1, "MSG 3 U", text: "one")
        scene.s(9, "PRP 8 MFN New%20name")
        scene.c(1, "MSG 4 U", text: "two")
        scene.close(1)
        #expect(scene.texts() == ["alice@example.com: one", "New name: two"])
    }

    /// What the message itself bears counts for it: the server's copy of the name, and `P4-Context`.
    @Test func theMessagesOwnName() {
        var scene = Scene()
        scene.call(1, ["bob"], session: 11)
        scene.s(1, "MSG bob@example.com Bob", text: "one")
        scene.s(1, "MSG bob@example.com Bo%20b", text: "two")
        scene.s(1, "MSG bob@example.com Bob", Array("Content-Type: text/plain\r\nP4-Context: Nick\r\n\r\nthree".utf8))
        scene.s(1, "MSG bob@example.com Bob", text: "four")
        scene.close(1)
        #expect(scene.texts() == ["Bob: one", "Bo b: two", "Nick: three", "Bob: four"])
    }

    @Test func theBookIsBounded() {
        var book = NameBook()
        func time(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds)) }
        for number in 0..<60_000 { book.note("n\(number)", of: "a@x", at: time(number)) }
        #expect(book.name(of: "a@x", at: time(70_000)) == "n59999")
        // What was given up is not replaced by another name.
        #expect(book.name(of: "a@x", at: time(5)) == nil && book.name(of: "a@x", at: time(30_000)) == "n30000")
        book.note("b", of: "b@x", at: time(1))
        #expect(book.name(of: "b@x", at: time(1)) == nil)
    }

    @Test func timesInAnyOrder() {
        var book = NameBook()
        func time(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds)) }
        book.note("late", of: "a@x", at: time(30))
        book.note("early", of: "a@x", at: time(10))
        book.note("early", of: "a@x", at: time(20))
        book.note("late", of: "a@x", at: time(25))
        #expect(
            [5, 10, 24, 25, 40].map { book.name(of: "a@x", at: time($0)) } == [nil, "early", "early", "late", "late"])
    }
}
