// MSNP13 to MSNP15: sign-in with tickets and SSO, and contact lists that clients send.

import MSNP
import Testing

@testable import Sandbox

@Suite struct ContactListTests {
    private let alice = "alice@example.com"
    private let list = "<ml l=\"1\"><d n=\"example.com\"><c n=\"echo\" l=\"3\" t=\"1\"/><c n=\"bob\" l=\"2\"/></d></ml>"

    private func command(_ line: String, _ payload: String) -> String { "\(line) \(payload.utf8.count)\r\n\(payload)" }

    @Test func msnp15() throws {
        var talk = Dialogue(hasEcho: true)
        let ds = talk.connect(.dispatch)
        try talk.exchange(ds, "VER 1 MSNP15 MSNP14 CVR0", "VER 1 MSNP15")
        try talk.exchange(ds, "USR 2 SSO I \(alice)", "XFR 2 NS 10.0.0.5:1863 U D")
        let ns = talk.connect(.notification)
        try talk.exchange(ns, "VER 1 MSNP15 CVR0", "VER 1 MSNP15")
        try talk.send(ns, "USR 2 SSO I \(alice)")
        let challenge = try #require(talk.answers(ns).first)
        #expect(challenge.hasPrefix("USR 2 SSO S MBI_KEY_OLD "))
        #expect(Base64.decode(Array((challenge.split(separator: " ").last ?? "").utf8))?.count == 48)
        try talk.send(ns, "USR 3 SSO S \(SandboxTicket.text(for: alice)) HAAAAAEAAAADZgAABIAAAAgAAAA=")
        #expect(talk.answers(ns).prefix(2) == ["USR 3 OK \(alice) 1 0", "SBS 0 null"])
        try talk.exchange(ns, "BLP 4 AL", "BLP 4 AL")
        try talk.exchange(ns, command("ADL 5", list), "ADL 5 OK")
        try talk.exchange(ns, "PRP 6 MFN Alice", "PRP 6 MFN Alice")
        try talk.send(ns, "CHG 7 NLN 0 0")
        let presence = talk.answers(ns)
        #expect(presence.first == "CHG 7 NLN 0 0" && presence.count == 4)
        #expect(presence[1].hasPrefix("ILN 7 NLN echo@example.com 1 Echo 1073741824 %3Cmsnobj"))
        #expect(presence[2].hasPrefix("UBX echo@example.com 1 "))
        #expect(presence[3].hasPrefix("CHL 0 "))
        try talk.send(ns, "XFR 8 SB")
        let redirect = try #require(talk.answers(ns).first)
        #expect(redirect.hasPrefix("XFR 8 SB 10.0.0.6:1863 CKI ") && redirect.hasSuffix(" U messenger.msn.com 1"))
        let switchboard = talk.connect(.switchboard)
        try talk.send(switchboard, "USR 1 \(alice) \(talk.word(5, of: redirect))")
        try talk.send(switchboard, "CAL 2 echo@example.com")
        #expect(talk.answers(switchboard)[2] == "JOI echo@example.com Echo 1073741824")
    }

