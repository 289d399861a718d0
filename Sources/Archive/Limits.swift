// What SQLite is told not to do for an archive, for it may come from anybody.

internal import GRDB
internal import GRDBSQLite

enum Limits {
    /// Bounds values, and the number of programs that a hostile schema could run on the side.
    static func set(_ db: Database, longestValue: Int32) {
        guard let handle = db.sqliteConnection else { return }
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, longestValue)
        sqlite3_limit(handle, SQLITE_LIMIT_TRIGGER_DEPTH, 8)
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 1)
    }
}
