// Archives with the right tables, and rows that nobody would write.

import Analysis
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Archive

@Suite struct HostileRowTests {
    /// Takes the types away, does something, and puts them back, so that the file looks as it should.
    private static func untyped(_ table: String, _ lie: String) -> [String] {
        [
            "CREATE TABLE kept AS SELECT name, sql FROM sqlite_schema WHERE name = '\(table)'",
            """
            UPDATE sqlite_schema SET sql = replace(replace(sql, 'STRICT', '/**/'), 'INTEGER NOT NULL', '')
            WHERE name = '\(table)'
            """,
            lie,
            "UPDATE sqlite_schema SET sql = (SELECT sql FROM kept) WHERE name = '\(table)'",
            "DROP TABLE kept",
        ]
    }

    private static let values = [
        "'x'", "'9999999999999999999999'", "x'00'", "1e300", "-1e300", "0.5", "NULL", "-1", "-9223372036854775808",
        "9223372036854775807",
    ]

    static let variants: [[String]] =
        values.map { untyped("block", "UPDATE OR REPLACE block SET number = \($0)") }
        + values.map { untyped("block", "UPDATE block SET client_length = \($0), server_length = \($0)") }
        + values.map { untyped("connection", "UPDATE connection SET opened_ns = \($0), last_ns = \($0)") }
        + values.map { untyped("connection", "UPDATE connection SET client_bytes = \($0), server_bytes = \($0)") }
        + values.map { untyped("message", "UPDATE message SET time_ns = \($0), sender = \($0), frame = \($0)") }
        + values.map { untyped("sign_in", "UPDATE OR REPLACE sign_in SET number = \($0), account = \($0)") }
        + [
            // 16 MiB out of 16 KiB, and a length that no packing reaches.
            ["UPDATE block SET client_length = 16777216, client_bytes = zeroblob(16384)"],
            ["UPDATE block SET client_length = 4611686018427387904, client_bytes = zeroblob(16384)"],
            ["UPDATE block SET events = zeroblob(1000000)"],
            ["UPDATE block SET events = CAST(replace(hex(zeroblob(100000)), '0', char(18)) AS BLOB)"],
            ["UPDATE block SET events = x'02FFFFFFFFFFFFFFFFFF01'"],
            ["UPDATE block SET events = x'00FFFFFFFFFFFFFFFFFF010103FE0A03FFFFFFFFFFFFFFFFFF0103FFFFFFFFFFFFFFFFFF01'"],
            ["UPDATE account SET address = hex(zeroblob(4000000)) WHERE id = 1"],
            ["UPDATE message SET text = hex(zeroblob(4000000))"],
            ["UPDATE connection SET role = hex(zeroblob(4000000)), client = hex(zeroblob(4000000))"],
            ["UPDATE participant SET conversation = 1; UPDATE conversation SET id = 99"],
            ["DELETE FROM message_search_data"],
            ["UPDATE message_search_data SET block = randomblob(100)"],
            ["UPDATE message_search_data SET block = zeroblob(0)"],
            ["UPDATE message_search_data SET id = -id"],
            ["UPDATE message_search_config SET v = 99"],
            ["UPDATE message_search_config SET k = 'x'"],
            ["DELETE FROM message_search_idx"],
            ["UPDATE message_search_idx SET term = x'FF', pgno = 9223372036854775807"],
        ]

    /// Everything that is done with an archive comes to an end, well or with one line.
    @Test(.timeLimit(.minutes(1)), arguments: variants)
    func everythingEnds(sentences: [String]) throws {
        let scratch = try Scratch()
        let path = try Template.changed(scratch, by: sentences)
        let archive = try Archive.open(path)
        expectOneLine { for signIn in try archive.list() { _ = signIn.connections.map(\.bytes) } }
        expectOneLine { _ = try archive.list("role == SB and time > 2000") }
        expectOneLine { try archive.talkParts(SessionQuery()) { _ in true } }
        expectOneLine { _ = try archive.contacts(SessionQuery()) }
        expectOneLine { _ = try archive.statistics() }
        expectOneLine { _ = try archive.lastMessage(on: [1, 2, 3]) }
        expectOneLine { _ = try archive.texts("hello") }
        expectOneLine { _ = try archive.texts("?") }
        var events = 0
        expectOneLine {
            try archive.replay(nil) { _ in
                events += 1
                return events < 10_000_000
            }
        }
        #expect(events < 10_000_000)
        expectOneLine { try archive.replay(together: [1, 2, 3], .all) { _ in true } }
        expectOneLine { try archive.importAll([scratch.write(sampleCapture(["another one"]), to: "b.pcap")]) }
        expectOneLine { _ = try archive.reindex() }
        expectOneLine { _ = try archive.list() }
    }

