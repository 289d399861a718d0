// Reading while a relay records: everything that was committed, at once, at addresses that stay.

import Analysis
import Captures
import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct BrowsingWhileRecordingTests {
    private static func events(_ scratch: Scratch) throws -> [Event] {
        let path = try scratch.write(sampleCapture((0..<30).map { "text \($0)" }), to: "a.pcap")
        var events: [Event] = []
        _ = Captures.decode([path], detail: EventDetail(Archive.storedAnalysis)) { event in
            events.append(event)
            return true
        }
        return events
    }

    private static func writer(_ path: String) -> ArchiveBatchWriter {
        ArchiveBatchWriter(path: path, toolVersion: "test") { Issue.record("\($0)") }
    }

    private static func piece(_ events: some Sequence<Event>) -> [Backlog.Piece] {
        [Backlog.Piece(began: 0, events: Array(events))]
    }

    /// However commits and their way into the tables interleave, the list grows at its end, and nothing in it changes.
    @Test(arguments: 0..<8) func theListOnlyGrows(seed: UInt64) throws {
        let scratch = try Scratch()
        let events = try Self.events(scratch)
        let path = scratch.path("b.sqlite")
        let writer = Self.writer(path)
        try writer.open()
        try writer.write([])
        let reader = try ArchiveReader(path)
        var random = SeededGenerator(seed: seed)
        var known: [Int: [String]] = [:]
        var rest = events[...]
        var commits = try reader.commitNumber()
        while !rest.isEmpty {
            let count = Int.random(in: 1...20, using: &random)
            try writer.write(Self.piece(rest.prefix(count)))
            rest = rest.dropFirst(count)
            let now = try reader.commitNumber()
            #expect(now != commits)
            commits = now
            if Bool.random(using: &random) { while try writer.completeTables() {} }
            let lines = try reader.all(page: 50, .full).lines
            for (connection, before) in known {
                // The server's address and the account of a sign-in are known later, and are the same in all events.
                #expect(lines[connection]?.count ?? 0 >= before.count)
            }
            known = lines
        }
        try writer.finish()
        let archive = try Archive.open(path)
        #expect(try reader.all(page: 50, .full).lines == archive.lines(.recording(1)))
    }

    /// While somebody follows, the tables have what was committed, without a wait for more.
    @Test(.timeLimit(.minutes(1))) func followedTablesAreCompleteAtOnce() async throws {
        let scratch = try Scratch()
        let path = scratch.path("b.sqlite")
        let recorder = try Recorder(path: path, toolVersion: "test") { Issue.record("\($0)") }
        let (commits, continuation) = AsyncStream.makeStream(of: Void.self)
        recorder.whenCommitted { continuation.yield() }
        recorder.followTables(true)
        let reader = try ArchiveReader(path)
        _ = recorder.receive(try Self.events(scratch))
        let start = ContinuousClock.now
        var messages: Int64 = 0
        for await _ in commits {
            messages = try reader.lists { try $0.totals().messages }
            if messages > 0 { break }
        }
        #expect(messages == 30)
        // Without it, this takes four seconds.
        #expect(ContinuousClock.now - start < .seconds(3))
        #expect(try reader.signIns(limit: 10).items.first?.signIn.messages == 30)
        recorder.followTables(false)
        recorder.close()
    }

    /// Rows in `pending` are the same as in the tables.
    @Test func pendingRowsAreTheSame() throws {
        let scratch = try Scratch()
        let path = scratch.path("b.sqlite")
        let writer = Self.writer(path)
        try writer.open()
        for part in try Self.events(scratch).chunks(of: 7) { try writer.write(Self.piece(part)) }
        let count = try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM pending") }
        #expect(count ?? 0 > 3)
        let reader = try ArchiveReader(path)
        let before = try reader.all(page: 7)
        let full = try reader.all(page: 500, .full)
        let signIn = try reader.all(.of(.signIn(1)))
        #expect(!signIn.isEmpty && signIn.count <= before.count)
        while try writer.completeTables() {}
        #expect(try reader.all(page: 200).addresses == before.addresses)
        #expect(try reader.all(page: 200).lines == before.lines)
        #expect(try reader.all(.of(.signIn(1))).addresses == signIn.addresses)
        #expect(try reader.all(page: 500, .full).lines == full.lines)
        #expect(try full.lines == Archive.open(path).lines(.recording(1)))
        try writer.finish()
    }

    /// A recorder says when it has committed, and readers of other threads see it.
    @Test func aRecorderSaysWhenItHasCommitted() async throws {
        let scratch = try Scratch()
        let path = scratch.path("b.sqlite")
        let recorder = try Recorder(path: path, toolVersion: "test") { Issue.record("\($0)") }
        let (commits, continuation) = AsyncStream.makeStream(of: Void.self)
        recorder.whenCommitted { continuation.yield() }
        let reader = try ArchiveReader(path)
        let events = try pings(500)
        _ = recorder.receive(events)
        for await _ in commits {
            if try reader.eventCount(of: 1) == Int64(events.count) { break }
        }
        #expect(try reader.all(page: 500).count == events.count)
        recorder.close()
        #expect(try reader.all(page: 500).count == events.count)
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
