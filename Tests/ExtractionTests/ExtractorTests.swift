// Events of synthetic sessions in, files out.

import Crypto
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Extraction
@testable import Payloads

/// Speaks on connections, and keeps count of time.
struct ExtractionHarness {
    var extractor: Extractor
    private var time: Int64 = 1_000_000_000

    init(
        _ folder: OutputFolder, writesIncomplete: Bool = false, mostExtracts: Int = 100,
        isWanted: @escaping (Int) -> Bool = { _ in true }
    ) {
        extractor = Extractor(
            into: folder, writesIncomplete: writesIncomplete, mostExtracts: mostExtracts, isWanted: isWanted)
    }

    /// Lets seconds pass.
    mutating func wait(_ seconds: Int64) { time += seconds * 1_000_000_000 }

    mutating func add(_ kind: Event.Kind, on connection: Int, role: Role) throws {
        time += 1_000
        try extractor.take(
            Event(time: Timestamp(nanoseconds: time), connection: connection, role: role, kind: kind))
    }

    mutating func message(_ headers: String, _ body: [UInt8], from: String, on connection: Int = 1) throws {
        let payload = Array("MIME-Version: 1.0\r\nContent-Type: \(headers)\r\n\r\n".utf8) + body
        let bytes = Array("MSG \(from) Nick \(payload.count)\r\n".utf8) + payload
        try add(.frame(try #require(Frame(bytes)), from: .server), on: connection, role: .switchboard)
    }

    mutating func line(_ text: String, from side: Side, on connection: Int) throws {
        try add(
            .frame(try #require(Frame(Array((text + "\r\n").utf8))), from: side), on: connection, role: .fileTransfer)
    }

    /// Sends data in packets of version 1.
    mutating func packets(
        _ data: [UInt8], session: UInt32, message: UInt32, flags: UInt32, from: String, to: String,
        on connection: Int = 1, leavingOut hole: Range<Int> = 0..<0, chunk: Int = 1_000, size: Int? = nil,
        at base: Int = 0
    ) throws {
        for start in stride(from: 0, to: data.count, by: chunk) {
            let part = data[start..<min(data.count, start + chunk)]
            if hole.contains(start) { continue }
            let packet = peerPacket(
                session: Int(session), message: Int(message), offset: base + start, total: size ?? data.count, part,
                flags: Int(flags))
            try self.message(
                "application/x-msnmsgrp2p\r\nP2P-Dest: \(to)", packet + [0, 0, 0, 1], from: from, on: connection)
        }
    }

    /// Bob asks Ann for an object, and she agrees.
    mutating func ask(_ object: String, session: UInt32, on connection: Int = 1) throws {
        let context = Data((object + "\0").utf8).base64EncodedString()
        let guid = "{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}"
        let body = "EUF-GUID: \(guid)\r\nSessionID: \(session)\r\nAppID: 1\r\nContext: \(context)\r\n\r\n\0"
        for (start, from, to) in [
            ("INVITE MSNMSGR:ann@example.com MSNSLP/1.0", "bob@example.com", "ann@example.com"),
            ("MSNSLP/1.0 200 OK", "ann@example.com", "bob@example.com"),
        ] {
            try packets(
                slpMessage(start, from: from, to: to, call: "{\(session)}", body: body), session: 0,
                message: session + UInt32(start.utf8.count), flags: 0, from: from, to: to,
                on: connection)
        }
    }

    mutating func send(_ data: [UInt8], session: UInt32, on connection: Int = 1, leavingOut hole: Range<Int> = 0..<0)
        throws
    {
        try packets(
            data, session: session, message: 900 + session, flags: 0x20, from: "ann@example.com", to: "bob@example.com",
            on: connection, leavingOut: hole)
    }
}

@Suite struct ExtractorTests {
    static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + (0..<4_000).map { UInt8($0 % 251) }

    /// The description of an object, with its digests as they should be.
    static func object(_ data: [UInt8], type: Int = 3, friendly: String = "AAA=", isForged: Bool = false) -> String {
        let sha1d = Data(Insecure.SHA1.hash(data: isForged ? [] : data)).base64EncodedString()
        let signed =
            "Creatorann@example.comSize\(data.count)Type\(type)LocationTFR1.tmpFriendly\(friendly)SHA1D\(sha1d)"
        let sha1c = Data(Insecure.SHA1.hash(data: Array(signed.utf8))).base64EncodedString()
        return "<msnobj Creator=\"ann@example.com\" Size=\"\(data.count)\" Type=\"\(type)\" Location=\"TFR1.tmp\" "
            + "Friendly=\"\(friendly)\" SHA1D=\"\(sha1d)\" SHA1C=\"\(sha1c)\"/>"
    }

    @Test func aPictureWithItsDigests() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")))
        try harness.ask(Self.object(Self.png), session: 5)
        try harness.send(Self.png, session: 5)
        try harness.ask(Self.object(Self.png, type: 2, isForged: true), session: 6)
        try harness.send(Self.png, session: 6)
        try harness.extractor.endOfRecording()
        let extracts = harness.extractor.extracts
        #expect(extracts.map(\.file) == ["picture-ann@example.com.png", "emoticon-ann@example.com.png"])
        #expect(extracts.map(\.dataDigest) == [.holds, .differs] && extracts.map(\.ownDigest) == [.holds, .holds])
        #expect(try scratch.read("out/picture-ann@example.com.png") == Self.png)
        #expect(try harness.extractor.writeIndex() == "index.html")
        #expect(try scratch.names(in: "out").count == 3)
    }

    @Test func bothEndsAreOneFile() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")))
        for connection in 1...2 { try harness.ask(Self.object(Self.png), session: 5, on: connection) }
        for connection in 1...2 { try harness.send(Self.png, session: 5, on: connection) }
        // Sent again later, in another session: the same bytes, and another file.
        try harness.ask(Self.object([1] + Self.png), session: 9)
        try harness.send([1] + Self.png, session: 9)
        try harness.extractor.endOfRecording()
        #expect(harness.extractor.extracts.map { $0.origins.map(\.place.connection) } == [[1, 2], [1]])
        #expect(try scratch.names(in: "out").count == 2)
    }

    @Test func aPictureThatIsSentAnHourLaterIsWrittenAgain() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")))
        for session in [5, 6] as [UInt32] {
            try harness.ask(Self.object(Self.png), session: session)
            try harness.send(Self.png, session: session)
            harness.wait(3_600)
        }
        try harness.extractor.endOfRecording()
        #expect(harness.extractor.extracts.count == 2)
        #expect(try scratch.names(in: "out").count == 2)
    }

    @Test func transfersBeyondTheLimitAreCountedOnly() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")), mostExtracts: 2)
        for session in [5, 6, 7] as [UInt32] {
            let picture = Self.png + [UInt8(session)]
            try harness.ask(Self.object(picture), session: session)
            try harness.send(picture, session: session)
        }
        try harness.extractor.endOfRecording()
        #expect(harness.extractor.extracts.count == 2 && harness.extractor.leftOut == 1)
        #expect(try scratch.names(in: "out").count == 2)
    }

