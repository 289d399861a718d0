// Archives whose tables are not those that they seem to be.

import Foundation
import GRDB
import TestSupport
import Testing

@testable import Archive

/// An archive of a small capture, to be changed.
enum Template {
    static let bytes: [UInt8] = {
        guard let scratch = try? Scratch(), let archive = try? Archive.openOrCreate(scratch.path("a.sqlite")),
            let capture = try? scratch.write(sampleCapture(), to: "a.pcap")
        else { return [] }
        try? archive.importAll([capture])
        try? archive.queue.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [scratch.path("whole.sqlite")])
        }
        return (try? Data(contentsOf: URL(filePath: scratch.path("whole.sqlite")))).map { Array($0) } ?? []
    }()

    /// A copy in which somebody has done something.
    static func changed(_ scratch: Scratch, by sentences: [String]) throws -> String {
        let path = try scratch.write(bytes, to: "changed.sqlite")
        for sentence in sentences {
            // Each on a connection of its own: a changed schema is read when the file is opened.
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
                try db.execute(sql: "PRAGMA writable_schema = ON")
                try db.execute(sql: sentence)
            }
            try queue.close()
        }
        return path
    }
}

@Suite struct HostileSchemaTests {
    private static let endless = "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)"
    private static let tables = [
        "recording", "source_file", "listening", "sign_in", "connection", "block", "rewriting", "finding", "account",
        "conversation", "participant", "message", "contact", "presence", "transfer",
    ]

    /// Views without end in the places of tables, triggers, and tables without the types that they should have.
    static let variants: [[String]] =
        tables.flatMap { table in
            [
                ["DROP TABLE \(table)", "CREATE VIEW \(table) AS \(endless) SELECT id, 1 AS is_complete FROM n"],
                ["CREATE TRIGGER t AFTER INSERT ON \(table) BEGIN DELETE FROM recording; END"],
                ["UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '/**/') WHERE name = '\(table)'"],
            ]
        } + [
            ["DROP TABLE account"],
            ["CREATE TABLE notes (text TEXT)"],
            ["CREATE VIEW everything AS SELECT * FROM message"],
            ["CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT)"],
            ["DROP INDEX message_by_connection"],
            ["CREATE INDEX slow ON account (hex(zeroblob(1000000)))"],
            ["CREATE INDEX some ON message (text) WHERE length(hex(zeroblob(1000000))) > 1"],
            ["CREATE UNIQUE INDEX one ON message (connection, id)"],
            ["ALTER TABLE account ADD COLUMN more TEXT AS (hex(zeroblob(30000000))) VIRTUAL"],
            ["ALTER TABLE account ADD COLUMN more TEXT DEFAULT 'x'"],
            ["ALTER TABLE account RENAME COLUMN address TO place"],
            ["ALTER TABLE account RENAME TO persons"],
            ["UPDATE sqlite_schema SET sql = replace(sql, 'UNIQUE', 'UNIQUE COLLATE NOCASE') WHERE name = 'account'"],
            ["UPDATE sqlite_schema SET sql = replace(sql, 'TEXT', 'TEXT CHECK (abs(1) = 1)') WHERE name = 'account'"],
            ["UPDATE sqlite_schema SET sql = replace(sql, 'INTEGER PRIMARY', 'INT PRIMARY') WHERE name = 'account'"],
            ["UPDATE sqlite_schema SET rootpage = 1, sql = 'CREATE TABLE account (a)' WHERE name = 'account'"],
            ["UPDATE sqlite_schema SET type = 'view' WHERE name = 'account'"],
            ["UPDATE sqlite_schema SET tbl_name = 'message' WHERE name = 'account'"],
            ["DROP TABLE account", "CREATE VIRTUAL TABLE account USING fts5 (id, address)"],
            ["DROP TABLE message_search", "CREATE TABLE message_search (words TEXT)"],
            ["DROP TABLE message_search", "CREATE VIRTUAL TABLE message_search USING fts5 (words)"],
            [
                "DROP TABLE message_search",
                "CREATE VIRTUAL TABLE message_search USING fts5 (words, content = 'message')",
            ],
            ["UPDATE sqlite_schema SET sql = replace(sql, '\"message\"', '\"block\"') WHERE name = 'message_search'"],
            ["DROP VIEW message_details"],
            ["DROP VIEW message_details", "CREATE VIEW message_details AS \(endless) SELECT id FROM n"],
            ["DROP VIEW display_name", "CREATE TABLE display_name (account INTEGER, address TEXT, name TEXT)"],
            ["CREATE TRIGGER t INSTEAD OF INSERT ON message_details BEGIN DELETE FROM recording; END"],
            [
                "UPDATE sqlite_schema SET sql = 'CREATE TABLE ''message_search_data''(id TEXT, block BLOB)' "
                    + "WHERE name = 'message_search_data'"
            ],
            ["DROP TABLE grdb_migrations"],
            ["DROP TABLE grdb_migrations", "CREATE VIEW grdb_migrations AS \(endless) SELECT id AS identifier FROM n"],
            ["DROP TABLE grdb_migrations", "CREATE VIEW grdb_migrations AS SELECT '1' AS identifier"],
            ["DELETE FROM grdb_migrations"],
            ["UPDATE sqlite_schema SET sql = 'nonsense' WHERE name = 'account'"],
            [
                "UPDATE sqlite_schema SET sql = 'CREATE TABLE x(' || hex(zeroblob(1000000)) || ')' WHERE name = 'account'"
            ],
            ["UPDATE sqlite_schema SET rootpage = -1 WHERE name = 'account'"],
            ["UPDATE sqlite_schema SET rootpage = 99999999 WHERE name = 'account'"],
            ["INSERT INTO sqlite_schema SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema"],
        ]

    @Test(.timeLimit(.minutes(1)), arguments: variants)
    func anArchiveWithForeignPartsIsRefusedInOneLine(sentences: [String]) throws {
        let scratch = try Scratch()
        let path = try Template.changed(scratch, by: sentences)
        let before = try Data(contentsOf: URL(filePath: path))
        for open in [{ try Archive.open(path) }, { try Archive.openOrCreate(path) }] {
            do {
                _ = try open()
                Issue.record("opened")
            } catch {
                #expect(error is ArchiveError, "\(error)")
                #expect(!"\(error)".contains { $0.isNewline })
            }
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test func whatOtherProgramsMeasuredIsNoHarm() throws {
        let scratch = try Scratch()
        let path = try Template.changed(scratch, by: ["ANALYZE"])
        #expect(try Archive.open(path).list().isEmpty == false)
    }
}
