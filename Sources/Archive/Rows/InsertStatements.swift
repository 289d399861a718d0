// Prepared SQL statements for the recorded tables.

internal import Events
internal import GRDB
internal import MSNP

/// Inserts and updates the rows of one recording.
final class InsertStatements {
    private let recording: Int64
    /// The rows of the source files, by path.
    private let files: [String: Int64]
    /// Whether connections and sign-ins get their numbers as row numbers.
    private let keepsNumbers: Bool
    private let signInSelect: PreparedStatement
    private let signInInsert: PreparedStatement
    private let signInChange: PreparedStatement
    private let program: PreparedStatement
    private let connectionSelect: PreparedStatement
    private let connectionSearch: PreparedStatement
    private let connectionInsert: PreparedStatement
    private let connectionChange: PreparedStatement
    private let connectionClose: PreparedStatement
    private let findingInsert: PreparedStatement
    private let rewritingInsert: PreparedStatement
    private let listeningInsert: PreparedStatement
    private let origin: PreparedStatement
    private let originSelect: PreparedStatement
    /// Of an import: the rows of the connections that may lead to others, by number.
    private var servers: [Int64: Int64] = [:]

    init(_ db: Database, recording: Int64, files: [String: Int64] = [:], keepsNumbers: Bool = false) throws {
        self.keepsNumbers = keepsNumbers
        self.recording = recording
        self.files = files
        signInSelect = try PreparedStatement(
            "SELECT id, account, dialect FROM sign_in WHERE recording = ? AND number = ?", in: db)
        signInInsert = try PreparedStatement(
            """
            INSERT INTO sign_in (recording, number, account, dialect, id)
            VALUES (?1, ?2, ?3, ?4, CASE WHEN ?5 NOT IN (SELECT id FROM sign_in WHERE id = ?5) THEN ?5 END)
            """, in: db)
        signInChange = try PreparedStatement(
            "UPDATE sign_in SET account = coalesce(?, account), dialect = coalesce(?, dialect) WHERE id = ?", in: db)
        program = try PreparedStatement("UPDATE sign_in SET client_program = ? WHERE id = ?", in: db)
        connectionSelect = try PreparedStatement(
            "SELECT recording, number, opened_ns FROM connection WHERE id = ?", in: db)
        connectionSearch = try PreparedStatement(
            "SELECT id FROM connection WHERE recording = ? AND number = ? AND opened_ns = ? ORDER BY id LIMIT 1",
            in: db)
        connectionInsert = try PreparedStatement(
            """
            INSERT INTO connection (recording, number, client, server, role, dialect, sign_in, opened_ns, last_ns,
                closed_ns, close_reason, frames, client_bytes, server_bytes, missing_bytes,
                client_acked_unseen_bytes, server_acked_unseen_bytes, source_file, id)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                CASE WHEN ?19 NOT IN (SELECT id FROM connection WHERE id = ?19) THEN ?19 END)
            """, in: db)
        connectionChange = try PreparedStatement(
            """
            UPDATE connection SET server = ?, role = ?, dialect = ?, sign_in = ?, last_ns = ?, frames = ?,
            client_bytes = ?, server_bytes = ?, missing_bytes = ? WHERE id = ?
            """, in: db)
        connectionClose = try PreparedStatement(
            """
            UPDATE connection SET closed_ns = ?, close_reason = ?, client_acked_unseen_bytes = ?,
            server_acked_unseen_bytes = ? WHERE id = ?
            """, in: db)
        findingInsert = try PreparedStatement(
            """
            INSERT INTO finding (recording, connection, time_ns, said_by, name, text, event) VALUES (?, ?, ?, ?, ?, ?, ?)
            """, in: db)
        rewritingInsert = try PreparedStatement(
            """
            INSERT INTO rewriting (connection, time_ns, from_address, to_address, received, sent)
            VALUES (?, ?, ?, ?, ?, ?)
            """, in: db)
        origin = try PreparedStatement(
            "UPDATE connection SET from_connection = ?, from_event = ? WHERE id = ?", in: db)
        originSelect = try PreparedStatement(
            "SELECT id FROM connection WHERE id = ? AND recording = ? AND number = ?", in: db)
        listeningInsert = try PreparedStatement(
            "INSERT INTO listening (recording, time_ns, address) VALUES (?, ?, ?)", in: db)
    }

    func signIn(number: Int64) throws -> (row: Int64, account: String?, dialect: String?)? {
        guard number > 0 else { return nil }
        signInSelect.bind(1, recording)
        signInSelect.bind(2, number)
        defer { signInSelect.reset() }
        guard try signInSelect.step() else { return nil }
        return (signInSelect.integer(0), signInSelect.optionalText(1), signInSelect.optionalText(2))
    }

    func insertSignIn(number: Int64, account: String?, dialect: String?) throws -> Int64 {
        signInInsert.bind(1, recording)
        signInInsert.bind(2, number)
        signInInsert.bind(3, account)
        signInInsert.bind(4, dialect)
        signInInsert.bind(5, rowNumber(for: number))
        try signInInsert.run()
        return signInInsert.lastRow
    }

    func changeSignIn(_ row: Int64, account: String?, dialect: String?) throws {
        signInChange.bind(1, account)
        signInChange.bind(2, dialect)
        signInChange.bind(3, row)
        try signInChange.run()
    }

    func setProgram(_ text: Range<Int>, of bytes: [UInt8], signIn: Int64) throws {
        program.bind(1, text: text, of: bytes)
        program.bind(2, signIn)
        try program.run()
    }

