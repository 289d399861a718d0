// Transferred files and pictures as rows.

import Analysis
import Captures
import Crypto
import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct MediaRowTests {
    private static func lines(_ reader: ArchiveReader) throws -> [String] {
        try reader.media(.everything, limit: 500).map { row in
            "\(row.connection) \(row.kind) \(row.name ?? "-") \(row.sender) \(row.recipient) \(row.size ?? -1) "
                + "\(row.isComplete) \(row.isPicture) \(row.method) \(row.time.nanoseconds) \(row.address?.number ?? 0)"
        }.sorted()
    }

    @Test func everyWayGivesTheSameRows() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([Repository.capture("transfers.pcap")])
        let reader = try ArchiveReader(archive.path)
        let rows = try Self.lines(reader)
        #expect(rows.contains { $0.contains(" picture ") && $0.contains(" true true p2p ") }, "\(rows)")
        #expect(rows.contains { $0.contains(" song.mp3 ") && $0.contains(" true false p2p_direct ") }, "\(rows)")
        _ = try archive.reindex()
        #expect(try Self.lines(reader) == rows)
        // While it is recorded.
        var events: [Event] = []
        _ = Captures.decode([Repository.capture("transfers.pcap")], detail: EventDetail(Archive.storedAnalysis)) {
            events.append($0)
            return true
        }
        let path = scratch.path("b.sqlite")
        let recorder = try Recorder(path: path, toolVersion: "test") { Issue.record("\($0)") }
        _ = recorder.receive(events)
        recorder.close()
        let recorded = try Self.lines(ArchiveReader(path))
        #expect(recorded == rows)
    }

    @Test func picturesAreFoundByTheirDigests() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([Repository.capture("transfers.pcap")])
        let reader = try ArchiveReader(archive.path)
        let pictures = try reader.media(.everything, limit: 100).filter(\.isPicture)
        #expect(!pictures.isEmpty)
        for row in pictures {
            let digest = try #require(row.sha256)
            let picture = try #require(try reader.picture(sha256: digest))
            #expect(Array(SHA256.hash(data: picture.bytes)) == digest && picture.type.hasPrefix("image/"))
            if let announced = row.sha1d { #expect(try reader.pictures(sha1d: [announced])[announced] != nil) }
            let address = try #require(row.address)
            let event = try #require(try reader.event(address))
            #expect(event.item.address.connection == row.connection)
        }
        #expect(try reader.picture(sha256: [1, 2, 3]) == nil)
        let kinds = try reader.media(.everything, kind: "file", limit: 100)
        #expect(kinds.allSatisfy { $0.kind == "file" } && !kinds.isEmpty)
        let first = try reader.media(.everything, limit: 1)
        #expect(
            try reader.media(.everything, after: first[0].id, limit: 100).contains { $0.id == first[0].id } == false)
        // With the recording, their bytes go too.
        _ = try archive.delete(.items([.recording(1)]))
        try archive.queue.read { (db: Database) throws in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM picture") == 0)
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM media") == 0)
        }
    }
}
