// What clients send each other through a switchboard: texts cut anywhere, pictures, files.

import EventSamples
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Redaction

@Suite struct PeerRedactionTests {
    /// A packet of version 1 in a message.
    private func first(
        _ data: [UInt8], session: Int = 0, identifier: Int = 77, offset: Int = 0, total: Int? = nil, flags: Int = 0,
        nonce: [UInt8]? = nil
    ) -> [UInt8] {
        let body =
            peerPacket(
                session: session, message: identifier, offset: offset, total: total, data, flags: flags,
                tail: nonce ?? [UInt8](repeating: 9, count: 16)) + [0, 0, 0, 1]
        let head =
            "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: \(SecretCorpus.account)\r\n\r\n"
        return SecretCorpus.framed("MSG 5 D", Array(head.utf8) + body)
    }

    /// A packet of version 2 in a message.
    private func second(_ data: [UInt8], session: Int = 0, package: Int = 5, isFirst: Bool = true, remaining: Int = 0)
        -> [UInt8]
    {
        let extra: [UInt8] = remaining > 0 || !isFirst ? [1, 8] + big(remaining, 8) + [0, 0] : []
        let inner = [UInt8(8 + extra.count), isFirst ? 1 : 0] + big(package, 2) + big(session, 4) + extra + data
        let body = [8, 0] + big(inner.count, 2) + big(1_000, 4) + inner + [0, 0, 0, 0]
        let head =
            "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: \(SecretCorpus.account);\(SecretCorpus.guid)\r\n"
            + "P2P-Src: \(SecretCorpus.account);\(SecretCorpus.guid)\r\n\r\n"
        return SecretCorpus.framed("MSG 5 D", Array(head.utf8) + body)
    }

