// Archives of earlier versions, brought up to date.

import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct MigrationTests {
    private static let tables = [
        "recording", "source_file", "sign_in", "connection", "block", "finding", "account", "conversation",
        "participant",
        "message", "contact", "presence",
    ]

    /// Columns of later versions.
    private static let added = ["source_file", "event", "from_connection", "from_event", "has_media"]

    /// A writable copy of the archive that the first release wrote.
    private static func first(_ scratch: Scratch) throws -> String {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/schema-1.sqlite")
        return try scratch.write(Array(Data(contentsOf: fixture)), to: "a.sqlite")
    }

    private static func rows(_ queue: DatabaseQueue) throws -> [String: [Row]] {
        try queue.writeWithoutTransaction { (db: Database) throws in
            var result: [String: [Row]] = [:]
            for table in tables {
                let columns = try db.columns(in: table).map(\.name).filter { !added.contains($0) }
                result[table] = try Row.fetchAll(
                    db, sql: "SELECT \(columns.joined(separator: ", ")) FROM \(table) ORDER BY 1, 2")
            }
            return result
        }
    }

    @Test func everyRowIsKept() throws {
        let scratch = try Scratch()
        let path = try Self.first(scratch)
        let old = try DatabaseQueue(path: path)
        let before = try Self.rows(old)
        try old.close()
        let archive = try Archive.openOrCreate(path)
        #expect(try Self.rows(archive.queue) == before)
        #expect(before.values.count { !$0.isEmpty } > 9)
        try archive.queue.writeWithoutTransaction { (db: Database) throws in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM pragma_foreign_key_check") == 0)
            #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
            // One import of one file: its name belongs to every connection.
            #expect(try String.fetchAll(db, sql: "SELECT DISTINCT file FROM connection_details") == ["sample.pcap"])
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM connection WHERE source_file IS NULL") == 0)
        }
        #expect(try archive.texts("电影").count == 1)
        // Its schema is that of a new archive.
        #expect(try Archive.open(path).list().count == 1)
    }

    /// A file that cannot be written stays as it is, and is read all the same.
    @Test func anOldArchiveThatCannotBeWrittenIsRead() throws {
        let scratch = try Scratch()
        let path = try Self.first(scratch)
        let before = try Data(contentsOf: URL(filePath: path))
        let archive = try Archive(path, isReadOnly: true, waiting: 1)
        #expect(try archive.list().first?.account == "alice@example.com")
        #expect(try archive.list().first?.connections.first?.ends.file == nil)
        #expect(try archive.texts("电影").count == 1)
        #expect(try archive.lines(.signIn(1)).count == 3)
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    /// What later versions derive is there, too: talks, media, the events of messages and findings.
    @Test func whatIsDerivedSinceIsThere() throws {
        let scratch = try Scratch()
        let path = try Self.first(scratch)
        let readOnly = try ArchiveReader(path)
        let before = try readOnly.talks(limit: 10).items
        let rows = try readOnly.all()
        let archive = try Archive.openOrCreate(path)
        let reader = try ArchiveReader(path)
        #expect(try !before.isEmpty && reader.talks(limit: 10).items.map(\.ids) == before.map(\.ids))
        #expect(try reader.talks(limit: 10).items.map(\.messages) == before.map(\.messages))
        #expect(try reader.all().addresses == rows.addresses)
        // Findings are at their events only since this version.
        let messages: ([EventItem]) -> [String] = { items in
            items.flatMap { item in
                item.events.compactMap {
                    if case .message(let message) = $0.kind { "\(item.address) \(message.text)" } else { nil }
                }
            }
        }
        #expect(try messages(reader.all()) == messages(rows) && !messages(rows).isEmpty)
        try archive.queue.read { (db: Database) throws in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM message WHERE event IS NULL") == 0)
            #expect(
                try Int.fetchOne(db, sql: "SELECT count(*) FROM finding WHERE event IS NULL AND connection > 0") == 0)
        }
        _ = try archive.reindex()
        #expect(try messages(ArchiveReader(path).all()) == messages(rows))
    }

    /// Which of several files a connection of an older import came from is not known.
    @Test func severalFilesOfAnOlderImportAreNotGuessed() throws {
        let scratch = try Scratch()
        let path = try Self.first(scratch)
        let old = try DatabaseQueue(path: path)
        try old.writeWithoutTransaction { (db: Database) throws in
            try db.execute(
                sql: "INSERT INTO source_file SELECT NULL, recording, 'b.pcap', x'00', 1, 1 FROM source_file LIMIT 1")
        }
        try old.close()
        let archive = try Archive.openOrCreate(path)
        try archive.queue.writeWithoutTransaction { (db: Database) throws in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM connection WHERE source_file IS NOT NULL") == 0)
        }
    }

    /// Other programs do not check foreign keys, so an archive may have rows that refer to nothing.
    @Test func rowsThatReferToNothingAreNoObstacle() throws {
        let scratch = try Scratch()
        let path = try Self.first(scratch)
        let old = try DatabaseQueue(path: path)
        try old.writeWithoutTransaction { (db: Database) throws in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; DELETE FROM account; DELETE FROM connection WHERE id = 1")
        }
        try old.close()
        let archive = try Archive.openOrCreate(path)
        #expect(try archive.list().isEmpty == false)
    }

    @Test func everyForeignKeyNamesItsColumn() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        try archive.queue.writeWithoutTransaction { (db: Database) throws in
            let tables = try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
            for table in tables {
                let targets = try Row.fetchAll(db, sql: "PRAGMA foreign_key_list(\(table))").map { $0["to"] as String? }
                #expect(targets.allSatisfy { $0 == "id" }, "\(table)")
            }
        }
    }

    @Test func anArchiveThatAnOlderProgramRecordsIntoIsLeftAlone() throws {
        let scratch = try Scratch()
        let path = try Self.first(scratch)
        let old = try DatabaseQueue(path: path)
        let other = try #require(ProcessMark.mark(of: getppid()))
        try old.writeWithoutTransaction { (db: Database) throws in
            try db.execute(sql: "UPDATE recording SET ended_ns = NULL, process = ?", arguments: [other])
        }
        try old.close()
        let error = #expect(throws: ArchiveError.self) { try Archive.openOrCreate(path) }
        #expect(error?.description.contains("an older butterflynet is recording") == true)
    }

    /// What the views show, and that the index can be read like a table.
    @Test func viewsAndIndexAreReadable() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        try archive.queue.writeWithoutTransaction { (db: Database) throws in
            let rows = try Row.fetchAll(
                db, sql: "SELECT time, sender, text, conversation, recording, file FROM message_details ORDER BY id")
            #expect(rows.map { $0["text"] as String } == ["Hello Bob", "how are you?"])
            #expect(rows.map { $0["sender"] as String } == ["alice@example.com", "bob@example.com"])
            #expect(rows.allSatisfy { $0["conversation"] == 3 && $0["recording"] == 1 })
            #expect(rows.allSatisfy { ($0["time"] as String).hasPrefix("2004-11-09 ") })
            let names = try String.fetchAll(db, sql: "SELECT address || ' ' || name FROM display_name ORDER BY 1")
            #expect(names.contains("bob@example.com Bob B") && names.contains("carol@example.com Carol"))
            #expect(try String.fetchAll(db, sql: "SELECT text FROM message_search") == ["Hello Bob", "how are you?"])
            let found = "SELECT text FROM message_search WHERE message_search MATCH 'hello' ORDER BY rank"
            #expect(try String.fetchAll(db, sql: found) == ["Hello Bob"])
        }
    }
}
