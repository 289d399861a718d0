// What the page saves is what the commands write, byte for byte; its rows are those of `decode`.

import Analysis
import Archive
import ArchiveOutput
import Captures
import Events
import Foundation
import MSNP
import Output
import Redaction
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct ExportEqualityTests {
    private static let key: (UInt64, UInt64) = (0x0123_4567_89AB_CDEF, 42)

    /// The bytes that a function writes to a file.
    private func written(_ scratch: Scratch, _ write: (Int32) throws -> Void) throws -> [UInt8] {
        let path = scratch.path("copy")
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try write(file.fileDescriptor)
        try file.close()
        return Array(try Data(contentsOf: URL(filePath: path)))
    }

    private func saved(_ client: PageClient, _ body: String) async throws -> [UInt8] {
        let posted = try await client.with(["Content-Type": "application/json"])
            .send("POST", "/api/v1/downloads", body: body)
        let address = try #require(try json(posted.body)["url"] as? String, "\(posted.text)")
        let reply = try await client.get(address)
        #expect(reply.status == 200)
        return reply.body
    }

    /// `export --redacted` and `export` with equal keys, of everything, a sign-in and a connection.
    @Test(arguments: ["demo.pcap", "transfers.pcap", "client-pidgin.pcap", "log-miranda.log"], [true, false])
    func exports(_ capture: String, _ isRedacted: Bool) async throws {
        let scratch = try Scratch()
        try await TestPage.run([capture], options: { $0.redactionKey = { Self.key } }) { page, client in
            let archive = try Archive.open(page.path)
            for format in [ArchiveExport.Format.jsonl, .pcapng] {
                for id in [nil, ArchiveID.recording(1), .connection(1)] {
                    var export = ArchiveExport(
                        ArchiveSelection(id.map { [$0] } ?? []), format, program: "butterflynet 0")
                    var wanted: [UInt8]
                    do {
                        wanted = try written(scratch) { descriptor in
                            if isRedacted {
                                let copy = try export.redacted(archive, key: Self.key)
                                try export.write(copy, of: archive, to: descriptor)
                            } else {
                                try export.write(archive, to: descriptor)
                            }
                        }
                    } catch is SharedCopy.Refused {
                        continue
                    }
                    let of = id.map { ",\"of\":\"\($0)\"" } ?? ""
                    let order = "{\"format\":\"\(format.rawValue)\",\"redacted\":\(isRedacted)\(of)}"
                    #expect(try await saved(client, order) == wanted && !wanted.isEmpty, "\(order)")
                    export.leftOut = [1]
                    wanted = try written(scratch) { descriptor in
                        if isRedacted {
                            let copy = try export.redacted(archive, key: Self.key)
                            try export.write(copy, of: archive, to: descriptor)
                        } else {
                            try export.write(archive, to: descriptor)
                        }
                    }
                    let less = String(order.dropLast()) + ",\"leave_out\":[\"c1\"]}"
                    #expect(try await saved(client, less) == wanted, "\(less)")
                }
            }
        }
    }

    /// With another key the copies differ: the comparison above sees something.
    @Test func anotherKeyGivesAnotherCopy() async throws {
        try await TestPage.run { _, client in
            let order = "{\"format\":\"jsonl\",\"redacted\":true}"
            let (one, other) = (try await saved(client, order), try await saved(client, order))
            #expect(one != other && one.count > 1_000)
        }
    }

    /// `transcript` in each format that the page offers.
    @Test(arguments: ["text", "html", "xml"]) func transcripts(_ name: String) async throws {
        let scratch = try Scratch()
        try await TestPage.run(["demo.pcap", "two-views.pcap"]) { page, client in
            let archive = try Archive.open(page.path)
            let format = try #require(TranscriptExport.Format(rawValue: name))
            for id in [nil, ArchiveID.signIn(1), .recording(1)] {
                let wanted = try written(scratch) { descriptor in
                    try TranscriptExport(archive, ArchiveSelection(id.map { [$0] } ?? []), format)
                        .write(zone: .utc, typing: false, to: descriptor)
                }
                let of = id.map { ",\"of\":\"\($0)\"" } ?? ""
                #expect(try await saved(client, "{\"format\":\"\(name)\"\(of)}") == wanted && !wanted.isEmpty)
            }
        }
    }

    // MARK: Rows

    private static let captures = Repository.captureFiles.map { URL(filePath: $0).lastPathComponent }

    /// The events of `decode --format jsonl`.
    private static func decoded(_ capture: String) -> [[String: Any]] {
        var format = JSONFormat(Presentation())
        var found: [[String: Any]] = []
        _ = Captures.decode([Repository.capture(capture)], detail: .all) { event in
            var line: [UInt8] = []
            format.append(event, to: &line)
            if let object = try? json(line) { found.append(object) }
            return true
        }
        return found
    }

    /// All kinds of events that captures can have are compared, here and with `detail=full`; `rewritten` and
    /// `listening` are those of a relay, which Tests/Page/test_equal.py compares.
    @Test func capturesHaveAllKindsOfEvents() {
        var kinds: Set<String> = []
        for capture in Self.captures { kinds.formUnion(Self.decoded(capture).compactMap { $0["event"] as? String }) }
        #expect(kinds == ["opened", "closed", "frame", "noise", "gap", "finding", "message"], "\(kinds)")
    }

    /// A row has what the event has, in the same order; findings and messages that follow from what came before are
    /// notes of their row.
    @Test(arguments: captures) func rowsHaveTheValuesOfDecode(_ capture: String) async throws {
        let expected = Self.decoded(capture)
        try await TestPage.run([capture]) { _, client in
            var rows: [[String: Any]] = []
            var page = try await client.object("/api/v1/events?at=1970-01-01&limit=500")
            rows += try items(page)
            while let next = page["next"] as? String {
                page = try await client.object("/api/v1/events?after=\(next)&limit=500")
                rows += try items(page)
            }
            let keys = ["event", "time", "ns", "conn", "dir", "verb", "payload_bytes", "reason", "name"]
            func recorded(_ all: [[String: Any]]) -> [Int: [NSDictionary]] {
                var result: [Int: [NSDictionary]] = [:]
                for one in all {
                    guard let kind = one["event"] as? String, let connection = one["conn"] as? Int else { continue }
                    guard ["opened", "closed", "frame", "gap", "noise"].contains(kind) else { continue }
                    var kept: [String: Any] = [:]
                    for key in keys where kind != "closed" || key != "reason" { kept[key] = one[key] }
                    if kind != "frame" { kept["verb"] = nil; kept["payload_bytes"] = nil }
                    result[connection, default: []].append(kept as NSDictionary)
                }
                return result
            }
            #expect(recorded(rows) == recorded(expected))
            let shown = rows.filter { $0["event"] as? String == "frame" && $0["text"] != nil }
            for row in shown { #expect((row["line"] as? String)?.isEmpty == false) }
        }
    }
}
