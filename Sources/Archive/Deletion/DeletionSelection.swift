// The rows that a deletion covers: selected into temporary tables, then counted or deleted.

internal import Events
internal import GRDB

/// A selection of rows to delete, valid until the transaction ends.
struct DeletionSelection {
    private let db: Database
    private var running: [ArchiveID] = []

    /// Selects the rows.
    ///
    /// - Throws: `ArchiveError` if nothing has one of the identifiers, or a relay is still writing it.
    init(_ target: DeletionTarget, path: String, _ db: Database) throws {
        self.db = db
        for table in Self.tables {
            try db.execute(sql: "CREATE TEMP TABLE IF NOT EXISTS \(table) (id INTEGER PRIMARY KEY)")
            try db.execute(sql: "DELETE FROM \(table)")
        }
        try selectRunning()
        switch target {
        case .items(let items):
            for item in items { try select(item, path) }
        case .before(let time): try select(before: time)
        }
        for sql in Self.closure { try run(sql) }
        guard case .items = target else { return }
        let conflict = try number(
            """
            SELECT recording FROM connection WHERE id IN (SELECT id FROM deleted_connection)
            AND recording IN (SELECT id FROM running_recording)
            UNION SELECT id FROM deleted_recording WHERE id IN (SELECT id FROM running_recording) LIMIT 1
            """)
        if let conflict {
            throw ArchiveError("\(ArchiveID.recording(conflict)) is still being recorded; stop its relay first")
        }
    }

    private static let tables = [
        "deleted_recording", "deleted_sign_in", "deleted_connection", "deleted_file", "running_recording",
    ]

    /// Adds what is left without connections: sign-ins, recordings and source files of deleted connections.
    private static let closure = [
        emptied("sign_in", into: "deleted_sign_in"),
        emptied("recording", into: "deleted_recording"),
        """
        INSERT OR IGNORE INTO deleted_sign_in SELECT id FROM sign_in
        WHERE recording IN (SELECT id FROM deleted_recording)
        """,
        emptied("source_file", into: "deleted_file"),
        """
        INSERT OR IGNORE INTO deleted_file SELECT id FROM source_file
        WHERE recording IN (SELECT id FROM deleted_recording)
        """,
    ]

    /// Selects what deleted connections refer to and no other connection does. Its time is proportional to the number
    /// of connections.
    private static func emptied(_ column: String, into table: String) -> String {
        """
        INSERT OR IGNORE INTO \(table) SELECT \(column) FROM connection
        WHERE \(column) IN (SELECT \(column) FROM connection WHERE id IN (SELECT id FROM deleted_connection))
        GROUP BY \(column) HAVING sum(id NOT IN (SELECT id FROM deleted_connection)) = 0
        """
    }

    private mutating func selectRunning() throws {
        let select = try PreparedStatement(
            "SELECT id, process FROM recording WHERE kind = 'relay' AND ended_ns IS NULL", in: db, isShared: false)
        while try select.step() {
            guard ProcessMark.isAlive(select.text(1)) else { continue }
            running.append(.recording(select.integer(0)))
            try run("INSERT OR IGNORE INTO running_recording VALUES (?)", select.integer(0))
        }
    }

    private func select(_ item: ArchiveID, _ path: String) throws {
        let existing: Int64?
        switch item {
        case .recording(let id):
            existing = try number("SELECT id FROM recording WHERE id = ? AND is_complete", id)
            try run("INSERT OR IGNORE INTO deleted_recording VALUES (?)", id)
            try run("INSERT OR IGNORE INTO deleted_connection SELECT id FROM connection WHERE recording = ?", id)
        case .signIn(let id):
            existing = try number("SELECT id FROM sign_in WHERE id = ?", id)
            try run("INSERT OR IGNORE INTO deleted_sign_in VALUES (?)", id)
            try run("INSERT OR IGNORE INTO deleted_connection SELECT id FROM connection WHERE sign_in = ?", id)
        case .connection(let id):
            existing = try number("SELECT id FROM connection WHERE id = ?", id)
            try run("INSERT OR IGNORE INTO deleted_connection VALUES (?)", id)
        case .conversation(let id):
            existing = try number("SELECT id FROM conversation WHERE id = ?", id)
            try run("INSERT OR IGNORE INTO deleted_connection VALUES (?)", id)
        }
        guard existing != nil else {
            throw ArchiveError("there is no \(item) in \(path); “sessions --tree” lists what there is")
        }
    }

