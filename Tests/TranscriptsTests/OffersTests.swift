// Who accepts what, in transcripts.

import Payloads
import Testing
import Transcripts

@Suite struct OffersTests {
    /// Whose connections were seen.
    enum View: CaseIterable { case offerers, invitees, both }

    private static func invitation(_ command: String, _ more: String = "", cookie: Int = 7) -> [UInt8] {
        Array(
            ("MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\n"
                + "Invitation-Command: \(command)\r\nInvitation-Cookie: \(cookie)\r\n\(more)\r\n").utf8)
    }

    /// A file by MSNFTP: offered, accepted, and then its sender sends `ACCEPT` as well, with the address of the file.
    private static func offer(_ view: View) -> TranscriptScenario {
        var scenario = TranscriptScenario()
        if view != .invitees { scenario.call(1, ["bob"], session: 11) }
        if view != .offerers {
            scenario.open(2)
            scenario.c(2, "ANS 1 bob@example.com 9.9 11")
            scenario.s(2, "IRO 1 1 1 alice@example.com Alice%20A")
            scenario.s(2, "ANS 1 OK")
        }
        func send(_ payload: [UInt8], byAlice: Bool) {
            for isOwn in [true, false] {
                let isAlices = byAlice == isOwn
                guard isAlices ? view != .invitees : view != .offerers else { continue }
                let connection = isAlices ? 1 : 2
                if isOwn {
                    scenario.c(connection, "MSG 20 N", payload)
                } else {
                    scenario.s(
                        connection, byAlice ? "MSG alice@example.com Alice%20A" : "MSG bob@example.com Bob", payload)
                }
            }
        }
        send(
            invitation(
                "INVITE", "Application-Name: File Transfer\r\nApplication-File: a.txt\r\nApplication-FileSize: 4\r\n"),
            byAlice: true)
        send(invitation("ACCEPT", "Launch-Application: FALSE\r\nRequest-Data: IP-Address:\r\n"), byAlice: false)
        send(invitation("ACCEPT", "IP-Address: 10.0.0.1\r\nPort: 6891\r\nAuthCookie: 99\r\n"), byAlice: true)
        send(invitation("CANCEL", "Cancel-Code: TIMEOUT\r\n"), byAlice: true)
        for connection in [1, 2] where connection == 1 ? view != .invitees : view != .offerers {
            scenario.close(connection)
        }
        return scenario
    }

    @Test(arguments: View.allCases) func nobodyAcceptsAnOfferOfTheirOwn(_ view: View) throws {
        let scenario = Self.offer(view)
        // The protocol does not give a client that answers its own name.
        let bob = view == .invitees ? "bob@example.com" : "Bob"
        let said = scenario.written(ChatText()).split(separator: "\n").filter { $0.contains("* ") }
            .map { $0.drop { $0 != "*" }.dropFirst(2) }.filter { !$0.hasSuffix("joined") && !$0.hasSuffix("is here") }
        #expect(
            said == [
                "Alice A offers the file \"a.txt\" (4 bytes)", "\(bob) accepts the invitation",
                "Alice A is ready to begin", "Alice A cancels (TIMEOUT)",
            ])
        let log = scenario.written(MessageLogXML())
        #expect(log.components("\(bob) accepts the invitation") == 1 && !log.contains("Alice A accepts"))
        #expect(try Elements(log).counts["InvitationResponse"] == 2)
        #expect(!scenario.written(ChatHTML()).contains("Alice A accepts"))
    }

    /// Clients that never seed their random numbers use the same cookie each way.
    @Test func twoOffersOfOneNumber() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.c(1, "MSG 20 N", Self.invitation("INVITE", "Application-File: a.txt\r\n"))
        scenario.s(1, "MSG bob@example.com Bob", Self.invitation("INVITE", "Application-File: b.txt\r\n"))
        scenario.s(1, "MSG bob@example.com Bob", Self.invitation("ACCEPT", "Request-Data: IP-Address:\r\n"))
        scenario.c(1, "MSG 21 N", Self.invitation("ACCEPT", "Request-Data: IP-Address:\r\n"))
        scenario.c(1, "MSG 22 N", Self.invitation("ACCEPT", "Port: 6891\r\nAuthCookie: 9\r\n"))
        scenario.close(1)
        let text = scenario.written(ChatText())
        #expect(text.components("Bob accepts the invitation") == 1 && text.components("Alice A accepts") == 1)
        #expect(text.components("Alice A is ready to begin") == 1)
    }

    /// Where the offer is missing, only the commands of its sender show who made it.
    @Test func withoutTheOffer() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.s(1, "MSG bob@example.com Bob", Self.invitation("ACCEPT", "Request-Data: IP-Address:\r\n"))
        scenario.c(1, "MSG 22 N", Self.invitation("ACCEPT", "Port: 6891\r\nAuthCookie: 9\r\n"))
        scenario.close(1)
        let text = scenario.written(ChatText())
        #expect(text.contains("Bob accepts the invitation") && text.contains("Alice A is ready to begin"))
    }
}
