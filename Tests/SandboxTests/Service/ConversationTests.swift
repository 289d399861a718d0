// Switchboards: cookies, invitations, messages and their acknowledgements.

import MSNP
import Testing

@testable import Sandbox

@Suite struct ConversationTests {
    private let alice = "alice@example.com"
    private let bob = "bob@example.com"

    @Test func aWholeConversation() throws {
        var talk = Dialogue()
        let a = try talk.signIn(alice, 12)
        let b = try talk.signIn(bob, 7)
        try talk.exchange(
            a, "XFR 5 SB", "ADC 0 RL N=bob@example.com F=bob", "XFR 5 SB 10.0.0.6:1863 CKI 17262740.1050826923.11752016"
        )
        let caller = talk.connect(.switchboard)
        try talk.exchange(caller, "USR 1 \(alice) 17262740.1050826923.11752016", "USR 1 OK \(alice) alice")
        try talk.exchange(caller, "MSG 2 A 2\r\nhi", "NAK 2")
        try talk.exchange(caller, "MSG 3 N 2\r\nhi", "NAK 3")
        try talk.exchange(caller, "MSG 4 U 2\r\nhi")
        try talk.exchange(caller, "CAL 5 \(bob)", "CAL 5 RINGING 11752016")
        #expect(talk.answers(b) == ["RNG 11752016 10.0.0.6:1863 CKI 17262740.1050826924.11752016 \(alice) alice"])

        let callee = talk.connect(.switchboard)
        try talk.exchange(
            callee, "ANS 1 \(bob) 17262740.1050826924.11752016 11752016", "IRO 1 1 1 \(alice) alice", "ANS 1 OK")
        #expect(talk.answers(caller) == ["JOI \(bob) bob 0"])
        try talk.exchange(caller, "CAL 6 \(bob)", "215 6")
        try talk.exchange(caller, "CAL 7 nobody@example.com", "217 7")
        try talk.exchange(caller, "MSG 8 A 9\r\nOUT\r\nÉ☕", "ACK 8")
        #expect(talk.answers(callee) == ["MSG \(alice) alice 10\r\nOUT\r\nÉ☕"])
        try talk.exchange(callee, "MSG 2 N 2\r\nyo")
        try talk.exchange(callee, "MSG 3 D 2\r\nyo", "ACK 3")
        try talk.exchange(callee, "MSG 4 U 2\r\nyo")
        #expect(talk.answers(caller).count == 3)
        try talk.exchange(callee, "OUT")
        #expect(talk.isClosed(callee))
        #expect(talk.answers(caller) == ["BYE \(bob)"])
        try talk.exchange(caller, "MSG 9 A 2\r\nhi", "NAK 9")
    }

    @Test func theNewestDialectNamesCapabilities() throws {
        var talk = Dialogue()
        let a = (try talk.signIn(alice, 7), alice)
        let b = (try talk.signIn(bob, 12), bob)
        _ = talk.answers(a.0)
        let (caller, callee) = try talk.converse(a, b)
        #expect(talk.answers(caller).last == "JOI \(bob) bob")
        #expect(talk.answers(callee) == ["IRO 1 1 1 \(alice) alice 0", "ANS 1 OK"])
    }

    @Test(arguments: ["USR 1 alice@example.com 1.2", "ANS 1 alice@example.com 1.2 3", "USR 1", "CAL 1 bob@example.com"])
    func aWrongCookie(line: String) throws {
        var talk = Dialogue()
        _ = try talk.signIn(alice, 8)
        let switchboard = talk.connect(.switchboard)
        try talk.exchange(switchboard, line, "911 1")
        #expect(talk.isClosed(switchboard))
    }

    @Test func aCookieIsGoodForOneUseOfItsOwner() throws {
        var talk = Dialogue()
        let a = try talk.signIn(alice, 8)
        _ = try talk.signIn(bob, 8)
        _ = talk.answers(a)
        try talk.send(a, "XFR 5 SB")
        let cookie = try talk.word(5, of: talk.answers(a).first)
        let thief = talk.connect(.switchboard)
        try talk.exchange(thief, "USR 1 \(bob) \(cookie)", "911 1")
        let owner = talk.connect(.switchboard)
        try talk.exchange(owner, "USR 1 \(alice) \(cookie)", "USR 1 OK \(alice) alice")
        let again = talk.connect(.switchboard)
        try talk.exchange(again, "USR 1 \(alice) \(cookie)", "911 1")
        #expect(talk.isClosed(thief) && talk.isClosed(again) && !talk.isClosed(owner))
    }

    @Test func aMessageLargerThanTheLimitEndsItsConnection() throws {
        var talk = Dialogue()
        let a = (try talk.signIn(alice, 8), alice)
        let b = (try talk.signIn(bob, 8), bob)
        _ = talk.answers(a.0)
        let (caller, callee) = try talk.converse(a, b)
        _ = (talk.answers(caller), talk.answers(callee))
        let largest = String(repeating: "x", count: 1_664)
        try talk.exchange(caller, "MSG 3 A 1664\r\n\(largest)", "ACK 3")
        #expect(talk.answers(callee) == ["MSG \(alice) alice 1664\r\n\(largest)"])
        try talk.exchange(caller, "MSG 4 A 1665\r\n\(largest)x")
        #expect(talk.isClosed(caller) && talk.answers(callee) == ["BYE \(alice)"])
    }

    @Test func whatComesOnAConnectionAfterItsEndIsIgnored() throws {
        var talk = Dialogue()
        let a = (try talk.signIn(alice, 8), alice)
        let b = (try talk.signIn(bob, 8), bob)
        _ = talk.answers(a.0)
        let (caller, callee) = try talk.converse(a, b)
        try talk.send(caller, "OUT")
        _ = talk.answers(callee)
        try talk.send(caller, "MSG 3 A 2\r\nhi")
        #expect(talk.isClosed(caller) && talk.answers(callee).isEmpty)
    }

    @Test func hiddenAccountsNeitherCallNorAreCalled() throws {
        var talk = Dialogue()
        let a = (try talk.signIn(alice, 8), alice)
        let b = try talk.signIn(bob, 8)
        try talk.send(b, "CHG 9 HDN 0")
        _ = talk.answers(b)
        try talk.exchange(b, "XFR 10 SB", "913 10")
        try talk.send(a.0, "XFR 5 SB")
        let cookie = try talk.word(5, of: talk.answers(a.0).last)
        let switchboard = talk.connect(.switchboard)
        try talk.send(switchboard, "USR 1 \(alice) \(cookie)")
        try talk.send(switchboard, "CAL 2 \(bob)")
        #expect(talk.answers(switchboard).last == "217 2")
    }
}