    @Test(arguments: 13...15)
    func listsPresenceAndInvitations(dialect: Int) throws {
        let (network, tail) = dialect == 13 ? ("", "") : (" 1", " 1")
        var talk = Dialogue()
        let a = try talk.signIn(alice, dialect)
        let b = try talk.signIn("bob@example.com", dialect)
        let added = "<ml><d n=\"example.com\"><c n=\"bob\" t=\"1\" l=\"8\" f=\"bob\"/></d></ml>"
        #expect(talk.answers(a) == [command("ADL 0", added)])
        let contact = "<ml><d n=\"example.com\"><c n=\"bob\" l=\"3\" t=\"1\"/></d></ml>"
        try talk.exchange(a, command("ADL 5", contact), "ADL 5 OK", "ILN 5 NLN bob@example.com\(network) bob 5")
        #expect(
            talk.answers(b) == [command("ADL 0", added.replacing("bob", with: "alice"))])
        try talk.send(b, "PRP 5 MFN A%20%3CB%3E")
        #expect(talk.answers(a) == ["NLN NLN bob@example.com\(network) A%20%3CB%3E 5"])
        try talk.send(b, command("UUX 6", "<Data/>"))
        #expect(talk.answers(a) == ["UBX bob@example.com\(network) 7\r\n<Data/>"])
        _ = talk.answers(b)
        try talk.send(a, "XFR 7 SB")
        let switchboard = talk.connect(.switchboard)
        try talk.send(switchboard, "USR 1 \(alice) \(talk.word(5, of: talk.answers(a).first))")
        try talk.send(switchboard, "CAL 2 bob@example.com")
        let ring = try #require(talk.answers(b).first)
        #expect(ring.hasPrefix("RNG ") && ring.hasSuffix(" \(alice) alice U messenger.hotmail.com\(tail)"))
        try talk.send(b, "OUT")
        #expect(talk.answers(a) == ["FLN bob@example.com\(network)"])
        try talk.exchange(a, command("RML 8", contact), "RML 8 OK")
        _ = try talk.signIn("bob@example.com", dialect)
        #expect(talk.answers(a).allSatisfy { $0.hasPrefix("ADL 0 ") }, "bob is no contact any more")
    }

    /// Every line has a form of its dialect in the commands table.
    @Test(arguments: 13...15)
    func everyAnswerIsInTheTable(dialect: Int) throws {
        var talk = Dialogue(hasEcho: true)
        let ns = talk.connect(.notification)
        let package = dialect < 15 ? "TWN" : "SSO"
        for line in [
            "VER 1 MSNP\(dialect) CVR0", "CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 8.1.0178 MSMSGS \(alice)",
            "USR 3 \(package) I \(alice)", "USR 4 \(package) S t=x&p=y", command("ADL 5", list), "CHG 6 NLN 0 0",
            command("FQY 7", list), "XFR 8 SB", command("RML 9", list), "PNG",
        ] { try talk.send(ns, line) }
        let frames = talk.takeFrames(ns)
        #expect(frames.count > 12)
        for frame in frames {
            let line = String(decoding: frame.line, as: UTF8.self)
            let reading = CommandReading(
                frame, from: .server, role: .notification, dialect: Dialect(UInt8(dialect)))
            #expect(reading?.isInDialect == true, "\(line)")
        }
    }

    @Test func networksAreAnswered() throws {
        var talk = Dialogue()
        let a = try talk.signIn(alice, 14)
        let question = "<ml><d n=\"a&amp;b.example\"><c n=\"bob\"/></d></ml>"
        try talk.exchange(
            a, command("FQY 5", question),
            command("FQY 5", "<ml><d n=\"a&amp;b.example\"><c n=\"bob\" t=\"1\"/></d></ml>"))
    }

    @Test(arguments: ["", "x", "<a/>", String(repeating: "<ml/>", count: 4_000)])
    func aListThatIsNoneEndsTheConnection(payload: String) throws {
        var talk = Dialogue()
        let a = try talk.signIn(alice, 13)
        try talk.exchange(a, command("ADL 5", payload), "241 5")
        #expect(talk.isClosed(a))
    }

    @Test func aListHasALimit() throws {
        var talk = Dialogue()
        let a = try talk.signIn(alice, 13)
        let contacts = (1...151).map { "<c n=\"c\($0)\" l=\"1\"/>" }
        func list(_ contacts: [String]) -> String { "<ml><d n=\"x.example\">\(contacts.joined())</d></ml>" }
        try talk.exchange(a, command("ADL 5", list(contacts)), "210 5")
        try talk.exchange(a, command("ADL 6", list(Array(contacts.prefix(150)))), "ADL 6 OK")
        try talk.exchange(a, command("ADL 7", list(contacts)), "210 7")
    }

    @Test func olderDialectsHaveNoSuchLists() throws {
        var talk = Dialogue()
        let a = try talk.signIn(alice, 12)
        try talk.exchange(a, command("ADL 5", list), "502 5")
        let b = try talk.signIn("bob@example.com", 13)
        try talk.exchange(b, "SYN 6 0 0", "502 6")
    }
}
