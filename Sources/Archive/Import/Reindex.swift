// Regenerates the derived tables from the recorded bytes.

package import Analysis
internal import Events
internal import GRDB
internal import MSNP

extension Archive {
    /// The analysis whose messages and findings the archive stores.
    package static let storedAnalysis = AnalysisOptions.events

    /// Regenerates the derived tables from the recorded data in one transaction: other programs see the old rows until
    /// the new ones are complete.
    ///
    /// - Parameter progress: is called with the number of finished connections and the number of all connections.
    /// - Returns: the number of messages.
    /// - Throws: `ArchiveError`, also while an import is running.
    package func reindex(progress: (Int, Int) -> Void = { _, _ in }) throws -> Int {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: Self.temporaryTable)
                var count = 0
                try db.inTransaction(.immediate) {
                    try refuseWhileImporting(db)
                    for sql in Self.emptying {
                        try PreparedStatement(sql, in: db, isShared: false, free: StatementBudget.freeWithList).run()
                    }
                    try derive(db, progress)
                    count = try insertMessages(db)
                    return .commit
                }
                return count
            }
        }
    }

    /// Accounts keep their rows: a running relay refers to them by row identifier.
    private static let emptying = [
        "DELETE FROM temporary_message",
        "INSERT INTO message_search (message_search) VALUES ('delete-all')",
        "DELETE FROM message",
        "DELETE FROM participant",
        "DELETE FROM conversation",
        "DELETE FROM contact",
        "DELETE FROM finding WHERE NOT (\(ConnectionReplay.isRecorded))",
        "DELETE FROM presence",
        "UPDATE sign_in SET client_program = NULL",
    ]

    /// Collects messages connection by connection; they are inserted into the archive in order of time.
    private static let temporaryTable = """
        CREATE TEMP TABLE IF NOT EXISTS temporary_message (
            connection INTEGER, frame INTEGER, time_ns INTEGER, said_by TEXT, sender INTEGER, text TEXT
        )
        """

    private func refuseWhileImporting(_ db: Database) throws {
        let select = try PreparedStatement(
            "SELECT process FROM recording WHERE kind = 'import' AND NOT is_complete", in: db)
        var isImporting = false
        while try select.step() { isImporting = isImporting || ProcessMark.isAlive(select.text(0)) }
        if isImporting { throw ArchiveError("an import into \(path) is under way; reindex when it is done") }
    }

    private func derive(_ db: Database, _ progress: (Int, Int) -> Void) throws {
        let select = try PreparedStatement(
            """
            SELECT connection.id, sign_in FROM connection JOIN recording ON recording.id = connection.recording
            WHERE is_complete ORDER BY connection.id
            """, in: db)
        var connections: [(id: Int64, signIn: Int64?)] = []
        while try select.step(), select.integer(0) > connections.last?.id ?? .min {
            connections.append((select.integer(0), select.optionalInteger(1)))
        }
        select.reset()
        let statements = try DerivedStatements(db)
        var accounts = AccountRows()
        for (index, connection) in connections.enumerated() {
            try derive(connection.id, signIn: connection.signIn, statements, &accounts, db)
            progress(index + 1, connections.count)
        }
    }

    private func derive(
        _ connection: Int64, signIn: Int64?, _ statements: DerivedStatements, _ accounts: inout AccountRows,
        _ db: Database
    ) throws {
        let insert = try PreparedStatement("INSERT INTO temporary_message VALUES (?, ?, ?, ?, ?, ?)", in: db)
        var replay = try ConnectionReplay(connection: connection, db, EventDetail(Self.storedAnalysis))
        var derivation = DerivedRows()
        var frames = 0
        let findings = try PreparedStatement(
            """
            INSERT INTO finding (recording, connection, time_ns, said_by, name, text)
            SELECT recording, id, ?, ?, ?, ? FROM connection WHERE id = ?
            """, in: db)
        while let event = try replay.next() {
            switch event.kind {
            case .frame(let frame, let side):
                frames += 1
                try derivation.add(
                    frame, from: side, at: event.time.nanoseconds, role: event.role, connection: connection,
                    frame: frames, statements, &accounts)
            case .message(let message):
                insert.bind(1, connection)
                insert.bind(2, frames)
                insert.bind(3, event.time.nanoseconds)
                insert.bind(4, message.side == .client ? "C" : "S")
                insert.bind(5, try accounts.row(of: message.from, statements))
                insert.bind(6, message.text)
                try insert.run()
            case .finding(let finding) where finding.isDerived(on: event.role):
                findings.bind(1, event.time.nanoseconds)
                findings.bind(2, finding.side.map { $0 == .client ? "client" : "server" })
                findings.bind(3, finding.name.text)
                findings.bind(4, finding.text)
                findings.bind(5, connection)
                try findings.run()
            default: break
            }
        }
        if let program = derivation.program, let signIn { try statements.setProgram(program, signIn: signIn) }
    }

    private func insertMessages(_ db: Database) throws -> Int {
        let statements = try DerivedStatements(db)
        let select = try PreparedStatement(
            """
            SELECT connection, frame, time_ns, said_by, sender, text FROM temporary_message
            ORDER BY (SELECT recording FROM connection AS c WHERE c.id = temporary_message.connection), time_ns, connection, frame
            """, in: db, isTemporaryTable: true)
        var count = 0
        while try select.step() {
            try statements.insertMessage(
                connection: select.integer(0), frame: Int(select.integer(1)), at: select.integer(2),
                side: select.text(3) == "C" ? .client : .server, sender: select.integer(4), text: select.text(5))
            count += 1
        }
        try db.execute(sql: "DELETE FROM temporary_message")
        return count
    }
}
