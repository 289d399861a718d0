// Which accounts and names are a person, and on which connections people are.

import EventSamples
import Events
import MSNP
import Testing

@testable import Query

@Suite struct PersonTests {
    @Test(arguments: [
        ("bob@example.com", "bob@example.com", true), ("BOB@Example.com", "bob@example.COM", true),
        ("bob@example.com", "jimbob@example.com", false), ("bob", "jimbob@example.com", true),
        ("@example.com", "bob@example.com", true), ("bob@", "bob@example.com", true),
        ("anna", "bob@example.com", false),
    ])
    func accounts(_ text: String, _ account: String, _ matches: Bool) throws {
        #expect(try #require(Person(text)).matches(account: account) == matches)
    }

    @Test func names() throws {
        let person = try #require(Person("ÄNNCHEN"))
        #expect(person.matches(name: "~*ännchen*~") && !person.matches(name: "Anna"))
        #expect(Person("") == nil && Person(" ") == nil)
    }

    @Test func allPeopleMustBeOnAConnection() throws {
        var finder = PeopleFinder(try ["bob b", "alice@x.example"].map { try #require(Person($0)) })
        let events = [
            try Sample.frame("USR 1 alice@x.example 17.25\r\n", conn: 1, role: .switchboard),
            try Sample.frame("JOI bob@x.example Bob%20B 0\r\n", .server, conn: 1, role: .switchboard),
            try Sample.frame("USR 1 alice@x.example 17.25\r\n", conn: 2, role: .switchboard),
            try Sample.frame("IRO 1 1 1 bob@x.example Bob%20B\r\n", .server, conn: 3, role: .switchboard),
            try Sample.frame(
                "PNG\r\n", conn: 3, role: .switchboard, signIn: SignIn(number: 1, account: "alice@x.example")),
            Sample.event(.listening(HostPort("127.0.0.1", 1_863)), conn: 0),
        ]
        for event in events { finder.take(event) }
        #expect(finder.connections == [1, 3])
    }
}
