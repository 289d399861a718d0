// Parts of lists: from a moment on, as far as the time or the room of an answer allows, and with what comes later.

import Archive
import Foundation
import Ladders
import MSNP
import Output
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(2))) struct PartAnswerTests {
    private static func data(_ path: String) throws -> DataService {
        DataService(
            WebOptions(try ArchiveReader(path), mode: .archive, listen: HostPort("127.0.0.1", 0), version: "0"))
    }

    private static func parameters(_ query: String) throws -> Parameters {
        try Parameters(
            query, known: ["of", "at", "after", "before", "limit", "where", "q", "beside", "names", "fold", "typing"])
    }

    /// An archive with one connection.
    private static func archive(_ connection: TCPConversation) throws -> TestArchive {
        let archive = try TestArchive([])
        let file = try archive.scratch.write(CaptureFile.pcap(connection.packets), to: "made.pcap")
        try TestArchive.add(files: [file], to: archive.path)
        return archive
    }

    private static func texts(_ entries: [[String: Any]]) -> [String] { entries.compactMap { $0["text"] as? String } }

    // MARK: A moment

    @Test func listsAtAMoment() async throws {
        try await TestPage.run { _, client in
            let all = try items(try await client.object("/api/v1/sign-ins"))
            let times = all.compactMap { $0["time_first"] as? String }
            try #require(times.count == 2 && times[0] > times[1])
            // What began by then, the newest first.
            for (time, count) in [(times[0], 2), (times[1], 1), ("1970-01-01T00:00:00Z", 0)] {
                #expect(try items(try await client.object("/api/v1/sign-ins?at=\(time)")).count == count)
            }
            let talk = try #require(try items(try await client.object("/api/v1/talks")).first)
            let (first, id) = (try #require(talk["time_first"] as? String), try #require(talk["id"] as? String))
            #expect(try items(try await client.object("/api/v1/talks?at=\(first)")).count == 1)
            #expect(try items(try await client.object("/api/v1/talks?at=2000-01-01T00:00:00Z")).isEmpty)
            for path in ["sign-ins", "talks", "events", "ladder", "talks/\(id)/entries", "messages"] {
                let query = path == "ladder" ? "of=s1&" : path == "messages" ? "q=the&" : ""
                #expect(try await client.get("/api/v1/\(path)?\(query)at=nothing").status == 400)
            }
            // The row of the moment stands in the page around it.
            let rows = try items(try await client.object("/api/v1/events?limit=500"))
            let row = try #require(rows.dropFirst(60).first)
            let (at, time) = (try #require(row["at"] as? String), try #require(row["time"] as? String))
            for place in [at, time] {
                let part = try items(try await client.object("/api/v1/events?limit=10&at=\(place)"))
                #expect(part.count >= 10 && part.count < 20 && part.contains { $0["at"] as? String == at })
            }
            let entries = "/api/v1/talks/\(id)/entries"
            let entry = try #require(
                try items(try await client.object(entries)).last { $0["kind"] as? String == "text" })
            let moment = try #require(entry["time"] as? String)
            let part = try items(try await client.object("\(entries)?limit=2&at=\(moment)"))
            #expect(part.contains { $0["at"] as? String == entry["at"] as? String })
            // Behind the last event of a connection, it is the end.
            let conn = try #require(entry["conn"] as? Int)
            #expect(try items(try await client.object("\(entries)?at=c\(conn).9999")).count > 1)
            #expect(try await client.get("\(entries)?at=c99.1").status == 404)
        }
    }

    /// Hits of a search from a moment back.
    @Test func aSearchAtAMoment() async throws {
        try await TestPage.run { _, client in
            let all = try items(try await client.object("/api/v1/messages?q=is"))
            try #require(all.count == 2)
            let middle = try #require(all[1]["time"] as? String)
            let part = try items(try await client.object("/api/v1/messages?q=is&at=\(middle)"))
            #expect(part.compactMap { $0["at"] as? String } == all.dropFirst().compactMap { $0["at"] as? String })
            #expect(try await client.get("/api/v1/messages?q=is&at=\(middle)&before=x").status == 400)
        }
    }

    /// Findings and transfers from a moment on.
    @Test func rowsFromAMoment() async throws {
        try await TestPage.run(["client-pidgin.pcap", "transfers.pcap"]) { _, client in
            for path in ["findings", "media"] {
                let all = try items(try await client.object("/api/v1/\(path)"))
                let times = all.compactMap { $0["time"] as? String }
                let place = try #require(
                    times.indices.last { $0 > 0 && times[..<$0].allSatisfy { $0 < times.last ?? "" } })
                let part = try items(try await client.object("/api/v1/\(path)?at=\(times[place])"))
                #expect(part as NSArray == Array(all[place...]) as NSArray && !part.isEmpty)
                #expect(
                    try items(try await client.object("/api/v1/\(path)?at=1970-01-01T00:00:00Z")).count == all.count)
                #expect(try items(try await client.object("/api/v1/\(path)?at=2100-01-01T00:00:00Z")).isEmpty)
            }
        }
    }

    // MARK: Two sign-ins

    @Test func aLadderOfTwoSignIns() async throws {
        try await TestPage.run { _, client in
            func ladder(_ query: String) async throws -> (labels: [String], rows: [[String: Any]]) {
                let object = try await client.object("/api/v1/ladder?limit=500&\(query)")
                return (
                    try #require(object["parties"] as? [[String: Any]]).compactMap { $0["label"] as? String },
                    try #require(object["rows"] as? [[String: Any]])
                )
            }
            let (one, other, both) = (
                try await ladder("of=s1"), try await ladder("of=s2"), try await ladder("of=s1&beside=s2")
            )
            #expect(both.labels.starts(with: ["alice@example.com", "bob@example.com"]))
            let commands = { (rows: [[String: Any]]) in
                Set(rows.filter { $0["kind"] as? String == "message" }.compactMap { $0["at"] as? String })
            }
            #expect(!commands(one.rows).isEmpty && !commands(other.rows).isEmpty)
            #expect(commands(both.rows) == commands(one.rows).union(commands(other.rows)))
            #expect(try await client.get("/api/v1/ladder?of=s1&beside=s99").status == 404)
            // By display name, in files too.
            #expect(try await ladder("of=s1&beside=s2&names=name").labels.starts(with: ["alice", "bob"]))
            #expect(try await ladder("of=s1&names=account").labels == one.labels)
            let text = try await client.get("/api/v1/ladder/text?of=s1&names=name").text
            #expect(text.split(separator: "\n").first?.contains("alice@example.com") == false)
            #expect(try await client.get("/api/v1/ladder?of=s1&names=other").status == 400)
            // Without some roles, in files too; their columns stay.
            let rest = try await ladder("of=s1&without=NS,SB")
            #expect(rest.labels == one.labels && !rest.rows.isEmpty && rest.rows.count < 12)
            let file = try await client.get("/api/v1/ladder/text?of=s1&without=NS,SB").text
            #expect(file.contains("VER 1 MSNP12") && !file.contains("VER 4 MSNP12") && !file.contains("CAL"))
            #expect(try await client.get("/api/v1/ladder?of=s1&without=XX").status == 400)
        }
    }

    /// A ladder of two that takes too long ends, and says how much is left out.
    @Test func aLadderOfTwoHasATimeLimit() async throws {
        let archive = try TestArchive(["demo.pcap"])
        let data = try Self.data(archive.path)
        let ids: [ArchiveID] = [.signIn(1), .signIn(2)]
        let cut = try data.ladder(ofAll: ids, LadderOptions(), longest: .zero, ReadControl())
        #expect(cut.rows.count <= 1 && cut.omittedRows > 20)
        // It is kept until something is recorded.
        #expect(try data.ladder(ofAll: ids, LadderOptions(), longest: .seconds(60), ReadControl()) == cut)
        try TestArchive.add(["transfers.pcap"], to: archive.path)
        let whole = try data.ladder(ofAll: ids, LadderOptions(), longest: .seconds(60), ReadControl())
        #expect(whole.rows.count > 50 && whole.omittedRows == 0)
        await data.stop()
    }

    // MARK: Previews of transcripts

    @Test(arguments: ["text", "html", "xml"]) func transcriptsArePreviewed(format: String) async throws {
        try await TestPage.run { _, client in
            let preview = try await client.object("/api/v1/export/preview?of=s1&format=\(format)")
            #expect(preview["format"] as? String == format && preview["redacted"] as? Bool == false)
            let rows = try #require(preview["rows"] as? [[String: Any]]).compactMap { $0["before"] as? String }
            #expect(rows.contains { $0.contains("Guess which protocol this is.") })
            // HTML is shown as the text that it has.
            #expect(rows.contains { $0.contains("</") } == (format == "xml"))
            #expect(preview["about_bytes"] as? Int ?? 0 > 100)
            #expect(try await client.get("/api/v1/export/preview?of=s1&format=\(format)&redacted=1").status == 400)
            #expect(try await client.get("/api/v1/export/preview?of=s99&format=\(format)").status == 404)
        }
    }

    // MARK: As far as the time allows

    /// A filter that finds nothing for long says so, and the cursor goes on until all was looked at.
    @Test func aScanGoesOn() async throws {
        let archive = try Self.archive(
            .switchboard { connection in
                for number in 0..<1_500 {
                    connection.s(TCPConversation.message("word \(number)", from: "ben@example.com Ben"))
                }
            })
        let data = try Self.data(archive.path)
        let filter = "limit=500&where=text+contains+99"
        func part(_ query: String, _ control: ReadControl) async throws -> [String: Any] {
            try json(try await data.events(try Self.parameters(query), control).bytes)
        }
        let whole = try await part(filter + "&at=1970-01-01T00:00:00Z", ReadControl())
        #expect(whole["done"] as? Bool == true && whole["next"] is NSNull)
        var page = try await part(filter + "&at=1970-01-01T00:00:00Z", ReadControl(milliseconds: 0))
        #expect(page["done"] as? Bool == false && page["scanned"] as? Int ?? 0 < page["total"] as? Int ?? 0)
        var found = try items(page)
        while let next = page["next"] as? String {
            page = try await part(filter + "&after=\(next)", ReadControl(milliseconds: 0))
            found += try items(page)
        }
        #expect(page["done"] as? Bool == true)
        #expect(found as NSArray == (try items(whole)) as NSArray && !found.isEmpty)
        await data.stop()
    }

    // MARK: As far as there is room

    /// Long texts fill an answer before its number of entries does; each is in exactly one part.
    @Test func talksOfLongTexts() async throws {
        let archive = try Self.archive(
            .switchboard { connection in
                for number in 0..<80 {
                    let message = TCPConversation.message(
                        "\(number) " + String(repeating: "x", count: 60_000), from: "ben@example.com Ben")
                    for part in stride(from: 0, to: message.utf8.count, by: 30_000) {
                        connection.s(String(message.dropFirst(part).prefix(30_000)))
                    }
                }
            })
        let data = try Self.data(archive.path)
        func part(_ query: String) async throws -> [String: Any] {
            let object = try await data.entries(of: 1, try Self.parameters("limit=500" + query), ReadControl())
            #expect(object.bytes.count < 4 << 20)
            return try json(object.bytes)
        }
        var page = try await part("&at=1970-01-01T00:00:00Z")
        var forward = Self.texts(try items(page))
        #expect(forward.count < 80)
        while let next = page["next"] as? String {
            page = try await part("&after=\(next)")
            forward += Self.texts(try items(page))
        }
        page = try await part("")
        var backward = Self.texts(try items(page))
        while let previous = page["previous"] as? String {
            page = try await part("&before=\(previous)")
            backward = Self.texts(try items(page)) + backward
        }
        #expect(forward == backward)
        #expect(forward.filter { $0.hasSuffix("x") }.map { $0.prefix { $0 != " " } } == (0..<80).map { "\($0)" })
        await data.stop()
    }

    // MARK: What comes later

    /// A file whose data go on behind the part of the talk that was read is as whole as the archive knows.
    @Test func aTransferGoesOnBehindThePart() async throws {
        let (anna, ben) = ("anna@example.com", "ben@example.com")
        let contents = Array("123456789".utf8)
        func packet(_ packet: [UInt8], to account: String) -> [UInt8] {
            Array("MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: \(account)\r\n\r\n".utf8)
                + packet + [0, 0, 0, 1]
        }
        func slp(_ start: String, _ from: String, _ to: String, _ body: String) -> [UInt8] {
            slpMessage(start, from: from, to: to, call: "{7}", body: body + "\0")
        }
        var offer: [UInt8] = little(574, 4) + little(2, 4) + little(9, 8) + little(1, 4)
        offer += "a.txt".utf16.flatMap { little(Int($0), 2) }
        offer += [UInt8](repeating: 0, count: 574 - offer.count)
        let invitation = slp(
            "INVITE MSNMSGR:\(ben) MSNSLP/1.0", anna, ben,
            "EUF-GUID: {5D3E02AB-6190-11D3-BBBB-00C04F795683}\r\nSessionID: 7\r\nAppID: 2\r\n"
                + "Context: \(Data(offer).base64EncodedString())\r\n\r\n")
        let archive = try Self.archive(
            .switchboard { connection in
                func send(_ data: [UInt8]) {
                    connection.transmit(true, Array("MSG 9 D \(data.count)\r\n".utf8) + data)
                }
                send(packet(peerPacket(message: 8, invitation), to: ben))
                let answer = packet(
                    peerPacket(message: 9, slp("MSNSLP/1.0 200 OK", ben, anna, "SessionID: 7\r\n\r\n")), to: anna)
                connection.transmit(false, Array("MSG \(ben) Ben \(answer.count)\r\n".utf8) + answer)
                for (offset, piece) in [(0, contents[..<4]), (4, contents[4...])] {
                    if offset > 0 {
                        for number in 0..<700 {
                            connection.s(TCPConversation.message("word \(number)", from: "\(ben) Ben"))
                        }
                    }
                    send(
                        packet(
                            peerPacket(session: 7, message: 10, offset: offset, total: 9, piece, flags: 0x30), to: ben))
                }
            })
        let data = try Self.data(archive.path)
        let whole = try items(
            try json(
                try await data.entries(of: 1, try Self.parameters("limit=500&at=1970-01-01T00:00:00Z"), ReadControl())
                    .bytes))
        let file = try #require(whole.first { $0["kind"] as? String == "file" }, "\(whole.prefix(6))")
        let at = try #require(file["at"] as? String)
        let part = try items(
            try json(try await data.entries(of: 1, try Self.parameters("limit=5&at=\(at)"), ReadControl()).bytes))
        let same = try #require(part.first { $0["at"] as? String == at })
        #expect(same["complete"] as? Bool == true, "\(same)")
        #expect(same as NSDictionary == file as NSDictionary)
        await data.stop()
    }
}
