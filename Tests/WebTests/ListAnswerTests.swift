// Lists beside the events: sign-ins, talks, files, findings, searches, contacts, ladders.

import Archive
import Crypto
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(3))) struct ListAnswerTests {
    @Test func theProgram() async throws {
        try await TestPage.run(["demo.pcap", "transfers.pcap"]) { _, client in
            let object = try await client.object("/api/v1/")
            #expect(object["program"] as? String == "butterflynet" && object["api"] as? Int == 1)
            let archive = try #require(object["archive"] as? [String: Any])
            #expect(archive["name"] as? String == "archive.sqlite" && archive["bytes"] as? Int ?? 0 > 0)
            let totals = try #require(object["totals"] as? [String: Int])
            #expect(totals["sign_ins"] == 2 && totals["connections"] == 11 && totals["messages"] == 10)
            #expect(object["mode"] as? String == "archive" && object["shows_secrets"] as? Bool == false)
        }
    }

    @Test(arguments: [1, 2, 500])
    func signInsInPages(_ limit: Int) async throws {
        try await TestPage.run(["demo.pcap", "transfers.pcap"]) { _, client in
            let whole = try items(try await client.object("/api/v1/sign-ins")).compactMap { $0["id"] as? String }
            #expect(whole == ["s2", "s1", "r1"])
            var page = try await client.object("/api/v1/sign-ins?limit=\(limit)")
            var found = try items(page).compactMap { $0["id"] as? String }
            while let next = page["next"] as? String {
                page = try await client.object("/api/v1/sign-ins?limit=\(limit)&after=\(next)")
                found += try items(page).compactMap { $0["id"] as? String }
            }
            #expect(found == whole)
            var back = try items(page).compactMap { $0["id"] as? String }
            while let previous = page["previous"] as? String {
                page = try await client.object("/api/v1/sign-ins?limit=\(limit)&before=\(previous)")
                back = try items(page).compactMap { $0["id"] as? String } + back
            }
            #expect(back == whole)
        }
    }

    @Test func oneSignInWithItsRedirects() async throws {
        try await TestPage.run { _, client in
            let signIn = try await client.object("/api/v1/sign-ins/s1")
            let connections = try #require(signIn["connections"] as? [[String: Any]])
            #expect(connections.count == signIn["connection_count"] as? Int)
            let notification = try #require(connections.first { $0["role"] as? String == "NS" })
            let from = try #require(notification["from"] as? String)
            let redirect = try await client.object("/api/v1/events/\(from)")
            #expect(
                redirect["verb"] as? String == "XFR" && redirect["leads_to"] as? String == notification["id"] as? String
            )
            let id = try #require(notification["id"] as? String)
            let one = try await client.object("/api/v1/connections/\(id)")
            #expect(one["sign_in"] as? String == "s1" && one["recording"] as? String == "r1")
            let events = try items(try await client.object("/api/v1/events?of=\(id)&limit=500"))
            #expect(one["events"] as? Int == Set(events.compactMap { $0["at"] as? String }).count)
            // Where no connection is without a sign-in, a recording is all of its connections.
            #expect(try await client.object("/api/v1/sign-ins/r1")["connection_count"] as? Int == 8)
        }
    }

    @Test func talks() async throws {
        try await TestPage.run { _, client in
            let talk = try #require(try items(try await client.object("/api/v1/talks")).first)
            #expect(talk["participants"] as? [String] == ["alice@example.com", "bob@example.com"])
            #expect(
                talk["messages"] as? Int == 5 && talk["start"] as? String == "Hi Bob! Guess which protocol this is.")
            let ids = try #require(talk["ids"] as? [String])
            for id in ids {
                #expect(try await client.object("/api/v1/talks/\(id)")["id"] as? String == talk["id"] as? String)
            }
            #expect(try items(try await client.object("/api/v1/talks?where=from+%3D%3D+bob@example.com")).count == 1)
            #expect(try items(try await client.object("/api/v1/talks?where=from+%3D%3D+nobody")).isEmpty)
        }
    }

    @Test(arguments: [1, 3, 500])
    func entriesOfATalk(_ limit: Int) async throws {
        try await TestPage.run { _, client in
            let talk = try #require(try items(try await client.object("/api/v1/talks")).first?["id"] as? String)
            let entries = "/api/v1/talks/\(talk)/entries"
            let whole = try items(try await client.object("\(entries)?limit=500"))
            #expect(
                whole.contains { $0["text"] as? String == "Gladly – à bientôt!" && $0["kind"] as? String == "text" })
            var page = try await client.object("\(entries)?limit=\(limit)")
            var found = try items(page)
            while let previous = page["previous"] as? String {
                page = try await client.object("\(entries)?limit=\(limit)&before=\(previous)")
                found = try items(page) + found
            }
            func addresses(_ rows: [[String: Any]]) -> [String] { rows.map { "\($0["at"] ?? "") \($0["kind"] ?? "")" } }
            #expect(addresses(found) == addresses(whole))
            let address = try #require(whole.last { $0["kind"] as? String == "text" }?["at"] as? String)
            let around = try items(try await client.object("\(entries)?limit=\(limit)&at=\(address)"))
            #expect(around.contains { $0["at"] as? String == address })
            #expect(try await client.get("/api/v1/talks/v99/entries").status == 404)
        }
    }

    @Test func emoticonsInTexts() {
        let known: [String: String?] = ["(b)": "digest", "(bf)": nil]
        #expect(
            EmoticonPiece.split("a (bf)(b) b", known) == [
                .words("a "), .emoticon(shortcut: "(bf)", media: nil), .emoticon(shortcut: "(b)", media: "digest"),
                .words(" b"),
            ])
        #expect(EmoticonPiece.split("", known).isEmpty && EmoticonPiece.split("x", [:]) == [.words("x")])
    }

    @Test func picturesAndFiles() async throws {
        try await TestPage.run(["transfers.pcap"]) { _, client in
            let media = try items(try await client.object("/api/v1/media"))
            let digest = try #require(media.compactMap { $0["media"] as? String }.first)
            let picture = try await client.get("/api/v1/media/\(digest)")
            #expect(picture.value("Content-Type") == "image/png")
            #expect(picture.value("Content-Disposition") == "inline; filename=\"\(digest).png\"")
            #expect(Hexadecimal.text(SHA256.hash(data: picture.body)) == digest)
            let zeros = String(repeating: "0", count: 64)
            #expect(try await client.get("/api/v1/media/\(zeros)").status == 404)
            let file = try #require(media.first { $0["name"] as? String == "notes.txt" })
            let sha256 = try #require(file["sha256"] as? String)
            #expect(try await client.get("/api/v1/media/\(sha256)").status == 404)
            let of = "c\(try #require(file["conn"] as? Int))"
            let saved = try await download(client, "{\"of\":\"\(of)\",\"format\":\"file\",\"sha256\":\"\(sha256)\"}")
            #expect(Hexadecimal.text(SHA256.hash(data: saved.body)) == sha256)
            #expect(saved.value("Content-Type") == "application/octet-stream")
            let first = try await client.object("/api/v1/media?limit=1")
            let next = try #require(first["next"] as? String)
            #expect(try items(try await client.object("/api/v1/media?after=\(next)")).count == media.count - 1)
        }
    }

    private func download(_ client: PageClient, _ body: String) async throws -> Reply {
        let posting = client.with(["Content-Type": "application/json"])
        let posted = try await posting.send("POST", "/api/v1/downloads", body: body)
        let address = try #require(try json(posted.body)["url"] as? String, "\(posted.text)")
        let reply = try await client.get(address)
        #expect(reply.status == 200, "\(reply.text)")
        // It was good once.
        #expect(try await client.get(address).status == 410)
        return reply
    }

    @Test func downloads() async throws {
        try await TestPage.run { page, client in
            let reader = try await page.signedIn()
            for (format, begin) in [
                ("pcapng", "\n\r\r\n"), ("jsonl", "{\"event\""), ("text", "==="), ("html", "<!DOCTYPE"),
                ("xml", "<?xml"),
            ] {
                let reply = try await download(reader, "{\"of\":\"s1\",\"format\":\"\(format)\"}")
                #expect(String(decoding: reply.body.prefix(20), as: UTF8.self).hasPrefix(begin), "\(format)")
                let name = reply.value("Content-Disposition") ?? ""
                #expect(name.hasPrefix("attachment; filename=\"butterflynet-s1."), "\(name)")
            }
            let copy = try await download(reader, "{\"of\":\"s1\",\"format\":\"jsonl\",\"redacted\":true}")
            #expect(!copy.text.contains("alice") && copy.text.contains("\"verb\":\"USR\""))
            let less = try await download(reader, "{\"of\":\"s1\",\"format\":\"jsonl\",\"leave_out\":[\"c2\"]}")
            #expect(!less.text.contains("\"conn\":2,") && less.text.contains("\"conn\":1,"))
            // A ticket of one session is none of another.
            let posted = try await reader.send("POST", "/api/v1/downloads", body: "{\"format\":\"text\"}")
            let address = try #require(try json(posted.body)["url"] as? String)
            #expect(try await client.get(address).status == 410)
            #expect(try await client.with(["Authorization": nil]).get(address).status == 401)
            let cookieOnly = reader.with(["X-Butterflynet-Key": nil])
            #expect(try await cookieOnly.get(address).status == 200)
            for body in [
                "{}", "{\"format\":\"exe\"}", "{\"format\":\"text\",\"redacted\":true}",
                "{\"format\":\"text\",\"of\":\"x\"}",
            ] {
                #expect(try await reader.send("POST", "/api/v1/downloads", body: body).status == 400)
            }
        }
    }

    @Test func previewOfACopy() async throws {
        try await TestPage.run { _, client in
            let preview = try await client.object("/api/v1/export/preview?of=s1&format=pcapng&redacted=1")
            let counts = try #require(preview["counts"] as? [String: Int])
            #expect(counts["accounts"] ?? 0 > 0 && counts["secrets"] ?? 0 > 0)
            #expect((preview["refused"] as? [Any])?.isEmpty == true)
            let rows = try #require(preview["rows"] as? [[String: String]])
            #expect(rows.contains { $0["before"]?.contains("alice@example.com") == true })
            #expect(
                rows.allSatisfy { $0["after"]?.contains("alice") == false && $0["before"]?.first == $0["after"]?.first }
            )
            let plain = try await client.object("/api/v1/export/preview?of=s1")
            #expect((plain["rows"] as? [[String: String]])?.first?["after"] == nil)
        }
    }

    @Test func searching() async throws {
        try await TestPage.run { _, client in
            let found = try await client.object("/api/v1/messages?q=butterfly")
            let hit = try #require(try items(found).first)
            let address = try #require(hit["at"] as? String)
            let event = try await client.object("/api/v1/events/\(address)")
            #expect((event["message"] as? [String: Any])?["text"] as? String == hit["text"] as? String)
            #expect(
                event["talk"] != nil && (hit["before"] as? [Any])?.count == 1 && found["signs_only"] as? Bool == false)
            #expect(try await client.object("/api/v1/messages?q=%E2%98%95")["signs_only"] as? Bool != nil)
            var seen: [String] = []
            var page = try await client.object("/api/v1/messages?q=a*&limit=1")
            while true {
                seen += try items(page).compactMap { $0["at"] as? String }
                guard let next = page["next"] as? String else { break }
                page = try await client.object("/api/v1/messages?q=a*&limit=1&before=\(next)")
            }
            let all = try items(try await client.object("/api/v1/messages?q=a*")).compactMap { $0["at"] as? String }
            #expect(seen == all && !all.isEmpty)
            #expect(try await client.get("/api/v1/messages?q=").status == 400)
        }
    }

    @Test func findingsByName() async throws {
        try await TestPage.run(["client-loose-forms.pcap", "tcp-hole.pcap"]) { _, client in
            let counts = try items(try await client.object("/api/v1/findings/counts"))
            let all = try items(try await client.object("/api/v1/findings?limit=500"))
            #expect(counts.reduce(0) { $0 + ($1["count"] as? Int ?? 0) } == all.count)
            for count in counts {
                let name = try #require(count["name"] as? String)
                let rows = try items(try await client.object("/api/v1/findings?name=\(name)&limit=500"))
                #expect(rows.count == count["count"] as? Int && rows.allSatisfy { $0["name"] as? String == name })
            }
            if all.count > 1 {
                let first = try await client.object("/api/v1/findings?limit=1")
                let next = try #require(first["next"] as? String)
                let rest = try items(try await client.object("/api/v1/findings?limit=500&after=\(next)"))
                #expect(rest.count == all.count - 1)
            }
        }
    }

    @Test func overTime() async throws {
        try await TestPage.run { _, client in
            for query in ["", "&of=s1", "&where=verb+%3D%3D+MSG"] {
                let overview = try await client.object("/api/v1/overview?buckets=10\(query)")
                let buckets = try #require(overview["buckets"] as? [[String: Any]])
                #expect(buckets.count == 10 && overview["done"] as? Bool == true)
                #expect(buckets.contains { $0["events"] as? Int ?? 0 > 0 })
            }
            #expect(try await client.get("/api/v1/overview?buckets=401").status == 400)
        }
    }

    @Test func textAsShowPrintsIt() async throws {
        try await TestPage.run { _, client in
            let text = try await client.get("/api/v1/text?of=c2")
            #expect(text.value("Content-Type") == "text/plain; charset=utf-8" && text.value("X-Next") == nil)
            #expect(text.text.contains(" S: XFR ") || text.text.contains(" C: USR "))
            let part = try await client.get("/api/v1/text?at=c2.5&of=c2")
            #expect(
                part.body.count < text.body.count && text.text.hasSuffix(part.text.split(separator: "\n").last ?? "?"))
        }
    }

    @Test func contactsAtAMoment() async throws {
        try await TestPage.run { _, client in
            let signIn = try await client.object("/api/v1/sign-ins/s1")
            let connections = try #require(signIn["connections"] as? [[String: Any]])
            let id = try #require(connections.first { $0["role"] as? String == "NS" }?["id"] as? String)
            let early = try await client.object("/api/v1/contacts?at=\(id).2&of=s1")
            #expect((early["items"] as? [Any])?.isEmpty == true)
            let time = try #require(signIn["time_last"] as? String)
            let late = try await client.object("/api/v1/contacts?at=\(time)&of=s1")
            #expect(late["account"] as? String == "alice@example.com")
            #expect(try await client.get("/api/v1/contacts").status == 400)
            #expect(try await client.get("/api/v1/contacts?at=c99.1").status == 404)
        }
    }

    @Test(arguments: [1, 7, 500])
    func aLadderInPages(_ limit: Int) async throws {
        try await TestPage.run { _, client in
            var page = try await client.object("/api/v1/ladder?of=s1&limit=\(limit)")
            let parties = try #require(page["parties"] as? [[String: Any]]).compactMap { $0["id"] as? String }
            var rows = try #require(page["rows"] as? [[String: Any]])
            while let previous = page["previous"] as? String {
                page = try await client.object("/api/v1/ladder?of=s1&limit=\(limit)&before=\(previous)")
                rows = try #require(page["rows"] as? [[String: Any]]) + rows
                #expect((page["parties"] as? [[String: Any]])?.count == parties.count)
            }
            let whole = try #require(
                try await client.object("/api/v1/ladder?of=s1&limit=500")["rows"] as? [[String: Any]])
            #expect(rows as NSArray == whole as NSArray)
            #expect(rows.contains { $0["leads_to"] != nil } && rows.contains { $0["leads_from"] != nil })
            for row in rows { #expect(row["from"] is NSNull || parties.contains(row["from"] as? String ?? "")) }
            for format in ["svg", "mermaid", "text"] {
                let text = try await client.get("/api/v1/ladder/text?of=s1&format=\(format)")
                #expect(text.status == 200 && text.value("Content-Disposition")?.hasPrefix("attachment") == true)
            }
            #expect(try await client.get("/api/v1/ladder?of=s99").status == 404)
            #expect(try await client.get("/api/v1/ladder").status == 400)
        }
    }

    /// A commit of another program is noticed by who follows.
    @Test func commitsAreNoticed() async throws {
        try await TestPage.run { page, client in
            let stream = try await RawConnection(port: Int(page.server.address.port))
            try await stream.send(
                "GET /api/v1/state?watch=s1,c2 HTTP/1.1\r\nHost: \(page.server.address)\r\nAuthorization: Bearer \(page.token)\r\n\r\n"
            )
            #expect(await stream.wait(for: "\"connections\":8"))
            try TestArchive.add(["transfers.pcap"], to: page.path)
            #expect(await stream.wait(for: "\"connections\":11"))
        }
    }
}
