// Pictures in their places, and files by name: what the peer-to-peer layer brought.

import Events
import Foundation
import MSNP
import Payloads
import TestSupport
import Testing
import Transcripts

@Suite struct AttachmentsTests {
    private static let object =
        "<msnobj Creator=\"bob@example.com\" Size=\"12\" Type=\"2\" Location=\"a.tmp\" Friendly=\"AAA=\" "
        + "SHA1D=\"BwcHBwcHBwcHBwcHBwcHBwcHBwc=\"/>"
    private static let picture: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3, 4]

    /// Alice asks Bob for something, and gets it.
    private static func transfer(
        _ scenario: inout TranscriptScenario, application: String, context: [UInt8], data: [UInt8], session: Int,
        fromAlice: Bool = false
    ) {
        invite(
            &scenario, application: application, context: context, session: session, answer: "200 OK", data: data,
            fromAlice: fromAlice)
    }

    /// Alice invites Bob to something, and perhaps gets an answer.
    private static func invite(
        _ scenario: inout TranscriptScenario, application: String, context: [UInt8], session: Int, answer: String?,
        data: [UInt8]? = nil, fromAlice: Bool = false, bobs: Int? = nil, chunk: Int? = nil,
        isSeen: (_ packet: Int, _ connection: Int) -> Bool = { _, _ in true }
    ) {
        let packets = packets(
            application: application, context: context, session: session, answer: answer, data: data,
            fromAlice: fromAlice, chunk: chunk)
        for (index, (packet, byAlice)) in packets.enumerated() {
            for connection in [1, bobs].compactMap(\.self) where isSeen(index, connection) {
                switch (byAlice, connection == 1) {
                case (true, true), (false, false): scenario.c(connection, "MSG 20 D", packet)
                case (true, false): scenario.s(connection, "MSG alice@example.com Alice", packet)
                case (false, true): scenario.s(connection, "MSG bob@example.com Bob", packet)
                }
            }
        }
    }

    /// The payloads of an invitation from Alice to Bob: the invitation, the answer, and the data in chunks.
    private static func packets(
        application: String, context: [UInt8], session: Int, answer: String?, data: [UInt8]? = nil,
        fromAlice: Bool = false, chunk: Int? = nil
    ) -> [(payload: [UInt8], byAlice: Bool)] {
        func slp(_ start: String, _ body: String) -> [UInt8] {
            slpMessage(start, from: "alice@example.com", to: "bob@example.com", call: "{\(session)}", body: body + "\0")
        }
        func packet(
            _ bytes: some Collection<UInt8>, message: Int, session: Int, flags: Int, offset: Int = 0,
            total: Int? = nil, to: String = "bob"
        ) -> [UInt8] {
            let head = Array(
                "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: \(to)@example.com\r\n\r\n"
                    .utf8)
            return head
                + peerPacket(
                    session: session, message: message, offset: offset, total: total, bytes, flags: flags)
                + [0, 0, 0, 1]
        }
        let invite = slp(
            "INVITE MSNMSGR:bob@example.com MSNSLP/1.0",
            "EUF-GUID: \(application)\r\nSessionID: \(session)\r\nAppID: 1\r\nContext: \(Data(context).base64EncodedString())\r\n\r\n"
        )
        var packets = [(payload: packet(invite, message: session + 1, session: 0, flags: 0), byAlice: true)]
        if let answer {
            let said = slp("MSNSLP/1.0 \(answer)", "SessionID: \(session)\r\n\r\n")
            packets.append((packet(said, message: session + 2, session: 0, flags: 0, to: "alice"), false))
        }
        guard let data else { return packets }
        for offset in stride(from: 0, to: data.count, by: chunk ?? data.count) {
            let piece = packet(
                data.dropFirst(offset).prefix(chunk ?? data.count), message: session + 3, session: session,
                flags: fromAlice ? 0x30 : 0x20, offset: offset, total: data.count, to: fromAlice ? "bob" : "alice")
            packets.append((piece, fromAlice))
        }
        return packets
    }

    private static let fileTransfer = "{5D3E02AB-6190-11D3-BBBB-00C04F795683}"
    private static let pictureTransfer = "{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}"

    /// The context of an invitation to a file of 9 bytes.
    private static let offer: [UInt8] = {
        var offer: [UInt8] = [0x3E, 2, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
        offer += "a.txt".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        return offer + [UInt8](repeating: 0, count: 574 - offer.count)
    }()

    /// Alice calls Bob, and both clients' connections are seen: 1 and 2.
    private static func twoClients() -> TranscriptScenario {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.open(2)
        scenario.c(2, "ANS 1 bob@example.com 9.9 11")
        scenario.s(2, "IRO 1 1 1 alice@example.com Alice%20A")
        return scenario
    }

    /// Alice sends Bob a file of 9 bytes in chunks of 4.
    private static func sendFile(
        _ scenario: inout TranscriptScenario, session: Int, bobs: Int? = nil,
        isSeen: (_ packet: Int, _ connection: Int) -> Bool
    ) {
        invite(
            &scenario, application: fileTransfer, context: offer, session: session, answer: "200 OK",
            data: Array("123456789".utf8), fromAlice: true, bobs: bobs, chunk: 4, isSeen: isSeen)
    }

    /// How many bytes of each file the transcript has.
    private func files(_ scenario: TranscriptScenario) -> [UInt64] {
        Reading(events: scenario.events, sideEvents: attachments(scenario).sideEvents).entries().joined().compactMap {
            if case .file(let file) = $0.what { file.received } else { nil }
        }
    }

    private static func talk() -> TranscriptScenario {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.s(
            1, "MSG bob@example.com Bob", Array("Content-Type: text/x-mms-emoticon\r\n\r\n(pie)\t\(object)\t".utf8))
        scenario.s(1, "MSG bob@example.com Bob", text: "have a (pie)!")
        transfer(
            &scenario, application: Self.pictureTransfer, context: Array("\(object)\0".utf8),
            data: picture,
            session: 500)
        return scenario
    }

    private func attachments(_ scenario: TranscriptScenario, digest: UInt8 = 7) -> Attachments {
        var attachments = Attachments(keepsPictures: true) { _ in [UInt8](repeating: digest, count: 20) }
        for connection in Set(scenario.events.map(\.connection)).sorted() {
            for event in scenario.events where event.connection == connection { attachments.take(event) }
            attachments.endOfConnection(connection)
        }
        attachments.endOfRecording()
        return attachments
    }

    @Test func emoticonsAreShown() {
        let scenario = Self.talk()
        let found = attachments(scenario)
        let page = scenario.written(ChatHTML { found.picture($0) })
        let image = "data:image/png;base64,\(Data(Self.picture).base64EncodedString())"
        #expect(page.contains("have a <i class=\"e1\" role=\"img\" aria-label=\"(pie)\">(pie)</i>!"))
        #expect(page.components(image) == 1 && page.contains("<svg><style>.e1{background-image:url(\(image))}"))
        // The peer-to-peer layer itself is nothing to read.
        #expect(scenario.entries()[0].count == 3)
    }

    /// A list of emoticons that came in two parts is one list.
    @Test func emoticonsInPartsAreShown() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        let list = "(pie)\t\(Self.object)\t"
        let head = "Content-Type: text/x-mms-emoticon\r\nMessage-ID: {1}\r\nChunks: 2\r\n\r\n"
        scenario.s(1, "MSG bob@example.com Bob", Array("\(head)\(list.prefix(40))".utf8))
        scenario.s(
            1, "MSG bob@example.com Bob", Array("Message-ID: {1}\r\nChunk: 1\r\n\r\n\(list.dropFirst(40))".utf8))
        scenario.s(1, "MSG bob@example.com Bob", text: "have a (pie)!")
        Self.transfer(
            &scenario, application: Self.pictureTransfer, context: Array("\(Self.object)\0".utf8),
            data: Self.picture, session: 500)
        let found = attachments(scenario)
        let page = scenario.written(ChatHTML { found.picture($0) })
        let image = "data:image/png;base64,\(Data(Self.picture).base64EncodedString())"
        #expect(page.contains("have a <i class=\"e1\" role=\"img\" aria-label=\"(pie)\">(pie)</i>!"))
        #expect(page.components(image) == 1 && page.contains("<svg><style>.e1{background-image:url(\(image))}"))
        #expect(page.components("uses pictures for (pie)") == 1)
    }

    /// A drawing in two parts stands in its place.
    @Test func drawingsInPartsAreShown() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        let head = "Content-Type: image/gif\r\nMessage-ID: {1}\r\nChunks: 2\r\n\r\n"
        scenario.s(1, "MSG bob@example.com Bob", Array("\(head)base64:R0lG".utf8))
        scenario.s(1, "MSG bob@example.com Bob", Array("Message-ID: {1}\r\nChunk: 1\r\n\r\nODlh".utf8))
        #expect(scenario.written(ChatHTML()).contains("<img src=\"data:image/gif;base64,R0lGODlh\""))
        #expect(scenario.written(ChatText()).contains("* Bob drew something (6 bytes)"))
    }

    @Test func onlyWithTheDigestThatTheyName() {
        let scenario = Self.talk()
        let found = attachments(scenario, digest: 8)
        #expect(!scenario.written(ChatHTML { found.picture($0) }).contains("<i "))
    }

    @Test func filesAreNamed() throws {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        var offer: [UInt8] = [0x3E, 2, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
        offer += "song \u{202E}3pm".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        offer += [UInt8](repeating: 0, count: 574 - offer.count)
        Self.transfer(
            &scenario, application: Self.fileTransfer, context: offer,
            data: Array("123456789".utf8),
            session: 600, fromAlice: true)
        // Nobody wrote a word, and yet something was sent.
        let reading = Reading(events: scenario.events, sideEvents: attachments(scenario).sideEvents)
        #expect(reading.conversations.count == 1)
        let text = reading.written(ChatText())
        #expect(text.contains("* Alice A sent the file \"song \\u{202e}3pm\" (9 bytes)"))
        #expect(reading.written(MessageLogXML()).contains("<File>song "))
    }

    /// What both clients' connections show of one session is shown once, when it was.
    @Test func filesOfBothClientsAreToldOnce() throws {
        var scenario = Self.twoClients()
        let camera = "{4BD96FC0-AB17-4425-A14A-439185962DC8}"
        Self.invite(
            &scenario, application: Self.fileTransfer, context: Self.offer, session: 10, answer: "200 OK",
            data: Array("123456789".utf8),
            fromAlice: true, bobs: 2)
        scenario.c(1, "MSG 30 N", text: "behind the file")
        scenario.s(2, "MSG alice@example.com Alice%20A", text: "behind the file")
        Self.invite(&scenario, application: camera, context: [1], session: 40, answer: "200 OK", bobs: 2)
        Self.invite(
            &scenario, application: Self.fileTransfer, context: Self.offer, session: 20, answer: "200 OK",
            data: Array("123456789".utf8),
            fromAlice: true, bobs: 2)
        scenario.wait(60)
        Self.invite(
            &scenario, application: Self.fileTransfer, context: Self.offer, session: 50, answer: "603 Decline", bobs: 2)
        scenario.c(1, "MSG 31 N", text: "bye")
        scenario.close(1)
        scenario.close(2)
        let reading = Reading(events: scenario.events, sideEvents: attachments(scenario).sideEvents)
        #expect(reading.conversations.count == 1)
        let said = reading.entries().joined().map { entry in
            switch entry.what {
            case .text(let text, _): text.text
            case .file(let file): "\(file.name) \(file.received)"
            case .invitation: "invitation"
            default: "\(entry.what)"
            }
        }
        #expect(said == ["joined", "a.txt 9", "behind the file", "invitation", "a.txt 9", "a.txt 0", "bye"])
    }

    /// An offer that was not accepted is shown with its outcome.
    @Test func offersThatCameToNothing() throws {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        let camera = "{4BD96FC0-AB17-4425-A14A-439185962DC8}"
        Self.invite(&scenario, application: Self.fileTransfer, context: Self.offer, session: 10, answer: "603 Decline")
        Self.invite(&scenario, application: Self.fileTransfer, context: Self.offer, session: 20, answer: nil)
        Self.invite(&scenario, application: camera, context: [1], session: 30, answer: nil)
        Self.invite(&scenario, application: camera, context: [1], session: 40, answer: "200 OK")
        let reading = Reading(events: scenario.events, sideEvents: attachments(scenario).sideEvents)
        let text = reading.written(ChatText())
        #expect(
            text.components("* Alice A offered the file \"a.txt\" (9 bytes; it was declined: answered 603 Decline)")
                == 1)
        #expect(text.components("* Alice A offered the file \"a.txt\" (9 bytes; no answer to it was seen)") == 1)
        #expect(text.components("* Alice A invites to show a camera (no answer was seen)") == 1)
        #expect(text.components("* Alice A invites to show a camera (accepted)") == 1)
        #expect(reading.written(MessageLogXML()).components("<Invitation ") == 4)
    }

    /// MSNFTP: the offer is a message, and the file came over a connection of its own, which ended some seconds in.
    @Test(arguments: [4, 3], [9, 7]) func aFileThatCameIsSaid(_ bytes: Int, _ end: Int64) throws {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        func invitation(_ lines: String) -> [UInt8] {
            Array("Content-Type: text/x-msmsgsinvite\r\n\r\n\(lines)\r\nInvitation-Cookie: 7\r\n\r\n".utf8)
        }
        scenario.c(
            1, "MSG 20 N",
            invitation("Invitation-Command: INVITE\r\nApplication-File: a.txt\r\nApplication-FileSize: 4"))
        scenario.c(1, "MSG 21 N", invitation("Invitation-Command: ACCEPT\r\nAuthCookie: 99"))
        scenario.wait(5)
        scenario.s(1, "MSG bob@example.com Bob", text: "thanks")
        var attachments = Attachments(keepsPictures: false) { $0 }
        for event in scenario.events { attachments.take(event) }
        attachments.endOfConnection(1)
        for (line, side) in [("USR bob@example.com 99", Side.client), ("FIL 4", .server), ("TFR", .client)] {
            let frame = try #require(Frame(Array("\(line)\r\n".utf8)))
            attachments.take(
                Event(
                    time: Timestamp(nanoseconds: TranscriptScenario.start + (end - 1) * 1_000_000_000), connection: 2,
                    role: .fileTransfer,
                    kind: .frame(frame, from: side)))
        }
        let noise = Noise(bytes: [0, UInt8(bytes), 0] + [1, 2, 3, 4].prefix(bytes), reason: .fileData, offset: 7)
        attachments.take(
            Event(
                time: Timestamp(nanoseconds: TranscriptScenario.start + end * 1_000_000_000), connection: 2,
                role: .fileTransfer,
                kind: .noise(noise, from: .server)))
        attachments.endOfConnection(2)
        attachments.endOfRecording()
        let text = Reading(events: scenario.events, sideEvents: attachments.sideEvents).written(ChatText())
        let said = text.split(separator: "\n").filter { line in
            ["a.txt", "thanks", "is ready"].contains { line.contains($0) }
        }
        #expect(said.count == 4)
        #expect(said.first?.contains("offers the file \"a.txt\" (4 bytes)") == true)
        // It stands behind the messages of the same time.
        #expect(said.dropFirst().first?.contains("Alice A is ready to begin") == true)
        let ended =
            bytes == 4
            ? "sent the file \"a.txt\" (4 bytes)" : "sent only 3 of 4 bytes of the file \"a.txt\" (it broke off there)"
        #expect(said.dropFirst(2).first?.contains("* Alice A \(ended)") == true)
        #expect(said.last?.contains("thanks") == true)
    }

    @Test func ofTwoViewsOfAFileTheMoreCompleteOneIsShown() {
        var scenario = Self.twoClients()
        // Alice's connection lacks the last of three chunks.
        Self.sendFile(&scenario, session: 10, bobs: 2) { packet, connection in connection == 2 || packet != 4 }
        scenario.close(1)
        scenario.close(2)
        #expect(files(scenario) == [9])
    }

    @Test func aFileSentAgainIsShownAgainThoughEachConnectionShowsItOnce() {
        var scenario = Self.twoClients()
        Self.sendFile(&scenario, session: 10, bobs: 2) { _, connection in connection == 1 }
        scenario.wait(60)
        Self.sendFile(&scenario, session: 20, bobs: 2) { _, connection in connection == 2 }
        scenario.close(1)
        scenario.close(2)
        #expect(files(scenario) == [9, 9])
    }

    @Test(arguments: [
        (2, "sent only 5 of 9 bytes of the file \"a.txt\" (not all of it is in the recording)"),
        (4, "sent only 8 of 9 bytes of the file \"a.txt\" (it broke off there)"),
    ])
    func onlyAFileWithoutItsEndBrokeOff(_ lost: Int, _ sentence: String) {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        Self.sendFile(&scenario, session: 10) { packet, _ in packet != lost }
        let reading = Reading(events: scenario.events, sideEvents: attachments(scenario).sideEvents)
        let text = reading.written(ChatText())
        #expect(text.contains("* Alice A \(sentence)"), "\(text)")
    }

    @Test(arguments: [7, 8] as [UInt8])
    func aDisplayPictureIsShownIfItHasTheDigestOfItsObject(_ digest: UInt8) throws {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.s(1, "MSG bob@example.com Bob", text: "look")
        let object = Self.object.replacing("Type=\"2\"", with: "Type=\"3\"")
        Self.transfer(
            &scenario, application: Self.pictureTransfer, context: Array("\(object)\0".utf8), data: Self.picture,
            session: 500)
        let found = attachments(scenario, digest: digest)
        let reading = Reading(events: scenario.events, sideEvents: found.sideEvents)
        let pictures = reading.entries().joined().compactMap {
            if case .file(let file) = $0.what { file.picture } else { nil }
        }
        #expect(pictures == (digest == 7 ? ["BwcHBwcHBwcHBwcHBwcHBwcHBwc="] : []))
    }

    @Test func picturesAreKeptUpToALimit() throws {
        let size = 1_000
        // The last 20 bytes of each picture stand for its digest.
        var attachments = Attachments(keepsPictures: true, mostBytes: 10_000) { $0.suffix(20) }
        var digests: [String] = []
        for number in 0..<20 {
            var picture = Self.picture + [UInt8](repeating: 0, count: size - Self.picture.count)
            picture[size - 1] = UInt8(number)
            let digest = Data(picture.suffix(20)).base64EncodedString()
            digests.append(digest)
            let object = "<msnobj Creator=\"bob@example.com\" Size=\"\(size)\" Type=\"2\" SHA1D=\"\(digest)\"/>\0"
            let packets = Self.packets(
                application: Self.pictureTransfer, context: Array(object.utf8), session: number * 10 + 10,
                answer: "200 OK", data: picture)
            for (payload, byAlice) in packets {
                let line = "MSG \(byAlice ? "20 D" : "bob@example.com Bob") \(payload.count)\r\n"
                let frame = try #require(Frame(Array(line.utf8) + payload))
                attachments.take(
                    Event(
                        time: Timestamp(nanoseconds: TranscriptScenario.start), connection: 1, role: .switchboard,
                        kind: .frame(frame, from: byAlice ? .client : .server)))
            }
        }
        let kept = digests.count { attachments.picture($0) != nil }
        // A picture also costs some bytes besides its data.
        #expect(kept == 8, "\(kept)")
    }

    @Test func partsOfMessagesAreKeptUpToALimit() {
        var attachments = Attachments(keepsPictures: false) { $0 }
        let time = Timestamp(nanoseconds: TranscriptScenario.start)
        for _ in 0..<10 {
            let message = Message(
                from: "bob@example.com", to: [], bytes: [UInt8](repeating: 0x61, count: 1 << 20), conversation: "11",
                side: .server, parts: 1, fragment: Message.Fragment(expected: 2, began: time))
            attachments.take(Event(time: time, connection: 1, role: .switchboard, kind: .message(message)))
        }
        #expect(attachments.sideEvents[1]?.count == 8)
    }
}
