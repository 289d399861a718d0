// Writes events of all connections as rows; keeps the state of open connections between transactions.

internal import Events
internal import MSNP

/// Writes events as rows. A value type: if a transaction fails, the copy from before it is used again.
struct RecordWriter {
    /// The indices of open connections in `connections`, by connection number.
    private var indices: [Int: Int] = [:]
    private var connections: [OpenConnection] = []
    private var freeIndices: [Int] = []
    private var connectionWriter = ConnectionWriter()

    /// The bytes of a full block of one connection.
    static let blockSize = 64 << 10
    /// The maximum bytes of unfinished blocks that an import holds in memory.
    static let mostHeld = 16 << 20
    /// How many small blocks are merged into one.
    static let mostSmallBlocks = 16

    /// Forgets all rows because the file is a new one. Open connections get new rows.
    mutating func startNewFile() {
        connectionWriter = ConnectionWriter()
        for index in connections.indices {
            let old = connections[index]
            var connection = OpenConnection(ends: old.ends, opened: old.opened, lastTime: old.lastTime)
            connection.total = old.total
            connection.missing = old.missing
            connections[index] = connection
        }
    }

    /// Forgets the rows of accounts: another program may have deleted some.
    mutating func forgetAccounts() { connectionWriter.forgetAccounts() }

    /// The bytes that wait for `flush`.
    var bufferedBytes: Int { connectionWriter.bufferedBytes }

    /// The rows of the sign-ins of this recording, in the order in which they began.
    var signIns: [Int64] { connectionWriter.signInRows }

    /// The open connections with the length of each side's stream in bytes, including missing bytes.
    var open: [(number: Int, client: UInt64, server: UInt64)] {
        indices.map { number, index in
            let connection = connections[index]
            return (
                number, connection.total.client &+ connection.missing.client,
                connection.total.server &+ connection.missing.server
            )
        }
    }

    /// Writes or buffers one event.
    mutating func write(_ event: Event, _ statements: InsertStatements) throws {
        let time = event.time.nanoseconds
        let index: Int
        switch event.kind {
        case .notPrinted: return
        case .listening(let address): return try statements.insertListening(address, at: time)
        case .opened(let ends): index = add(OpenConnection(ends: ends, opened: time, lastTime: time), event.connection)
        case .finding(let finding) where event.connection == 0:
            return try statements.insert(finding, connection: nil, at: time)
        default:
            if let known = indices[event.connection] {
                index = known
            } else if case .closed = event.kind {
                return
            } else {
                let ends = Endpoints(client: "unknown", server: "unknown")
                index = add(OpenConnection(ends: ends, opened: time, lastTime: time), event.connection)
            }
        }
        // Modified in place: a connection is large, and there are millions of events.
        try connectionWriter.write(event, time, &connections[index], statements)
        guard connections[index].isClosed else { return }
        try connectionWriter.close(&connections[index], statements)
        connections[index] = OpenConnection(ends: Endpoints(client: "", server: ""), opened: 0, lastTime: 0)
        freeIndices.append(index)
        indices[event.connection] = nil
    }

    /// Writes the buffered data of every connection, so that the transaction contains all of it.
    mutating func flush(_ statements: InsertStatements) throws {
        let numbers = connectionWriter.dirty
        connectionWriter.dirty = []
        for number in numbers {
            guard let index = indices[number] else { continue }
            try connectionWriter.writePending(&connections[index], statements)
        }
    }

    private mutating func add(_ connection: OpenConnection, _ number: Int) -> Int {
        if let index = indices[number] {
            connections[index] = connection
            return index
        }
        let index = freeIndices.popLast() ?? connections.count
        if index == connections.count { connections.append(connection) } else { connections[index] = connection }
        indices[number] = index
        return index
    }
}
