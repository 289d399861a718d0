// How much work one statement may be: damaged and hostile files can lead SQLite in circles.

internal import GRDBSQLite
internal import Glibc

/// Counts the work of one statement. What a file that is in order needs grows with its size; a page that is its own
/// neighbour's neighbour makes work, or rows, without end.
struct StatementBudget {
    /// After how many of SQLite's instructions the count goes up.
    static let unit: Int32 = 1 << 20
    /// How many units need no reason: a second or two.
    static let free = 64
    /// The same for statements that keep a list of rows in memory while they work.
    static let freeWithList = 4
    /// How many instructions a byte of the file may need in one step. The costliest statement needs below two.
    private static let perByte: Int64 = 16
    private static let freeRows = 1 << 20

    let isBounded: Bool
    let free: Int
    var handle: OpaquePointer?
    /// Units in this step.
    var work = 0
    /// Rows since the statement was begun.
    var rows = 0

    init(isBounded: Bool, free: Int = free) {
        self.isBounded = isBounded
        self.free = free
    }

    /// Counts one unit, and says whether the step may go on.
    mutating func allowsWork() -> Bool {
        work &+= 1
        guard isBounded, work > free else { return true }
        return Int64(work &- free) &* Int64(Self.unit) <= size &* Self.perByte
    }

    /// Counts one row. Each lies in a table, and takes more than a byte there.
    mutating func allowsRow() -> Bool {
        rows &+= 1
        guard isBounded, rows & (Self.freeRows &- 1) == 0 else { return true }
        return Int64(rows &- Self.freeRows) <= size
    }

    /// How much the file and its log take on the disk; holes in it do not count.
    private var size: Int64 {
        guard let name = sqlite3_db_filename(handle, "main") else { return 0 }
        let path = String(cString: name)
        var total: Int64 = 0
        for path in [path, path + "-wal"] {
            var status = stat()
            if stat(path, &status) == 0 { total &+= Int64(status.st_blocks) &* 512 }
        }
        return total
    }
}
