// Limits the work of one SQL statement: damaged and hostile files can make SQLite loop forever.

internal import GRDBSQLite
internal import Glibc

/// Counts the work of one statement. The work that an intact file needs grows with its size; a b-tree page that links
/// back to itself causes endless work or rows.
struct StatementBudget {
    /// SQLite instructions per unit of work.
    static let unit: Int32 = 1 << 20
    /// Units that are always allowed: a second or two.
    static let free = 64
    /// The same for statements that hold a list of rows in memory while they run.
    static let freeWithList = 4
    /// Allowed instructions per byte of the file in one step. The costliest statement needs fewer than two.
    private static let perByte: Int64 = 16
    private static let freeRows = 1 << 20

    let isBounded: Bool
    let free: Int
    var handle: OpaquePointer?
    /// Units used in this step.
    var work = 0
    /// Rows since the statement was started.
    var rows = 0

    init(isBounded: Bool, free: Int = free) {
        self.isBounded = isBounded
        self.free = free
    }

    /// Counts one unit.
    ///
    /// - Returns: whether the step may continue.
    mutating func allowsWork() -> Bool {
        work &+= 1
        guard isBounded, work > free else { return true }
        return Int64(work &- free) &* Int64(Self.unit) <= size &* Self.perByte
    }

    /// Counts one row. Each row takes more than one byte in its table.
    ///
    /// - Returns: whether the statement may continue.
    mutating func allowsRow() -> Bool {
        rows &+= 1
        guard isBounded, rows & (Self.freeRows &- 1) == 0 else { return true }
        return Int64(rows &- Self.freeRows) <= size
    }

    /// The disk space of the file and its log in bytes, not counting holes of sparse files.
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