    func connection(_ identity: RowBatch.Identity) throws -> Int64? {
        // Those of an import are inserted by its one writer, which remembers them.
        guard keepsNumbers else { return nil }
        connectionSelect.bind(1, identity.number)
        defer { connectionSelect.reset() }
        guard try connectionSelect.step() else { return nil }
        if connectionSelect.integer(0) == recording, connectionSelect.integer(1) == identity.number,
            connectionSelect.integer(2) == identity.opened
        {
            return identity.number
        }
        // Its number was the row number of another connection.
        connectionSearch.bind(1, recording)
        connectionSearch.bind(2, identity.number)
        connectionSearch.bind(3, identity.opened)
        defer { connectionSearch.reset() }
        return try connectionSearch.step() ? connectionSearch.integer(0) : nil
    }

    func insert(_ connection: RowBatch.Connection, signIn: Int64?, _ batch: RowBatch) throws -> Int64 {
        let insert = connectionInsert
        let sums = connection.sums
        insert.bind(1, recording)
        insert.bind(2, connection.number)
        insert.bind(3, text: connection.client, of: batch.bytes)
        insert.bind(4, text: sums?.server ?? connection.server, of: batch.bytes)
        insert.bind(5, (sums?.role ?? connection.role).rawValue)
        insert.bind(6, sums?.dialect?.description)
        insert.bind(7, signIn)
        insert.bind(8, connection.opened)
        insert.bind(9, sums?.last ?? connection.opened)
        insert.bind(10, connection.end?.time)
        insert.bind(11, text: connection.end?.reason, of: batch.bytes)
        insert.bind(12, sums?.frames ?? 0)
        insert.bind(13, sums?.bytes.client ?? 0)
        insert.bind(14, sums?.bytes.server ?? 0)
        insert.bind(15, sums?.missing ?? 0)
        insert.bind(16, connection.end?.unseen.client ?? 0)
        insert.bind(17, connection.end?.unseen.server ?? 0)
        let file = connection.file.map { String(decoding: batch.bytes[$0], as: UTF8.self) }
        insert.bind(18, file.flatMap { files[$0] })
        insert.bind(19, rowNumber(for: connection.number))
        try insert.run()
        if !keepsNumbers { servers[connection.number] = insert.lastRow }
        return insert.lastRow
    }

    /// Notes which event led to a connection, if the row of its connection is known.
    func setOrigin(_ found: RowBatch.Origin, of connection: Int64) throws {
        var row = servers[found.number]
        if keepsNumbers {
            originSelect.bind(1, found.number)
            originSelect.bind(2, recording)
            originSelect.bind(3, found.number)
            defer { originSelect.reset() }
            row = try originSelect.step() ? found.number : nil
        }
        guard let row else { return }
        origin.bind(1, row)
        origin.bind(2, found.event)
        origin.bind(3, connection)
        try origin.run()
    }

    /// The row number of a connection or sign-in, if that is decided by its number. SQLite needs room for more numbers.
    private func rowNumber(for number: Int64) -> Int64? {
        keepsNumbers && 1..<Int64.max / 2 ~= number ? number : nil
    }

    func change(_ row: Int64, _ sums: RowBatch.Sums, signIn: Int64?, _ batch: RowBatch) throws {
        connectionChange.bind(1, text: sums.server, of: batch.bytes)
        connectionChange.bind(2, sums.role.rawValue)
        connectionChange.bind(3, sums.dialect?.description)
        connectionChange.bind(4, signIn)
        connectionChange.bind(5, sums.last)
        connectionChange.bind(6, sums.frames)
        connectionChange.bind(7, sums.bytes.client)
        connectionChange.bind(8, sums.bytes.server)
        connectionChange.bind(9, sums.missing)
        connectionChange.bind(10, row)
        try connectionChange.run()
    }

    func close(_ row: Int64, _ end: RowBatch.End, _ batch: RowBatch) throws {
        connectionClose.bind(1, end.time)
        connectionClose.bind(2, text: end.reason, of: batch.bytes)
        connectionClose.bind(3, end.unseen.client)
        connectionClose.bind(4, end.unseen.server)
        connectionClose.bind(5, row)
        try connectionClose.run()
    }

    func insert(_ finding: RowBatch.Finding, connection: Int64?, _ batch: RowBatch) throws {
        findingInsert.bind(1, recording)
        findingInsert.bind(2, connection)
        findingInsert.bind(3, finding.time)
        findingInsert.bind(4, finding.side.map { $0 == .client ? "client" : "server" })
        findingInsert.bind(5, text: finding.name, of: batch.bytes)
        findingInsert.bind(6, text: finding.text, of: batch.bytes)
        findingInsert.bind(7, finding.event)
        try findingInsert.run()
    }

    func insert(_ rewriting: RowBatch.Rewriting, connection: Int64, _ batch: RowBatch) throws {
        rewritingInsert.bind(1, connection)
        rewritingInsert.bind(2, rewriting.time)
        rewritingInsert.bind(3, text: rewriting.from, of: batch.bytes)
        rewritingInsert.bind(4, text: rewriting.to, of: batch.bytes)
        rewritingInsert.bind(5, blob: batch.bytes[rewriting.received])
        rewritingInsert.bind(6, blob: batch.bytes[rewriting.sent])
        try rewritingInsert.run()
    }

    func insert(_ listening: RowBatch.Listening, _ batch: RowBatch) throws {
        listeningInsert.bind(1, recording)
        listeningInsert.bind(2, listening.time)
        listeningInsert.bind(3, text: listening.address, of: batch.bytes)
        try listeningInsert.run()
    }
}
