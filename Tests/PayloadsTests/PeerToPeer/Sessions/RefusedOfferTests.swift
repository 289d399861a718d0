// Offers of files that nobody accepted, and invitations to what is no transfer.

import MSNP
import Testing

@testable import Payloads

@Suite struct RefusedOfferTests {
    private static let cameraGUID = "{4BD96FC0-AB17-4425-A14A-439185962DC8}"
    private static let (ann, bob) = ("ann@example.com", "bob@example.com")

    /// Ann invites Bob, and there are answers.
    private static func reading(
        _ answers: [(text: Bytes, isByAnn: Bool)], guid: String = Made.fileGUID, app: Int = 2, isOpen: Bool = false
    ) -> Reading {
        var reading = Reading()
        let context = guid == Made.fileGUID ? Made.offer("a.txt", size: 10) : [1, 2]
        let invite = Made.invite(from: ann, to: bob, session: 9, guid: guid, app: app, context: context)
        for (number, (text, isByAnn)) in ([(invite, true)] + answers).enumerated() {
            let packet = Made.packet1(
                session: 0, message: UInt32(50 + number), offset: 0, size: UInt64(text.count), text)
            reading.receive(Made.frame(packet, from: isByAnn ? ann : bob, to: isByAnn ? bob : ann))
        }
        reading.finish()
        return reading
    }

    private static func answer(_ code: String) -> (text: Bytes, isByAnn: Bool) {
        (Made.answer(code, from: bob, to: ann, session: 9), false)
    }

    private static func bye(isByAnn: Bool) -> (text: Bytes, isByAnn: Bool) {
        let (from, to) = isByAnn ? (ann, bob) : (bob, ann)
        let text = Made.slp(
            "BYE MSNMSGR:\(to) MSNSLP/1.0", from: from, to: to, call: "{CA11}", type: "sessionclosebody", body: "")
        return (text, isByAnn)
    }

    @Test func files() {
        for (answers, refusal, reason) in [
            ([], RefusedOffer.unanswered, "no answer to it was seen"),
            ([Self.answer("603 Decline")], .declined, "it was declined: answered 603 Decline"),
            ([Self.answer("500 Internal Error")], .declined, "it was declined: answered 500 Internal Error"),
            ([Self.bye(isByAnn: true)], .withdrawn, "it was withdrawn before it was answered"),
            (
                [Self.bye(isByAnn: false)], .declined,
                "it was declined: the session was closed"
            ),
        ] as [([(text: Bytes, isByAnn: Bool)], RefusedOffer, String)] {
            let reading = Self.reading(answers)
            #expect(reading.ended.map(\.refusal) == [refusal] && reading.ended.map(\.reason) == [reason])
            #expect(reading.ended.map(\.name) == ["a.txt"] && reading.ended.map(\.declaredSize) == [10])
            #expect(reading.ended.map(\.sender) == [Self.ann] && reading.ended.map(\.recipient) == [Self.bob])
            #expect(reading.invitations.isEmpty)
        }
        // What was accepted is no refused offer, even where none of it came, or it was broken off.
        let accepted = Self.reading([Self.answer("200 OK")])
        #expect(accepted.ended.map(\.refusal) == [nil])
        #expect(Self.reading([Self.answer("200 OK"), Self.bye(isByAnn: true)]).ended.map(\.refusal) == [nil])
    }

    /// Programs ask for pictures; a refusal is not shown.
    @Test func requestsForPicturesAreNoOffers() {
        #expect(Self.reading([Self.answer("603 Decline")], guid: Made.objectGUID, app: 1).ended.isEmpty)
    }

    @Test func aSessionThatMakesRoomIsNotMissingIfItsDataCame() {
        var limits = TransferLimits()
        limits.sessions = 1
        var reading = Reading(limits: limits)
        let texts = [
            (Made.invite(from: Self.ann, to: Self.bob, session: 9, context: [1, 2]), Self.ann, Self.bob),
            (Made.answer(from: Self.bob, to: Self.ann, session: 9), Self.bob, Self.ann),
            (
                Made.invite(from: Self.ann, to: Self.bob, session: 10, call: "{CA12}", context: [1, 2]), Self.ann,
                Self.bob
            ),
        ]
        for (number, (text, from, to)) in texts.enumerated() {
            if number == 2 {
                let data = Made.packet1(session: 9, message: 60, offset: 0, size: 3, [1, 2, 3], flags: 0x20)
                reading.receive(Made.frame(data, from: Self.bob, to: Self.ann))
            }
            let packet = Made.packet1(
                session: 0, message: UInt32(50 + number), offset: 0, size: UInt64(text.count), text)
            reading.receive(Made.frame(packet, from: from, to: to))
        }
        #expect(reading.ended.map(\.isComplete) == [true])
    }

    @Test func cameras() {
        for (answers, refusal) in [
            ([], RefusedOffer.unanswered), ([Self.answer("603 Decline")], .declined), ([Self.answer("200 OK")], nil),
            ([Self.bye(isByAnn: true)], .withdrawn),
        ] as [([(text: Bytes, isByAnn: Bool)], RefusedOffer?)] {
            let reading = Self.reading(answers, guid: Self.cameraGUID, app: 4)
            #expect(reading.invitations.map(\.refusal) == [refusal] && reading.ended.isEmpty)
            #expect(reading.invitations.map(\.application) == [.camera])
            #expect(
                reading.invitations.map(\.inviter) == [Self.ann] && reading.invitations.map(\.invitee) == [Self.bob])
        }
    }

    /// By MSNFTP.
    @Test func filesOfOld() {
        let offer = FileTransferTests.invitation(
            "INVITE", "Application-File: a.txt", "Application-FileSize: 4")
        let cancel = FileTransferTests.invitation("CANCEL", "Cancel-Code: REJECT")
        let accept = FileTransferTests.invitation("ACCEPT", "IP-Address: 10.0.0.1")
        for (answers, refusal) in [
            ([], RefusedOffer.unanswered), ([(cancel, Self.bob)], .declined), ([(cancel, Self.ann)], .withdrawn),
            ([(accept, Self.bob)], nil), ([(accept, Self.bob), (cancel, Self.ann)], nil),
        ] as [([(Bytes, String)], RefusedOffer?)] {
            var reading = Reading()
            reading.receive(FileTransferTests.message(offer, from: Self.ann))
            for (body, from) in answers { reading.receive(FileTransferTests.message(body, from: from)) }
            reading.finish()
            #expect(reading.ended.map(\.refusal) == [refusal] && reading.ended.map(\.name) == ["a.txt"])
        }
    }
}
