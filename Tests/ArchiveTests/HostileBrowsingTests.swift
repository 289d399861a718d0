// Damaged and hostile archives as the page reads them: what is left is shown, and the rest is named.

import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct HostileBrowsingTests {
    private static func archive(_ sql: String, _ scratch: Scratch) throws -> ArchiveReader {
        let path = try record(pings(20_000), in: scratch)
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { (db: Database) throws in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM block") ?? 0 >= 3)
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: sql)
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        try queue.close()
        return try ArchiveReader(path)
    }

    /// The bytes of one block are gone: its events are one item, those of the others are there.
    @Test(arguments: [
        "UPDATE block SET client_bytes = x'00', server_bytes = x'00' WHERE number = 1",
        "UPDATE block SET client_length = 1 << 40, server_length = -1 WHERE number = 1",
        "UPDATE block SET client_bytes = x'', client_length = 0, server_bytes = x'', server_length = 0 WHERE number = 1",
    ]) func oneBlockWithoutBytes(sql: String) throws {
        let scratch = try Scratch()
        let reader = try Self.archive(sql, scratch)
        let items = try reader.all(page: 200)
        let damaged = items.filter { $0.damage != nil }
        #expect(damaged.count == 1 && damaged.first?.damage?.block == 1)
        let missing = try #require(damaged.first?.damage?.events)
        #expect(missing > 1_000 && items.count == 20_001 - missing + 1)
        #expect(try reader.allBackwards(page: 199).addresses == items.addresses)
        let full = try reader.all(page: 500, .full)
        #expect(full.addresses == items.addresses)
        let address = try #require(damaged.first?.address)
        #expect(try reader.event(address)?.item.damage != nil)
        #expect(try reader.event(EventAddress(connection: 1, number: 20_001))?.item.recorded == 0)
    }

    /// The index of one block ends with nonsense: the events in front of it are there, and so is the rest.
    @Test func oneBlockWithoutIndex() throws {
        let scratch = try Scratch()
        let reader = try Self.archive(
            "UPDATE block SET events = CAST(substr(events, 1, 100) || x'47ff' AS BLOB) WHERE number = 1", scratch)
        let items = try reader.all(page: 200)
        #expect(items.count { $0.damage != nil } == 1)
        #expect(items.count > 10_000)
        #expect(try reader.allBackwards(page: 200).addresses == items.addresses)
        #expect(zip(items, items.dropFirst()).allSatisfy { $0.cursor < $1.cursor })
    }

    /// Values that make no sense end nothing but the rows that have them.
    @Test(arguments: [
        "UPDATE block SET events = x'' WHERE number = 0",
        "UPDATE block SET events = x'ffffffffffffffffffffffff'",
        "UPDATE block SET number = 9223372036854775807 WHERE number = 2",
        "UPDATE block SET number = number - 9223372036854775800",
        "UPDATE connection SET opened_ns = 9223372036854775807, last_ns = -9223372036854775808",
        "UPDATE connection SET role = 'nonsense', dialect = 'x', client = '', server = ''",
        "INSERT INTO finding (recording, connection, time_ns, name, text, event) VALUES (1, 1, 1, 'a', 'b', -5), (1, 1, 1, 'a', 'b', 9223372036854775807)",
        "INSERT INTO account (id, address) VALUES (9, 'x'); INSERT INTO message (connection, frame, time_ns, said_by, sender, text, event) VALUES (1, -1, 0, 'C', 9, 'x', 2)",
        "INSERT INTO pending (recording, rows) VALUES (1, x'01'), (1, x'0102ff0304050607'), (99, x'01'), (1, x'ffff')",
        "UPDATE block SET client_bytes = zeroblob(1000000), client_length = 1000000",
    ]) func nonsense(sql: String) throws {
        let scratch = try Scratch()
        let reader = try Self.archive(sql, scratch)
        let items = try reader.all(page: 500)
        #expect(try reader.allBackwards(page: 500).addresses == items.addresses)
        for number: Int64 in [1, 2, 5_000, 20_001, .max] {
            let address = EventAddress(connection: 1, number: number)
            _ = try reader.event(address)
            _ = try reader.events(.of(.connection(1)), .around(address), limit: 5)
        }
        _ = try reader.talks(limit: 10)
        _ = try reader.media(.everything, limit: 10)
        _ = try reader.events(.everything, .aroundTime(Timestamp(nanoseconds: .min)), limit: 5)
        _ = try reader.events(.everything, .aroundTime(Timestamp(nanoseconds: .max)), limit: 5)
    }
}
