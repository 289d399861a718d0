// What real clients send otherwise than the protocol has it, and what is there all the same (p2p.md sections 2 to 4).

import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite struct ClientWaysTests {
    private static let (ann, bob) = ("ann@example.com", "bob@example.com")
    private static let data: Bytes = {
        var dice = SeededGenerator(seed: 77)
        return dice.bytes(4_000)
    }()

    /// How a client gets lengths and places wrong.
    struct Way: Sendable, CustomTestStringConvertible {
        var name: String
        var offsetsLag = false
        /// The length in the first packet; nil for its own length.
        var first: UInt32? = 0
        var size = 4_000
        var bytes: Bytes?
        var testDescription: String { name }

        var data: Bytes { bytes ?? Bytes(ClientWaysTests.data.prefix(size)) }
    }

    static let ways: [Way] = [
        Way(name: "lengths"), Way(name: "lengths, the first its own", first: nil),
        Way(name: "lengths and places", offsetsLag: true),
        Way(name: "lengths and places, the first its own", offsetsLag: true, first: nil),
        // The last packet and its footer have the length of the packet before.
        Way(name: "four less", size: 2_000 - 4), Way(name: "four less, places", offsetsLag: true, size: 2_000 - 4),
        Way(name: "one packet", size: 700), Way(name: "two packets", offsetsLag: true, size: 1_500),
        Way(name: "full packets", offsetsLag: true, size: 3_000),
        // Nothing in the bytes shows that they are others.
        Way(name: "zeros", offsetsLag: true, bytes: Bytes(repeating: 0, count: 3_500)),
    ]

    /// The packets of a message, each with the length of the one before.
    static func packets(
        _ way: Way, session: UInt32, message: UInt32 = 900, flags: UInt32, from: String, to: String
    ) -> [Frame] {
        var before: (length: UInt32?, offset: Int) = (way.first, 0)
        return stride(from: 0, to: way.data.count, by: 1_000).map { start in
            let part = Bytes(way.data[start..<min(way.data.count, start + 1_000)])
            let packet = Made.packet1(
                session: session, message: message, offset: UInt64(way.offsetsLag ? before.offset : start),
                size: UInt64(way.data.count), part, flags: flags, length: before.length ?? UInt32(part.count),
                footer: session == 0 ? 0 : 1)
            before = (UInt32(part.count), start)
            return Made.frame(packet, from: from, to: to)
        }
    }

    private static func agree(_ reading: inout Reading, _ way: Way, isFile: Bool, session: UInt32 = 5) {
        let (inviter, invitee) = isFile ? (ann, bob) : (bob, ann)
        let context =
            isFile
            ? Made.offer("a.bin", size: UInt64(way.data.count)) : Bytes(Made.object(3, size: way.data.count).utf8)
        let invite = Made.invite(
            from: inviter, to: invitee, session: session, guid: isFile ? Made.fileGUID : Made.objectGUID,
            app: isFile ? 2 : 1, context: context)
        for frame in packets(
            Way(name: "", bytes: invite), session: 0, message: 1, flags: 0, from: inviter, to: invitee)
        {
            reading.receive(frame)
        }
        let answer = Made.answer(from: invitee, to: inviter, session: session)
        for frame in packets(
            Way(name: "", bytes: answer), session: 0, message: 2, flags: 0, from: invitee, to: inviter)
        {
            reading.receive(frame)
        }
    }

    private static func bye(from: String, to: String, call: String = "{CA11}", message: UInt32 = 77) -> Frame {
        let bye = Made.slp(
            "BYE MSNMSGR:\(to) MSNSLP/1.0", from: from, to: to, call: call, type: "sessionclosebody", body: "")
        let packet = Made.packet1(session: 0, message: message, offset: 0, size: UInt64(bye.count), bye)
        return Made.frame(packet, from: from, to: to)
    }

    static let keepings: [Transfers.Keeping] = [.data(most: 1 << 20), .checking { MadeDigest() }, .nothing, .pieces]

    // MARK: - Lengths and places of the packet before

    @Test(arguments: ways, [false, true]) func theLengthOfThePacketBefore(_ way: Way, _ isFile: Bool) throws {
        for keeping in Self.keepings {
            var reading = Reading(keeping)
            Self.agree(&reading, way, isFile: isFile)
            let flags: UInt32 = isFile ? 0x1000030 : 0x20
            for frame in Self.packets(way, session: 5, flags: flags, from: Self.ann, to: Self.bob) {
                reading.receive(frame)
            }
            reading.receive(Self.bye(from: Self.bob, to: Self.ann))
            reading.finish()
            try #require(reading.ended.count == 1)
            #expect(reading.ended[0].isComplete && reading.ended[0].missing.isEmpty)
            #expect(reading.ended[0].reason == nil && !reading.ended[0].isCancelled)
            if case .data = keeping { #expect(reading.ended[0].data == way.data) }
            if case .pieces = keeping { #expect(reading.bytes[reading.ended[0].number] == way.data) }
            // Nothing else is wrong; where lengths are right but for the last, bytes at one place do differ.
            let others = Set(reading.findings).subtracting(["p2p_chunk_length"])
            #expect(others.isSubset(of: way.first == nil && way.offsetsLag ? ["p2p_overlap_differs"] : []))
            #expect(reading.findings.contains("p2p_chunk_length"))
        }
    }

    /// The digest of what came in order is that of all of it.
    @Test func theDigestOfWhatLags() throws {
        for isRight in [true, false] {
            let way = Way(name: "", offsetsLag: true)
            var digest = MadeDigest.of(way.data)
            if !isRight { digest[3] ^= 1 }
            let object = Made.object(3, size: way.data.count, more: " SHA1D=\"\(digest.base64)\"")
            var reading = Reading(.checking { MadeDigest() })
            let invite = Made.invite(from: Self.bob, to: Self.ann, session: 5, context: Bytes(object.utf8))
            let packet = Made.packet1(session: 0, message: 1, offset: 0, size: UInt64(invite.count), invite)
            reading.receive(Made.frame(packet, from: Self.bob, to: Self.ann))
            for frame in Self.packets(way, session: 5, flags: 0x20, from: Self.ann, to: Self.bob) {
                reading.receive(frame)
            }
            #expect(reading.ended.map(\.isComplete) == [true])
            #expect(reading.findings.contains("digest_differs") == !isRight)
        }
    }

    /// What only looks so: nothing is whole that is not, and nothing lies outside of what was offered.
    @Test func nobodyGainsByIt() {
        let chunk: (UInt64, Bytes, UInt64, UInt32?) -> Frame = { offset, data, size, length in
            let packet = Made.packet1(
                session: 5, message: 9, offset: offset, size: size, data, flags: 0x20, length: length, footer: 1)
            return Made.frame(packet, from: Self.ann, to: Self.bob)
        }
        let (one, two) = (Bytes(repeating: 1, count: 1_000), Bytes(repeating: 2, count: 1_000))
        // Repeated packets with right lengths and the same bytes: the last part never came.
        let repeated = [chunk(0, one, 2_000, nil), chunk(0, one, 2_000, nil)]
        // One too few, one too many, and an offset that was none of those before.
        let few = [chunk(0, one, 3_000, 0), chunk(0, two, 3_000, nil)]
        let many = [chunk(0, one, 1_500, 0), chunk(0, two, 1_500, nil)]
        let wild = [chunk(0, one, 3_000, 0), chunk(0, two, 3_000, nil), chunk(500, two, 3_000, nil)]
        let outside = [chunk(0, one, 2_000, 0), chunk(1_500, two, 2_000, 0)]
        for (frames, keeping) in [repeated, few, many, wild, outside].flatMap({ frames in
            Self.keepings.map { (frames, $0) }
        }) {
            var reading = Reading(keeping)
            for frame in frames { reading.receive(frame) }
            reading.finish()
            #expect(reading.ended.map(\.isComplete) == [false])
            #expect(reading.ended.allSatisfy { $0.received.count < ($0.size ?? 0) })
            // What was kept beside is dropped.
            #expect(reading.bytes.keys.allSatisfy { $0 > 0 })
        }
    }

    /// Random packets with any earlier offset: a transfer is never complete with other bytes.
    @Test func wholeOnlyWithTheRightBytes() {
        for seed in 1...300 as ClosedRange<UInt64> {
            var dice = SeededGenerator(seed: seed)
            let data = dice.bytes(Int.random(in: 100...900, using: &dice))
            var reading = Reading()
            var starts = [0]
            var start = 0
            while start < data.count {
                let end = min(data.count, start + Int.random(in: 30...200, using: &dice))
                let stated = seed % 3 == 0 ? start : starts.suffix(2).first ?? 0
                // A length that counts the footer in makes it data.
                let length = UInt32.random(in: 0...200, using: &dice)
                let packet = Made.packet1(
                    session: 5, message: 9, offset: UInt64(stated), size: UInt64(data.count), Bytes(data[start..<end]),
                    flags: 0x20, length: Int(length) == end - start + 4 ? 0 : length, footer: 1)
                if seed % 4 != 1 || Bool.random(using: &dice) {
                    reading.receive(Made.frame(packet, from: Self.ann, to: Self.bob))
                }
                starts.append(end)
                start = end
            }
            reading.finish()
            for transfer in reading.ended where transfer.isComplete {
                #expect(transfer.data == data, "seed \(seed)")
            }
        }
    }

    /// An invitation is longer than a packet; it is put together too, also where its places are wrong.
    @Test(arguments: [false, true]) func textsAreAssembled(_ offsetsLag: Bool) {
        var reading = Reading()
        let invite = Made.invite(
            from: Self.ann, to: Self.bob, session: 5, guid: Made.fileGUID, app: 2,
            context: Made.offer("a.bin", size: 3) + Bytes(1...200))
        let way = Way(name: "", offsetsLag: offsetsLag, bytes: invite)
        for frame in Self.packets(way, session: 0, message: 3, flags: 0, from: Self.ann, to: Self.bob) {
            reading.receive(frame)
        }
        reading.finish()
        #expect(reading.ended.map(\.name) == ["a.bin"])
        #expect(Set(reading.findings) == ["p2p_chunk_length"])
    }

    // MARK: - One number, one each way

    @Test(arguments: [false, true], [false, true]) func oneNumberEachWay(_ isFile: Bool, _ isOneCall: Bool) {
        var reading = Reading()
        reading.receive(Made.line("USR 1 \(Self.bob) 1.2"), side: .client)
        let others = Bytes(Self.data.prefix(3_000).reversed())
        let both = [(Self.ann, Self.bob, Self.data), (Self.bob, Self.ann, others)]
        for (index, (sender, recipient, data)) in both.enumerated() {
            let (inviter, invitee) = isFile ? (sender, recipient) : (recipient, sender)
            let call = isOneCall ? "{6B8B4567}" : "{6B8B456\(index)}"
            let context =
                isFile ? Made.offer("\(index)", size: UInt64(data.count)) : Bytes(Made.object(3, size: data.count).utf8)
            let texts = [
                Made.invite(
                    from: inviter, to: invitee, session: 1_804_289_383, call: call,
                    guid: isFile ? Made.fileGUID : Made.objectGUID, app: isFile ? 2 : 1, context: context),
                Made.answer(from: invitee, to: inviter, session: 1_804_289_383, call: call),
            ]
            for (number, text) in texts.enumerated() {
                let packet = Made.packet1(
                    session: 0, message: UInt32(number), offset: 0, size: UInt64(text.count), text)
                let (from, to) = number == 0 ? (inviter, invitee) : (invitee, inviter)
                reading.receive(Made.frame(packet, from: from, to: to))
            }
        }
        // The parts of both in turn, with the same identifiers. Where the first has come, its session is closed.
        for start in stride(from: 0, to: 4_000, by: 500) {
            for (sender, recipient, data) in both where start < data.count {
                let packet = Made.packet1(
                    session: 1_804_289_383, message: 500, offset: UInt64(start), size: UInt64(data.count),
                    Bytes(data[start..<start + 500]), flags: isFile ? 0x30 : 0x20)
                reading.receive(Made.frame(packet, from: sender, to: recipient))
            }
            if start == 2_500 {
                let who = isFile ? (Self.bob, Self.ann) : (Self.ann, Self.bob)
                reading.receive(
                    Self.bye(from: who.0, to: who.1, call: isOneCall ? "{6B8B4567}" : "{6B8B4561}"))
            }
        }
        reading.finish()
        #expect(reading.findings == [])
        #expect(reading.ended.map(\.sender) == [Self.bob, Self.ann])
        #expect(reading.ended.map(\.recipient) == [Self.ann, Self.bob])
        #expect(reading.ended.map(\.data) == [others, Self.data])
        #expect(reading.ended.map(\.kind) == [isFile ? "file" : "picture", isFile ? "file" : "picture"])
    }

    // MARK: - Closed early

    enum Closing: CaseIterable { case byRecipient, bySender, behindHole, lossy }

    @Test(arguments: Closing.allCases) func closedEarlyIsCancelled(_ closing: Closing) {
        var reading = Reading()
        Self.agree(&reading, Way(name: ""), isFile: true)
        var chunks = Self.packets(
            Way(name: "", first: nil, bytes: Self.data), session: 5, flags: 0x30, from: Self.ann, to: Self.bob)
        chunks.removeLast()
        if closing == .lossy { chunks.remove(at: 1) }
        for frame in chunks { reading.receive(frame) }
        if closing == .behindHole { reading.miss(10, on: 1, role: .switchboard) }
        let bye =
            closing == .bySender ? Self.bye(from: Self.ann, to: Self.bob) : Self.bye(from: Self.bob, to: Self.ann)
        reading.receive(bye)
        reading.finish()
        #expect(reading.ended.map(\.isComplete) == [false])
        let isCancelled = closing == .byRecipient || closing == .bySender
        #expect(reading.ended.map(\.isCancelled) == [isCancelled])
        let who = closing == .bySender ? "sender" : "recipient"
        #expect(reading.ended.map(\.reason) == [isCancelled ? "cancelled by the \(who)" : nil])
    }

    /// Its call's name is wrong, but the number of the session is right.
    @Test func aFarewellWithoutItsCall() {
        var reading = Reading()
        Self.agree(&reading, Way(name: ""), isFile: false)
        let bye = Made.slp(
            "BYE MSNMSGR:\(Self.ann) MSNSLP/1.0", from: Self.bob, to: Self.ann, call: "", type: "sessionclosebody",
            body: "SessionID: 5\r\n")
        let packet = Made.packet1(session: 0, message: 8, offset: 0, size: UInt64(bye.count), bye)
        reading.receive(Made.frame(packet, from: Self.bob, to: Self.ann))
        reading.finish()
        #expect(reading.ended.map(\.reason) == ["cancelled by the recipient"])
    }

    // MARK: - Forms

    /// The NUL is counted or not, there or not; an empty body has no length, or that of its line end.
    @Test(arguments: [
        ("\r\n\0", 3, true), ("\r\n\0", 2, true), ("\r\n", 3, true), ("\r\n", 2, true), ("\r\n\0", 0, true),
        ("", 0, true), ("\0", 0, true), ("SessionID: 5\r\n\r\n\0\0", 17, true), ("SessionID: 5\r\n\r\n\0", 16, true),
        ("SessionID: 5\r\n\r\n\0", 15, false), ("SessionID: 5\r\n\r\n\0", 18, false),
        ("SessionID: 5\r\n\r\n\0", 0, false),
    ])
    func lengthsOfTexts(_ body: String, _ length: Int, _ isRight: Bool) throws {
        let text = "BYE MSNMSGR:a MSNSLP/1.0\r\nContent-Length: \(length)\r\n\r\n\(body)"
        let message = try #require(SLPMessage(ByteSlice(Bytes(text.utf8))))
        #expect((message.wrongLength == nil) == isRight)
    }

    @Test func whatIsNoTextIsNone() {
        var reading = Reading()
        let packets = [
            Made.packet1(session: 0, message: 1, offset: 0, size: 4, [0, 0, 0, 0]),
            Made.packet1(session: 0, message: 2, offset: 0, size: 5, [9, 8, 7, 6, 5], flags: 0x200),
        ]
        for packet in packets { reading.receive(Made.frame(packet, from: Self.ann, to: Self.bob)) }
        #expect(reading.findings == [])
        reading.receive(
            Made.frame(
                Made.packet1(session: 0, message: 3, offset: 0, size: 4, [0, 0, 1, 0]), from: Self.ann, to: Self.bob))
        #expect(reading.findings == ["slp_malformed"])
    }

    // MARK: - Which version

    /// WLM 2009 names itself to older contacts as well; endpoints have identifiers.
    @Test func theHeaderDecidesTheVersion() {
        let text = Made.answer(from: Self.ann, to: Self.bob, session: 5)
        let one = Made.packet1(session: 0, message: 1, offset: 0, size: UInt64(text.count), text, flags: 0x1000000)
        let two = Made.packet2(session: 0, package: 3, type: 1, remaining: 0, text)
        for (source, packet, version) in [
            ("P2P-Src: \(Self.ann)\r\n", one, PeerVersion.one), ("", one, .one),
            ("P2P-Src: \(Self.ann);{0}\r\n", one, .one), ("P2P-Src: \(Self.ann);{0}\r\n", two, .two),
            ("P2P-Src: \(Self.ann)\r\n", two, .two), ("", two, .two),
        ] {
            let frame = Made.message(
                "application/x-msnmsgrp2p", "P2P-Dest: \(Self.bob)\r\n\(source)", packet, from: Self.ann)
            let envelope = PeerEnvelope(frame, from: .server)
            #expect(envelope?.version == version, "\(source)")
            #expect(envelope?.fields.first == Field("version", version == .one ? 1 : 2))
            #expect(envelope?.fields.last?.name == "slp")
        }
    }

    /// What fits neither or both is decided by the endpoint.
    @Test func theEndpointDecidesTheRest() {
        for bytes in [Bytes(repeating: 0xFF, count: 60), [1, 2, 3], []] {
            #expect(PeerVersion(of: ByteSlice(bytes), namesEndpoint: true) == .two)
            #expect(PeerVersion(of: ByteSlice(bytes), namesEndpoint: false) == .one)
        }
        // A header of version 2 without data whose items are long enough to be one of version 1 too.
        var both: Bytes = [48, 0, 0, 0] + Bytes(repeating: 0, count: 44)
        #expect(PeerVersion(of: ByteSlice(both), namesEndpoint: true) == .two)
        #expect(PeerVersion(of: ByteSlice(both), namesEndpoint: false) == .one)
        both[24] = 1
        #expect(PeerVersion(of: ByteSlice(both), namesEndpoint: false) == .two)
        #expect(PeerVersion.namesEndpoint(ByteSlice(Bytes("a@b;{00}".utf8))))
        #expect(!PeerVersion.namesEndpoint(ByteSlice(Bytes("a@b".utf8))))
        #expect(!PeerVersion.namesEndpoint(ByteSlice(Bytes("a@b;via".utf8))))
    }
}
