// Prepared SQL statements for the recorded tables, created once for each transaction.

internal import Events
internal import GRDB
internal import MSNP

/// Inserts and updates the rows of one recording.
final class InsertStatements {
    let recording: Int64
    private let db: Database
    private let signInInsert: PreparedStatement
    private let signInChange: PreparedStatement
    private let connectionInsert: PreparedStatement
    private let connectionChange: PreparedStatement
    private let connectionClose: PreparedStatement
    private let blockInsert: PreparedStatement
    private let findingInsert: PreparedStatement
    private let rewritingInsert: PreparedStatement
    let derived: DerivedStatements

    init(_ db: Database, recording: Int64) throws {
        self.db = db
        self.recording = recording
        signInInsert = try PreparedStatement(
            "INSERT INTO sign_in (recording, number, account) VALUES (?, ?, ?)", in: db)
        signInChange = try PreparedStatement(
            "UPDATE sign_in SET account = coalesce(?, account), dialect = coalesce(?, dialect) WHERE id = ?", in: db)
        connectionInsert = try PreparedStatement(
            """
            INSERT INTO connection (recording, number, client, server, role, opened_ns, last_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?)
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
        blockInsert = try PreparedStatement(
            """
            INSERT INTO block (connection, number, first_ns, last_ns, events, client_length, client_bytes,
            server_length, server_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, in: db)
        findingInsert = try PreparedStatement(
            "INSERT INTO finding (recording, connection, time_ns, said_by, name, text) VALUES (?, ?, ?, ?, ?, ?)",
            in: db)
        rewritingInsert = try PreparedStatement(
            """
            INSERT INTO rewriting (connection, time_ns, from_address, to_address, received, sent)
            VALUES (?, ?, ?, ?, ?, ?)
            """, in: db)
        derived = try DerivedStatements(db)
    }

    func insertSignIn(number: Int, account: String?) throws -> Int64 {
        signInInsert.bind(1, recording)
        signInInsert.bind(2, number)
        signInInsert.bind(3, account)
        try signInInsert.run()
        return signInInsert.lastRow
    }

    func changeSignIn(_ row: Int64, account: String?, dialect: Dialect?) throws {
        signInChange.bind(1, account)
        signInChange.bind(2, dialect?.description)
        signInChange.bind(3, row)
        try signInChange.run()
    }

    func insertConnection(number: Int, _ ends: Endpoints, role: Role, opened: Int64) throws -> Int64 {
        connectionInsert.bind(1, recording)
        connectionInsert.bind(2, number)
        connectionInsert.bind(3, ends.client)
        connectionInsert.bind(4, ends.server)
        connectionInsert.bind(5, role.rawValue)
        connectionInsert.bind(6, opened)
        connectionInsert.bind(7, opened)
        try connectionInsert.run()
        return connectionInsert.lastRow
    }

    func change(_ connection: OpenConnection, signIn: Int64?) throws {
        connectionChange.bind(1, connection.ends.server)
        connectionChange.bind(2, connection.state.role.rawValue)
        connectionChange.bind(3, connection.state.dialect?.description)
        connectionChange.bind(4, signIn)
        connectionChange.bind(5, connection.lastTime)
        connectionChange.bind(6, connection.frames)
        connectionChange.bind(7, Int64(clamping: connection.total.client))
        connectionChange.bind(8, Int64(clamping: connection.total.server))
        connectionChange.bind(9, Int64(clamping: connection.missing.client &+ connection.missing.server))
        connectionChange.bind(10, connection.row)
        try connectionChange.run()
    }

    func close(_ row: Int64, at time: Int64, reason: String, unseen: PerSide<UInt64>) throws {
        connectionClose.bind(1, time)
        connectionClose.bind(2, reason)
        connectionClose.bind(3, Int64(clamping: unseen.client))
        connectionClose.bind(4, Int64(clamping: unseen.server))
        connectionClose.bind(5, row)
        try connectionClose.run()
    }

    func insert(_ block: EventBlock, number: Int, connection: Int64) throws {
        blockInsert.bind(1, connection)
        blockInsert.bind(2, number)
        blockInsert.bind(3, block.firstTime)
        blockInsert.bind(4, block.lastTime)
        blockInsert.bind(5, blob: block.events)
        for (place, bytes) in [(Int32(6), block.bytes.client), (8, block.bytes.server)] {
            let packed = CompressedBytes(bytes)
            blockInsert.bind(place, packed.length)
            blockInsert.bind(place + 1, blob: packed.blob)
        }
        try blockInsert.run()
    }

    func insert(_ finding: Finding, connection: Int64?, at time: Int64) throws {
        findingInsert.bind(1, recording)
        findingInsert.bind(2, connection)
        findingInsert.bind(3, time)
        findingInsert.bind(4, finding.side.map { $0 == .client ? "client" : "server" })
        findingInsert.bind(5, finding.name.text)
        findingInsert.bind(6, finding.text)
        try findingInsert.run()
    }

    func insert(_ rewriting: Rewriting, connection: Int64, at time: Int64) throws {
        rewritingInsert.bind(1, connection)
        rewritingInsert.bind(2, time)
        rewritingInsert.bind(3, rewriting.from)
        rewritingInsert.bind(4, rewriting.to)
        rewritingInsert.bind(5, blob: rewriting.original.bytes)
        rewritingInsert.bind(6, blob: rewriting.sent.bytes)
        try rewritingInsert.run()
    }

    func insertListening(_ address: HostPort, at time: Int64) throws {
        let insert = try PreparedStatement(
            "INSERT INTO listening (recording, time_ns, address) VALUES (?, ?, ?)", in: db)
        insert.bind(1, recording)
        insert.bind(2, time)
        insert.bind(3, address.description)
        try insert.run()
    }

    /// Merges all blocks of a connection from a block number on into one.
    func merge(_ connection: Int64, from first: Int) throws {
        let select = try PreparedStatement(
            """
            SELECT first_ns, last_ns, events, client_bytes, client_length, server_bytes, server_length FROM block
            WHERE connection = ? AND number >= ? ORDER BY number
            """, in: db)
        select.bind(1, connection)
        select.bind(2, first)
        var whole: EventBlock?
        while try select.step() {
            // Unreadable blocks stay as they are; only this program has written these rows.
            guard let client = CompressedBytes(blob: select.blob(3), length: select.integer(4)).bytes,
                let server = CompressedBytes(blob: select.blob(5), length: select.integer(6)).bytes
            else { return select.reset() }
            let part = EventBlock(
                firstTime: select.integer(0), lastTime: select.integer(1), events: select.blob(2),
                bytes: PerSide(client: client, server: server))
            whole?.append(part)
            if whole == nil { whole = part }
        }
        guard let whole else { return }
        let delete = try PreparedStatement("DELETE FROM block WHERE connection = ? AND number >= ?", in: db)
        delete.bind(1, connection)
        delete.bind(2, first)
        try delete.run()
        try insert(whole, number: first, connection: connection)
    }
}
