// Turns events of all connections into rows; keeps the state of open connections between commits.

internal import Events
internal import MSNP

/// Turns events into rows of a log. A value type: if the log cannot be written, the copy from before it is used again.
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

    /// Forgets what is in the file because it is a new one. Open connections begin anew.
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

    /// The bytes of unfinished blocks, which wait for `flush`.
    var bufferedBytes: Int { connectionWriter.bufferedBytes }

    /// The numbers of the sign-ins of this recording, in the order in which they began.
    var signIns: [Int] { connectionWriter.signIns }

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

    /// Turns one event into rows, or buffers it.
    mutating func write(_ event: Event, _ log: inout RowLog) {
        let time = event.time.nanoseconds
        let index: Int
        switch event.kind {
        case .notPrinted, .http: return
        case .listening(let address): return log.add(listening: address, at: time)
        case .opened(let ends): index = add(OpenConnection(ends: ends, opened: time, lastTime: time), event.connection)
        case .finding(let finding) where event.connection == 0: return log.add(finding, nil, at: time)
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
        connectionWriter.write(event, time, &connections[index], &log)
        guard connections[index].isClosed else { return }
        connectionWriter.flush(&connections[index], event.connection, &log)
        connections[index] = OpenConnection(ends: Endpoints(client: "", server: ""), opened: 0, lastTime: 0)
        freeIndices.append(index)
        indices[event.connection] = nil
    }

    /// Turns the buffered data of every connection into rows.
    mutating func flush(_ log: inout RowLog) {
        for number in connectionWriter.takeDirty() {
            guard let index = indices[number], connections[index].isDirty else { continue }
            connectionWriter.flush(&connections[index], number, &log)
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
