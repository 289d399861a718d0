// Who may read an archive, and who may begin one.

import Foundation
import GRDB
import Glibc
import TestSupport
import Testing

@testable import Archive

@Suite struct FileTests {
    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test(arguments: ["absolute", "relative", "two links"])
    func aLinkThatLeadsNowhereMakesAPrivateFile(kind: String) throws {
        let scratch = try Scratch()
        let (path, target) = (scratch.path("a.sqlite"), scratch.path("target.sqlite"))
        switch kind {
        case "absolute": try #require(symlink(target, path) == 0)
        case "relative": try #require(symlink("target.sqlite", path) == 0)
        default:
            try #require(symlink(scratch.path("b.sqlite"), path) == 0 && symlink(target, scratch.path("b.sqlite")) == 0)
        }
        let archive = try Archive.openOrCreate(path)
        try archive.importAll([scratch.write(sampleCapture(), to: "a.pcap")])
        #expect(mode(target) == 0o600)
        #expect(mode(target + "-wal") == 0o600)
        #expect(mode(target + "-shm") == 0o600)
        #expect(archive.file == target)
        #expect(try Archive.open(path).list().isEmpty == false)
    }

    @Test func aLinkWithoutAnEndIsRefused() throws {
        let scratch = try Scratch()
        try #require(
            symlink(scratch.path("b"), scratch.path("a")) == 0 && symlink(scratch.path("a"), scratch.path("b")) == 0)
        #expect(throws: ArchiveError.self) { try Archive.openOrCreate(scratch.path("a")) }
        try #require(symlink(scratch.path("none/x.sqlite"), scratch.path("c")) == 0)
        #expect(throws: ArchiveError.self) { try Archive.openOrCreate(scratch.path("c")) }
        #expect(throws: ArchiveError.self) { try Archive.openOrCreate(scratch.folder.path) }
        try #require(mkfifo(scratch.path("pipe"), 0o600) == 0)
        #expect(throws: ArchiveError.self) { try Archive.openOrCreate(scratch.path("pipe")) }
    }

    @Test func anArchiveThatOthersCanReadIsSpokenOf() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        #expect(ArchiveFile.exposure(of: path) == nil)
        _ = try Archive.openOrCreate(path)
        #expect(ArchiveFile.exposure(of: path) == nil)
        try #require(chmod(path, 0o644) == 0)
        #expect(ArchiveFile.exposure(of: path)?.contains("mode 644") == true)
        _ = try Archive.openOrCreate(path)
        #expect(mode(path) == 0o644)
    }

    /// Another program that reads a new archive keeps it from getting its log; SQLite says so at once.
    @Test func aBeginningWaitsForOthers() async throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let other = try DatabaseQueue(path: path)
        try await other.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
        }
        try await other.writeWithoutTransaction { db in
            try db.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
            try db.execute(sql: "BEGIN; SELECT * FROM grdb_migrations")
            let opening = Task.detached { try Archive.openOrCreate(path) }
            // Long enough for a first attempt; where that comes later, this test shows less, and fails nobody.
            usleep(300_000)
            try db.execute(sql: "COMMIT")
            return opening
        }.value.queue.close()
        #expect(try Archive.open(path).list().isEmpty)
    }

    /// Who only reads changes nothing in a file that is no archive, not even in one without tables.
    @Test(arguments: ["PRAGMA user_version = 7", "CREATE TABLE a (b)"]) func readingChangesNoOtherFile(
        _ made: String
    ) throws {
        let scratch = try Scratch()
        let path = scratch.path("other.sqlite")
        let other = try DatabaseQueue(path: path)
        try other.writeWithoutTransaction { try $0.execute(sql: made) }
        try other.close()
        let before = try Data(contentsOf: URL(filePath: path))
        try #require(!before.isEmpty)
        let error = #expect(throws: ArchiveError.self) { try Archive.open(path) }
        #expect(error?.description.contains("an SQLite file of another program") == true)
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["other.sqlite"])
    }

    /// SQLite would roll a journal back, and delete the file that the journal names, before it reads anything.
    @Test(arguments: ["-journal", "-wal", "-shm"]) func whatNoArchiveHasBesideItIsRefused(_ end: String) throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        try Archive.openOrCreate(path).queue.close()
        for name in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + name) }
        let stranger = try scratch.write(Array("important".utf8), to: "stranger")
        if end == "-journal" {
            _ = try scratch.write([0xD9, 0xD5, 0x05, 0xF9], to: "a.sqlite-journal")
            #expect(throws: ArchiveError.self) { try Archive.open(path) }
            try FileManager.default.removeItem(atPath: path + end)
        }
        try FileManager.default.createSymbolicLink(atPath: path + end, withDestinationPath: stranger)
        #expect(throws: ArchiveError.self) { try Archive.open(path) }
        #expect(throws: ArchiveError.self) { try Archive.openOrCreate(path) }
        #expect(try String(contentsOfFile: stranger, encoding: .utf8) == "important")
        try FileManager.default.removeItem(atPath: path + end)
        try #require(mkfifo(path + end, 0o600) == 0)
        #expect(throws: ArchiveError.self) { try Archive.open(path) }
        try FileManager.default.removeItem(atPath: path + end)
        #expect(try Archive.open(path).list().isEmpty)
    }
}
