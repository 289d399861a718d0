// What an archive holds after failures, beside other programs, and at the edges of a search.

import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct EdgeTests {
    private func rows(_ archive: Archive, _ what: String) throws -> Int {
        try archive.queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(what)") } ?? -1
    }

    private func frame(_ bytes: [UInt8], at time: Int64) throws -> Event {
        Event(
            time: Timestamp(nanoseconds: time), connection: 1, role: .switchboard,
            kind: .frame(try #require(Frame(bytes)), from: .client))
    }

    /// A large import is written in several transactions; a failure takes those back that were through.
    @Test func anImportThatFailsLateLeavesNothing() throws {
        let scratch = try Scratch()
        let path = try scratch.write([1, 2, 3], to: "a.pcap")
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.queue.write { db in
            try db.execute(
                sql: "CREATE TEMP TRIGGER fails BEFORE INSERT ON message BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        let payload = [UInt8](repeating: 0x41, count: 1 << 20)
        let large = Array("MSG 4 N \(payload.count)\r\n".utf8) + payload
        let said = Message(
            from: "a@example.com", to: ["b@example.com"], bytes: Array("hello".utf8), conversation: "1", side: .client)
        #expect(throws: ArchiveError.self) {
            try archive.importing([SourceFile(path: path)], toolVersion: "test", now: Clock.now()) { sink in
                func take(_ event: Event) { _ = sink.receive([event]) }
                take(
                    Event(
                        time: Timestamp(nanoseconds: 1), connection: 1,
                        kind: .opened(Endpoints(client: "10.0.0.1:1", server: "10.0.0.2:1863"))))
                for time in 0..<20 { if let event = try? frame(large, at: Int64(time)) { take(event) } }
                take(Event(time: Timestamp(nanoseconds: 30), connection: 1, kind: .message(said)))
                return []
            }
        }
        for table in ["recording", "connection", "block", "source_file"] { #expect(try rows(archive, table) == 0) }
    }

    /// Many connections that are open at once, none with enough bytes for a block.
    @Test func anImportWritesUnfinishedBlocksWhenTheyAreTooMany() throws {
        let scratch = try Scratch()
        let path = try scratch.write([1, 2, 3], to: "a.pcap")
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        let payload = [UInt8](repeating: 0x41, count: RecordWriter.blockSize - 1_024)
        let frames = [
            try frame(Array("MSG 4 N \(payload.count)\r\n".utf8) + payload, at: 2),
            try frame(Array("PNG\r\n".utf8), at: 3),
        ]
        let count = RecordWriter.mostHeld / payload.count + 2
        try archive.importing([SourceFile(path: path)], toolVersion: "test", now: Clock.now()) { sink in
            for frame in frames {
                for connection in 1...count {
                    var event = frame
                    event.connection = connection
                    _ = sink.receive([event])
                }
            }
            return []
        }
        // Without the limit, both commands of a connection would be in one block.
        #expect(try rows(archive, "connection") == count)
        #expect(try rows(archive, "block") > count)
    }

    @Test func reindexMakesEachFindingOnce() throws {
        let scratch = try Scratch()
        var capture = CaptureMaker()
        capture.connection(
            from: 2, port: 4_000,
            [
                (.client, "USR 1 alice@example.com 17.25\r\n", true), (.client, "ZZZ 2 what\r\n", true),
                (.server, "USR 1 OK alice@example.com Alice\r\n", true), (.server, "NOT MSNP\r\n", false),
                (.server, "JOI bob@example.com Bob\r\nBYE bob@example.com\r\n", true),
            ])
        let archive = try Archive.importing(capture.bytes, in: scratch)
        let before = try rows(archive, "finding")
        #expect(try rows(archive, "finding WHERE name = 'verb_unknown'") == 1)
        for _ in 0..<2 {
            _ = try archive.reindex()
            #expect(try rows(archive, "finding") == before)
        }
    }

    @Test func anImportThatIsUnderWayIsLeftAlone() throws {
        let scratch = try Scratch()
        let path = try scratch.write(sampleCapture(), to: "a.pcap")
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([path])
        try archive.queue.write { db in
            try db.execute(
                sql: "UPDATE recording SET is_complete = 0, process = ?", arguments: [ProcessMark.own])
        }
        #expect(throws: ArchiveError.self) { try archive.reindex() }
        try archive.importAll([path])
        #expect(try rows(archive, "recording") == 2)
        // The number of a process that has ended may be given to another one.
        let number = ProcessMark.own.prefix { $0 != " " }
        #expect(ProcessMark.isAlive(ProcessMark.own) && !ProcessMark.isAlive("\(number) 1"))
        try archive.queue.write { try $0.execute(sql: "UPDATE recording SET process = '\(number) 1'") }
        try archive.importAll([path])
        #expect(try rows(archive, "recording WHERE is_complete") == 2 && rows(archive, "recording") == 2)
    }

    @Test func theWordsOfARemovedImportAreFoundNoMore() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([try scratch.write(sampleCapture(["apples and pears"]), to: "a.pcap")])
        #expect(try archive.texts("apples").count == 1)
        // The state that a killed import leaves; the next import removes it, and its messages get the old numbers.
        try archive.queue.write { try $0.execute(sql: "UPDATE recording SET is_complete = 0, process = '1 1'") }
        try archive.importAll([try scratch.write(sampleCapture(["plums"]), to: "b.pcap")])
        #expect(try rows(archive, "recording") == 1)
        #expect(try archive.texts("plums") == ["plums"] && archive.texts("apples").isEmpty)
    }

    @Test func connectionsOfARecorderThatWasKilledAreCutOff() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        func ends(_ process: String) throws -> Set<ConnectionSummary.End> {
            try archive.queue.write { db in
                try db.execute(sql: "UPDATE recording SET ended_ns = NULL, process = ?", arguments: [process])
                try db.execute(sql: "UPDATE connection SET closed_ns = NULL")
            }
            return Set(try archive.list().flatMap(\.connections).map(\.end))
        }
        #expect(try ends(ProcessMark.own) == [.open])
        #expect(try ends("1 1") == [.cutOff])
    }

    @Test func aSignInLastsAsLongAsItsLongestConnection() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        try archive.queue.write { db in
            try db.execute(
                sql:
                    "UPDATE connection SET last_ns = (SELECT max(last_ns) FROM connection) + 5000000000 WHERE role = 'NS'"
            )
        }
        let all = try #require(try archive.list().first)
        let some = try #require(try archive.list("role != DS").first)
        #expect(some.last == all.last && some.last == all.connections[1].last)
    }

    @Test func whoLeavesTwiceHasLeftTheFirstTime() throws {
        let scratch = try Scratch()
        var capture = CaptureMaker()
        capture.connection(
            from: 2, port: 4_002,
            [
                (.client, "USR 1 alice@example.com 17.25\r\n", true),
                (.server, "USR 1 OK alice@example.com Alice\r\nJOI bob@example.com Bob\r\n", true),
                (.server, "BYE bob@example.com\r\n", true), (.client, message("where?"), true),
                (.server, "JOI bob@example.com Bob\r\nBYE bob@example.com\r\n", true),
            ])
        let archive = try Archive.importing(capture.bytes, in: scratch)
        let left = try archive.queue.read { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT left_ns FROM participant JOIN account ON account.id = participant.account
                    WHERE address = 'bob@example.com' ORDER BY left_ns
                    """)
        }
        let said = try archive.queue.read { try Int64.fetchOne($0, sql: "SELECT time_ns FROM message") } ?? 0
        #expect(!left.isEmpty && left[0] < said)
    }

    @Test func allListsOfAContactAreKept() throws {
        let scratch = try Scratch()
        var capture = CaptureMaker()
        capture.connection(
            from: 2, port: 4_001,
            [
                (.client, "VER 1 MSNP7 CVR0\r\n", true), (.server, "VER 1 MSNP7\r\n", true),
                (.server, "LST 3 FL 1 1 2 bob@example.com Bob 0\r\nLST 3 AL 1 1 2 bob@example.com Bob\r\n", true),
                (.server, "LST 3 RL 1 1 2 bob@example.com Bob\r\n", true),
            ])
        let archive = try Archive.importing(capture.bytes, in: scratch)
        let lists = try archive.queue.read { try String.fetchAll($0, sql: "SELECT lists FROM contact") }
        #expect(lists.count == 1 && lists[0].split(separator: " ").count == 3, "\(lists)")
    }

    @Test func whatIsSearchedForToTheLetter() throws {
        let scratch = try Scratch()
        let texts = ["one morning", "two mornings", "she said \"see you\" twice", "three morning :-)"]
        let archive = try Archive.importing(sampleCapture(texts), in: scratch)
        #expect(try archive.texts("mor").count == 3 && archive.texts("mo").isEmpty)
        for limit in 1...3 { #expect(try archive.texts("morning", limit: limit).count == limit) }
        #expect(try archive.texts("said \"see") == [texts[2]])
        #expect(try archive.texts("morning", ":-)") == [texts[3]])
    }

    @Test func packedBytesThatLieAreNotUnpacked() {
        let bytes = [UInt8](repeating: 0x41, count: 100_000)
        let packed = CompressedBytes(bytes[...])
        #expect(packed.blob.count < 10_000 && packed.bytes == bytes)
        #expect(CompressedBytes(blob: packed.blob, length: 1 << 30).bytes == nil)
        #expect(CompressedBytes(blob: packed.blob, length: Int64(packed.blob.count) - 1).bytes == nil)
        #expect(CompressedBytes(blob: packed.blob, length: 100_001).bytes == nil)
        // No block has so many bytes.
        let isRefused = CompressedBytes([UInt8](repeating: 0x41, count: (16 << 20) + 1)[...]).bytes == nil
        #expect(isRefused)
    }

    @Test func eventsBeforeTheSignInHaveNoAccount() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        let path = try scratch.write(sampleCapture(), to: "a.pcap")
        try archive.importAll([path])
        var recorded: [String?] = []
        try archive.replay(.connection(1)) { event in
            if case .frame = event.kind { recorded.append(event.signIn?.account) }
            return true
        }
        var decodedAccounts: [String?] = []
        for line in decoded([path])[1] ?? [] where line.contains("\"event\":\"frame\"") {
            decodedAccounts.append(line.contains("\"account\":\"alice@example.com\"") ? "alice@example.com" : nil)
        }
        #expect(recorded.contains(nil) && recorded.contains("alice@example.com"))
        #expect(recorded == decodedAccounts)
    }

    @Test func keysThatAreDamagedAreNone() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let key = try Archive.openOrCreate(path).maskKey
        let archive = try Archive.openOrCreate(path)
        #expect(archive.maskKey == key)
        try archive.queue.write { try $0.execute(sql: "UPDATE metadata SET value = x'0102' WHERE name = 'mask_key'") }
        #expect(try archive.queue.writeWithoutTransaction { try ArchiveKey.kept($0) } == nil)
    }

    @Test(arguments: [(0o600, false), (0o640, true), (0o620, true), (0o604, true), (0o700, false)])
    func whoElseCanReadIt(_ mode: Int, _ isExposed: Bool) throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        _ = try Archive.openOrCreate(path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        #expect((ArchiveFile.exposure(of: path) != nil) == isExposed)
    }

    @Test func theRelayWaitsBeforeTheBacklogIsFull() throws {
        var backlog = Backlog(most: 1 << 20)
        var number = 0
        while !backlog.isNearlyFull {
            backlog.append([try BacklogTests.frame(1_000)], at: 1)
            number += 1
            try #require(number < 10_000 && !backlog.isLosing)
        }
        #expect(backlog.size < 1 << 20 - (1 << 16))
    }

    @Test func oneHoleIsOneThoughRoomComesBackInPieces() throws {
        var backlog = Backlog(most: 64 << 10)
        while !backlog.isLosing { backlog.append([try BacklogTests.frame(1_000)], at: 1) }
        var losses = 0
        for _ in 0..<40 {
            let pieces = backlog.take(1)
            losses += pieces.count(where: \.hasLosses)
            backlog.settle(pieces)
            for _ in 0..<200 { backlog.append([try BacklogTests.frame(1_000)], at: 1) }
        }
        #expect(losses > 0)
        // While more than half is full, nothing is kept in between.
        var half = Backlog(most: 64 << 10)
        while !half.isLosing { half.append([try BacklogTests.frame(1_000)], at: 1) }
        let kept = half.pieces.reduce(0) { $0 + $1.events.count }
        for _ in 0..<100 { half.append([try BacklogTests.frame(10)], at: 1) }
        #expect(half.pieces.reduce(0) { $0 + $1.events.count } == kept)
    }

    @Test func aConnectionThatEndedWithoutRoomHasEnded() throws {
        var backlog = Backlog(most: 16 << 10)
        while !backlog.isLosing { backlog.append([try BacklogTests.frame(1_000)], at: 1) }
        let sums = Tally().sums
        let ends = Endpoints(client: "10.0.0.1:1", server: "10.0.0.2:1863")
        backlog.append(
            [
                Event(
                    time: Timestamp(nanoseconds: 9), connection: 1,
                    kind: .closed(ends, reason: CloseReason("closed"), client: sums, server: sums))
            ], at: 2)
        let holes = backlog.take(.max).flatMap(\.holes)
        #expect(holes.contains { if case .closed = $0.kind { true } else { false } })
    }

    @Test func holesAreNamedAgainAndAgain() throws {
        var backlog = Backlog(most: 16 << 10)
        for round in 0..<3 {
            while !backlog.isLosing { backlog.append([try BacklogTests.frame(1_000)], at: 1) }
            for connection in 1...(Backlog.mostLosses - 10) {
                backlog.append([try BacklogTests.frame(1_000, connection)], at: 1)
            }
            let pieces = backlog.take(.max)
            let named = pieces.reduce(0) { $0 + $1.losses.count }
            #expect(named > Backlog.mostLosses - 100, "\(named) in round \(round)")
            backlog.settle(pieces)
        }
    }
}
