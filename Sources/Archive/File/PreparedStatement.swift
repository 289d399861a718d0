// A prepared SQL statement with typed parameters and columns; column types are not trusted.

internal import GRDB
internal import GRDBSQLite

/// A prepared statement. GRDB opens, migrates and locks the file; this type handles the rows, of which there may be
/// millions. A column of a foreign archive may hold any type; none of them can crash the program.
final class PreparedStatement {
    private let statement: Statement
    private let pointer: OpaquePointer
    private var budget: StatementBudget

    /// Longer texts are truncated to this many bytes.
    var longestText = Int.max

    /// - Parameters:
    ///   - isShared: whether the statement is cached by its text; not for a statement that is used recursively.
    ///   - isTemporaryTable: whether it reads a temporary table, which only this program has written.
    ///   - free: how many units of work are allowed whatever the size of the file.
    init(
        _ sql: String, in db: Database, isShared: Bool = true, isTemporaryTable: Bool = false,
        free: Int = StatementBudget.free
    ) throws {
        budget = StatementBudget(isBounded: !isTemporaryTable, free: free)
        statement = isShared ? try db.cachedStatement(sql: sql) : try db.makeStatement(sql: sql)
        pointer = statement.sqliteStatement
        reset()
    }

    // MARK: - Places, counted from 1

    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(pointer, index, value) }

    func bind(_ index: Int32, _ value: Int) { sqlite3_bind_int64(pointer, index, Int64(value)) }

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { sqlite3_bind_null(pointer, index) }
    }

    func bind(_ index: Int32, _ value: String) {
        sqlite3_bind_text(pointer, index, value, Int32(clamping: value.utf8.count), Self.copied)
    }

    func bind(_ index: Int32, _ value: String?) {
        if let value { bind(index, value) } else { sqlite3_bind_null(pointer, index) }
    }

    /// Binds a part of some bytes as a text.
    func bind(_ index: Int32, text place: Range<Int>, of bytes: [UInt8]) {
        bytes[place].withUnsafeBytes { bytes -> Void in
            // A null pointer would be NULL, and not an empty text.
            let start = bytes.baseAddress.map { UnsafePointer<CChar>($0.assumingMemoryBound(to: CChar.self)) }
            if let start, !bytes.isEmpty {
                sqlite3_bind_text(pointer, index, start, Int32(clamping: bytes.count), Self.copied)
            } else {
                bind(index, "")
            }
        }
    }

    func bind(_ index: Int32, text place: Range<Int>?, of bytes: [UInt8]) {
        if let place { bind(index, text: place, of: bytes) } else { sqlite3_bind_null(pointer, index) }
    }

    func bind(_ index: Int32, blob value: [UInt8]) { bind(index, blob: value[...]) }

    func bind(_ index: Int32, blob value: ArraySlice<UInt8>) {
        value.withUnsafeBytes { bytes -> Void in
            if bytes.isEmpty {
                sqlite3_bind_zeroblob(pointer, index, 0)
            } else {
                sqlite3_bind_blob(pointer, index, bytes.baseAddress, Int32(clamping: bytes.count), Self.copied)
            }
        }
    }

    // MARK: - Running

    /// Advances to the next row.
    ///
    /// - Returns: whether there is one.
    func step() throws -> Bool {
        switch advance() {
        case SQLITE_ROW:
            guard budget.allowsRow() else {
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

    /// Runs a statement without result rows and resets it for the next run.
    func run() throws {
        let code = advance()
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure() }
        reset()
    }

    /// Runs a statement with one more value, which is too large to be copied.
    func run(with index: Int32, blob value: [UInt8]) throws {
        try value.withUnsafeBytes { bytes in
            // SQLite reads the bytes only while the statement runs, and forgets them before they become invalid.
            sqlite3_bind_blob(pointer, index, bytes.baseAddress, Int32(clamping: bytes.count), nil)
            defer { sqlite3_bind_null(pointer, index) }
            try run()
        }
    }

    /// Discards the rows that were not read.
    func reset() {
        sqlite3_reset(pointer)
        budget.rows = 0
    }

    /// One step, aborted if it exceeds the work that the size of the file justifies.
    private func advance() -> Int32 {
        let handle = sqlite3_db_handle(pointer)
        budget.handle = handle
        budget.work = 0
        // SQLite calls back only within the step; the handler is removed before the pointer becomes invalid.
        return withUnsafeMutablePointer(to: &budget) { budget in
            sqlite3_progress_handler(
                handle, StatementBudget.unit,
                { context in
                    guard let budget = context?.assumingMemoryBound(to: StatementBudget.self) else { return 1 }
                    return budget.pointee.allowsWork() ? 0 : 1
                }, budget)
            defer { sqlite3_progress_handler(handle, 0, nil, nil) }
            return sqlite3_step(pointer)
        }
    }

    /// The row identifier of the last insertion.
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

    /// The destructor value that makes SQLite copy a bound value.
    ///
    /// Proof: sqlite3.h defines SQLITE_TRANSIENT as the destructor -1, a macro that Swift cannot import. SQLite
    /// compares the pointer and never calls it, and a pointer has the size of an Int.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
