// Recorded rows on their way into the tables: seen by readers, whole after a kill at any stage, gone when all is done.

import Analysis
import Captures
import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct PendingRowsTests {
    /// The events of a capture, as a relay records them.
    private static func events(_ scratch: Scratch, _ texts: [String] = ["Hello Bob", "how are you?"]) throws -> [Event]
    {
        let path = try scratch.write(sampleCapture(texts), to: "a.pcap")
        var events: [Event] = []
        _ = Captures.decode([path], detail: EventDetail(Archive.storedAnalysis)) { event in
            events.append(event)
            return true
        }
        return events
    }

    private static func piece(_ events: some Sequence<Event>) -> [Backlog.Piece] {
        [Backlog.Piece(began: 0, events: Array(events))]
    }

    private static func writer(_ path: String) -> ArchiveBatchWriter {
        ArchiveBatchWriter(path: path, toolVersion: "test") { Issue.record("\($0)") }
    }

    private static func count(_ table: String, _ path: String) throws -> Int {
        try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }

    /// Everything that commands show of an archive.
    private static func content(_ archive: Archive) throws -> [String] {
        var result: [String] = []
        for (connection, lines) in try archive.lines(.recording(1)).sorted(by: { $0.key < $1.key }) {
            result += lines.map { "\(connection) \($0)" }
        }
        for signIn in try archive.list() {
            result.append("\(signIn.account ?? "") \(signIn.program ?? "") \(signIn.dialect ?? "") \(signIn.messages)")
            for connection in signIn.connections {
                result.append(
                    "\(connection.id) \(connection.ends) \(connection.role) \(connection.frames) \(connection.sentBytes) "
                        + "\(connection.missingBytes) \(connection.findings) \(connection.conversation?.participants ?? [])"
                )
            }
        }
        for contact in try archive.contacts(SessionQuery()).sorted(by: { $0.account < $1.account }) {
            result.append("\(contact.account) \(contact.name) \(contact.lists) \(String(describing: contact.last))")
        }
        try archive.search(["you"], limit: 100) { found in
            result.append("\(found.message.id) \(found.message.from) \(found.message.text)")
            return true
        }
        return result
    }

    /// A reader does not wait until the relay has completed the tables.
    @Test func aReaderSeesWhatWasCommitted() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let events = try Self.events(scratch)
        let writer = Self.writer(path)
        try writer.open()
        try writer.write(Self.piece(events.prefix(events.count / 2)))
        #expect(try Self.count("pending", path) == 1 && Self.count("connection", path) == 0)
        #expect(writer.pendingBytes > 0)
        let archive = try Archive.open(path)
        #expect(try archive.list().flatMap(\.connections).isEmpty == false)
        #expect(try Self.count("pending", path) == 0)
        // The reader goes on, and so does the relay.
        try writer.write(Self.piece(events.dropFirst(events.count / 2)))
        #expect(try Self.count("pending", path) == 1)
        #expect(try archive.texts("hello") == ["Hello Bob"])
        #expect(try Self.count("pending", path) == 0)
        #expect(try !writer.completeTables() && writer.pendingBytes == 0)
        try writer.finish()
    }

    /// However the events are divided into commits, and whoever completes the tables when: the archive is the same as
    /// after an import, which writes the tables at once.
    @Test(arguments: 0..<12) func everyWayIntoTheTablesIsTheSame(seed: UInt64) throws {
        let scratch = try Scratch()
        let texts = (0..<40).map { "text \($0) for you, " + String(repeating: "x", count: $0 * 50) }
        let events = try Self.events(scratch, texts)
        let imported = try Archive.openOrCreate(scratch.path("imported.sqlite"))
        try imported.importAll([scratch.path("a.pcap")])
        var random = SeededGenerator(seed: seed)
        let path = scratch.path("recorded.sqlite")
        let writer = Self.writer(path)
        try writer.open()
        var rest = events.map { event in
            var event = event
            event.annotation = nil
            return event
        }[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...(seed % 3 == 0 ? 5 : 60), using: &random)
            try writer.write(Self.piece(rest.prefix(count)))
            rest = rest.dropFirst(count)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: while try writer.completeTables() {}
            case 1: _ = try Archive.open(path)
            default: break
            }
        }
        while try writer.completeTables() {}
        try writer.finish()
        #expect(try Self.count("pending", path) == 0)
        let recorded = try Archive.open(path)
        // Only an import knows a file; connections and sign-ins have the same numbers in both.
        let (content, expected) = (try Self.content(recorded), try Self.content(imported))
        #expect(content.count == expected.count)
        for (line, other) in zip(content, expected) {
            #expect(
                line
                    == other.replacing(#/,"file":"[^"]*"|Optional\("[^"]*pcap"\)/#) {
                        $0.output.first == "," ? "" : "nil"
                    })
        }
        for table in ["block", "message", "presence", "contact", "participant", "finding"] {
            #expect(try Self.count(table, path) == Self.count(table, scratch.path("imported.sqlite")), "\(table)")
        }
    }

    /// A kill between the commit and the tables.
    @Test func whatAKilledRelayCommittedIsThere() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let events = try Self.events(scratch)
        do {
            let writer = Self.writer(path)
            try writer.open()
            for event in events { try writer.write(Self.piece([event])) }
        }
        #expect(try Self.count("pending", path) == events.count)
        let archive = try Archive.open(path)
        #expect(try Self.count("pending", path) == 0)
        #expect(try archive.texts("hello") == ["Hello Bob"])
        #expect(try archive.lines(.recording(1)).count == 3)
        // The next recording begins with complete tables, too.
        let next = Self.writer(path)
        try next.open()
        try next.write([])
        #expect(try Self.count("recording", path) == 2)
    }

    /// A kill while the tables are being completed: nothing of it counts.
    @Test func tablesThatCouldNotBeCompletedAreAsBefore() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let events = try Self.events(scratch)
        let writer = Self.writer(path)
        try writer.open()
        try writer.write(Self.piece(events))
        let archive = try Archive(path, isReadOnly: true, waiting: 1)
        let other = try DatabaseQueue(path: path)
        try other.writeWithoutTransaction { (db: Database) throws in
            let tables = try TableWriter(db, recording: 1, keepsNumbers: true)
            try db.execute(
                sql: "CREATE TEMP TRIGGER fails BEFORE INSERT ON presence BEGIN SELECT RAISE(ABORT, 'no'); END")
            #expect(throws: DatabaseError.self) {
                try db.inTransaction(.immediate) {
                    _ = try PendingRows.move(db) { _ in tables }
                    return .commit
                }
            }
        }
        #expect(try Self.count("pending", path) == 1)
        for table in ["connection", "block", "message", "account"] { #expect(try Self.count(table, path) == 0) }
        #expect(try archive.list().isEmpty)
        #expect(try Archive.open(path).texts("hello") == ["Hello Bob"])
    }

    /// After a failure the relay tries again, with nothing remembered of the first attempt.
    @Test func aFailureOfTheRelayLeavesNoTrace() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let events = try Self.events(scratch)
        let writer = Self.writer(path)
        try writer.open()
        try writer.write(Self.piece(events.prefix(5)))
        while try writer.completeTables() {}
        try writer.write(Self.piece(events.dropFirst(5)))
        let other = try DatabaseQueue(path: path)
        try other.writeWithoutTransaction { (db: Database) throws in
            try db.execute(sql: "CREATE TRIGGER fails BEFORE INSERT ON block BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        #expect(throws: ArchiveError.self) { try writer.completeTables() }
        #expect(try Self.count("message", path) == 0 && Self.count("pending", path) == 1)
        try other.writeWithoutTransaction { (db: Database) throws in
            try db.execute(sql: "DROP TRIGGER fails; INSERT INTO account (address) VALUES ('first@example.com')")
        }
        while try writer.completeTables() {}
        try writer.finish()
        let imported = try Archive.openOrCreate(scratch.path("imported.sqlite"))
        try imported.importAll([scratch.path("a.pcap")])
        let archive = try Archive.open(path)
        #expect(try archive.contacts(SessionQuery()).count == imported.contacts(SessionQuery()).count)
        #expect(try archive.texts("hello") == ["Hello Bob"] && archive.texts("how").count == 1)
        try archive.queue.read { (db: Database) throws in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM pragma_foreign_key_check") == 0)
        }
    }

    @Test func anArchiveThatCannotBeWrittenIsReadWithoutThem() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let events = try Self.events(scratch)
        let writer = Self.writer(path)
        try writer.open()
        try writer.write(Self.piece(events.prefix(events.count / 2)))
        while try writer.completeTables() {}
        try writer.write(Self.piece(events.dropFirst(events.count / 2)))
        var notices: [String] = []
        let archive = try Archive(path, isReadOnly: true, waiting: 1) { notices.append($0) }
        #expect(notices.count == 1 && notices.first?.contains("the newest events in it are not shown") == true)
        #expect(try !archive.list().isEmpty && archive.texts("hello").isEmpty)
        // The same while another program writes all the time.
        notices = []
        let other = try DatabaseQueue(path: path)
        try other.writeWithoutTransaction { (db: Database) throws in
            try db.execute(sql: "BEGIN IMMEDIATE")
            let archive = try Archive.open(path) { notices.append($0) }
            #expect(try !archive.list().isEmpty && archive.texts("hello").isEmpty)
            try db.execute(sql: "COMMIT")
            #expect(try archive.texts("hello") == ["Hello Bob"])
        }
        #expect(notices.count == 1 && notices.first?.contains("may not be shown") == true)
    }

    /// A new connection whose number is the row of another one, and a connection that goes on after its end.
    @Test func rowNumbersThatAreTakenDoNotMixConnections() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let archive = try Archive.openOrCreate(path)
        try archive.importAll([scratch.write(sampleCapture(), to: "b.pcap")])
        let events = try Self.events(scratch)
        let writer = Self.writer(path)
        try writer.open()
        for event in events {
            try writer.write(Self.piece([event]))
            while try writer.completeTables() {}
        }
        var late = try #require(events.last { $0.connection == 1 })
        late.time.nanoseconds += 1
        late.kind = .finding(Finding(.notRecorded, "late"))
        try writer.write(Self.piece([late]))
        while try writer.completeTables() {}
        try writer.finish()
        let imported = try archive.lines(.recording(1))
        let recorded = try archive.lines(.recording(2))
        #expect(recorded.count == imported.count + 1)
        #expect(try Self.count("connection", path) == 7)
        #expect(try archive.texts("hello").count == 1, "the copies are merged")
    }

    @Test func damagedRowsHarmNobody() throws {
        let scratch = try Scratch()
        var writer = RecordWriter()
        var log = RowLog()
        for event in try Self.events(scratch) { writer.write(event, &log) }
        writer.flush(&log)
        let rows = log.bytes
        let whole = RowBatch([rows])
        #expect(whole.connections.count == 3 && whole.messages.count == 2 && whole.blocks.count == 3)
        for end in stride(from: 0, to: rows.count, by: 7) {
            let batch = RowBatch([Array(rows.prefix(end)), rows])
            #expect(batch.messages.count >= whole.messages.count && batch.connections.count == 3)
        }
        var random = SeededGenerator(seed: 3)
        let path = scratch.path("a.sqlite")
        let archive = try Archive.openOrCreate(path)
        try archive.queue.write { db in
            _ = try Recordings.begin("relay", "test", Clock.now(), isComplete: true, db)
            for _ in 0..<200 {
                var rows = rows
                for _ in 0..<3 {
                    rows[Int.random(in: rows.indices, using: &random)] = .random(in: 0...255, using: &random)
                }
                try PendingRows.append(rows, recording: 1, db)
            }
        }
        try archive.sessions { _ in true }
        #expect(try Self.count("pending", path) == 0)
        try? archive.replay(nil) { _ in true }
    }

    /// A commit is a larger value than any other that is allowed.
    @Test func aLargeCommitIsWrittenAndRead() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.queue.write { db in
            _ = try Recordings.begin("relay", "test", Clock.now(), isComplete: true, db)
            try PendingRows.append([UInt8](repeating: 0, count: 40 << 20), recording: 1, db)
            #expect(try PendingRows.size(db) == 40 << 20)
            #expect(throws: DatabaseError.self) { try db.execute(sql: "UPDATE pending SET rows = zeroblob(17000000)") }
        }
        try archive.sessions { _ in true }
        #expect(try Self.count("pending", scratch.path("a.sqlite")) == 0)
    }

    @Test func aClosedRecordingHasNoPendingRows() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let recorder = try Recorder(path: path, toolVersion: "test") { Issue.record("\($0)") }
        for event in try Self.events(scratch) { #expect(recorder.receive([event])) }
        let totals = try #require(recorder.close())
        #expect(totals.messages == 2 && totals.connections == 3 && totals.signIns == [.signIn(1)])
        #expect(try Self.count("pending", path) == 0)
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"), "all is in the one file")
        #expect(try Archive.open(path).texts("hello") == ["Hello Bob"])
    }
}