    @Test func anOfferThatIsNotAcceptedLacksNothing() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")))
        for (command, more, sender) in [
            ("INVITE", "Application-File: a.txt\r\nApplication-FileSize: 6", "ann@example.com"),
            ("CANCEL", "Cancel-Code: REJECT", "bob@example.com"),
        ] {
            try harness.message(
                "text/x-msmsgsinvite",
                Array("Invitation-Command: \(command)\r\nInvitation-Cookie: 7\r\n\(more)\r\n".utf8), from: sender)
        }
        try harness.extractor.endOfRecording()
        let extracts = harness.extractor.extracts
        #expect(extracts.map(\.isRefused) == [true] && !extracts.lacksSomething)
    }

    /// The data began on the switchboard and went on over a direct link.
    @Test func aDirectLinkThatCarriedDataIsListedWithIt() {
        let places = [(1, Role.switchboard), (2, .peerToPeer), (3, .switchboard)].map { connection, role in
            Place(connection: connection, role: role, side: .client, time: 0, offset: 0)
        }
        var transfer = Transfer(
            number: 1, method: .direct, kind: "file", sender: "", recipient: "", places: places, lastTime: 0)
        _ = transfer.received.insert(0..<9)
        #expect(Extract(transfer).origins.map(\.isData) == [true, true, false])
    }

    @Test func aGapCountsInTheOffsetOfATransfer() throws {
        let offsets = try [0, 500].map { gap -> UInt64? in
            let scratch = try Scratch()
            var harness = ExtractionHarness(try OutputFolder(scratch.path("out")))
            if gap > 0 {
                try harness.add(.gap(bytes: UInt64(gap), offset: 0, from: .server), on: 1, role: .switchboard)
            }
            try harness.ask(Self.object(Self.png), session: 5)
            try harness.send(Self.png, session: 5)
            try harness.extractor.endOfRecording()
            return harness.extractor.extracts.first?.origins.first?.place.offset
        }
        let first = try #require(offsets.first ?? nil)
        #expect(offsets == [first, first + 500])
    }

    @Test func aFileOfAnotherTypeIsNoPictureOnThePage() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")))
        let text = Array("<svg onload=alert(1)>".utf8)
        try harness.ask(Self.object(text), session: 5)
        try harness.send(text, session: 5)
        try harness.extractor.endOfRecording()
        #expect(harness.extractor.extracts.map(\.isComplete) == [true])
        let page = String(decoding: try scratch.read("out/" + harness.extractor.writeIndex()), as: UTF8.self)
        #expect(!page.contains("<img"))
    }

    @Test func whatIsNotWholeIsNotWritten() throws {
        for writesIncomplete in [false, true] {
            let scratch = try Scratch()
            var harness = ExtractionHarness(try OutputFolder(scratch.path("out")), writesIncomplete: writesIncomplete)
            try harness.ask(Self.object(Self.png), session: 5)
            try harness.send(Self.png, session: 5, leavingOut: 1_000..<2_000)
            try harness.extractor.endOfRecording()
            let extract = try #require(harness.extractor.extracts.first)
            #expect(harness.extractor.extracts.lacksSomething && extract.sizes == "3008 of 4008 bytes")
            #expect(!extract.isComplete && extract.sha256 == nil && extract.transfer.missing == [1_000..<2_000])
            let names = try scratch.names(in: "out")
            #expect(names == (writesIncomplete ? ["picture-ann@example.com.png.incomplete"] : []))
            if let name = names.first {
                let bytes = try scratch.read("out/\(name)")
                #expect(bytes[..<1_000] == Self.png[..<1_000] && bytes[2_000...] == Self.png[2_000...])
                #expect(bytes[1_000..<2_000].allSatisfy { $0 == 0 })
            }
        }
    }

    /// A few bytes at a very large offset: the gap before them is not written as zeros.
    @Test(arguments: [(1 << 20, true), (1 << 40, false)])
    func holesWithoutEnd(_ size: Int, _ isWritten: Bool) throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")), writesIncomplete: true)
        for base in [0, size - 4_000] {
            try harness.packets(
                [UInt8](Self.png.prefix(2_000)), session: 7, message: 9, flags: 0x20, from: "ann@example.com",
                to: "bob@example.com", size: size, at: base)
        }
        try harness.extractor.endOfRecording()
        let extract = try #require(harness.extractor.extracts.first)
        #expect(extract.transfer.received.count == 4_000 && extract.sha256 == nil && !extract.isComplete)
        #expect((extract.file != nil) == isWritten && extract.type == (isWritten ? .png : .other))
        #expect(extract.status.contains("almost all of it is missing") == !isWritten)
        #expect(try scratch.names(in: "out") == (isWritten ? ["unknown-ann@example.com.png.incomplete"] : []))
    }

    @Test func onlyWhatIsAskedFor() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out"))) { $0 == 2 }
        for (connection, session) in [(1, UInt32(5)), (2, 6)] {
            try harness.ask(Self.object(Self.png, type: connection), session: session, on: connection)
            try harness.send(Self.png, session: session, on: connection)
        }
        try harness.extractor.endOfRecording()
        #expect(harness.extractor.extracts.map(\.transfer.kind) == ["emoticon"])
        #expect(try scratch.names(in: "out").count == 1)
    }

    @Test func overlapsThatDisagreeAreTold() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")))
        try harness.ask(Self.object(Self.png), session: 5)
        try harness.send(Self.png, session: 5, leavingOut: 4_000..<5_000)
        try harness.send(Self.png.reversed(), session: 5)
        try harness.extractor.endOfRecording()
        #expect(harness.extractor.extracts.map(\.transfer.findings) == [[.p2pOverlapDiffers]])
        #expect(harness.extractor.extracts.map(\.dataDigest) == [.differs])
    }

    @Test func sizesThatNoFileHas() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")), writesIncomplete: true)
        for (index, offset) in [UInt64.max - 10, UInt64(Int64.max) - 1, UInt64(Int64.max) + 9].enumerated() {
            var body: [UInt8] = []
            for (value, width) in [
                (UInt64(7 + index), 4), (1, 4), (offset, 8), (.max, 8), (3, 4), (0x20, 4), (0, 8), (0, 8),
            ] {
                for place in 0..<width { body.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * place))) }
            }
            try harness.message(
                "application/x-msnmsgrp2p\r\nP2P-Dest: b@example.com", body + [1, 2, 3], from: "a@example.com")
        }
        try harness.extractor.endOfRecording()
        #expect(harness.extractor.extracts.count == 3 && harness.extractor.extracts.allSatisfy { $0.file == nil })
        let status = harness.extractor.extracts.first?.status
        #expect(status == "incomplete: its announced size is larger than files can be")
        #expect(try scratch.names(in: "out").isEmpty)
    }

    @Test func aFileByMSNFTP() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")))
        let data = [UInt8]("GIF89a".utf8)
        func invitation(_ text: String) -> [UInt8] { Array("Invitation-Cookie: 7\r\n\(text)\r\n".utf8) }
        try harness.message(
            "text/x-msmsgsinvite",
            invitation(
                "Invitation-Command: INVITE\r\nApplication-File: ../../x\u{202E}.exe\r\nApplication-FileSize: 6"),
            from: "ann@example.com")
        try harness.message(
            "text/x-msmsgsinvite", invitation("Invitation-Command: ACCEPT\r\nAuthCookie: 93301"),
            from: "ann@example.com")
        try harness.line("USR bob@example.com 93301", from: .client, on: 2)
        try harness.line("FIL 6", from: .server, on: 2)
        let noise = Noise(bytes: [0, 6, 0] + data + [1, 0, 0], reason: .fileData, offset: 0)
        try harness.add(.noise(noise, from: .server), on: 2, role: .fileTransfer)
        try harness.extractor.endOfRecording()
        #expect(harness.extractor.extracts.map(\.file) == ["_.._x.exe"])
        #expect(try scratch.read("out/_.._x.exe") == data)
        #expect(harness.extractor.extracts[0].origins.map(\.isData) == [true, false])
    }
}