    private func copy(_ frames: [[UInt8]], _ side: Side = .client) throws -> (
        frames: [[UInt8]], report: RedactionReport
    ) {
        let events = try frames.map { bytes in
            Event(
                time: Timestamp(nanoseconds: 0), connection: 1, role: .switchboard,
                kind: .frame(try #require(Frame(bytes)), from: side))
        }
        let copy = RedactedCopy(of: events)
        let result = copy.events.compactMap {
            if case .frame(let frame, _) = $0.kind { Array(frame.bytes) } else { nil }
        }
        #expect(result.map(\.count) == frames.map(\.count))
        return (result, copy.report)
    }

    /// What is sent in the packets, put together.
    private func data(_ frames: [[UInt8]], behind header: Int) -> [UInt8] {
        frames.flatMap { bytes -> ArraySlice<UInt8> in
            let start = Headers.bodyStart(in: Frame(bytes)?.payload ?? [])
            return bytes[(start + header)..<(bytes.count - 4)]
        }
    }

    @Test(arguments: [7, 31, 100, 254, 1_202, 100_000]) func anInvitationCutAnywhereTellsNothing(size: Int) throws {
        for context in [
            SecretCorpus.base64(SecretCorpus.object + "\0"), SecretCorpus.fileOffer,
            SecretCorpus.base64(SecretCorpus.text),
        ] {
            let text = Array(SecretCorpus.invitation(context: context).utf8)
            let cuts = stride(from: 0, to: text.count, by: size).map { $0..<min(text.count, $0 + size) }
            let frames = cuts.map { first(Array(text[$0]), offset: $0.lowerBound, total: text.count) }
            #expect(!Search.found(SecretCorpus.index, in: data(frames, behind: 48)).isEmpty)
            let (copies, report) = try copy(frames)
            #expect(report.refusals.isEmpty)
            let whole = data(copies, behind: 48)
            #expect(Search.found(SecretCorpus.index, in: whole + copies.joined()).isEmpty)
            #expect(whole.count == text.count)
            // The parts that the rest cannot be read without are still there, wherever it was cut.
            let said = String(decoding: whole, as: UTF8.self)
            #expect(said.contains(#/\r\nSessionID: \d{7}\r\nAppID: 12\r\nContext: /#) && !said.contains("1980589"))
            #expect(said.contains("\r\nCSeq: 0 \r\nCall-ID: ") && said.hasSuffix("\r\n\r\n\0"))
            // The same in version 2.
            let seconds = cuts.map { cut in
                second(
                    Array(text[cut]), isFirst: cut.lowerBound == 0, remaining: text.count - cut.upperBound)
            }
            let (secondCopies, secondReport) = try copy(seconds, .server)
            #expect(secondReport.refusals.isEmpty)
            #expect(Search.found(SecretCorpus.index, in: Array(secondCopies.joined())).isEmpty)
        }
    }

    @Test func aWholeContextCanStillBeRead() throws {
        let (copies, _) = try copy([
            first(Array(SecretCorpus.invitation(context: SecretCorpus.base64(SecretCorpus.object + "\0")).utf8))
        ])
        let said = String(decoding: data(copies, behind: 48), as: UTF8.self)
        let context = try #require(said.firstMatch(of: /Context: (\S+)/)).1
        let object = String(decoding: try #require(Data(base64Encoded: String(context))), as: UTF8.self)
        #expect(object.hasPrefix("<msnobj Creator=\"") && object.hasSuffix("/>\0"))
        #expect(object.contains("Size=\"24539\" Type=\"3\" Location=\""))
        #expect(said.hasPrefix("INVITE MSNMSGR:") && said.contains(" MSNSLP/1.0\r\nTo: <msnmsgr:"))
    }

    @Test func picturesAndFilesAreFilled() throws {
        let frames = [
            first(Array(SecretCorpus.text.utf8), session: 4_711, flags: 0x20),
            second(Array(SecretCorpus.text.utf8), session: 4_711),
            first([], session: 0, flags: 0x100, nonce: Array(SecretCorpus.digits.utf8) + [1, 2, 3, 4, 5]),
            first([0, 0, 0, 0], session: 4_711),
        ]
        #expect(frames.dropLast().allSatisfy { !Search.found(SecretCorpus.index, in: $0).isEmpty })
        let (copies, report) = try copy(frames)
        #expect(report.refusals.isEmpty)
        #expect(Search.found(SecretCorpus.index, in: Array(copies.joined())).isEmpty)
        #expect(report.counts[.data] == 2)
    }

    /// Real programs send wrong lengths and offsets; the data is complete all the same.
    @Test func whatTellsWrongLengthsOrPlacesIsCopied() throws {
        var short = first(Array(SecretCorpus.text.utf8))
        // Some clients send wrong lengths, but none like this.
        short[short.count - 4 - SecretCorpus.text.utf8.count - 21] ^= 1
        let isLate = first(Array(SecretCorpus.text.utf8), identifier: 99, offset: 600, total: 900)
        for frame in [short, isLate] {
            let (copies, report) = try copy([frame])
            #expect(report.refusals.isEmpty)
            #expect(Search.found(SecretCorpus.index, in: Array(copies.joined())).isEmpty)
        }
    }

    @Test func whatHasNoHeaderIsADoubt() throws {
        let head = "Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: \(SecretCorpus.account)\r\n\r\n"
        let (copies, report) = try copy([SecretCorpus.framed("MSG 5 D", head + SecretCorpus.text)])
        #expect(report.refusals.map(\.reason) == [.peerPacket])
        #expect(Search.found(SecretCorpus.index, in: Array(copies.joined())).isEmpty)
    }

    @Test func aTextInPartsTellsNothing() throws {
        let head =
            "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nMessage-ID: \(SecretCorpus.guid)\r\nChunks: 2\r\n\r\n"
        let parts = [
            SecretCorpus.framed("MSG 5 N", head + SecretCorpus.text),
            SecretCorpus.framed(
                "MSG 6 N",
                "Message-ID: \(SecretCorpus.guid)\r\nChunk: 1\r\n\r\n\(SecretCorpus.text)\r\nMSPAuth: \(SecretCorpus.secret)"
            ),
        ]
        let (copies, report) = try copy(parts)
        #expect(report.refusals.isEmpty)
        #expect(Search.found(SecretCorpus.index, in: Array(copies.joined())).isEmpty)
    }

    /// Lists of emoticons too; and incomplete text is text in the copy, and other text.
    @Test func whatCameOnlyInPartTellsNothing() throws {
        let object = "<msnobj Creator=\"\(SecretCorpus.text)\" SHA1D=\"\(SecretCorpus.text)\"/>"
        let types = ["text/plain", "text/x-mms-emoticon"]
        let frames = zip(types, [SecretCorpus.text, ":)\t\(object)\t"]).enumerated().flatMap { number, message in
            let (type, body) = message
            let head = "Content-Type: \(type)\r\nMessage-ID: {\(number)}\r\n"
            return [
                SecretCorpus.framed("MSG 5 N", head + "Chunks: 3\r\n\r\n\(body)"),
                SecretCorpus.framed("MSG 6 N", "Message-ID: {\(number)}\r\nChunk: 1\r\n\r\n\(body)"),
            ]
        }
        let ends = Endpoints(client: "10.0.0.1:1", server: "10.0.0.2:2")
        let sums = Tally().sums
        let kinds =
            try frames.map { Event.Kind.frame(try #require(Frame($0)), from: .client) }
            + [.closed(ends, reason: .closed, client: sums, server: sums)]
        let events = kinds.map {
            Event(time: Timestamp(nanoseconds: 1), connection: 1, role: .switchboard, dialect: Dialect(12), kind: $0)
        }
        let copy = RedactedCopy(of: events)
        #expect(copy.report.refusals.isEmpty)
        let words = copy.events.compactMap { event in
            if case .message(let message) = event.kind { message } else { nil }
        }
        #expect(words.map(\.parts) == [2] && words.map(\.fragment?.expected) == [3])
        #expect(Search.found(SecretCorpus.index, in: copy.bytes).isEmpty)
    }

    @Test func anUnknownTypeIsADoubt() throws {
        let frame = SecretCorpus.framed("MSG 5 N", SecretCorpus.message("application/x-okapi", "", SecretCorpus.text))
        let (copies, report) = try copy([frame])
        #expect(report.refusals.map(\.reason) == [.unknownContentType("application/x-okapi")])
        #expect(Search.found(SecretCorpus.index, in: Array(copies.joined())).isEmpty)
    }

    // MARK: - Direct links

    /// What a side of a direct link sends, packet by packet.
    private func copy(link packets: [[UInt8]]) -> (bytes: [[UInt8]], refusals: Int) {
        var offset: UInt64 = 0
        let events = packets.map { packet in
            defer { offset += UInt64(packet.count) }
            return Event(
                time: Timestamp(nanoseconds: 0), connection: 1, role: .peerToPeer,
                kind: .noise(Noise(bytes: packet, reason: .peerData, offset: offset), from: .client))
        }
        let copy = RedactedCopy(of: events)
        let result = copy.events.compactMap { event -> [UInt8]? in
            if case .noise(let noise, _) = event.kind { Array(noise.bytes) } else { nil }
        }
        #expect(result.map(\.count) == packets.map(\.count))
        return (result, copy.report.refusalCount)
    }

    private static let greeting: [UInt8] = [4, 0, 0, 0, 0x66, 0x6F, 0x6F, 0]
    private let nonce = Array(SecretCorpus.digits.utf8) + [1, 2, 3, 4, 5]

    /// What a link begins with.
    private func handshake(_ version: PeerVersion) -> [[UInt8]] {
        let nonce = version == .one ? peerPacket(message: 77, [], flags: 0x100, tail: nonce) : nonce
        return [Self.greeting, linkPacket(nonce)]
    }

    @Test(arguments: [1, 40, 900, 100_000]) func aDirectLinkTellsNothing(size: Int) throws {
        let text = Array(SecretCorpus.invitation(context: SecretCorpus.fileOffer).utf8)
        let data = Array(SecretCorpus.text.utf8)
        let cuts = stride(from: 0, to: text.count, by: size).map { $0..<min(text.count, $0 + size) }
        let first =
            handshake(.one)
            + cuts.map { cut in
                linkPacket(peerPacket(message: 77, offset: cut.lowerBound, total: text.count, text[cut]))
            } + [
                linkPacket(peerPacket(session: 1_980_589, message: 77, [0, 0, 0, 0])),
                linkPacket(peerPacket(session: 1_980_589, message: 77, data, flags: 0x20)),
            ]
        func second(_ data: [UInt8], session: Int, isFirst: Bool, left: Int) -> [UInt8] {
            let inner = [20, isFirst ? 1 : 0] + big(5, 2) + big(session, 4) + [1, 8] + big(left, 8) + [0, 0] + data
            return linkPacket([8, 0] + big(inner.count, 2) + big(1_000, 4) + inner)
        }
        let other =
            handshake(.two)
            + cuts.map { cut in
                second(
                    Array(text[cut]), session: 0, isFirst: cut.lowerBound == 0, left: text.count - cut.upperBound)
            } + [linkPacket([8, 2, 0, 0, 0, 0, 0, 9]), second(data, session: 1_980_589, isFirst: true, left: 0)]
        for (link, place, order) in [(first, 4, little), (other, 16, big)] {
            #expect(!Search.found(SecretCorpus.index, in: Array(link.joined())).isEmpty)
            let (packets, doubts) = copy(link: link)
            #expect(doubts == 0)
            #expect(Search.found(SecretCorpus.index, in: Array(packets.joined())).isEmpty)
            guard size > 900 else { continue }
            // Packets still find their session.
            let said = String(decoding: packets.joined(), as: UTF8.self)
            let number = try #require(said.firstMatch(of: #/\r\nSessionID: (\d{7})\r\nAppID: 12\r\nContext: /#)).1
            #expect(number != "1980589")
            let session = try #require(packets.last)[place..<place + 4]
            #expect(Array(session) == order(try #require(Int(number)), 4))
        }
    }

    /// Packets of every length, with or without a handshake: nothing of what is in them stays, but numbers.
    @Test(arguments: 0...80) func aShortPacketTellsNothing(length: Int) {
        let words = Array("Okapi Station Quagga +49 151 1234 5678 Okapi Station Quagga +49 151 1234 5678 ".utf8)
        let content = (0..<length).map { words[$0 % words.count] }
        let followed = content.indices.filter { $0 < 48 }.map { content[$0] }
        for start in [[], [Self.greeting], handshake(.one), handshake(.two)] {
            let (packets, doubts) = copy(link: start + [linkPacket(content)])
            let bytes = packets.last?.dropFirst(4) ?? []
            #expect(Search.found(["Okapi", "Quagga", "Station"], in: Array(bytes)).isEmpty)
            let isSure = length == 0 || length == 16 && start.count < 2 || length >= 48 && start == handshake(.one)
            #expect((doubts == 0) == isSure, "\(length) bytes after \(start.count) packets, \(followed.count)")
        }
    }

    /// Behind a gap a packet may begin anywhere.
    @Test func aLinkBehindAGapIsADoubt() {
        func event(_ kind: Event.Kind) -> Event {
            Event(time: Timestamp(nanoseconds: 0), connection: 1, role: .peerToPeer, kind: kind)
        }
        let data = peerPacket(session: 1_980_589, message: 77, Array(SecretCorpus.text.utf8), flags: 0x20)
        var events = (handshake(.one) + [linkPacket(data)]).map { packet in
            event(.noise(Noise(bytes: packet, reason: .peerData, offset: 0), from: .client))
        }
        #expect(RedactedCopy(of: events).report.refusalCount == 0)
        events.insert(event(.gap(bytes: 9, offset: 0, from: .client)), at: 2)
        #expect(RedactedCopy(of: events).report.refusalCount == 1)
    }

    /// Any bytes at all: no crash, and a doubt where they are no packets.
    @Test func aHostileLinkIsADoubt() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let start = handshake(Bool.random() ? .one : .two).prefix(Int.random(in: 0...2))
            let junk = (0..<120).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = copy(
                link: start + [linkPacket(junk), [UInt8.random(in: 0...90), 0, 0, 0] + junk, Array(junk.prefix(3))])
        }
        #expect(copy(link: [[200, 200, 200, 200] + [UInt8](repeating: 65, count: 200)]).refusals == 1)
        #expect(copy(link: [linkPacket([UInt8](repeating: 65, count: 200))]).refusals == 1)
    }
}
