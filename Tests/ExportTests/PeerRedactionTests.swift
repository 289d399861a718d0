// What clients send each other through a switchboard: texts cut anywhere, pictures, files.

import Foundation
import MSNP
import Testing
import Transcript

@testable import Export

@Suite struct PeerRedactionTests {
    private func little(_ number: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    private func big(_ number: Int, _ width: Int) -> [UInt8] { little(number, width).reversed() }

    /// A packet of version 1 in a message.
    private func first(
        _ data: [UInt8], session: Int = 0, identifier: Int = 77, offset: Int = 0, total: Int? = nil, flags: Int = 0,
        nonce: [UInt8]? = nil
    ) -> [UInt8] {
        var body = little(session, 4) + little(identifier, 4) + little(offset, 8) + little(total ?? data.count, 8)
        body += little(data.count, 4) + little(flags, 4) + (nonce ?? [UInt8](repeating: 9, count: 16))
        body += data + [0, 0, 0, 1]
        let head = "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: \(Marked.account)\r\n\r\n"
        return Marked.framed("MSG 5 D", Array(head.utf8) + body)
    }

    /// A packet of version 2 in a message.
    private func second(_ data: [UInt8], session: Int = 0, package: Int = 5, isFirst: Bool = true, remaining: Int = 0)
        -> [UInt8]
    {
        let extra: [UInt8] = remaining > 0 || !isFirst ? [1, 8] + big(remaining, 8) + [0, 0] : []
        let inner = [UInt8(8 + extra.count), isFirst ? 1 : 0] + big(package, 2) + big(session, 4) + extra + data
        let body = [8, 0] + big(inner.count, 2) + big(1_000, 4) + inner + [0, 0, 0, 0]
        let head =
            "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: \(Marked.account);\(Marked.guid)\r\n"
            + "P2P-Src: \(Marked.account);\(Marked.guid)\r\n\r\n"
        return Marked.framed("MSG 5 D", Array(head.utf8) + body)
    }

    private func copy(_ frames: [[UInt8]], _ side: Side = .client) throws -> (
        frames: [[UInt8]], report: RedactionReport
    ) {
        let events = try frames.map { bytes in
            Event(
                time: Timestamp(nanoseconds: 0), connection: 1, role: .switchboard,
                kind: .frame(try #require(Frame(bytes)), from: side))
        }
        let copy = Copy(of: events)
        let result = copy.events.compactMap { if case .frame(let frame, _) = $0.kind { frame.bytes } else { nil } }
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
        for context in [Marked.base64(Marked.object + "\0"), Marked.fileOffer, Marked.base64(Marked.text)] {
            let text = Array(Marked.invitation(context: context).utf8)
            let cuts = stride(from: 0, to: text.count, by: size).map { $0..<min(text.count, $0 + size) }
            let frames = cuts.map { first(Array(text[$0]), offset: $0.lowerBound, total: text.count) }
            #expect(!Search.found(Marked.index, in: data(frames, behind: 48)).isEmpty)
            let (copies, report) = try copy(frames)
            #expect(report.doubts.isEmpty)
            let whole = data(copies, behind: 48)
            #expect(Search.found(Marked.index, in: whole + copies.joined()).isEmpty)
            #expect(whole.count == text.count)
            // What tells how to read the rest is still there, wherever it was cut.
            let said = String(decoding: whole, as: UTF8.self)
            #expect(said.contains("\r\nSessionID: 1980589\r\nAppID: 12\r\nContext: "))
            #expect(said.contains("\r\nCSeq: 0 \r\nCall-ID: ") && said.hasSuffix("\r\n\r\n\0"))
            // The same in version 2.
            let seconds = cuts.map { cut in
                second(
                    Array(text[cut]), isFirst: cut.lowerBound == 0, remaining: text.count - cut.upperBound)
            }
            let (secondCopies, secondReport) = try copy(seconds, .server)
            #expect(secondReport.doubts.isEmpty)
            #expect(Search.found(Marked.index, in: Array(secondCopies.joined())).isEmpty)
        }
    }

    @Test func aWholeContextCanStillBeRead() throws {
        let (copies, _) = try copy([first(Array(Marked.invitation(context: Marked.base64(Marked.object + "\0")).utf8))])
        let said = String(decoding: data(copies, behind: 48), as: UTF8.self)
        let context = try #require(said.firstMatch(of: /Context: (\S+)/)).1
        let object = String(decoding: try #require(Data(base64Encoded: String(context))), as: UTF8.self)
        #expect(object.hasPrefix("<msnobj Creator=\"") && object.hasSuffix("/>\0"))
        #expect(object.contains("Size=\"24539\" Type=\"3\" Location=\""))
        #expect(said.hasPrefix("INVITE MSNMSGR:") && said.contains(" MSNSLP/1.0\r\nTo: <msnmsgr:"))
    }

    @Test func picturesAndFilesAreFilled() throws {
        let frames = [
            first(Array(Marked.text.utf8), session: 4_711, flags: 0x20),
            second(Array(Marked.text.utf8), session: 4_711),
            first([], session: 0, flags: 0x100, nonce: Array(Marked.digits.utf8) + [1, 2, 3, 4, 5]),
            first([0, 0, 0, 0], session: 4_711),
        ]
        #expect(frames.dropLast().allSatisfy { !Search.found(Marked.index, in: $0).isEmpty })
        let (copies, report) = try copy(frames)
        #expect(report.doubts.isEmpty)
        #expect(Search.found(Marked.index, in: Array(copies.joined())).isEmpty)
        #expect(report.counts[.data] == 2)
    }

    /// Real programs tell wrong lengths and places; the data is there all the same.
    @Test func whatTellsWrongLengthsOrPlacesIsCopied() throws {
        var short = first(Array(Marked.text.utf8))
        // Some clients tell wrong lengths, but none like this.
        short[short.count - 4 - Marked.text.utf8.count - 21] ^= 1
        let isLate = first(Array(Marked.text.utf8), identifier: 99, offset: 600, total: 900)
        for frame in [short, isLate] {
            let (copies, report) = try copy([frame])
            #expect(report.doubts.isEmpty)
            #expect(Search.found(Marked.index, in: Array(copies.joined())).isEmpty)
        }
    }

    @Test func whatHasNoHeaderIsADoubt() throws {
        let head = "Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: \(Marked.account)\r\n\r\n"
        let (copies, report) = try copy([Marked.framed("MSG 5 D", head + Marked.text)])
        #expect(report.doubts.map(\.what) == ["a peer-to-peer packet that is damaged"])
        #expect(Search.found(Marked.index, in: Array(copies.joined())).isEmpty)
    }

    @Test func aTextInPartsTellsNothing() throws {
        let head = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nMessage-ID: \(Marked.guid)\r\nChunks: 2\r\n\r\n"
        let parts = [
            Marked.framed("MSG 5 N", head + Marked.text),
            Marked.framed(
                "MSG 6 N", "Message-ID: \(Marked.guid)\r\nChunk: 1\r\n\r\n\(Marked.text)\r\nMSPAuth: \(Marked.secret)"),
        ]
        let (copies, report) = try copy(parts)
        #expect(report.doubts.isEmpty)
        #expect(Search.found(Marked.index, in: Array(copies.joined())).isEmpty)
    }

    /// Lists of emoticons too; and words whose rest never came are words in the copy, and others.
    @Test func whatCameOnlyInPartTellsNothing() throws {
        let object = "<msnobj Creator=\"\(Marked.text)\" SHA1D=\"\(Marked.text)\"/>"
        let types = ["text/plain", "text/x-mms-emoticon"]
        let frames = zip(types, [Marked.text, ":)\t\(object)\t"]).enumerated().flatMap { number, message in
            let (type, body) = message
            let head = "Content-Type: \(type)\r\nMessage-ID: {\(number)}\r\n"
            return [
                Marked.framed("MSG 5 N", head + "Chunks: 3\r\n\r\n\(body)"),
                Marked.framed("MSG 6 N", "Message-ID: {\(number)}\r\nChunk: 1\r\n\r\n\(body)"),
            ]
        }
        let ends = Ends(client: "10.0.0.1:1", server: "10.0.0.2:2")
        let sums = Tally().sums
        let kinds =
            try frames.map { Event.Kind.frame(try #require(Frame($0)), from: .client) }
            + [.closed(ends, reason: "fin", client: sums, server: sums)]
        let events = kinds.map {
            Event(time: Timestamp(nanoseconds: 1), connection: 1, role: .switchboard, dialect: Dialect(12), kind: $0)
        }
        let copy = Copy(of: events)
        #expect(copy.report.doubts.isEmpty)
        let words = copy.events.compactMap { event in
            if case .message(let message) = event.kind { message } else { nil }
        }
        #expect(words.map(\.parts) == [2] && words.map(\.fragment?.expected) == [3])
        #expect(Search.found(Marked.index, in: copy.bytes).isEmpty)
    }

    @Test func anUnknownTypeIsADoubt() throws {
        let frame = Marked.framed("MSG 5 N", Marked.message("application/x-okapi", "", Marked.text))
        let (copies, report) = try copy([frame])
        #expect(report.doubts.map(\.what) == ["a message of the unknown type application/x-okapi"])
        #expect(Search.found(Marked.index, in: Array(copies.joined())).isEmpty)
    }

    // MARK: - Direct links

    private func packet(_ bytes: [UInt8]) -> [UInt8] { little(bytes.count, 4) + bytes }

    private func header(_ data: Int, session: Int, offset: Int = 0, total: Int, flags: Int = 0, last: [UInt8])
        -> [UInt8]
    {
        little(session, 4) + little(77, 4) + little(offset, 8) + little(total, 8) + little(data, 4) + little(flags, 4)
            + last
    }

    /// What a direct link says, in pieces of some size.
    private func copy(link bytes: [UInt8], in size: Int) -> (bytes: [UInt8], doubts: Int) {
        let events = stride(from: 0, to: bytes.count, by: size).map { start in
            Event(
                time: Timestamp(nanoseconds: 0), connection: 1, role: .peerToPeer,
                kind: .noise(
                    Noise(
                        bytes: Array(bytes[start..<min(bytes.count, start + size)]), reason: .peerData,
                        offset: UInt64(start)),
                    from: .client))
        }
        let copy = Copy(of: events)
        let result = copy.events.flatMap { event -> [UInt8] in
            if case .noise(let noise, _) = event.kind { noise.bytes } else { [] }
        }
        return (result, copy.report.doubtCount)
    }

    @Test(arguments: [1, 7, 60, 1_460, 100_000]) func aDirectLinkTellsNothing(size: Int) {
        let text = Array(Marked.invitation(context: Marked.fileOffer).utf8)
        let none = [UInt8](repeating: 0, count: 16)
        let nonce = Array(Marked.digits.utf8) + [1, 2, 3, 4, 5]
        let data = Array(Marked.text.utf8)
        let cut = 900
        let first =
            packet([0x66, 0x6F, 0x6F, 0]) + packet(header(0, session: 0, total: 0, flags: 0x100, last: nonce))
            + packet(header(cut, session: 0, total: text.count, last: none) + text[..<cut])
            + packet(header(4, session: 9, total: 4, last: none) + [0, 0, 0, 0])
            + packet(header(text.count - cut, session: 0, offset: cut, total: text.count, last: none) + text[cut...])
            + packet(header(data.count, session: 9, total: data.count, flags: 0x20, last: none) + data)
        func second(_ data: [UInt8], session: Int, isFirst: Bool, left: Int) -> [UInt8] {
            let inner = [20, isFirst ? 1 : 0] + big(5, 2) + big(session, 4) + [1, 8] + big(left, 8) + [0, 0] + data
            return packet([8, 0] + big(inner.count, 2) + big(1_000, 4) + inner)
        }
        let other =
            packet([0x66, 0x6F, 0x6F, 0]) + packet(nonce)
            + second(Array(text[..<cut]), session: 0, isFirst: true, left: text.count - cut)
            + packet([8, 2, 0, 0, 0, 0, 0, 9]) + second(Array(text[cut...]), session: 0, isFirst: false, left: 0)
            + second(data, session: 9, isFirst: true, left: 0)
        for link in [first, other] {
            #expect(!Search.found(Marked.index, in: link).isEmpty)
            let (bytes, doubts) = copy(link: link, in: size)
            #expect(doubts == 0)
            #expect(bytes.count == link.count)
            #expect(Search.found(Marked.index, in: bytes).isEmpty)
            #expect(String(decoding: bytes, as: UTF8.self).contains("\r\nSessionID: 1980589\r\nAppID: 12\r\nContext: "))
        }
    }

    /// Any bytes at all: no crash, and a doubt where they are no packets.
    @Test func aHostileLinkIsADoubt() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let start = packet([0x66, 0x6F, 0x6F, 0]) + (Bool.random() ? packet([UInt8](repeating: 7, count: 16)) : [])
            let junk = (0..<120).map { _ in UInt8.random(in: 0...255, using: &random) }
            let (bytes, _) = copy(link: start + [UInt8.random(in: 0...90), 0, 0, 0] + junk, in: Int.random(in: 1...50))
            #expect(bytes.count == start.count + 124)
        }
        #expect(copy(link: [200, 200, 200, 200] + [UInt8](repeating: 65, count: 200), in: 9).doubts > 0)
    }
}