    @Test func theSumOfBothSidesIsNeverTooLarge() throws {
        let scratch = try Scratch()
        let most = Int64.max
        let path = try Template.changed(
            scratch, by: ["UPDATE connection SET client_bytes = \(most), server_bytes = \(most)"])
        let first = try #require(try Archive.open(path).list().first?.connections.first)
        #expect(first.bytes == most)
    }

    /// Pages that lead to the same page over and over: rows without end in a small file.
    @Test(.timeLimit(.minutes(1)), arguments: ["connection", "recording", "message"])
    func pagesInCirclesEnd(table: String) throws {
        let scratch = try Scratch()
        let path = try scratch.write(Template.bytes, to: "a.sqlite")
        let root = try DatabaseQueue(path: path).read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [table])
        }
        let bytes = Self.tower(over: try #require(root), in: Template.bytes)
        let archive = try Archive.open(scratch.write(bytes, to: "a.sqlite"))
        let began = ContinuousClock.now
        expectOneLine { _ = try archive.list() }
        expectOneLine { _ = try archive.contacts(SessionQuery()) }
        expectOneLine { _ = try archive.statistics() }
        expectOneLine { _ = try archive.texts("?") }
        expectOneLine { _ = try archive.reindex() }
        #expect(ContinuousClock.now - began < .seconds(40))
    }

    /// Puts seven pages with hundreds of ways to the next one between a table's root and its rows.
    private static func tower(over root: Int, in file: [UInt8]) -> [UInt8] {
        let size = 4_096
        let ways = 400
        var file = file
        let first = file.count / size + 1
        let leaf = Array(file[(root - 1) * size..<root * size])
        func page(to next: Int) -> [UInt8] {
            var page = [UInt8](repeating: 0, count: size)
            func put(_ value: Int, at place: Int, bytes: Int) {
                for index in 0..<bytes {
                    page[place + index] = UInt8(truncatingIfNeeded: value >> (8 * (bytes - 1 - index)))
                }
            }
            put(5, at: 0, bytes: 1)
            put(ways, at: 3, bytes: 2)
            put(size - ways * 5, at: 5, bytes: 2)
            put(next, at: 8, bytes: 4)
            for way in 0..<ways {
                let cell = size - (way + 1) * 5
                put(cell, at: 12 + way * 2, bytes: 2)
                put(next, at: cell, bytes: 4)
                put(1, at: cell + 4, bytes: 1)
            }
            return page
        }
        for floor in 0..<7 { file += page(to: first + floor + 1) }
        file += leaf
        file.replaceSubrange((root - 1) * size..<root * size, with: page(to: first))
        let count = file.count / size
        for index in 0..<4 { file[28 + index] = UInt8(truncatingIfNeeded: count >> (8 * (3 - index))) }
        return file
    }

    /// A damaged text index ends an import in one line, and nothing of it stays.
    @Test(arguments: [
        "UPDATE message_search_config SET v = 99", "UPDATE message_search_data SET block = x'00'",
        "DELETE FROM message_search_data", "UPDATE message_search_data SET block = zeroblob(50)",
    ])
    func nothingIsHalfImported(damage: String) throws {
        let scratch = try Scratch()
        let archive = try Archive.open(Template.changed(scratch, by: [damage]))
        let capture = try scratch.write(sampleCapture(["quite another"]), to: "b.pcap")
        func rows() throws -> [Int] {
            try archive.queue.read { db in
                try ["recording", "source_file", "connection", "block", "message"].map {
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? -1
                }
            }
        }
        let before = try rows()
        do {
            try archive.importAll([capture])
        } catch {
            #expect(error is ArchiveError)
            #expect(try rows() == before)
        }
    }

    /// What a disk does to a file over the years, the same in each run of the tests.
    @Test(.timeLimit(.minutes(2)), arguments: 0..<8)
    func damagedFilesCanBeImportedInto(seed: UInt64) throws {
        let scratch = try Scratch()
        var random = SeededGenerator(seed: seed &* 7_919 &+ 1)
        let capture = try scratch.write(sampleCapture(["quite another"]), to: "b.pcap")
        for round in 0..<12 {
            var bytes = Template.bytes
            for _ in 0..<(1 + round * 4) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            let path = try scratch.write(bytes, to: "damaged\(round).sqlite")
            expectOneLine {
                let damaged = try Archive.openOrCreate(path)
                expectOneLine { try damaged.importAll([capture]) }
                expectOneLine { for signIn in try damaged.list() { _ = signIn.connections.map(\.bytes) } }
                expectOneLine { _ = try damaged.reindex() }
            }
        }
    }

    private func expectOneLine(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            #expect(error is ArchiveError, "\(error)")
            #expect(!"\(error)".contains { $0.isNewline })
        }
    }
}
