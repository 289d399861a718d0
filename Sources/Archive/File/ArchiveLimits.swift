// What SQLite is told not to do for an archive, for it may come from anybody.

internal import GRDB
internal import GRDBSQLite

enum ArchiveLimits {
    /// No account, address or name in a list is longer than this; what is longer is shown in part.
    static let longestLabel = 4_096
    /// A payload has at most 1 MiB, and its characters at most three times as many bytes in UTF-8.
    static let longestMessage = 4 << 20
    /// How many people of one conversation are listed.
    static let mostParticipants = 10_000

    /// Bounds values, and the number of programs that a hostile schema could run on the side.
    static func set(_ db: Database, longestValue: Int32) {
        guard let handle = db.sqliteConnection else { return }
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, longestValue)
        sqlite3_limit(handle, SQLITE_LIMIT_TRIGGER_DEPTH, 8)
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 1)
    }
}
