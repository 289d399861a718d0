// Writes batches of rows into the tables, kind by kind and in the order of their keys. `reindex` makes the derived ones
// again.

internal import Events
internal import GRDB
internal import MSNP

/// Writes the rows of one recording. Everything that it needs to know is in the tables; what it remembers spares asking.
final class TableWriter {
    private let db: Database
    private let recording: Int64
    private let keepsNumbers: Bool
    private let statements: InsertStatements
    private let blocks: BlockWriter
    private let derived: DerivedTables
    private var signIns: [Int64: KnownSignIn] = [:]
    private var rows: [RowBatch.Identity: Int64] = [:]

    private struct KnownSignIn {
        var row: Int64
        var account: String?
        var dialect: String?
    }

    /// - Parameters:
    ///   - files: the rows of the source files, by path.
    ///   - keepsNumbers: whether connections and sign-ins get their numbers as row numbers.
    init(_ db: Database, recording: Int64, files: [String: Int64] = [:], keepsNumbers: Bool = false) throws {
        self.db = db
        self.recording = recording
        self.keepsNumbers = keepsNumbers
        statements = try InsertStatements(db, recording: recording, files: files, keepsNumbers: keepsNumbers)
        blocks = try BlockWriter(db)
        derived = try DerivedTables(db)
    }

    /// Forgets all rows: another program may have deleted some.
    func forget() {
        signIns = [:]
        rows = [:]
        derived.forget()
    }

    /// Writes rows, in the current transaction.
    func write(_ batch: RowBatch) throws {
        for signIn in batch.signIns { try write(signIn, batch) }
        var connections: [Int64] = []
        connections.reserveCapacity(batch.connections.count)
        for connection in batch.connections { connections.append(try write(connection, batch)) }
        for program in batch.programs {
            guard let row = try self.row(ofSignIn: program.signIn)?.row else { continue }
            try statements.setProgram(program.text, of: batch.bytes, signIn: row)
        }
        for listening in batch.listenings { try statements.insert(listening, batch) }
        for finding in batch.findings {
            try statements.insert(finding, connection: finding.connection.map { connections[$0] }, batch)
        }
        for rewriting in batch.rewritings {
            try statements.insert(rewriting, connection: connections[rewriting.connection], batch)
        }
        for origin in batch.origins { try statements.setOrigin(origin, of: connections[origin.connection]) }
        try derived.write(batch, connections)
        for (place, connection) in batch.connections.enumerated() where !connection.blocks.isEmpty {
            try blocks.write(
                connection.blocks.map { batch.blocks[$0] }, of: batch.bytes, connection: connections[place],
                isClosed: connection.end != nil)
        }
        // An import joins all of its talks at once, when it is complete.
        guard keepsNumbers else { return }
        for (place, connection) in batch.connections.enumerated() where connection.end != nil {
            try TalkDerivation.derive(connection: connections[place], db)
            try MediaDerivation.queue(connections[place], db)
        }
    }

    private func write(_ signIn: RowBatch.SignIn, _ batch: RowBatch) throws {
        let account = signIn.account.map { String(decoding: batch.bytes[$0], as: UTF8.self) }
        let dialect = signIn.dialect?.description
        guard var known = try row(ofSignIn: signIn.number) else {
            let row = try statements.insertSignIn(number: signIn.number, account: account, dialect: dialect)
            signIns[signIn.number] = KnownSignIn(row: row, account: account, dialect: dialect)
            return
        }
        guard known.account == nil && account != nil || dialect != nil && dialect != known.dialect else { return }
        try statements.changeSignIn(known.row, account: account, dialect: dialect)
        known.account = account ?? known.account
        known.dialect = dialect ?? known.dialect
        signIns[signIn.number] = known
    }

    private func row(ofSignIn number: Int64) throws -> KnownSignIn? {
        if let known = signIns[number] { return known }
        guard let (row, account, dialect) = try statements.signIn(number: number) else { return nil }
        let known = KnownSignIn(row: row, account: account, dialect: dialect)
        signIns[number] = known
        return known
    }

    /// Inserts a connection, or changes its sums.
    private func write(_ connection: RowBatch.Connection, _ batch: RowBatch) throws -> Int64 {
        let identity = RowBatch.Identity(number: connection.number, opened: connection.opened)
        let signIn = try connection.sums.flatMap { try self.row(ofSignIn: $0.signIn)?.row }
        let row: Int64
        if let known = try rows[identity] ?? statements.connection(identity) {
            row = known
            if let sums = connection.sums { try statements.change(row, sums, signIn: signIn, batch) }
            if let end = connection.end { try statements.close(row, end, batch) }
        } else {
            row = try statements.insert(connection, signIn: signIn, batch)
        }
        rows[identity] = connection.end == nil ? row : nil
        return row
    }
}
