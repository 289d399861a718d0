// One SQL statement with typed places: written by number, read without trust in what the columns hold.

internal import GRDB
internal import GRDBSQLite

/// A prepared statement. GRDB opens, migrates and guards the file; rows by the million go through here, and columns of
/// an archive that somebody else made are read so that no type in them can end the program.
final class Prepared {
    private let statement: Statement
    private let pointer: OpaquePointer
    private var effort: StatementBudget

    /// Texts are cut here.
    var longestText = Int.max

    /// - Parameters:
    ///   - isShared: kept and found again by its text; not for a statement that is used within itself.
    ///   - isOwn: reads a temporary table, which nobody else has written.
    ///   - free: how much work it may be whatever the file's size.
    init(
        _ sql: String, in db: Database, isShared: Bool = true, isOwn: Bool = false, free: Int = StatementBudget.free
    ) throws {
        effort = StatementBudget(isBounded: !isOwn, free: free)
        statement = isShared ? try db.cachedStatement(sql: sql) : try db.makeStatement(sql: sql)
        pointer = statement.sqliteStatement
        reset()
    }

    // MARK: - Places, counted from 1

    func bind(_ place: Int32, _ value: Int64) { sqlite3_bind_int64(pointer, place, value) }

    func bind(_ place: Int32, _ value: Int) { sqlite3_bind_int64(pointer, place, Int64(value)) }

    func bind(_ place: Int32, _ value: Int64?) {
        if let value { bind(place, value) } else { sqlite3_bind_null(pointer, place) }
    }

    func bind(_ place: Int32, _ value: String) {
        sqlite3_bind_text(pointer, place, value, Int32(clamping: value.utf8.count), Self.copied)
    }

    func bind(_ place: Int32, _ value: String?) {
        if let value { bind(place, value) } else { sqlite3_bind_null(pointer, place) }
    }

    func bind(_ place: Int32, blob value: [UInt8]) {
        value.withUnsafeBytes { bytes -> Void in
            if bytes.isEmpty {
                sqlite3_bind_zeroblob(pointer, place, 0)
            } else {
                sqlite3_bind_blob(pointer, place, bytes.baseAddress, Int32(clamping: bytes.count), Self.copied)
            }
        }
    }

    // MARK: - Running

    /// Goes to the next row.
    ///
    /// - Returns: whether there is one.
    func step() throws -> Bool {
        switch advance() {
        case SQLITE_ROW:
            guard effort.allowsRow() else {
                reset()
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "more rows than the file has room for")
            }
            return true
        case SQLITE_DONE:
            reset()
            return false
        default: throw failure()
        }
    }

    /// Runs a statement that has no rows, and makes it ready for the next ones.
    func run() throws {
        let code = advance()
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure() }
        reset()
    }

    /// Forgets the rows that were not asked for.
    func reset() {
        sqlite3_reset(pointer)
        effort.rows = 0
    }

    /// One step, given up where it is more work than the file can be worth.
    private func advance() -> Int32 {
        let handle = sqlite3_db_handle(pointer)
        effort.handle = handle
        effort.work = 0
        // SQLite calls back only within the step, and forgets the address before it is no longer valid.
        return withUnsafeMutablePointer(to: &effort) { effort in
            sqlite3_progress_handler(
                handle, StatementBudget.unit,
                { context in
                    guard let effort = context?.assumingMemoryBound(to: StatementBudget.self) else { return 1 }
                    return effort.pointee.allowsWork() ? 0 : 1
                }, effort)
            defer { sqlite3_progress_handler(handle, 0, nil, nil) }
            return sqlite3_step(pointer)
        }
    }

    /// The row that the last insertion made.
    var lastRow: Int64 { sqlite3_last_insert_rowid(sqlite3_db_handle(pointer)) }

    /// How many rows the last statement changed.
    var changes: Int { Int(sqlite3_changes(sqlite3_db_handle(pointer))) }

    // MARK: - Columns, counted from 0; a value of another type is turned into the one asked for

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(pointer, column) else { return "" }
        let count = min(Int(sqlite3_column_bytes(pointer, column)), longestText)
        let bytes = UnsafeBufferPointer(start: start, count: count)
        return String(decoding: bytes, as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(pointer, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
    }

    private func failure() -> DatabaseError {
        let handle = sqlite3_db_handle(pointer)
        let code = sqlite3_extended_errcode(handle)
        let message = sqlite3_errmsg(handle).map { String(cString: $0) }
        sqlite3_reset(pointer)
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }

    /// SQLite's own way to say "copy what I give you".
    ///
    /// Proof: sqlite3.h defines SQLITE_TRANSIENT as the destructor -1, a macro that Swift cannot import; SQLite compares
    /// the pointer and never calls it, and a pointer has the size of an Int.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