    /// Selects whole sign-ins: one that went on after the time stays with all its connections.
    private func select(before time: Timestamp) throws {
        // The bound of `Timestamp.hasDate`; earlier times count from the beginning of a log without dates.
        let dated = "min(opened_ns) >= \(366 * 86_400_000_000_000 as Int64)"
        let known = "recording IN (SELECT id FROM recording WHERE is_complete) "
        let candidates = known + "AND recording NOT IN (SELECT id FROM running_recording)"
        try run(
            """
            INSERT OR IGNORE INTO deleted_sign_in SELECT sign_in FROM connection
            WHERE \(candidates) AND sign_in IS NOT NULL GROUP BY sign_in
            HAVING max(coalesce(closed_ns, last_ns)) < ? AND \(dated)
            """, time.nanoseconds)
        try run(
            """
            INSERT OR IGNORE INTO deleted_connection SELECT id FROM connection
            WHERE sign_in IN (SELECT id FROM deleted_sign_in)
            """)
        try run(
            """
            INSERT OR IGNORE INTO deleted_connection SELECT id FROM connection
            WHERE \(candidates) AND sign_in IS NULL GROUP BY id
            HAVING max(coalesce(closed_ns, last_ns)) < ? AND \(dated)
            """, time.nanoseconds)
        try run(
            """
            INSERT OR IGNORE INTO deleted_recording SELECT id FROM recording
            WHERE is_complete AND coalesce(ended_ns, started_ns) < ?
            AND id NOT IN (SELECT id FROM running_recording) AND id NOT IN (SELECT recording FROM connection)
            """, time.nanoseconds)
    }

    func summary() throws -> DeletionSummary {
        let connections = "id IN (SELECT id FROM deleted_connection)"
        var summary = DeletionSummary()
        summary.recordings = try number("SELECT count(*) FROM deleted_recording") ?? 0
        summary.signIns = try number("SELECT count(*) FROM deleted_sign_in") ?? 0
        summary.connections = try number("SELECT count(*) FROM deleted_connection") ?? 0
        summary.messages =
            try number("SELECT count(*) FROM message WHERE connection IN (SELECT id FROM deleted_connection)") ?? 0
        // `total` does not overflow: stored numbers may have any value.
        summary.bytes =
            try number(
                "SELECT CAST(total(client_bytes) + total(server_bytes) AS INTEGER) FROM connection WHERE \(connections)"
            ) ?? 0
        summary.running = running
        return summary
    }

    /// Deletes the selected rows, and the words of all deleted messages from the search index.
    func delete() throws {
        let byConnection = "IN (SELECT id FROM deleted_connection)"
        let survivors = try removeTalks()
        try run("UPDATE connection SET from_connection = NULL, from_event = NULL WHERE from_connection \(byConnection)")
        for (table, column) in [
            ("message", "connection"), ("presence", "connection"), ("contact", "connection"),
            ("transfer", "connection"), ("media", "connection"),
            ("participant", "conversation"), ("conversation", "id"), ("rewriting", "connection"),
            ("finding", "connection"), ("block", "connection"), ("connection", "id"),
        ] { try run("DELETE FROM \(table) WHERE \(column) \(byConnection)") }
        let byRecording = "recording IN (SELECT id FROM deleted_recording)"
        for table in ["finding", "listening"] { try run("DELETE FROM \(table) WHERE \(byRecording)") }
        try run("DELETE FROM source_file WHERE id IN (SELECT id FROM deleted_file)")
        try run("DELETE FROM sign_in WHERE id IN (SELECT id FROM deleted_sign_in)")
        try run("DELETE FROM recording WHERE id IN (SELECT id FROM deleted_recording)")
        try run(
            """
            DELETE FROM account WHERE id NOT IN (
                SELECT sender FROM message UNION SELECT account FROM participant UNION SELECT account FROM contact
                UNION SELECT account FROM presence UNION SELECT sender FROM transfer WHERE sender IS NOT NULL)
            """)
        try MediaDerivation.dropUnusedPictures(db)
        for connection in survivors { try TalkDerivation.derive(connection: connection, db) }
        // Other programs' statistics contain samples of values.
        for table in ["sqlite_stat1", "sqlite_stat4"] where try db.tableExists(table) {
            try run("DELETE FROM \(table)")
        }
        // Deleted words would stay in the index until their part of it is merged with others.
        try SearchIndex.rebuild(db)
    }

    /// Removes the talks that deleted connections are part of.
    ///
    /// - Returns: the other connections of these talks.
    private func removeTalks() throws -> [Int64] {
        let talks = "SELECT talk FROM talk_part WHERE connection IN (SELECT id FROM deleted_connection)"
        let select = try PreparedStatement(
            "SELECT connection FROM talk_part WHERE talk IN (\(talks)) AND connection NOT IN (SELECT id FROM deleted_connection)",
            in: db, isShared: false)
        var survivors: [Int64] = []
        while try select.step() { survivors.append(select.integer(0)) }
        try run("DELETE FROM talk WHERE id IN (\(talks))")
        try run("DELETE FROM talk_part WHERE talk NOT IN (SELECT id FROM talk)")
        return survivors
    }

    private func run(_ sql: String, _ value: Int64? = nil) throws {
        let statement = try PreparedStatement(sql, in: db, isShared: false, free: StatementBudget.freeWithList)
        if let value { statement.bind(1, value) }
        try statement.run()
    }

    private func number(_ sql: String, _ value: Int64? = nil) throws -> Int64? {
        let statement = try PreparedStatement(sql, in: db, isShared: false)
        defer { statement.reset() }
        if let value { statement.bind(1, value) }
        return try statement.step() ? statement.optionalInteger(0) : nil
    }
}
