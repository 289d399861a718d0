// Which commands the transfers of several connections get to see.

import Analysis
import EventSamples
import Events
import MSNP
import Testing

@Suite struct ParticipantCommandsTests {
    /// A participant who leaves must not count as a recipient of later data: every command that changes the participants
    /// is passed on.
    @Test(arguments: ["JOI c@d.example C", "BYE c@d.example", "BYE c@d.example;{0F7B2C1E-0000-0000-0000-000000000001}"])
    func changesOfParticipantsArePassedOn(line: String) throws {
        let event = Sample.explained(
            try Sample.frame(line + "\r\n", .server, role: .switchboard, dialect: Dialect(18)))
        #expect(event.annotation?.mayAgree == true)
    }

    @Test func otherCommandsAreNot() throws {
        let event = Sample.explained(try Sample.frame("ACK 9\r\n", .server, role: .switchboard))
        #expect(event.annotation?.mayAgree == false)
    }
}
