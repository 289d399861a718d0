// A bounded cache of the row identifiers of accounts.

/// A cache of account rows by address.
struct AccountRows {
    private var rows: [String: Int64] = [:]

    /// The maximum number of cached accounts: enough for a capture of a small server.
    private static let most = 200_000

    /// The row of an account, inserted if there is none.
    mutating func row(of address: String, _ statements: DerivedStatements) throws -> Int64 {
        if let row = rows[address] { return row }
        let row = try statements.account(address)
        if rows.count >= Self.most { rows = [:] }
        rows[address] = row
        return row
    }
}
