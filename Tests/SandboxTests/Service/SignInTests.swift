// Signing in with every dialect, and the question for updates.

import MSNP
import Testing

@testable import Sandbox

@Suite struct SignInTests {
    private let account = "example@hotmail.com"

    @Test func msnp4AsOnItsPage() throws {
        var talk = Dialogue()
        let ds = talk.connect(.dispatch)
        try talk.exchange(ds, "VER 1 MSNP4 MSNP3 CVR0", "VER 1 MSNP4")
        try talk.exchange(ds, "INF 2", "INF 2 MD5")
        try talk.exchange(ds, "USR 3 MD5 I example@hotmail.com", "XFR 3 NS 10.0.0.5:1863 0")
        #expect(talk.isClosed(ds))

        let ns = talk.connect(.notification)
        try talk.exchange(ns, "VER 4 MSNP4 MSNP3 CVR0", "VER 4 MSNP4")
        try talk.exchange(ns, "INF 5", "INF 5 MD5")
        try talk.exchange(ns, "USR 6 MD5 I example@hotmail.com", "USR 6 MD5 S 1726321959.1")
        try talk.send(ns, "USR 7 MD5 S 4807fa10b5ef8cb6ec78f97243f32407")
        let welcome = talk.answers(ns)
        #expect(welcome.first == "USR 7 OK example@hotmail.com example")
        let profile = try #require(welcome.last)
        let head =
            "MSG Hotmail Hotmail \(ResponseBuilder(dialect: Dialect(4)).profile(of: account).count)\r\nMIME-Version: 1.0\r\n"
        #expect(
            profile.hasPrefix(head + "Content-Type: text/x-msmsgsprofile; charset=UTF-8\r\nLoginTime: 1726321960\r\n"))
        #expect(profile.hasSuffix("MSPAuth: SANDBOX0000$$\r\n\r\n"))
        try talk.exchange(ns, "SYN 8 5", "SYN 8 5")
        try talk.exchange(ns, "CHG 9 NLN", "CHG 9 NLN")
        try talk.exchange(ns, "SND 10 anotheruser@hotmail.com 0x0409 MSMSGS MSMSGS", "SND 10 OK")
        try talk.exchange(ns, "OUT", "OUT")
        #expect(talk.isClosed(ns))
    }

    @Test(arguments: [
        (2, "XFR 3 NS 10.0.0.5:1863"), (6, "XFR 3 NS 10.0.0.5:1863 0"),
        (7, "XFR 3 NS 10.0.0.5:1863 0 10.0.0.4:1863"), (8, "XFR 3 NS 10.0.0.5:1863 0 10.0.0.4:1863"),
        (12, "XFR 3 NS 10.0.0.5:1863 0 10.0.0.4:1863"),
    ])
    func dispatchServerSendsOn(dialect: Int, answer: String) throws {
        var talk = Dialogue()
        let ds = talk.connect(.dispatch)
        try talk.exchange(ds, "VER 1 MSNP\(dialect) CVR0", "VER 1 MSNP\(dialect)")
        try talk.exchange(ds, "USR 3 \(dialect < 8 ? "MD5" : "TWN") I example@hotmail.com", answer)
        #expect(talk.isClosed(ds))
    }

    @Test(arguments: [
        (2, "Me"), (5, "Me"), (6, "Me 1"), (7, "Me 1"), (8, "Me 1 0"), (9, "Me 1 0"), (10, "1 0"), (12, "1 0"),
    ])
    func welcomes(dialect: Int, tail: String) {
        let phrases = ResponseBuilder(dialect: Dialect(UInt8(dialect)))
        #expect(phrases.signedIn("7", account, "Me") == "USR 7 OK example@hotmail.com \(tail)")
    }

    @Test func msnp8() throws {
        var talk = Dialogue()
        let bob = try talk.signIn("bob@hotmail.com", 4)
        let ns = talk.connect(.notification)
        try talk.exchange(ns, "VER 4 MSNP8 CVR0", "VER 4 MSNP8")
        try talk.exchange(
            ns, "CVR 5 0x0409 winnt 5.1 i386 MSMSGS 5.0.0540 MSMSGS example@hotmail.com",
            "CVR 5 5.0.0540 5.0.0540 1.0.0000 http://download.example.net/setup.exe http://info.example.net/")
        try talk.send(ns, "USR 6 TWN I example@hotmail.com")
        #expect(talk.answers(ns).first?.hasPrefix("USR 6 TWN S lc=1033,id=507,tw=40,fs=1,ru=http%3A") == true)
        try talk.send(ns, "USR 7 TWN S t=SECRETTICKET&p=SECRETPROFILE")
        #expect(talk.answers(ns).first == "USR 7 OK example@hotmail.com example 1 0")
        #expect(talk.answers(bob) == ["ADD 0 RL 6 example@hotmail.com example"])
        try talk.exchange(
            ns, "SYN 8 0", "SYN 8 6 1 1", "GTC A", "BLP AL", "PRP MOB N", "LSG 0 Contacts 0",
            "LST bob@hotmail.com bob 11 0")
        try talk.exchange(
            ns, "CHG 9 NLN 0", "CHG 9 NLN 0", "ILN 9 NLN bob@hotmail.com bob 0", "CHL 0 15570131571988941333")
        let digest = try #require(
            Challenge.answer(to: Challenge.question, product: "msmsgs@msnmsgr.com", in: Dialect(8)))
        try talk.exchange(ns, "QRY 10 msmsgs@msnmsgr.com 32\r\n\(digest)", "QRY 10")
        try talk.exchange(ns, "PNG", "QNG")
        try talk.exchange(
            bob, "ADD 5 FL example@hotmail.com Ex", "ADD 5 FL 7 example@hotmail.com Ex",
            "ILN 5 NLN example@hotmail.com example")
        try talk.exchange(ns, "CHG 11 BSY 0", "CHG 11 BSY 0")
        #expect(talk.answers(bob) == ["NLN BSY example@hotmail.com example"])
        try talk.exchange(ns, "QRY 12 msmsgs@msnmsgr.com 32\r\n0123456789abcdef0123456789abcdef", "540 12")
        #expect(talk.isClosed(ns))
        #expect(talk.answers(bob) == ["FLN example@hotmail.com"])
    }

    @Test func msnp12() throws {
        var talk = Dialogue()
        let bob = try talk.signIn("bob@hotmail.com", 12)
        let ns = talk.connect(.notification)
        try talk.exchange(ns, "VER 1 MSNP12 MSNP11 CVR0", "VER 1 MSNP12")
        try talk.send(ns, "USR 2 TWN I example@hotmail.com")
        try talk.send(ns, "USR 3 TWN S t=x&p=y")
        let welcome = talk.answers(ns)
        #expect(welcome.dropFirst().prefix(2) == ["USR 3 OK example@hotmail.com 1 0", "SBS 0 null"])
        #expect(welcome.last?.contains("ABCHMigrated: 1\r\n\r\n") == true)
        #expect(talk.answers(bob) == ["ADC 0 RL N=example@hotmail.com F=example"])
        let guid = ResponseBuilder.identifier(of: "bob@hotmail.com")
        let time = "2004-09-17T08:11:26.320-07:00"
        try talk.exchange(
            ns, "SYN 4 0 0", "SYN 4 \(time) \(time) 1 0", "GTC A", "BLP AL", "PRP MFN example",
            "LST N=bob@hotmail.com F=bob C=\(guid) 11 1")
        try talk.exchange(
            ns, "GCF 5 Shields.xml",
            "GCF 5 Shields.xml 55\r\n<?xml version=\"1.0\" encoding=\"utf-8\"?><config></config>")
        try talk.exchange(ns, "UUX 6 12\r\n<Data></Data", "UUX 6 0")
        try talk.exchange(
            ns, "CHG 7 NLN 1342558268 0", "CHG 7 NLN 1342558268 0", "ILN 7 NLN bob@hotmail.com bob 5",
            "CHL 0 15570131571988941333")
        let digest = try #require(
            Challenge.answer(to: Challenge.question, product: "PROD0090YUAUV{2B", in: Dialect(12)))
        try talk.exchange(ns, "QRY 8 PROD0090YUAUV{2B 32\r\n\(digest)", "QRY 8")
        try talk.exchange(ns, "PNG", "QNG 50")
        let own = ResponseBuilder.identifier(of: account)
        try talk.exchange(
            bob, "ADC 9 FL N=example@hotmail.com F=Ex", "ADC 9 FL N=example@hotmail.com F=Ex C=\(own)",
            "ILN 9 NLN example@hotmail.com example 1342558268", "UBX example@hotmail.com 12\r\n<Data></Data")
        try talk.exchange(ns, "PRP 10 MFN A%20B", "PRP 10 MFN A%20B")
        #expect(talk.answers(bob) == ["NLN NLN example@hotmail.com A%20B 1342558268"])
        try talk.exchange(ns, "REM 11 FL \(guid)", "REM 11 FL \(guid)")
    }

    @Test func oldLists() {
        let contacts = [(account: "bob@hotmail.com", name: "Bob")]
        let lines = ResponseBuilder(dialect: Dialect(7)).lists(
            "8", version: 6, clientHas: "0", owner: "me", contacts: contacts)
        #expect(
            lines == [
                "SYN 8 6", "GTC 8 6 A", "BLP 8 6 AL", "PRP 8 6 MBE N", "LSG 8 6 1 1 0 Contacts 0",
                "LST 8 FL 6 1 1 bob@hotmail.com Bob 0", "LST 8 AL 6 1 1 bob@hotmail.com Bob", "LST 8 BL 6 0 0",
                "LST 8 RL 6 1 1 bob@hotmail.com Bob",
            ])
    }

    @Test(arguments: [
        ("VER 1 MSNP4 MSNP8 CVR0", "VER 1 MSNP8"), ("VER 0 MSNP2", "VER 0 MSNP2"), ("VER 1 CVR0", "VER 1 CVR0"),
        ("VER 1 MSNP18 CVR0", "VER 1 CVR0"), ("VER 1 MSNP15 MSNP14 MSNP13 CVR0", "VER 1 MSNP15"),
        ("VER 1 MSNP16 MSNP13 CVR0", "VER 1 MSNP13"), ("VER 1 MSNP15 MSNP12 MSNP9 CVR0", "VER 1 MSNP12"),
        ("VER 1 MSNP21", "VER 1 0"), ("VER 1", "VER 1 0"),
        ("VER 1 msnp12 cvr0", "VER 1 MSNP12"),
    ])
    func choosesTheDialect(line: String, answer: String) throws {
        var talk = Dialogue()
        let ns = talk.connect(.notification)
        try talk.exchange(ns, line, answer)
        #expect(talk.isClosed(ns) == answer.hasSuffix(" 0"))
    }

    @Test func theNewSignInEndsTheOldOne() throws {
        var talk = Dialogue()
        let first = try talk.signIn(account, 7)
        let second = try talk.signIn(account, 8)
        #expect(talk.answers(first) == ["OUT OTH"])
        #expect(talk.isClosed(first) && !talk.isClosed(second))
        talk.disconnect(first)
        try talk.exchange(second, "XFR 9 SB", "XFR 9 SB 10.0.0.6:1863 CKI 17262740.1050826923.11752016")
    }

    @Test(arguments: [
        (
            "CVQ 1 0x0409 win 4.10 i386 MSMSGS 1.0.0863 MSMSGS",
            "CVQ 1 5.0.0537 5.0.0537 1.0.0863 "
                + "http://download.microsoft.com/download/msnmessenger/install/5.0/w98nt42kmexp/en-us/setupdl.exe "
                + "http://messenger.microsoft.com", true
        ),
        (
            "CVQ 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0.0602 MSMSGS example@hotmail.com",
            "CVQ 2 7.0.0813 7.0.0813 6.2.0205 http://msgr.dlservice.microsoft.com/download/5/d/9/"
                + "5d9bb5b2-49c7-4890-94ab-d1d5e44a0e6d/Install_MSN_Messenger.exe http://messenger.msn.com", true
        ),
        ("CVQ 3 0x0409 winnt 5.0 i386 MSNMSGR 99.9.9999 MSMSGS", "420 3", false),
        ("CVQ 4 0x0409 winnt 5.0 i386 YCOMM 0.1.0023 MSMSGS", "420 4", false),
        ("CVQ 5 0x1111 winnt 5.1 MSNMSGR 6.0.0602 MSMSGS example@hotmail.com", "710 5", false),
        ("CVQ 5 0x0409 winnt 5.1 MSNMSGR 6.0.0602 MSMSGS example@hotmail.com", "710 5", false),
        ("CVQ 6 spaghetti", "731 6", true),
    ])
    func updateQuestionAsOnItsPage(line: String, answer: String, closes: Bool) throws {
        var talk = Dialogue()
        let ds = talk.connect(.dispatch)
        try talk.exchange(ds, "VER 0 CVR0", "VER 0 CVR0")
        try talk.exchange(ds, line, answer)
        #expect(talk.isClosed(ds) == closes)
    }

    @Test func updateQuestionOfMSNP4EndsInASpace() throws {
        var talk = Dialogue()
        let ds = talk.connect(.dispatch)
        try talk.send(ds, "CVQ 2 0x0409 winnt 5.1 i386 MSMSGS 2.1.1047 ")
        #expect(talk.answers(ds).first?.hasPrefix("CVQ 2 5.0.0537 5.0.0537 1.0.0863 http://") == true)
    }

    @Test func challengeAnswersOfBothKinds() {
        #expect(
            Challenge.answer(to: "12345678901234567890", product: "msmsgs@msnmsgr.com", in: Dialect(10))
                == "8ba1bb9d6dbf624fee31a2053af5fdd0")
        #expect(
            Challenge.answer(to: "15570131571988941333", product: "PROD0090YUAUV{2B", in: Dialect(11))
                == "d8d8cb2c2043a603d8286a3343143ee1")
        #expect(
            Challenge.answer(to: "13038318816579321232", product: "PROD0038W!61ZTF9", in: Dialect(12))
                == "8ea161ab1346e670716081a975886046")
        #expect(Challenge.answer(to: "1", product: "another", in: Dialect(12)) == nil)
    }

    @Test(arguments: [
        ("XFR 1 SB", "302 1"), ("USR 1 MD5 I a@b", "302 1"), ("XFR", "200"), ("VER x MSNP2", "200"),
        ("ABC 5 x", "302 5"),
    ])
    func beforeSigningIn(line: String, answer: String) throws {
        var talk = Dialogue()
        let ns = talk.connect(.notification)
        try talk.exchange(ns, line, answer)
    }

    @Test(arguments: ["USR 2 TWN I a@b", "USR 2 MD5 I ab", "USR 2 MD5 S digest", "USR 2 MD5", "USR 2 MD5 I \u{1}@é"])
    func wrongSignIn(line: String) throws {
        var talk = Dialogue()
        let ns = talk.connect(.notification)
        try talk.exchange(ns, "VER 1 MSNP5", "VER 1 MSNP5")
        try talk.exchange(ns, line, "911 2")
        #expect(talk.isClosed(ns))
    }

    @Test func aContactListHasALimit() throws {
        var talk = Dialogue()
        let a = try talk.signIn(account, 8)
        for number in 1...150 {
            try talk.send(a, "ADD 5 FL c\(number)@example.com c")
            #expect(talk.answers(a).first?.hasPrefix("ADD 5 FL") == true)
        }
        try talk.exchange(a, "ADD 6 FL c151@example.com c", "210 6")
    }
}
