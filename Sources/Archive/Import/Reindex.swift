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
                try completeTables(db)
                try db.execute(sql: Self.temporaryTable)
                var count = 0
                try db.inTransaction(.immediate) {
                    try refuseWhileImporting(db, "reindex")
                    for sql in Self.emptying {
                        try PreparedStatement(sql, in: db, isShared: false, free: StatementBudget.freeWithList).run()
                    }
                    try derive(db, progress)
                    count = try insertMessages(db)
                    try EventNumbers.fill(db)
                    try TalkDerivation.deriveAll(db)
                    try MediaDerivation.deriveAll(db)
                    return .commit
                }
                return count
            }
        }
    }

    /// Accounts keep their rows: a running relay refers to them by row identifier.
    private static let emptying = [
        "DELETE FROM temporary_message",
        SearchIndex.emptying,
        "DELETE FROM message",
        "DELETE FROM media",
        "DELETE FROM picture",
        "UPDATE connection SET from_connection = NULL, from_event = NULL",
        "DELETE FROM transfer",
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
            connection INTEGER, frame INTEGER, time_ns INTEGER, said_by TEXT, sender INTEGER, text TEXT, event INTEGER
        )
        """

    /// Throws if an import is under way.
    ///
    /// - Parameter command: the command that has to wait.
    func refuseWhileImporting(_ db: Database, _ command: String) throws {
        let select = try PreparedStatement(
            "SELECT process FROM recording WHERE kind = 'import' AND NOT is_complete", in: db)
        var isImporting = false
        while try select.step() { isImporting = isImporting || ProcessMark.isAlive(select.text(0)) }
        if isImporting { throw ArchiveError("an import into \(path) is under way; \(command) when it is done") }
    }

    private func derive(_ db: Database, _ progress: (Int, Int) -> Void) throws {
        let select = try PreparedStatement(
            """
            SELECT connection.id, sign_in, recording FROM connection JOIN recording ON recording.id = connection.recording
            WHERE is_complete ORDER BY connection.id
            """, in: db)
        var connections: [(id: Int64, signIn: Int64?, recording: Int64)] = []
        while try select.step(), select.integer(0) > connections.last?.id ?? .min {
            connections.append((select.integer(0), select.optionalInteger(1), select.integer(2)))
        }
        select.reset()
        let tables = try DerivedTables(db)
        let messages = try PreparedStatement("INSERT INTO temporary_message VALUES (?, ?, ?, ?, ?, ?, ?)", in: db)
        let findings = try PreparedStatement(
            """
            INSERT INTO finding (recording, connection, time_ns, said_by, name, text, event)
            SELECT recording, id, ?1, ?2, ?3, ?4, ?6 FROM connection WHERE id = ?5
            """, in: db)
        let program = try PreparedStatement("UPDATE sign_in SET client_program = ? WHERE id = ?", in: db)
        let originUpdate = try PreparedStatement(
            "UPDATE connection SET from_connection = ?, from_event = ? WHERE id = ?", in: db)
        var origins: [Int64: ConnectionOrigins] = [:]
        var log = RowLog()
        var rows: [Int64] = []
        func writeRows() throws {
            try tables.write(RowBatch([log.bytes]), rows)
            log.clear()
            rows = []
        }
        for (index, connection) in connections.enumerated() {
            let place = log.addStandIn(for: connection.id)
            rows.append(connection.id)
            var derivation = DerivedRows()
            var replay = try ConnectionReplay(connection: connection.id, db, EventDetail(Self.storedAnalysis))
            var frames = 0
            var hasOrigin = false
            while let event = try replay.next() {
                switch event.kind {
                case .frame(let frame, let side):
                    frames += 1
                    if let origin = origins[connection.recording, default: ConnectionOrigins()].take(
                        frame, from: side, on: Int(connection.id), role: event.role, signIn: event.signIn?.number,
                        number: replay.number, at: event.time.nanoseconds, isNew: !hasOrigin)
                    {
                        hasOrigin = true
                        originUpdate.bind(1, Int64(origin.connection))
                        originUpdate.bind(2, origin.event)
                        originUpdate.bind(3, connection.id)
                        try originUpdate.run()
                    }
                    derivation.add(
                        frame, from: side, at: event.time.nanoseconds, role: event.role, place, frame: frames, &log)
                    derivation.add(event.annotation, place, frame: frames, &log)
                case .closed: derivation.add(event.annotation, place, frame: frames, &log)
                case .message(let message):
                    messages.bind(1, connection.id)
                    messages.bind(2, frames)
                    messages.bind(3, event.time.nanoseconds)
                    messages.bind(4, message.side == .client ? "C" : "S")
                    messages.bind(5, try tables.account(message.from))
                    messages.bind(6, message.text)
                    messages.bind(7, replay.number)
                    try messages.run()
                case .finding(let finding) where finding.isDerived(on: event.role):
                    findings.bind(1, event.time.nanoseconds)
                    findings.bind(2, finding.side.map { $0 == .client ? "client" : "server" })
                    findings.bind(3, finding.name.text)
                    findings.bind(4, finding.text)
                    findings.bind(5, connection.id)
                    findings.bind(6, replay.number)
                    try findings.run()
                default: break
                }
            }
            if let text = derivation.program, let signIn = connection.signIn {
                program.bind(1, text)
                program.bind(2, signIn)
                try program.run()
            }
            if log.bytes.count >= Self.rowBytes { try writeRows() }
            progress(index + 1, connections.count)
        }
        try writeRows()
    }

    /// Derived rows are written when they have this many bytes.
    private static let rowBytes = 4 << 20

    private func insertMessages(_ db: Database) throws -> Int {
        let tables = try DerivedTables(db)
        let select = try PreparedStatement(
            """
            SELECT connection, frame, time_ns, said_by, sender, text, event FROM temporary_message
            ORDER BY (SELECT recording FROM connection AS c WHERE c.id = temporary_message.connection), time_ns, connection, frame
            """, in: db, isTemporaryTable: true)
        var count = 0
        while try select.step() {
            let text = Array(select.text(5).utf8)
            try tables.insertMessage(
                connection: select.integer(0), frame: select.integer(1), at: select.integer(2),
                side: select.text(3) == "C" ? .client : .server, sender: select.integer(4), text: text.indices,
                of: text, event: select.integer(6)
            )
            count += 1
        }
        try db.execute(sql: "DELETE FROM temporary_message")
        return count
    }
}
