// A copy is as right as its original: nothing is found wrong with it that was not wrong before.

import Analysis
import EventSamples
import Events
import Foundation
import MSNP
import Payloads
import TestSupport
import Testing

@testable import Redaction

@Suite(.serialized) struct CopyFindingsTests {
    private static func findings(_ events: [Event]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for event in events {
            if case .finding(let finding) = event.kind { counts[finding.name.text, default: 0] += 1 }
        }
        return counts
    }

    /// What is found in events that hold nothing but commands.
    private static func found(in events: [Event]) -> [String: Int] {
        var analyzer = FrameAnalyzer(connection: 1)
        return findings(
            events.flatMap { event -> [Event] in
                var event = event
                return analyzer.take(&event).map { kind in
                    var further = event
                    further.kind = kind
                    return further
                }
            })
    }

    private func holds(_ path: String) throws {
        let name = URL(filePath: path).lastPathComponent
        let recording = Recording([path])
        let before = Self.findings(recording.events)
        let copy = RedactedCopy(of: recording.events)
        guard copy.report.refusals.isEmpty else { return }
        let scratch = try Scratch()
        let again = Recording([try scratch.write(pcapng(copy.events), to: "copy.pcapng")])
        for after in [Self.findings(copy.events), Self.findings(again.events)] {
            let more = after.filter { $0.value > before[$0.key, default: 0] }
            #expect(more.isEmpty, "\(name): \(more) more than \(before)")
        }
    }

    @Test(arguments: Repository.captureFiles) func nothingIsWrongerInACopy(path: String) throws { try holds(path) }

    @Test func nothingIsWrongerInCopiesOfRealCaptures() throws {
        for path in SharedFolder.captureFiles(neededFor: "findings in copies of real captures") { try holds(path) }
    }

    @Test(arguments: ["--ipv6 .2", "--seed 5"]) func nothingIsWrongerInCopiesOfInventedCaptures(switches: String) throws
    {
        guard let capture = try syntheticCapture(switches) else { return }
        try holds(capture.path)
    }

    // MARK: - One after the other

