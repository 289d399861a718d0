// The echo contact: on the list, in a conversation, and what it answers.

import MSNP
import Testing

@testable import Sandbox

@Suite struct EchoTests {
    private let alice = "alice@example.com"
    private let headers = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
    private let typing =
        "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: echo@example.com\r\n\r\n\r\n"

    /// The payloads of the messages among some lines.
    private func messages(_ lines: [String]) -> [String] {
        lines.filter { $0.hasPrefix("MSG echo@example.com Echo ") }.map { line in
            String(line.drop { $0 != "\r\n" }.dropFirst())
        }
    }

    private func say(_ text: String, _ format: String = "") -> String {
        let payload = "\(headers)\(format)\r\n\(text)"
        return "MSG 3 A \(payload.utf8.count)\r\n\(payload)"
    }

    @Test func oneClientAloneHasSomebodyToTalkTo() throws {
        var talk = Dialogue(hasEcho: true)
        let a = try talk.signIn(alice, 12)
        let switchboard = try talk.converseWithEcho(a, alice)
        let opening = talk.answers(switchboard)
        #expect(opening[1].hasPrefix("CAL 2 RINGING "))
        #expect(opening[2] == "JOI echo@example.com Echo 1073741824")
        #expect(
            messages(opening) == [
                "\(headers)X-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0\r\n\r\n"
                    + "Say anything and I repeat it. Say \"nudge\" or \"picture\" and I send one."
            ])
        try talk.exchange(switchboard, "CAL 3 ECHO@example.com", "215 3")
        let format = "X-MMS-IM-Format: FN=Arial; EF=BI; CO=ff; CS=0; PF=22\r\n"
        try talk.send(switchboard, say("caffè ☕\r\nà cinq?", "P4-Context: Me\r\n" + format))
        let answers = talk.answers(switchboard)
        #expect(answers.first == "ACK 3")
        #expect(messages(answers) == [typing, "\(headers)\(format)\r\ncaffè ☕\r\nà cinq?"])
    }

    @Test(arguments: [(2, ""), (7, ""), (8, " 1073741824"), (9, ""), (12, "")])
    func everyDialectSeesItOnline(dialect: Int, tail: String) throws {
        var talk = Dialogue(hasEcho: true)
        let id = talk.connect(.notification)
        let package = dialect < 8 ? "MD5" : "TWN"
        try talk.send(id, "VER 1 MSNP\(dialect) CVR0")
        try talk.send(id, "USR 2 \(package) I \(alice)")
        try talk.send(id, "USR 3 \(package) S secret")
        _ = talk.answers(id)
        try talk.send(id, dialect < 10 ? "SYN 4 0" : "SYN 4 0 0")
        let lists = talk.answers(id).filter { $0.hasPrefix("LST") && $0.contains("echo@example.com") }
        #expect(!lists.isEmpty && lists.allSatisfy { $0.contains("Echo") })
        try talk.send(id, dialect < 8 ? "CHG 5 NLN" : "CHG 5 NLN 0")
        let presence = try #require(talk.answers(id).first { $0.hasPrefix("ILN") })
        if dialect < 9 {
            #expect(presence == "ILN 5 NLN echo@example.com Echo\(tail)")
        } else {
            #expect(presence.hasPrefix("ILN 5 NLN echo@example.com Echo 1073741824 %3Cmsnobj%20Creator%3D%22echo%40"))
        }
    }

    @Test func itsPersonalMessageComesWithMSNP11() throws {
        for (dialect, expected) in [(10, 0), (11, 1)] {
            var talk = Dialogue(hasEcho: true)
            let id = talk.connect(.notification)
            try talk.send(id, "VER 1 MSNP\(dialect) CVR0")
            try talk.send(id, "USR 2 TWN I \(alice)")
            try talk.send(id, "USR 3 TWN S secret")
            try talk.send(id, "CHG 4 NLN 0")
            #expect(talk.answers(id).count { $0.hasPrefix("UBX echo@example.com ") } == expected)
        }
    }

    @Test(arguments: ["nudge", "Nudge!", "  NUDGE \r\n", "“nudge”"])
    func nudges(word: String) throws {
        var talk = Dialogue(hasEcho: true)
        let switchboard = try talk.converseWithEcho(try talk.signIn(alice, 11), alice)
        _ = talk.answers(switchboard)
        try talk.send(switchboard, say(word))
        let nudge = "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n"
        #expect(messages(talk.answers(switchboard)) == [nudge])
        let own = "Content-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n"
        try talk.send(switchboard, "MSG 4 U \(own.utf8.count)\r\n\(own)")
        #expect(messages(talk.answers(switchboard)) == [nudge])
    }

    @Test func aPictureIsAnEmoticonInTheText() throws {
        var talk = Dialogue(hasEcho: true)
        let switchboard = try talk.converseWithEcho(try talk.signIn(alice, 9), alice)
        _ = talk.answers(switchboard)
        try talk.send(switchboard, say("picture"))
        let answers = messages(talk.answers(switchboard))
        #expect(
            answers.first
                == "MIME-Version: 1.0\r\nContent-Type: text/x-mms-emoticon\r\n\r\n(fly)\t\(EchoContact.emoticon.element)\t"
        )
        #expect(answers.count == 2 && answers.last?.hasSuffix("Here is one: (fly)") == true)
    }

    @Test(arguments: [
        (8, "picture", "Clients of MSNP8 do not support pictures; those of MSNP9 and later do."),
        (10, "nudge", "Clients of MSNP10 do not support nudges; those of MSNP11 and later do."),
        (7, "help", "Say anything and I repeat it."),
        (10, "help", "Say anything and I repeat it. Say \"picture\" and I send one."),
        (12, "help", "Say anything and I repeat it. Say \"nudge\" or \"picture\" and I send one."),
        (12, "a nudge", "a nudge"), (12, "nudge nudge", "nudge nudge"), (12, "", ""), (12, "?", "?"),
    ])
    func answersInEachDialect(dialect: Int, text: String, answer: String) throws {
        var talk = Dialogue(hasEcho: true)
        let switchboard = try talk.converseWithEcho(try talk.signIn(alice, dialect), alice)
        _ = talk.answers(switchboard)
        try talk.send(switchboard, say(text))
        let last = try #require(messages(talk.answers(switchboard)).last)
        #expect(last.hasSuffix("\r\n\r\n\(answer)"))
    }

    /// A conversation of clients of several dialects: each receives what it knows, and the echo contact does not answer
    /// itself.
    @Test func aConversationOfThree() throws {
        var talk = Dialogue(hasEcho: true)
        let a = (try talk.signIn(alice, 12), alice)
        let b = (try talk.signIn("bob@example.com", 7), "bob@example.com")
        _ = talk.answers(a.0)
        let first = try talk.converseWithEcho(a.0, a.1)
        _ = talk.answers(first)
        try talk.send(first, "CAL 3 bob@example.com")
        let ring = talk.answers(b.0).first { $0.hasPrefix("RNG") }
        let second = talk.connect(.switchboard)
        try talk.send(second, "ANS 1 bob@example.com \(talk.word(4, of: ring)) \(talk.word(1, of: ring))")
        #expect(
            talk.answers(second) == [
                "IRO 1 1 2 alice@example.com alice", "IRO 1 2 2 echo@example.com Echo", "ANS 1 OK",
            ])
        _ = talk.answers(first)
        try talk.send(first, say("nudge"))
        #expect(messages(talk.answers(first)).count == 1)
        #expect(talk.answers(second).count == 1, "the text of Alice, no nudge")
        try talk.send(second, say("hello"))
        #expect(messages(talk.answers(first)).count == 2 && messages(talk.answers(second)).count == 2)
        try talk.send(second, "OUT")
        try talk.send(first, "OUT")
        #expect(talk.answers(first) == ["BYE bob@example.com"])
    }

    @Test func otherMessagesGetNoAnswer() throws {
        var talk = Dialogue(hasEcho: true)
        let switchboard = try talk.converseWithEcho(try talk.signIn(alice, 12), alice)
        _ = talk.answers(switchboard)
        for payload in [
            "", "x", "Content-Type: text/x-msmsgscontrol\r\nTypingUser: alice@example.com\r\n\r\n\r\n",
            "Content-Type: text/x-msnmsgr-datacast\r\n\r\nID: 2\r\nData: x\r\n", "Content-Type: image/gif\r\n\r\nx",
            "Message-ID: {1}\r\nChunk: 1\r\n\r\nmore",
        ] {
            try talk.exchange(switchboard, "MSG 3 A \(payload.utf8.count)\r\n\(payload)", "ACK 3")
        }
    }

    @Test func invitationsOfTheOldKindAreDeclined() throws {
        var talk = Dialogue(hasEcho: true)
        let switchboard = try talk.converseWithEcho(try talk.signIn(alice, 5), alice)
        _ = talk.answers(switchboard)
        let type = "Content-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\n"
        let invitation =
            type + "Application-Name: File Transfer\r\nInvitation-Command: INVITE\r\nInvitation-Cookie: 85366\r\n\r\n"
        try talk.send(switchboard, "MSG 3 N \(invitation.utf8.count)\r\n\(invitation)")
        let answer = "Invitation-Command: CANCEL\r\nInvitation-Cookie: 85366\r\nCancel-Code: REJECT\r\n\r\n"
        #expect(messages(talk.answers(switchboard)) == ["MIME-Version: 1.0\r\n\(type)\(answer)"])
        for ignored in [answer, "Invitation-Command: INVITE\r\nInvitation-Cookie: x\r\n"] {
            let payload = type + ignored
            try talk.exchange(switchboard, "MSG 4 U \(payload.utf8.count)\r\n\(payload)")
        }
    }

    @Test func whatIsTooLongIsNotRepeated() throws {
        var talk = Dialogue(hasEcho: true)
        let switchboard = try talk.converseWithEcho(try talk.signIn(alice, 12), alice)
        _ = talk.answers(switchboard)
        let head = "Content-Type: text/plain\r\n\r\n"
        let largest = head + String(repeating: "x", count: MessengerService.messageLimit - head.utf8.count)
        for payload in [largest, "Content-Type: text/plain\r\nMessage-ID: {1}\r\nChunks: 2\r\n\r\nx"] {
            try talk.send(switchboard, "MSG 3 A \(payload.utf8.count)\r\n\(payload)")
            let answers = messages(talk.answers(switchboard))
            #expect(answers.count == 1 && answers[0].hasSuffix("\r\n\r\nThat was too long for me to repeat."))
        }
    }

    @Test func nobodySignsInAsTheEchoContact() throws {
        var talk = Dialogue(hasEcho: true)
        let ns = talk.connect(.notification)
        try talk.send(ns, "VER 1 MSNP8 CVR0")
        _ = talk.answers(ns)
        try talk.exchange(ns, "USR 2 TWN I Echo@Example.com", "911 2")
        #expect(talk.isClosed(ns))
    }

    @Test func withoutItTheAccountIsLikeAnyOther() throws {
        var talk = Dialogue()
        let a = try talk.signIn(alice, 12)
        let switchboard = try talk.converseWithEcho(a, alice)
        #expect(talk.answers(switchboard).last == "217 2")
        _ = try talk.signIn("echo@example.com", 8)
    }

    @Test func itCanBeRemovedAndAdded() throws {
        var talk = Dialogue(hasEcho: true)
        let a = try talk.signIn(alice, 8)
        try talk.exchange(a, "REM 5 FL echo@example.com", "REM 5 FL 7 echo@example.com")
        try talk.exchange(
            a, "ADD 6 FL echo@example.com Echo", "ADD 6 FL 8 echo@example.com Echo",
            "ILN 6 NLN echo@example.com Echo 1073741824")
    }
}
