// Limits that SQLite gets for an archive, because the file may come from an untrusted source.

internal import GRDB
internal import GRDBSQLite

enum ArchiveLimits {
    /// The longest account, address or name in a list, in bytes; longer ones are truncated.
    static let longestLabel = 4_096
    /// The longest message text in bytes: a payload has at most 1 MiB, and its characters at most three times as many
    /// bytes in UTF-8, rounded up.
    static let longestMessage = 4 << 20
    /// The maximum number of participants listed for one conversation.
    static let mostParticipants = 10_000

    /// Limits the size of values, the depth of triggers and the number of attached files, so that a hostile schema
    /// cannot use much memory or time.
    static func set(_ db: Database, longestValue: Int32) {
        guard let handle = db.sqliteConnection else { return }
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, longestValue)
        sqlite3_limit(handle, SQLITE_LIMIT_TRIGGER_DEPTH, 8)
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 1)
    }
}
