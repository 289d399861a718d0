// Deleting: what is asked for goes, to the last byte; everything else stays as it is.

import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct DeletionTests {
    /// Words that occur in the second import only: texts, an account, the name of the file.
    private static let words = ["zanzibar", "quixotic", "mally@example.org", "secretplan"]

    /// The sample capture with another account and other texts.
    private static func secretCapture() -> [UInt8] {
        replaced(sampleCapture(["Zanzibar tomorrow", "how quixotic"]), "alice@example.com", "mally@example.org")
    }

    /// The bytes with a text replaced by another of the same length.
    private static func replaced(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        let (old, new) = (Array(old.utf8), Array(new.utf8))
        var result = bytes
        guard old.count == new.count, bytes.count >= old.count else { return bytes }
        for index in 0...(bytes.count - old.count) where bytes[index..<(index + old.count)].elementsEqual(old) {
            result.replaceSubrange(index..<(index + old.count), with: new)
        }
        return result
    }

    /// An archive with two imports: r1 to stay, r2 to go.
    private static func twoImports(_ scratch: Scratch) throws -> Archive {
        let archive = try Archive.importing(in: scratch)
        try archive.importAll([scratch.write(secretCapture(), to: "secretplan.pcap")])
        return archive
    }

    /// Which words are in the files of the archive, in any case.
    private static func traces(of words: [String], _ scratch: Scratch) throws -> [String] {
        var found: [String] = []
        for end in ["", "-wal", "-shm", "-journal"] {
            guard let data = FileManager.default.contents(atPath: scratch.path("a.sqlite\(end)")) else { continue }
            let text = data.map { 0x41...0x5A ~= $0 ? $0 + 0x20 : $0 }
            for word in words where Data(text).range(of: Data(word.lowercased().utf8)) != nil {
                found.append("\(word) in a.sqlite\(end)")
            }
        }
        return found
    }

    @Test(arguments: ["r2", "s2", "c4 v6 c5"]) func nothingOfItRemains(ids: String) throws {
        let scratch = try Scratch()
        let archive = try Self.twoImports(scratch)
        #expect(try Self.traces(of: Self.words, scratch).count >= Self.words.count)
        let items = try ids.split(separator: " ").map { try #require(ArchiveID(String($0))) }
        let before = try archive.lines(.recording(1))
        let planned = try archive.deletionSummary(of: .items(items))
        #expect(planned.connections == 3 && planned.messages == 2 && planned.signIns == 1 && planned.recordings == 1)
        #expect(try archive.delete(.items(items)) == planned)
        #expect(try archive.compact())
        #expect(try Self.traces(of: Self.words, scratch) == [])
        #expect(try archive.lines(.recording(1)) == before)
        #expect(try archive.texts("hello") == ["Hello Bob"])
        #expect(try archive.texts("zanzibar").isEmpty)
        try archive.queue.writeWithoutTransaction { (db: Database) throws in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM pragma_foreign_key_check") == 0)
            #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
            try db.execute(sql: "INSERT INTO message_search (message_search) VALUES ('integrity-check')")
        }
    }

    @Test func theFileShrinksAndIdentifiersAreNotUsedAgain() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(sampleCapture(), in: scratch)
        let long = (0..<300).map { "\($0) " + String(repeating: "word\($0) ", count: 400) }
        try archive.importAll([scratch.write(sampleCapture(long), to: "b.pcap")])
        let before = archive.size
        _ = try archive.delete(.items([.signIn(2)]))
        _ = try archive.compact()
        #expect(archive.size < before / 2)
        try archive.importAll([scratch.write(sampleCapture(["again"]), to: "c.pcap")])
        let list = try archive.list()
        #expect(list.map(\.id) == [.signIn(1), .signIn(3)])
        #expect(list.map(\.recording) == [.recording(1), .recording(3)])
        #expect(list.last?.connections.map(\.id) == [.connection(7), .connection(8), .connection(9)])
        #expect(try archive.texts("again") == ["again"])
    }

    /// An account, a name or a file that others share stays.
    @Test func whatOthersShareStays() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        _ = try archive.delete(.items([.conversation(3)]))
        _ = try archive.compact()
        let list = try archive.list()
        #expect(list.first?.connections.map(\.id) == [.connection(1), .connection(2)])
        #expect(list.first?.account == "alice@example.com")
        try archive.queue.writeWithoutTransaction { (db: Database) throws in
            let accounts = try String.fetchAll(db, sql: "SELECT address FROM account ORDER BY 1")
            #expect(accounts == ["bob@example.com", "carol@example.com"])
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM source_file") == 1)
        }
        #expect(try archive.reindex() == 0)
    }

    @Test func whatIsNotThereIsAnErrorAndNothingGoes() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        for id in [ArchiveID.signIn(9), .recording(9), .connection(9), .conversation(1)] {
            let error = #expect(throws: ArchiveError.self) { try archive.delete(.items([.signIn(1), id])) }
            #expect(error?.description.contains("there is no \(id) in") == true)
        }
        #expect(try archive.list().first?.connections.count == 3)
    }

    @Test func beforeADayGoesWhatEndedThen() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        // The sample is of 2004-11-09.
        let day: Int64 = 86_400_000_000_000
        let first = try #require(archive.list().first?.first.nanoseconds)
        let none = try archive.deletionSummary(of: .before(Timestamp(nanoseconds: first)))
        #expect(none.isEmpty)
        let all = try archive.deletionSummary(of: .before(Timestamp(nanoseconds: first + day)))
        #expect(all.recordings == 1 && all.signIns == 1 && all.connections == 3)
        // A sign-in that went on stays whole.
        let part = try archive.deletionSummary(of: .before(Timestamp(nanoseconds: first + 20_000_000)))
        #expect(part.isEmpty)
        _ = try archive.delete(.before(Timestamp(nanoseconds: first + day)))
        #expect(try archive.list().isEmpty)
    }

    /// Logs without dates count from 1970; nobody knows when they ended.
    @Test func whatHasNoDateStays() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([scratch.write("C: VER 1 MSNP8 CVR0\nS: VER 1 MSNP8\n", to: "log.txt")])
        let summary = try archive.deletionSummary(of: .before(Timestamp(nanoseconds: 1_700_000_000_000_000_000)))
        #expect(summary.isEmpty)
    }

    @Test func whatARelayStillWritesIsRefused() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let archive = try Archive.importing(in: scratch)
        let recorder = try Recorder(path: path, toolVersion: "test") { _ in }
        defer { recorder.close() }
        let error = #expect(throws: ArchiveError.self) { try archive.delete(.items([.recording(2)])) }
        #expect(error?.description.contains("r2 is still being recorded") == true)
        let summary = try archive.deletionSummary(of: .before(Timestamp(nanoseconds: .max)))
        #expect(summary.running == [.recording(2)] && summary.recordings == 1)
    }

    /// Another relay records into the archive meanwhile, and goes on afterwards.
    @Test func aRelayThatRecordsIsNoObstacle() throws {
        let scratch = try Scratch()
        let archive = try Self.twoImports(scratch)
        let recorder = try Recorder(path: scratch.path("a.sqlite"), toolVersion: "test") { Issue.record("\($0)") }
        _ = try archive.delete(.items([.recording(2)]))
        #expect(try archive.compact())
        #expect(try Self.traces(of: Self.words, scratch) == [])
        let ends = Endpoints(client: "10.0.0.1:1", server: "10.0.0.2:1863")
        let time = Timestamp(nanoseconds: 1_100_000_000_000_000_000)
        _ = recorder.receive([Event(time: time, connection: 1, kind: .opened(ends))])
        recorder.close()
        #expect(try Set(archive.list().map(\.recording)) == [.recording(1), .recording(3)])
    }

    /// A reader keeps the log as it was; once it has ended, nothing is left.
    @Test func aReaderIsReported() throws {
        let scratch = try Scratch()
        try Self.twoImports(scratch).queue.close()
        let archive = try Archive(scratch.path("a.sqlite"), isReadOnly: false, waiting: 0.1)
        let other = try DatabaseQueue(path: scratch.path("a.sqlite"))
        try other.writeWithoutTransaction { (db: Database) throws in
            try db.execute(sql: "BEGIN; SELECT count(*) FROM message")
            _ = try archive.delete(.items([.recording(2)]))
            #expect(try !archive.compact())
            try db.execute(sql: "COMMIT")
        }
        #expect(try archive.compact())
        #expect(try Self.traces(of: Self.words, scratch) == [])
    }

    /// The relay remembers the rows of accounts; one that was deleted meanwhile must not be referred to.
    @Test func aRelayGoesOnWhenItsAccountsAreDeleted() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let writer = ArchiveBatchWriter(path: path, toolVersion: "test") { _ in }
        try writer.open()
        try writer.write([])
        func chat(_ connection: Int, _ text: String) -> [Event] {
            let ends = Endpoints(client: "10.0.0.1:\(connection)", server: "10.0.0.2:1863")
            let time = Timestamp(nanoseconds: 1_100_000_000_000_000_000)
            let said = Message(
                from: "mally@example.org", to: [], bytes: Array(text.utf8), conversation: "1", side: .client)
            return [.opened(ends), .message(said)].map {
                Event(time: time, connection: connection, role: .switchboard, kind: $0)
            }
        }
        try writer.write([Backlog.Piece(began: 0, events: chat(1, "one"))])
        let archive = try Archive.open(path)
        // As a deletion of another recording would, in which alone the account occurred.
        try archive.queue.writeWithoutTransaction { (db: Database) throws in
            try db.execute(sql: "DELETE FROM message; DELETE FROM account")
        }
        try writer.write([Backlog.Piece(began: 0, events: chat(2, "two"))])
        #expect(try archive.texts("two") == ["two"])
        try writer.finish()
    }

    /// Statistics of other programs contain samples of values.
    @Test func statisticsOfOtherProgramsKeepNothing() throws {
        let scratch = try Scratch()
        let archive = try Self.twoImports(scratch)
        try archive.queue.writeWithoutTransaction { try $0.execute(sql: "ANALYZE") }
        _ = try archive.delete(.items([.recording(2)]))
        _ = try archive.compact()
        #expect(try Self.traces(of: Self.words, scratch) == [])
    }
}
