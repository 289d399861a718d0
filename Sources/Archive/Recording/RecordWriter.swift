// Events into rows: what a recording remembers of each connection between two transactions.

internal import Events
internal import MSNP

/// One connection while it is recorded.
struct OpenConnection {
    var row: Int64 = 0
    var ends: Endpoints
    var opened: Int64
    var lastTime: Int64
    var circumstances = Circumstances()
    var frames = 0
    /// How many bytes each side said, and how many of them are missing.
    var total = PerSide<UInt64>(both: 0)
    var missing = PerSide<UInt64>(both: 0)
    var isDirty = false
    var isClosed = false

    var index = EventIndexWriter()
    var bytes = PerSide<[UInt8]>(both: [])
    var blockStart: Int64 = 0
    var nextBlock = 0
    /// The first of the blocks that are still small and are to become one.
    var firstSmallBlock = 0
    var smallBlocks = 0
    var smallBytes = 0

    var derivation = DerivedRows()

    var size: Int { bytes.client.count + bytes.server.count + index.bytes.count }
}

/// Turns events into rows. A value: when a transaction fails, the copy from before it goes on.
struct Writer {
    /// The places of open connections in `lines`, by number.
    private var places: [Int: Int] = [:]
    private var lines: [OpenConnection] = []
    private var free: [Int] = []
    private var common = ConnectionWriter()

    /// How many bytes of a connection make a block.
    static let blockSize = 64 << 10
    /// How many bytes of unfinished blocks are held in memory by an import.
    static let mostHeld = 16 << 20
    /// How many small blocks are put together.
    static let mostSmallBlocks = 16

    /// Forgets which rows there are: the file is a new one. Connections that go on are written down again.
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

    /// How many bytes wait for `flush`.
    var waiting: Int { common.held }

    /// The connections that are open, with how far each side has come.
    var open: [(number: Int, client: UInt64, server: UInt64)] {
        places.map { number, place in
            let line = lines[place]
            return (
                number, line.total.client &+ line.missing.client, line.total.server &+ line.missing.server
            )
        }
    }

    /// Takes one event.
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
        // Changed where it lies: a connection has a hundred fields' worth of memory, and there are millions of events.
        try common.write(event, time, &lines[place], tables)
        guard lines[place].isClosed else { return }
        try common.close(&lines[place], tables)
        lines[place] = OpenConnection(ends: Endpoints(client: "", server: ""), opened: 0, lastTime: 0)
        free.append(place)
        places[event.connection] = nil
    }

    /// Writes what waits of every connection, so that all of it is in the file after the transaction.
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
