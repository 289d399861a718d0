// Reserves row numbers, so that a live log and the archive number connections and sign-ins alike.

internal import GRDB
internal import NIOConcurrencyHelpers

/// The numbers of connections and sign-ins that a recorder has reserved in its archive.
///
/// A relay needs the number of a connection at once, and the row is written later. Numbers are therefore reserved in
/// blocks, ahead of use; several relays and imports can write one archive.
final class RowNumbers: Sendable {
    /// How many numbers are reserved at once. A killed relay leaves a gap of at most this many numbers.
    static let blockSize: Int64 = 1_000

    /// The tables with reserved numbers.
    enum Table: String, CaseIterable { case connection, signIn = "sign_in" }

    /// The numbers of one table.
    struct Block: Sendable, Hashable {
        /// The next number.
        var next: Int64 = 1
        /// The first number after the reserved ones.
        var end: Int64 = 1
        /// A further block; nil if none is reserved.
        var spare: Range<Int64>?

        /// Whether another block should be reserved now.
        var isLow: Bool { spare == nil && end - next < RowNumbers.blockSize / 2 }

        /// Takes a number. Beyond the reserved ones it may belong to another row: the archive then chooses one itself.
        mutating func take() -> Int64 {
            if next >= end, let range = spare {
                (next, end, spare) = (range.lowerBound, range.upperBound, nil)
            }
            defer { next += 1 }
            return next
        }

        /// Adds a block that was reserved.
        mutating func add(_ range: Range<Int64>) {
            if range.lowerBound == end {
                end = range.upperBound
            } else if next >= end {
                (next, end) = (range.lowerBound, range.upperBound)
            } else {
                spare = range
            }
        }
    }

    private let blocks = NIOLockedValueBox<[Table: Block]>([:])

    /// Takes the next number of a table.
    func take(_ table: Table) -> Int { blocks.withLockedValue { Int(clamping: $0[table, default: Block()].take()) } }

    /// Reserves blocks for the tables that need one, in the current transaction.
    ///
    /// - Returns: the blocks; `add` them after the transaction was committed.
    func reserve(_ db: Database) throws -> [Table: Range<Int64>] {
        let low = blocks.withLockedValue { blocks in Table.allCases.filter { blocks[$0, default: Block()].isLow } }
        var ranges: [Table: Range<Int64>] = [:]
        for table in low {
            let last = try Self.last(table, db)
            try Self.setLast(table, last &+ Self.blockSize, db)
            ranges[table] = last &+ 1..<last &+ 1 &+ Self.blockSize
        }
        return ranges
    }

    /// Adds reserved blocks.
    func add(_ ranges: [Table: Range<Int64>]) {
        blocks.withLockedValue { blocks in
            for (table, range) in ranges { blocks[table, default: Block()].add(range) }
        }
    }

    /// Gives unused numbers back, in the current transaction, unless others reserved numbers after them.
    func giveBack(_ db: Database) throws {
        for (table, block) in blocks.withLockedValue({ $0 }) {
            let last = try Self.last(table, db)
            if let spare = block.spare, spare.upperBound == last &+ 1 {
                try Self.setLast(table, spare.lowerBound &- 1, db)
            } else if block.spare == nil, block.end == last &+ 1, block.next < block.end {
                try Self.setLast(table, block.next &- 1, db)
            }
        }
    }

    /// Notes in a new file that numbers up to the reserved ones are taken.
    func carryOver(_ db: Database) throws {
        for (table, block) in blocks.withLockedValue({ $0 }) {
            let end = max(block.end, block.spare?.upperBound ?? 0)
            if try Self.last(table, db) < end &- 1 { try Self.setLast(table, end &- 1, db) }
        }
    }

    /// The largest number that a table of this file has given out (SQLite: `AUTOINCREMENT`).
    private static func last(_ table: Table, _ db: Database) throws -> Int64 {
        let select = try PreparedStatement("SELECT seq FROM sqlite_sequence WHERE name = ?", in: db)
        defer { select.reset() }
        select.bind(1, table.rawValue)
        let last = try select.step() ? select.integer(0) : 0
        return min(max(last, 0), Int64.max / 2)
    }

    private static func setLast(_ table: Table, _ number: Int64, _ db: Database) throws {
        for sql in [
            "INSERT INTO sqlite_sequence (seq, name) SELECT ?1, ?2 WHERE ?2 NOT IN (SELECT name FROM sqlite_sequence)",
            "UPDATE sqlite_sequence SET seq = ?1 WHERE name = ?2",
        ] {
            let statement = try PreparedStatement(sql, in: db)
            statement.bind(1, number)
            statement.bind(2, table.rawValue)
            try statement.run()
        }
    }
}
