// What came is held against what was agreed on: by whom, for whom, how much.

import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite struct TransferAgreementsTests {
    private static let (ann, bob, cid) = ("ann@example.com", "bob@example.com", "cid@example.com")
    private static let data: Bytes = {
        var dice = SeededGenerator(seed: 31)
        return dice.bytes(3_000)
    }()

    private static func text(_ text: Bytes, _ message: UInt32, from: String, to: String) -> Frame {
        let packet = Made.packet1(session: 0, message: message, offset: 0, size: UInt64(text.count), text)
        return Made.frame(packet, from: from, to: to)
    }

    /// Somebody asks the owner of an object for it, or offers the other one a file.
    private static func agree(
        _ reading: inout Reading, session: UInt32, inviter: String, invitee: String, offer: Bytes? = nil,
        size: Int = data.count, way: [String] = [], call: String? = nil
    ) {
        let call = call ?? "{\(inviter)-\(invitee)-\(session)}"
        let invite = Made.invite(
            from: inviter, to: invitee, session: session, call: call,
            guid: offer == nil ? Made.objectGUID : Made.fileGUID, app: offer == nil ? 1 : 2,
            context: offer ?? Bytes(Made.object(3, size: size).utf8))
        // Every message of a client has a number of its own.
        reading.receive(text(invite, session &* 7, from: inviter, to: invitee))
        let answer = Made.answer(from: invitee, to: inviter, session: session, call: call)
        reading.receive(text(answer, session &* 7 &+ 1, from: invitee, to: inviter))
        for (index, body) in way.enumerated() {
            let start = index == 0 ? "INVITE MSNMSGR:\(invitee) MSNSLP/1.0" : "MSNSLP/1.0 200 OK"
            let (from, to) = index == 0 ? (inviter, invitee) : (invitee, inviter)
            let message = Made.slp(start, from: from, to: to, call: call, type: "transreqbody", body: body)
            reading.receive(text(message, session &* 7 &+ 2, from: from, to: to))
        }
    }

    private static func chunks(
        _ data: Bytes, session: UInt32, message: UInt32 = 900, from: String, to: String, flags: UInt32 = 0x20
    ) -> [Frame] {
        stride(from: 0, to: data.count, by: 1_000).map { start in
            let part = Bytes(data[start..<min(data.count, start + 1_000)])
            let packet = Made.packet1(
                session: session, message: message, offset: UInt64(start), size: UInt64(data.count), part, flags: flags)
            return Made.frame(packet, from: from, to: to)
        }
    }

    /// Clients of version 2 also send invitations through their notification servers.
    @Test(arguments: [Transfers.Scope.everything, .oneConnection], [true, false])
    func missingInvitationsAreJudgedByWhatWasCaptured(_ scope: Transfers.Scope, _ hasHole: Bool) throws {
        var policy = FindingPolicy(scope, TransferLimits())
        func place(_ connection: Int, _ role: Role) -> Place {
            Place(connection: connection, role: role, side: .client, time: 0, offset: 0)
        }
        for (line, place) in [
            ("USR 4 SSO I ann@example.com", place(1, .notification)),
            ("USR 1 ann@example.com 1.2", place(2, .switchboard)),
        ] {
            let command = try #require(Command(Made.line(line), from: .client))
            policy.coverage.observe(command, at: place)
        }
        if hasHole { policy.coverage.recordGap(on: 1, .notification) }
        let isJudged = scope == .everything
        #expect(policy.holds(.invitationCaptured(.one), at: place(2, .switchboard)) == isJudged)
        #expect(policy.holds(.invitationCaptured(.two), at: place(2, .switchboard)) == (isJudged && !hasHole))
    }

    @Test(arguments: [nil, "{5A3E}"]) func oneNumberForTwoPeople(_ call: String?) {
        var reading = Reading()
        reading.receive(Made.line("USR 1 \(Self.bob) 1.2"), side: .client)
        Self.agree(&reading, session: 555, inviter: Self.cid, invitee: Self.bob, call: call)
        Self.agree(&reading, session: 555, inviter: Self.ann, invitee: Self.bob, call: call)
        let other = Bytes(Self.data.reversed())
        let toCid = Self.chunks(Self.data, session: 555, from: Self.bob, to: Self.cid)
        let toAnn = Self.chunks(other, session: 555, from: Self.bob, to: Self.ann)
        for (one, two) in zip(toCid, toAnn) {
            reading.receive(one)
            reading.receive(two)
        }
        reading.finish()
        #expect(reading.findings == [])
        #expect(reading.ended.map(\.recipient) == [Self.cid, Self.ann])
        #expect(reading.ended.map(\.data) == [Self.data, other])
    }

    /// Two people give their calls one name; of one of the two nothing comes.
    @Test func oneCallForTwoPeople() {
        var reading = Reading()
        Self.agree(&reading, session: 7, inviter: Self.cid, invitee: Self.bob, call: "{5A3E}")
        Self.agree(&reading, session: 8, inviter: Self.ann, invitee: Self.bob, call: "{5A3E}")
        for frame in Self.chunks(Self.data, session: 8, from: Self.bob, to: Self.ann) { reading.receive(frame) }
        reading.finish()
        #expect(reading.ended.map(\.recipient) == [Self.ann, Self.cid])
        #expect(reading.ended.map(\.isComplete) == [true, false])
    }

    @Test func whoSentItIsNamed() {
        var reading = Reading()
        Self.agree(&reading, session: 558, inviter: Self.ann, invitee: Self.bob)
        for frame in Self.chunks(Self.data, session: 558, from: Self.ann, to: Self.bob) { reading.receive(frame) }
        #expect(reading.findings == ["p2p_sender_differs"])
        #expect(reading.ended.map(\.sender) == [Self.ann] && reading.ended.map(\.recipient) == [Self.bob])
        // It is not the picture that was agreed on, and that one may still come.
        #expect(reading.ended.map(\.kind) == ["unknown"])
        for frame in Self.chunks(Self.data, session: 558, from: Self.bob, to: Self.ann) { reading.receive(frame) }
        #expect(reading.ended.map(\.kind) == ["unknown", "picture"])
        #expect(reading.findings == ["p2p_sender_differs"])
    }

    /// The same call and number once more, behind the end of the first one.
    @Test func aNumberThatIsUsedAgain() {
        var reading = Reading()
        for data in [Self.data, Bytes(Self.data.prefix(2_500))] {
            Self.agree(&reading, session: 5, inviter: Self.ann, invitee: Self.bob, size: data.count)
            for frame in Self.chunks(data, session: 5, message: UInt32(data.count), from: Self.bob, to: Self.ann) {
                reading.receive(frame)
            }
            let bye = Made.slp(
                "BYE MSNMSGR:\(Self.bob) MSNSLP/1.0", from: Self.ann, to: Self.bob,
                call: "{\(Self.ann)-\(Self.bob)-5}", type: "sessionclosebody", body: "")
            reading.receive(Self.text(bye, UInt32(data.count) + 1, from: Self.ann, to: Self.bob))
        }
        reading.finish()
        #expect(reading.findings == [] && reading.ended.map(\.declaredSize) == [3_000, 2_500])
        #expect(reading.ended.map(\.isComplete) == [true, true])
    }

    /// A session of other people with the same number is another session.
    @Test func aSessionOfOtherPeople() {
        var reading = Reading()
        reading.receive(Made.line("USR 1 \(Self.bob) 1.2"), side: .client)
        Self.agree(&reading, session: 5, inviter: Self.ann, invitee: Self.bob)
        for frame in Self.chunks(Self.data, session: 5, from: Self.cid, to: Self.bob) { reading.receive(frame) }
        #expect(reading.findings == ["p2p_session_unknown"] && reading.ended.map(\.sender) == [Self.cid])
    }

    // MARK: How much

    @Test(arguments: [(200, 100, false), (100, 100, true), (100, 200, true)])
    func offeredAndCame(_ offered: Int, _ came: Int, _ isComplete: Bool) {
        for isFile in [true, false] {
            var reading = Reading()
            let data = Bytes(Self.data.prefix(came))
            let offer = isFile ? Made.offer("a.bin", size: UInt64(offered)) : nil
            let (inviter, invitee) = isFile ? (Self.bob, Self.ann) : (Self.ann, Self.bob)
            Self.agree(&reading, session: 3, inviter: inviter, invitee: invitee, offer: offer, size: offered)
            for frame in Self.chunks(data, session: 3, from: Self.bob, to: Self.ann) { reading.receive(frame) }
            #expect(reading.ended.map(\.isComplete) == [isComplete])
            #expect(reading.ended.map(\.data) == [isComplete ? data : nil])
            #expect(reading.ended[0].missing.isEmpty == isComplete)
            #expect(reading.findings == (offered == came ? [] : ["p2p_size_differs"]))
        }
    }

    @Test func theLargestSizeThereIs() {
        var reading = Reading()
        Self.agree(
            &reading, session: 3, inviter: Self.bob, invitee: Self.ann, offer: Made.offer("a.bin", size: .max))
        for frame in Self.chunks([1, 2, 3], session: 3, from: Self.bob, to: Self.ann) { reading.receive(frame) }
        #expect(reading.ended.map(\.missing) == [[3..<UInt64.max]] && reading.ended[0].reason != nil)
    }

    @Test(arguments: Transfers.Scope.all) func anEmptyFileIsWhole(_ scope: Transfers.Scope) {
        var reading = Reading()
        reading.transfers = Transfers(.data(most: 100), scope: scope)
        Self.agree(&reading, session: 3, inviter: Self.bob, invitee: Self.ann, offer: Made.offer("a.bin", size: 0))
        reading.finish()
        #expect(reading.ended.allSatisfy { $0.isComplete && $0.data == [] && $0.name == "a.bin" })
        #expect(reading.ended.count == (scope == .everything ? 1 : 0))
    }

    /// With one connection in the capture, a transfer without data is no finding: it may have come over another.
    @Test func acceptedAndNeverSeen() {
        for way in [[], ["Bridges: TCPv1\r\n", "Bridge: TCPv1\r\nListening: true\r\n"]] {
            for scope in Transfers.Scope.all {
                var reading = Reading()
                reading.transfers = Transfers(.nothing, scope: scope)
                Self.agree(&reading, session: 3, inviter: Self.ann, invitee: Self.bob, way: way)
                reading.finish()
                #expect(reading.ended.map(\.isComplete) == (scope == .everything ? [false] : []))
            }
        }
    }

    enum Ending: CaseIterable { case none, hole, lost, lostWithWay, closed, closedWithWay }

    /// With one connection in the capture, missing parts are a finding where no other can have carried them.
    @Test(arguments: Ending.allCases, [false, true]) func whatMayGoOnElsewhere(_ ending: Ending, _ isBegun: Bool) {
        var reading = Reading()
        reading.transfers = Transfers(.nothing, scope: .oneConnection)
        let hasWay = ending == .lostWithWay || ending == .closedWithWay
        if ending == .lost || ending == .lostWithWay { reading.miss(10, on: 1, role: .switchboard) }
        Self.agree(
            &reading, session: 3, inviter: Self.ann, invitee: Self.bob, size: 5_000,
            way: hasWay ? ["Bridges: TCPv1\r\n", "Bridge: TCPv1\r\nListening: true\r\n"] : [])
        let data = Bytes((0..<5_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        var chunks = Self.chunks(data, session: 3, from: Self.bob, to: Self.ann)
        if ending == .hole { chunks.remove(at: 2) }
        for frame in isBegun ? chunks.dropLast() : chunks.dropFirst() { reading.receive(frame) }
        if ending == .closed || ending == .closedWithWay {
            let bye = Made.slp(
                "BYE MSNMSGR:\(Self.bob) MSNSLP/1.0", from: Self.ann, to: Self.bob,
                call: "{\(Self.ann)-\(Self.bob)-3}", type: "sessionclosebody", body: "")
            reading.receive(Self.text(bye, 77, from: Self.ann, to: Self.bob))
        }
        reading.finish()
        let isTold = [.hole, .lost, .closed].contains(ending)
        #expect(reading.ended.map(\.isComplete) == (isTold ? [false] : []))
        let gaps = reading.findings.count { $0 == "p2p_offset_gap" }
        #expect(gaps == (ending == .hole || !isBegun && (ending == .lost || ending == .lostWithWay) ? 1 : 0))
    }

    // MARK: What else lies in invitations

    @Test func aPreviewIsAPicture() {
        let png = Bytes(hex: "89504E470D0A1A0A") + Bytes(repeating: 7, count: 40) + Bytes("IEND".utf8)
        let whole = png + Bytes(hex: "AE426082")
        for (preview, expected) in [(whole, true), (png, false), (whole + [0, 0], true)] {
            var reading = Reading()
            let offer = Made.offer("a.jpg", size: 5, preview: preview)
            Self.agree(&reading, session: 3, inviter: Self.bob, invitee: Self.ann, offer: offer)
            let previews = reading.ended.filter { $0.kind == "preview" }
            #expect(previews.map(\.isComplete) == [expected] && previews.map(\.data) == [expected ? preview : nil])
            #expect(previews.map(\.sender) == [Self.bob] && previews.map(\.recipient) == [Self.ann])
        }
        // Other data is no picture.
        var reading = Reading()
        Self.agree(
            &reading, session: 3, inviter: Self.bob, invitee: Self.ann,
            offer: Made.offer("a.jpg", size: 5, preview: [1, 2, 3]))
        #expect(reading.ended.isEmpty)
    }

    @Test(arguments: [
        (Made.objectGUID, "Context: !!!!", 1), (Made.objectGUID, "Context: c2hvcnQ=", 1),
        (Made.objectGUID, "Context: PG1zbm9iaiBTaXplPSIzIi8+AA==", 0), (Made.objectGUID, "", 0),
        (Made.fileGUID, "Context: c2hvcnQ=", 1), (Made.fileGUID, "Context: *", 1),
        // The data of other applications has no known form.
        ("{4BD96FC0-AB17-4425-A14A-439185962DC8}", "Context: !!!!", 0),
    ])
    func contextsThatAreNone(_ guid: String, _ context: String, _ count: Int) {
        var reading = Reading()
        for (number, expected) in [("5", count), ("99999999999999", count + 1), ("x", count + 1)] {
            let body = "EUF-GUID: \(guid)\r\nSessionID: \(number)\r\nAppID: 1\r\n\(context)\r\n"
            let message = Made.slp(
                "INVITE MSNMSGR:x MSNSLP/1.0", from: Self.ann, to: Self.bob, call: "{1}", body: body)
            reading.findings = []
            reading.receive(Self.text(message, 1, from: Self.ann, to: Self.bob))
            #expect(reading.findings == [String](repeating: "slp_malformed", count: expected))
        }
    }

    // MARK: Nonces

    /// The nonces that two clients announce, those that they send on the link, and the number of findings.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var way: [String]
        var client: Bytes
        var server: Bytes
        var count: Int
        var testDescription: String { name }
    }

    private static let (one, two) = (Bytes(1...16), Bytes(21...36))
    private static let zeros = Bytes(repeating: 0, count: 16)
    private static func hashed(_ nonce: Bytes) -> String {
        GUID(little: ByteSlice(Bytes(nonce.reversed())))?.description ?? ""
    }
    private static func plain(_ nonce: Bytes) -> String { GUID(little: ByteSlice(nonce))?.description ?? "" }
    private static let listening = "Bridge: TCPv1\r\nListening: true\r\n"

    static let cases: [Case] = [
        Case(name: "plain", way: ["", listening + "Nonce: \(plain(one))\r\n"], client: one, server: one, count: 0),
        Case(name: "zeros", way: ["", listening + "Nonce: \(plain(one))\r\n"], client: zeros, server: zeros, count: 2),
        Case(
            name: "one is wrong", way: ["", listening + "Nonce: \(plain(one))\r\n"], client: one, server: two, count: 1),
        Case(
            name: "none told", way: ["", listening + "Nonce: \(plain(zeros))\r\n"], client: one, server: two, count: 0),
        Case(
            name: "digests", way: ["Hashed-Nonce: \(hashed(one))\r\n", listening + "Hashed-Nonce: \(hashed(two))\r\n"],
            client: one, server: two, count: 0),
        Case(
            name: "wrong digests",
            way: ["Hashed-Nonce: \(hashed(one))\r\n", listening + "Hashed-Nonce: \(hashed(two))\r\n"], client: zeros,
            server: Bytes(repeating: 9, count: 16), count: 2),
        // The other one's digest was not captured.
        Case(name: "half", way: ["Hashed-Nonce: \(hashed(one))\r\n"], client: zeros, server: two, count: 0),
    ]

    @Test(arguments: cases, [false, true]) func nonces(_ what: Case, _ hasHole: Bool) {
        var reading = Reading()
        // Any function will do: this one turns the bytes round.
        reading.transfers = Transfers(.nothing) { $0.reversed() + [1, 2, 3, 4] }
        Self.agree(
            &reading, session: 77, inviter: Self.bob, invitee: Self.ann, offer: Made.offer("a", size: 3_000),
            way: what.way)
        if hasHole { reading.miss(10, on: 1, role: .switchboard) }
        func link(_ bytes: Bytes, _ side: Side) {
            reading.receive(
                linkPacket(bytes), as: .peerData, on: 2, role: .peerToPeer, side: side)
        }
        link(Bytes("foo\0".utf8), .client)
        link(what.client, .client)
        link(what.server, .server)
        #expect(reading.findings.isEmpty, "nobody knows yet what this link is for")
        for _ in 0..<2 {
            link(
                Made.packet2(
                    session: 77, package: 9, type: 7, remaining: 0, Bytes(repeating: 1, count: 3_000),
                    hasFooter: false), .client)
        }
        let expected = hasHole ? 0 : what.count
        #expect(reading.findings == [String](repeating: "p2p_nonce_differs", count: expected))
        #expect(reading.ended.map(\.name) == ["a"])
        #expect(reading.ended.map(\.findings) == [expected > 0 ? [.p2pNonceDiffers] : []])
    }
}

extension Transfers.Scope {
    static let all: [Transfers.Scope] = [.everything, .oneConnection, .betweenConnections]
}