    private func event(_ text: String, _ side: Side, _ dialect: UInt8 = 12) throws -> Event {
        Event(
            time: Timestamp(nanoseconds: 0), connection: 1, role: .notification, dialect: Dialect(dialect),
            kind: .frame(try #require(Frame(Array(text.utf8))), from: side))
    }

    /// The first vector of auth.md for each way, and the same with a wrong digit.
    @Test(arguments: [
        (8 as UInt8, "12345678901234567890", "msmsgs@msnmsgr.com", "8ba1bb9d6dbf624fee31a2053af5fdd0"),
        (12, "15570131571988941333", "PROD0090YUAUV{2B", "d8d8cb2c2043a603d8286a3343143ee1"),
    ])
    func anAnswerIsAsRightAsItWas(dialect: UInt8, challenge: String, product: String, answer: String) throws {
        for given in [answer, answer.replacing("d", with: "e"), "00" + answer.dropFirst(2)] {
            let events = [
                try event("CHL 0 \(challenge)\r\n", .server, dialect),
                try event("QRY 9 \(product) 32\r\n\(given)", .client, dialect),
            ]
            let copy = RedactedCopy(of: events)
            let verdicts = copy.events.compactMap { $0.annotation?.verdict }
            #expect(verdicts == [given == answer ? .right : .wrong])
            #expect(Self.found(in: copy.events)["challenge_wrong"] == (given == answer ? nil : 1))
            #expect(Search.found([challenge, given], in: copy.bytes).isEmpty)
        }
    }

    private static func object(
        _ data: [UInt8], creator: String = "anna@example.com", isRight: Bool = true, isPadded: Bool = true
    ) -> String {
        let padding = isPadded ? "=" : ""
        let digest = Data(RunningSHA1.digest(data)).base64EncodedString().replacing("=", with: padding)
        let words: [(String, String)] = [
            ("Creator", creator), ("Size", "\(data.count)"), ("Type", "3"), ("Location", "TFR2C.tmp"),
            ("Friendly", "AAA="), ("SHA1D", digest),
        ]
        let signed = Array(words.map { $0.0 + $0.1 }.joined().utf8) + (isRight ? [] : [1])
        let sum = Data(RunningSHA1.digest(signed)).base64EncodedString().replacing("=", with: padding)
        return "<msnobj " + words.map { "\($0.0)=\"\($0.1)\" " }.joined() + "SHA1C=\"\(sum)\"/>"
    }

    @Test(arguments: [true, false]) func theDigestOfAnObjectIsAsRightAsItWas(isRight: Bool) throws {
        let object = Self.object(Array("picture".utf8), isRight: isRight)
        let copy = RedactedCopy(of: [try event("CHG 4 NLN 268435508 \(SecretCorpus.percent(object))\r\n", .client)])
        #expect(Self.found(in: copy.events)["digest_differs"] == (isRight ? nil : 1))
        #expect(Search.found(["anna@example.com", "TFR2C.tmp"], in: copy.bytes).isEmpty)
    }

    // MARK: - Transfers

    /// A packet of version 1 as clients send it over a switchboard.
    ///
    /// - Parameter statedLength: the length in the header, where it is not that of the data.
    private func packet(
        _ data: ArraySlice<UInt8>, session: Int = 0, identifier: Int, offset: Int = 0, total: Int,
        statedLength: Int? = nil,
        to account: String, flags: Int = 0
    ) -> [UInt8] {
        let body =
            peerPacket(
                session: session, message: identifier, offset: offset, total: total, data, length: statedLength,
                flags: flags,
                tail: little(identifier + 7, 16)) + [0, 0, 0, session == 0 ? 0 : 1]
        let head = "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: \(account)\r\n\r\n"
        return Array(head.utf8) + body
    }

    private func slp(_ start: String, _ from: String, _ to: String, _ type: String, _ body: String) -> [UInt8] {
        slpMessage(
            start, from: from, to: to, call: "{4F1C8A55-0B2E-4C0D-9E0F-1234567890AB}", branch: SecretCorpus.guid,
            type: type, body: body + "\0")
    }

    /// A picture from an invitation to its last byte, in packets of `size`.
    private func transfer(_ data: [UInt8], in size: Int, tail: [UInt8] = [], lies: Bool = false, isPadded: Bool = true)
        throws -> [Event]
    {
        let (own, other) = ("anna@example.com", "ben@example.org")
        let object = Self.object(data + tail, creator: other, isPadded: isPadded)
        let invitation = slp(
            "INVITE MSNMSGR:\(other) MSNSLP/1.0", own, other, "sessionreqbody",
            "EUF-GUID: {A4268EEC-FEC5-49E5-95C3-F126696BDBF6}\r\nSessionID: 1980589\r\nAppID: 12\r\nContext: \(Data(object.utf8 + [0]).base64EncodedString())\r\n\r\n"
        )
        let accepted = slp("MSNSLP/1.0 200 OK", other, own, "sessionreqbody", "SessionID: 1980589\r\n\r\n")
        var events: [Event] = []
        func add(_ payload: [UInt8], _ side: Side) throws {
            let line = side == .client ? "MSG 5 D" : "MSG \(other) Ben"
            events.append(
                Event(
                    time: Timestamp(nanoseconds: 0), connection: 1, role: .switchboard, dialect: Dialect(12),
                    kind: .frame(try #require(Frame(SecretCorpus.framed(line, payload))), from: side)))
        }
        func send(_ all: [UInt8], session: Int, identifier: Int, flags: Int, _ side: Side) throws {
            var before = 0
            for start in stride(from: 0, to: all.count, by: size) {
                let part = all[start..<min(all.count, start + size)]
                let account = side == .client ? other : own
                try add(
                    packet(
                        part, session: session, identifier: identifier, offset: start, total: all.count,
                        statedLength: lies ? before : nil, to: account, flags: flags), side)
                before = part.count
            }
        }
        events.append(
            Event(
                time: Timestamp(nanoseconds: 0), connection: 1, role: .switchboard, dialect: Dialect(12),
                kind: .frame(try #require(Frame(Array("USR 1 \(own) 1.2\r\n".utf8))), from: .client)))
        try send(invitation, session: 0, identifier: 40, flags: 0, .client)
        try send(accepted, session: 0, identifier: 50, flags: 0, .server)
        try add(packet([0, 0, 0, 0], session: 1_980_589, identifier: 51, total: 4, to: own), .server)
        try send(data + tail, session: 1_980_589, identifier: 52, flags: 0x20, .server)
        return events
    }

    private func transfers(_ events: [Event]) -> [Transfer] {
        var transfers = Transfers(.data(most: 1 << 20), sha1: RunningSHA1.digest)
        var remarks: [TransferEvent] = []
        for event in events {
            guard case .frame(let frame, let side) = event.kind else { continue }
            remarks += transfers.take(
                frame, at: Place(connection: 1, role: .switchboard, side: side, time: 0, offset: 0))
        }
        remarks += transfers.finish()
        return remarks.compactMap { if case .ended(let transfer) = $0 { transfer } else { nil } }
    }

    /// Also where the invitation is cut into packets, and where the data ends in a packet of four zeros.
    @Test(arguments: [90, 300, 1_202]) func theDataInACopyHasTheDigestThatIsTold(size: Int) throws {
        let data = (0..<size * 3).map { UInt8(truncatingIfNeeded: $0 * 31) }
        let events = try transfer(data, in: size, tail: [0, 0, 0, 0])
        #expect(transfers(events).map(\.isComplete) == [true])
        let copy = RedactedCopy(of: events)
        #expect(copy.report.refusals.isEmpty)
        let whole = try #require(transfers(copy.events).first)
        #expect(whole.isComplete && whole.findings.isEmpty)
        #expect(whole.data == [UInt8](repeating: 0x2E, count: data.count + 4))
        #expect(whole.object?.dataDigest == RunningSHA1.digest(whole.data ?? []))
        #expect(whole.object.map { $0.ownDigest == RunningSHA1.digest($0.signedText) } == true)
        #expect(Self.found(in: copy.events)["digest_differs"] == nil)
        let left = Search.found(["anna@example.com", "ben@example.org", "TFR2C.tmp", "4F1C8A55"], in: copy.bytes)
        #expect(left.isEmpty, "\(left)")
    }

    /// A digest that was wrong stays so: what is the matter with a recording is to be seen in its copy.
    @Test func aWrongDigestStaysWrong() throws {
        var events = try transfer((0..<900).map { UInt8(truncatingIfNeeded: $0) }, in: 300)
        guard case .frame(let frame, let side) = events[events.count - 1].kind else { return }
        var bytes = Array(frame.bytes)
        bytes[bytes.count - 10] ^= 1
        events[events.count - 1].kind = .frame(try #require(Frame(bytes)), from: side)
        for events in [events, RedactedCopy(of: events).events] {
            let whole = try #require(transfers(events).first)
            #expect(whole.isComplete && whole.object?.dataDigest != nil)
            #expect(whole.object?.dataDigest != RunningSHA1.digest(whole.data ?? []))
        }
    }

    /// A client whose headers have the length of the packet before.
    @Test func packetsThatTellWrongLengthsAreCopied() throws {
        let data = Array("Okapi Station ".utf8) + (0..<900).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let events = try transfer(data, in: 300, lies: true)
        let copy = RedactedCopy(of: events)
        #expect(copy.report.refusals.isEmpty)
        let left = Search.found(
            ["Okapi Station", "anna@example.com", "ben@example.org", "TFR2C.tmp"], in: copy.bytes)
        #expect(left.isEmpty, "\(left)")
        // The headers have the lengths that they had.
        let lengths = { (events: [Event]) in
            events.compactMap { event -> UInt32? in
                guard case .frame(let frame, _) = event.kind, frame.verb == "MSG" else { return nil }
                return PeerHeader(frame.bytes[Headers.bodyStart(in: frame.payload)...])?.chunkLength
            }
        }
        #expect(lengths(copy.events) == lengths(events) && lengths(events).contains(0))
    }

    /// The nonce of a link is the one that was announced, as it is or as a digest.
    @Test(arguments: [true, false]) func aLinkSaysTheNonceThatWasAgreedOn(isHashed: Bool) throws {
        let nonce = try #require(GUID(SecretCorpus.guid))
        let digest = try #require(GUID(little: ByteSlice(RunningSHA1.digest(nonce.little)).prefix(16)))
        let nonceLine = isHashed ? "Hashed-Nonce: \(digest)" : "Nonce: \(nonce)"
        let answer = slp(
            "MSNSLP/1.0 200 OK", "a@b.c", "d@e.f", "transrespbody",
            "Bridge: TCPv1\r\nListening: true\r\n\(nonceLine)\r\n\r\n")
        let message = SecretCorpus.framed(
            "MSG 5 D", packet(answer[...], identifier: 3, total: answer.count, to: "d@e.f"))
        let handshake = linkPacket(peerPacket(message: 0, [], flags: 0x100, tail: nonce.little))
        let link = Noise(bytes: handshake, reason: .peerData, offset: 0)
        let copy = RedactedCopy(of: [
            Event(
                time: Timestamp(nanoseconds: 0), connection: 1, role: .switchboard,
                kind: .frame(try #require(Frame(message)), from: .client)),
            Event(time: Timestamp(nanoseconds: 1), connection: 2, role: .peerToPeer, kind: .noise(link, from: .client)),
        ])
        #expect(copy.report.refusals.isEmpty)
        var said: GUID?
        var agreed: GUID?
        for event in copy.events {
            switch event.kind {
            case .noise(let noise, _): said = LinkPacket(noise.bytes[...])?.nonce
            case .frame(let frame, let side):
                let packet = try #require(PeerEnvelope(frame, from: side)?.packets.first)
                agreed = SLPMessage(try PeerPacket(packet, version: .one).data)?.nonces.first?.guid
            default: break
            }
        }
        let other = try #require(said)
        #expect(other != nonce)
        #expect(agreed == (isHashed ? GUID(little: ByteSlice(RunningSHA1.digest(other.little)).prefix(16)) : other))
    }

    /// Half of a picture whose sender claims a length: the length is a placeholder in the copy, and fits all packets.
    @Test(arguments: [2, 3]) func aLengthThatIsOnlyClaimedIsReplaced(parts: Int) throws {
        let (size, total) = (60_000, 151_234)
        let data = [UInt8](repeating: 7, count: total)
        var events = try transfer(data, in: size)
        #expect(events.count == 7 && transfers(events).map(\.isComplete) == [true])
        events.removeLast(3 - parts)
        let copy = RedactedCopy(of: events)
        #expect(Self.findings(copy.events) == Self.findings(events))
        let whole = try #require(transfers(copy.events).first)
        // Most of it is there, or all.
        #expect(whole.size == UInt64(total))
        events.removeLast(parts - 1)
        let less = RedactedCopy(of: events)
        #expect(Self.findings(less.events) == Self.findings(events))
        let part = try #require(transfers(less.events).first)
        #expect(part.size == 999_999 && part.object?.size == 999_999 && part.received.count == UInt64(size))
        #expect(Search.found(["151234"], in: less.bytes).isEmpty)
    }

    /// Some clients leave out the padding of digests.
    @Test func digestsWithoutPaddingFitToo() throws {
        let data = [UInt8](repeating: 5, count: 700)
        let events = try transfer(data, in: 1_202, isPadded: false)
        let copy = RedactedCopy(of: events)
        #expect(Self.findings(copy.events) == Self.findings(events))
        let (own, other) = try (#require(transfers(events).first), #require(transfers(copy.events).first))
        #expect(own.object?["SHA1D"]?.utf8.count == 27 && other.object?["SHA1D"]?.utf8.count == 27)
        #expect(own.object?.dataDigest == RunningSHA1.digest(own.data ?? []))
        #expect(other.object?.dataDigest == RunningSHA1.digest(other.data ?? []))
        #expect(other.object.map { $0.ownDigest == RunningSHA1.digest($0.signedText) } == true)
        let words = [own.object?["SHA1D"], own.object?["SHA1C"]].compactMap { $0 }
        #expect(words.count == 2 && Search.found(words, in: copy.bytes).isEmpty)
    }

    /// Should a placeholder ever have another length, the original does not stay.
    @Test func aPlaceholderOfAnotherLengthFills() {
        var draft = RedactionBuffer(Array("anna@example.com".utf8), Placeholders(key: (1, 2)))
        draft.put([1, 2, 3], at: 0..<4, .name)
        #expect(draft.bytes == Array("....@example.com".utf8))
    }

    @Test func manyDigitsOfATransactionAreExchanged() throws {
        let copy = RedactedCopy(of: [
            try event("CHG 4915112345 NLN 0\r\n", .client), try event("CHG 4915112345 NLN 0\r\n", .server),
            try event("PNG\r\n", .client), try event("CHG 71511234 AWY 0\r\n", .client),
            try event("CHG 71511234 AWY 0\r\n", .server),
        ])
        #expect(Search.found(["4915112345", "71511234"], in: copy.bytes).isEmpty)
        #expect(Self.findings(copy.events).isEmpty)
        #expect(copy.events.compactMap { $0.annotation?.request } == ["CHG", "CHG"])
    }
}
