// Files that are no archives, newer archives, and archives with false contents.

import Foundation
import GRDB
import TestSupport
import Testing

@testable import Archive

@Suite struct HostileTests {
    @Test func whatIsNoArchiveIsRefusedInOneLine() throws {
        let scratch = try Scratch()
        let garbage = try scratch.write(Array(repeating: 0x42, count: 10_000), to: "garbage.sqlite")
        expectRefusal("not an SQLite file") { try Archive.open(garbage) }
        expectRefusal("not an SQLite file") { try Archive.openOrCreate(garbage) }
        expectRefusal("there is no archive") { try Archive.open(scratch.path("none.sqlite")) }
        expectRefusal("cannot create") { try Archive.openOrCreate(scratch.path("none/a.sqlite")) }
        let other = try DatabaseQueue(path: scratch.path("other.sqlite"))
        try other.write { try $0.execute(sql: "CREATE TABLE bookmarks (id INTEGER)") }
        expectRefusal("another program") { try Archive.openOrCreate(scratch.path("other.sqlite")) }
        #expect(try Data(contentsOf: URL(filePath: garbage)).allSatisfy { $0 == 0x42 })
    }

    @Test func aNewerArchiveIsRefused() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')") }
        expectRefusal("newer") { try Archive.open(scratch.path("a.sqlite")) }
    }

    @Test func theFirstReleasedSchemaOpens() throws {
        let scratch = try Scratch()
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/schema-1.sqlite")
        let bytes = try Data(contentsOf: fixture)
        let archive = try Archive.openOrCreate(scratch.write(Array(bytes), to: "a.sqlite"))
        #expect(try archive.list().first?.account == "alice@example.com")
        #expect(try archive.texts("电影").count == 1)
        #expect(try archive.lines(.signIn(1)).count == 3)
        #expect(try archive.reindex() == 3)
    }

    /// Makes the fixture of a schema that is to be released; only where asked for.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["BUTTERFLYNET_MAKE_FIXTURE"] != nil))
    func makeFixture() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(sampleCapture(["Hello Bob", "hi", "去看电影"]), in: scratch)
        let target = ProcessInfo.processInfo.environment["BUTTERFLYNET_MAKE_FIXTURE"] ?? ""
        try archive.queue.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE source_file SET name = 'sample.pcap'; UPDATE recording SET process = '1 1'")
            try db.execute(sql: "VACUUM INTO ?", arguments: [target])
        }
    }

    @Test func rowsThatLieAreNoTrap() throws {
        let lies = [
            "UPDATE block SET events = randomblob(5000)",
            "UPDATE block SET client_bytes = x'', server_bytes = zeroblob(7)",
            "UPDATE block SET events = x'1FFFFFFFFFFFFFFFFFFFFFFFFF'",
            "UPDATE block SET number = number - 9223372036854775807",
            "UPDATE connection SET role = 'X', dialect = 'MSNP999', opened_ns = -9223372036854775808, sign_in = NULL",
            "UPDATE connection SET client_bytes = 9223372036854775807, server_bytes = 9223372036854775807",
            "DELETE FROM sign_in", "UPDATE sign_in SET number = 9223372036854775807",
            "UPDATE message SET text = CAST(x'FFFE00' AS TEXT), time_ns = 9223372036854775807",
            "DELETE FROM finding; DELETE FROM account; DELETE FROM participant",
            "UPDATE recording SET process = '-1', kind = 'relay'",
            "UPDATE conversation SET session = char(27) || '[31m'",
        ]
        for lie in lies {
            let scratch = try Scratch()
            let archive = try Archive.importing(in: scratch)
            try archive.queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
                try db.execute(sql: lie)
                try db.execute(sql: "PRAGMA foreign_keys = ON")
            }
            _ = try? archive.list()
            _ = try? archive.list("role == SB and time > 1")
            _ = try? archive.lines(.recording(1))
            _ = try? archive.texts("hello")
            _ = try? archive.reindex()
        }
    }

    @Test func damagedFilesAreNoTrap() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        try archive.queue.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [scratch.path("whole.sqlite")])
        }
        let whole = Array(try Data(contentsOf: URL(filePath: scratch.path("whole.sqlite"))))
        var random = SystemRandomNumberGenerator()
        for round in 0..<60 {
            var bytes = whole
            for _ in 0..<(1 + round) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if round % 4 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count / 2)) }
            let path = try scratch.write(bytes, to: "damaged\(round).sqlite")
            guard let damaged = try? Archive.open(path) else { continue }
            _ = try? damaged.list()
            _ = try? damaged.lines(.recording(1))
            _ = try? damaged.texts("hello")
        }
    }

    private func expectRefusal(_ words: String, _ body: () throws -> Archive) {
        do {
            _ = try body()
            Issue.record("opened")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
            #expect(!"\(error)".contains("\n"))
        }
    }
}

@Suite struct TogetherTests {
    /// Several programs may be started at the same moment in the same folder, where no archive is yet.
    @Test func manyMakeTheSameArchiveAtOnce() async throws {
        let scratch = try Scratch()
        for round in 0..<10 {
            let path = scratch.path("\(round).sqlite")
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 { group.addTask { _ = try Archive.openOrCreate(path) } }
                try await group.waitForAll()
            }
            _ = try Archive.open(path)
        }
    }
}
