// A bounded cache of the row identifiers of accounts.

internal import GRDB

/// The rows of accounts by address; inserts those that are new.
struct AccountRows {
    private var rows: [String: Int64] = [:]
    private let insert: PreparedStatement
    private let select: PreparedStatement

    /// The maximum number of cached accounts: enough for a capture of a small server.
    private static let most = 200_000

    init(_ db: Database) throws {
        insert = try PreparedStatement("INSERT OR IGNORE INTO account (address) VALUES (?)", in: db)
        select = try PreparedStatement("SELECT id FROM account WHERE address = ?", in: db)
    }

    /// Forgets all rows: another program may have deleted some.
    mutating func forget() { rows = [:] }

    /// The row of an account, inserted if there is none.
    mutating func row(of address: String) throws -> Int64 {
        if let row = rows[address] { return row }
        insert.bind(1, address)
        try insert.run()
        let row = insert.changes > 0 ? insert.lastRow : try existing(address)
        if rows.count >= Self.most { rows = [:] }
        rows[address] = row
        return row
    }

    private func existing(_ address: String) throws -> Int64 {
        select.bind(1, address)
        defer { select.reset() }
        guard try select.step() else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return select.integer(0)
    }
}
