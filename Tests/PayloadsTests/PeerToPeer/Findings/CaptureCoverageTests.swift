// Which invitations a capture must contain.

import MSNP
import Testing

@testable import Payloads

@Suite struct CaptureCoverageTests {
    private func coverage(_ lines: [(String, Side)]) throws -> CaptureCoverage {
        var coverage = CaptureCoverage(TransferLimits())
        coverage.open(isFromStart: true)
        for (line, side) in lines {
            let frame = try #require(Frame(Array((line + "\r\n").utf8)))
            let command = try #require(Command(frame, from: side))
            coverage.observe(command, at: Place(connection: 1, role: .switchboard, side: side, time: 0, offset: 0))
        }
        return coverage
    }

    private let conversation: [(String, Side)] = [
        ("USR 1 a@b.example 1.2.3", .client), ("JOI c@d.example C", .server), ("JOI e@f.example E", .server),
    ]

    @Test func whoLeftReceivesNothingMore() throws {
        var coverage = try coverage(conversation)
        #expect(coverage.otherParticipants(on: 1, than: "a@b.example") == ["c@d.example", "e@f.example"])
        coverage = try self.coverage(conversation + [("BYE c@d.example", .server)])
        #expect(coverage.otherParticipants(on: 1, than: "a@b.example") == ["e@f.example"])
    }

    @Test func theInvitationsOfWhoLeftWereCaptured() throws {
        let coverage = try coverage(conversation + [("BYE c@d.example", .server)])
        #expect(coverage.hasInvitations(to: "c@d.example"))
        #expect(!coverage.hasInvitations(to: "g@h.example"))
    }
}
