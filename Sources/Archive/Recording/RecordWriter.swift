// // Writes events of all connections as rows; keeps the state of open connections between transactions.

internal import Events
internal import MSNP

/// The state of one connection while it is recorded.
struct OpenConnection {
    var row: Int64 = 0
    var ends: Endpoints
    var opened: Int64
    var lastTime: Int64
    var circumstances = Circumstances()
    var frames = 0
    /// The bytes captured from each side, and those missing.
    var total = PerSide<UInt64>(both: 0)
    var missing = PerSide<UInt64>(both: 0)
    var isDirty = false
    var isClosed = false

    var index = EventIndexWriter()
    var bytes = PerSide<[UInt8]>(both: [])
    var blockStart: Int64 = 0
    var nextBlock = 0
    /// The number of the first small block that is still to be merged.
    var firstSmallBlock = 0
    var smallBlocks = 0
    var smallBytes = 0

    var derivation = DerivedRows()

    var size: Int { bytes.client.count + bytes.server.count + index.bytes.count }
}

/// Writes events as rows. A value type: if a transaction fails, the copy from before it is used again.
struct Writer {
    /// The indices of open connections in `connections`, by connection number.
    private var places: [Int: Int] = [:]
    private var lines: [OpenConnection] = []
    private var free: [Int] = []
    private var common = ConnectionWriter()

    /// The bytes of a full block of one connection.
    static let blockSize = 64 << 10
    /// The maximum bytes of unfinished blocks that an import holds in memory.
    static let mostHeld = 16 << 20
    /// How many small blocks are merged into one.
    static let mostSmallBlocks = 16

    /// Forgets all rows because the file is a new one. Open connections get new rows.
    mutating func startAnew() {
        common = ConnectionWriter()
        for place in lines.indices {
            let old = lines[place]
            var line = OpenConnection(ends: old.ends, opened: old.opened, lastTime: old.lastTime)
            line.total = old.total
            line.missing = old.missing
            lines[place] = line
        }
    }

    /// The bytes that wait for `flush`.
    var waiting: Int { common.held }

    /// The open connections with the length of each side's stream in bytes, including missing bytes.
    var open: [(number: Int, client: UInt64, server: UInt64)] {
        places.map { number, place in
            let line = lines[place]
            return (
                number, line.total.client &+ line.missing.client, line.total.server &+ line.missing.server
            )
        }
    }

    /// Writes or buffers one event.
    mutating func take(_ event: Event, _ tables: InsertStatements) throws {
        let time = event.time.nanoseconds
        let place: Int
        switch event.kind {
        case .notPrinted: return
        case .listening(let address): return try tables.insertListening(address, at: time)
        case .opened(let ends): place = add(OpenConnection(ends: ends, opened: time, lastTime: time), event.connection)
        case .finding(let finding) where event.connection == 0:
            return try tables.insert(finding, connection: nil, at: time)
        default:
            if let known = places[event.connection] {
                place = known
            } else if case .closed = event.kind {
                return
            } else {
                let ends = Endpoints(client: "unknown", server: "unknown")
                place = add(OpenConnection(ends: ends, opened: time, lastTime: time), event.connection)
            }
        }
        // Modified in place: a connection is large, and there are millions of events.
        try common.write(event, time, &lines[place], tables)
        guard lines[place].isClosed else { return }
        try common.close(&lines[place], tables)
        lines[place] = OpenConnection(ends: Endpoints(client: "", server: ""), opened: 0, lastTime: 0)
        free.append(place)
        places[event.connection] = nil
    }

    /// Writes the buffered data of every connection, so that the transaction contains all of it.
    mutating func flush(_ tables: InsertStatements) throws {
        let numbers = common.dirty
        common.dirty = []
        for number in numbers {
            guard let place = places[number] else { continue }
            try common.keep(&lines[place], tables)
        }
    }

    private mutating func add(_ line: OpenConnection, _ number: Int) -> Int {
        if let place = places[number] {
            lines[place] = line
            return place
        }
        let place = free.popLast() ?? lines.count
        if place == lines.count { lines.append(line) } else { lines[place] = line }
        places[number] = place
        return place
    }
}
