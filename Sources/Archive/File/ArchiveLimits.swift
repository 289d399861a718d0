// Limits that SQLite gets for an archive, because the file may come from an untrusted source.

internal import GRDB
internal import GRDBSQLite

package enum ArchiveLimits {
    /// The longest account, address or name in a list, in bytes; longer ones are truncated.
    static let longestLabel = 4_096
    /// The longest message text in bytes: a payload has at most 1 MiB, and its characters at most three times as many
    /// bytes in UTF-8, rounded up.
    package static let longestMessage = 4 << 20
    /// The maximum number of participants listed for one conversation.
    static let mostParticipants = 10_000

    /// The largest value in a row, in bytes: blocks are cut at 64 KiB, but one frame can have 1 MiB. SQLite reads values as
    /// a whole, so this bounds what an altered archive makes it hold.
    private static let longestValue: Int32 = 16 << 20
    /// The largest row of `pending`: the rows of a commit of 8 MiB, and what was held from the commits before.
    private static let longestCommit: Int32 = 64 << 20

    /// Allows rows as large as commits while a function runs.
    static func allowingCommits<Result>(_ db: Database, _ body: () throws -> Result) rethrows -> Result {
        guard let handle = db.sqliteConnection else { return try body() }
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, longestCommit)
        defer { sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, longestValue) }
        return try body()
    }

    /// Limits the size of values, the depth of triggers and the number of attached files, so that a hostile schema
    /// cannot use much memory or time.
    static func set(_ db: Database) {
        guard let handle = db.sqliteConnection else { return }
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, longestValue)
        sqlite3_limit(handle, SQLITE_LIMIT_TRIGGER_DEPTH, 8)
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 1)
    }
}
