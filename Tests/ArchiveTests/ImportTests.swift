// Imports: whole or not at all, and never twice without being asked; what is read out of them.

import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct ImportTests {
    @Test func theSameFileIsNoticed() throws {
        let scratch = try Scratch()
        let path = try scratch.write(sampleCapture(), to: "a.pcap")
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        let source = try SourceFile(path: path)
        #expect(try archive.importTime(of: source.digest) == nil)
        try archive.importAll([path])
        #expect(try archive.importTime(of: source.digest) != nil)
        #expect(source.bytes == Int64(sampleCapture().count))
        try archive.importAll([path])
        // A search finds the message once, in both recordings.
        var places: [[ArchiveID]] = []
        try archive.search(["hello"], limit: 5) { found in
            places.append(found.conversations)
            return true
        }
        #expect(places == [[.conversation(3), .conversation(6)]])
        #expect(try archive.lines(.connection(4)).values.first?.count == decoded([path])[1]?.count)
    }

    @Test func aBrokenOffImportLeavesNothing() throws {
        let scratch = try Scratch()
        let path = try scratch.write(sampleCapture(), to: "a.pcap")
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([path])
        // As if its process had been killed between two transactions.
        try archive.queue.write { db in
            try db.execute(sql: "UPDATE recording SET is_complete = 0, process = '1 1'")
        }
        #expect(try archive.list().isEmpty)
        #expect(try archive.texts("hello").isEmpty)
        #expect(try archive.importTime(of: SourceFile(path: path).digest) == nil)
        try archive.importAll([path])
        #expect(try archive.texts("hello").count == 1)
        #expect(try rows(archive, "recording") == 1)
        #expect(try rows(archive, "connection") == 3)
        #expect(
            try archive.queue.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM message_search WHERE message_search MATCH 'hello'")
            } == 1)
    }

    @Test func anImportThatFailsLeavesNothing() throws {
        let scratch = try Scratch()
        let path = try scratch.write(sampleCapture(), to: "a.pcap")
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importing([SourceFile(path: path)], toolVersion: "test", now: Clock.now()) { _ in nil }
        #expect(try rows(archive, "recording") == 0)
        #expect(try rows(archive, "source_file") == 0)
        #expect(throws: ArchiveError.self) { try SourceFile(path: scratch.path("none.pcap")) }
        #expect(throws: ArchiveError.self) { try SourceFile(path: scratch.folder.path) }
    }

    @Test func theFileIsPrivate() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([scratch.write(sampleCapture(), to: "a.pcap")])
        for name in ["a.sqlite", "a.sqlite-wal", "a.sqlite-shm"] {
            #expect(try scratch.permissions(name) == 0o600, "\(name)")
        }
    }

    @Test func aSignInIsATree() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        let list = try archive.list()
        #expect(list.count == 1)
        let signIn = try #require(list.first)
        #expect(signIn.account == "alice@example.com")
        #expect(signIn.dialect == "MSNP12")
        #expect(signIn.program == "MSNMSGR 7.0.0813")
        #expect(signIn.connections.map(\.role.rawValue) == ["DS", "NS", "SB"])
        #expect(signIn.connections.map { $0.conversation?.messages } == [nil, nil, 2])
        #expect(signIn.connections.last?.conversation?.participants == ["alice@example.com", "bob@example.com"])
        #expect(signIn.connections.allSatisfy { $0.end == .closed(.closed) })
        #expect(signIn.connections[1].missingBytes == 13)
        #expect(try archive.list("role == SB").first?.connections.count == 1)
        #expect(try archive.list("account == nobody@example.com").isEmpty)
        #expect(try archive.list("to == bob@example.com").first?.connections.map(\.id) == [.connection(3)])
    }

    @Test func derivedTablesAreMadeAgainTheSame() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(sampleCapture(["one", "two", "电影"]), in: scratch)
        let before = try derived(archive)
        #expect(before.count > 8)
        try archive.queue.write { db in
            try db.execute(sql: "DELETE FROM presence; DELETE FROM message; UPDATE contact SET name = 'wrong'")
        }
        #expect(try archive.reindex() == 3)
        #expect(try derived(archive) == before)
        #expect(try archive.texts("电").count == 1)
        #expect(try archive.reindex() == 3)
        #expect(try derived(archive) == before)
    }

    private func rows(_ archive: Archive, _ table: String) throws -> Int? {
        try archive.queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
    }

    /// All derived rows as text.
    private func derived(_ archive: Archive) throws -> [String] {
        try archive.queue.read { db in
            try ["message", "conversation", "participant", "contact", "presence", "account", "sign_in"].flatMap {
                table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\(table) \($0)" }
            }
        }
    }
}
