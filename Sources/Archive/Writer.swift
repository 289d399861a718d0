// Events into rows: what a recording remembers of each connection between two transactions.

internal import MSNP
internal import Transcript

/// One connection while it is recorded.
struct Line {
    var row: Int64 = 0
    var ends: Ends
    var opened: Int64
    var lastTime: Int64
    var circumstances = Circumstances()
    var frames = 0
    var clientTotal: UInt64 = 0
    var serverTotal: UInt64 = 0
    var clientMissing: UInt64 = 0
    var serverMissing: UInt64 = 0
    var isDirty = false
    var isClosed = false

    var index = EventIndexWriter()
    var client: [UInt8] = []
    var server: [UInt8] = []
    var blockStart: Int64 = 0
    var nextBlock = 0
    /// The first of the blocks that are still small and are to become one.
    var firstSmallBlock = 0
    var smallBlocks = 0
    var smallBytes = 0

    var derivation = Derivation()

    var size: Int { client.count + server.count + index.bytes.count }
}

/// Turns events into rows. A value: when a transaction fails, the copy from before it goes on.
struct Writer {
    private var lines: [Int: Line] = [:]
    private var signIns: [Int: (row: Int64, account: String?, dialect: Dialect?)] = [:]
    private var accounts = AccountRows()
    private var held = 0
    private var dirty: [Int] = []

    /// How many bytes of a connection make a block.
    static let blockSize = 64 << 10
    /// How many bytes of unfinished blocks are held in memory by an import.
    static let mostHeld = 16 << 20
    /// How many small blocks are put together.
    static let mostSmallBlocks = 16

    /// Forgets which rows there are: the file is a new one. Connections that go on are written down again.
    mutating func startAnew() {
        signIns = [:]
        accounts = AccountRows()
        for number in lines.keys {
            lines[number]?.row = 0
            lines[number]?.nextBlock = 0
            lines[number]?.firstSmallBlock = 0
            lines[number]?.smallBlocks = 0
            lines[number]?.smallBytes = 0
            lines[number]?.derivation = Derivation()
            lines[number]?.index.clear()
            lines[number]?.client = []
            lines[number]?.server = []
        }
    }

    /// How many bytes wait for `flush`.
    var waiting: Int { held }

    /// The connections that are open, with how far each side has come.
    var open: [(number: Int, client: UInt64, server: UInt64)] {
        lines.map { ($0.key, $0.value.clientTotal &+ $0.value.clientMissing, $0.value.serverTotal &+ $0.value.serverMissing) }
    }

    /// Takes one event.
    mutating func take(_ event: Event, _ tables: Tables) throws {
        let time = event.time.nanoseconds
        switch event.kind {
        case .listening(let address): return try tables.insertListening(address, at: time)
        case .opened(let ends):
            lines[event.connection] = Line(ends: ends, opened: time, lastTime: time)
        case .closed where lines[event.connection] == nil: return
        case .finding(let finding) where event.connection == 0:
            return try tables.insert(finding, connection: nil, at: time)
        default:
            if lines[event.connection] == nil {
                lines[event.connection] = Line(ends: Ends(client: "unknown", server: "unknown"), opened: time, lastTime: time)
            }
        }
        guard var line = lines.removeValue(forKey: event.connection) else { return }
        try write(event, time, &line, tables)
        if line.isClosed {
            try flush(&line, tables)
            if line.smallBlocks > 1 { try tables.merge(line.row, from: line.firstSmallBlock) }
        } else {
            lines[event.connection] = line
        }
    }

    /// Writes what waits of every connection, so that all of it is in the file after the transaction.
    mutating func flush(_ tables: Tables) throws {
        for number in dirty {
            guard var line = lines.removeValue(forKey: number), line.isDirty else { continue }
            try flush(&line, tables)
            if line.smallBlocks >= Self.mostSmallBlocks || line.smallBytes >= Self.blockSize {
                if line.smallBlocks > 1 { try tables.merge(line.row, from: line.firstSmallBlock) }
                if line.smallBytes >= Self.blockSize {
                    line.firstSmallBlock = line.nextBlock
                    line.smallBlocks = 0
                    line.smallBytes = 0
                } else {
                    line.nextBlock = line.firstSmallBlock + 1
                    line.smallBlocks = 1
                }
            }
            lines[number] = line
        }
        dirty = []
    }

    private mutating func write(_ event: Event, _ time: Int64, _ line: inout Line, _ tables: Tables) throws {
        if line.row == 0 {
            line.row = try tables.insertConnection(
                number: event.connection, line.ends, role: event.role, opened: line.opened)
        }
        if case .message(let message) = event.kind {
            return try line.derivation.take(
                message, at: time, connection: line.row, frame: line.frames, tables.derived, &accounts)
        }
        let before = line.size
        if !line.isDirty {
            line.isDirty = true
            dirty.append(event.connection)
        }
        try note(Circumstances(event), event, time, &line, tables)
        switch event.kind {
        case .frame(let frame, let side):
            line.index.append(.frame, from: side, at: time, length: UInt64(frame.bytes.count))
            Self.add(frame.bytes, from: side, &line)
            line.frames += 1
            try line.derivation.take(
                frame, from: side, at: time, role: event.role, connection: line.row, frame: line.frames, tables.derived,
                &accounts)
            try noteProgram(&line, tables)
        case .noise(let noise, let side):
            let code = UInt8(clamping: Codes.reasons.firstIndex(of: noise.reason) ?? 0)
            line.index.append(.noise, from: side, at: time, length: UInt64(noise.bytes.count), code: code)
            Self.add(noise.bytes, from: side, &line)
        case .gap(let bytes, _, let side):
            line.index.append(.gap, from: side, at: time, length: bytes)
            if side == .client {
                line.clientMissing &+= bytes
            } else {
                line.serverMissing &+= bytes
            }
        case .rewritten(let rewriting):
            line.index.append(.rewriting, from: .server, at: time)
            try tables.insert(rewriting, connection: line.row, at: time)
        case .finding(let finding):
            line.index.append(.finding, from: finding.side, at: time)
            try tables.insert(finding, connection: line.row, at: time)
        case .opened: line.index.append(.opened, from: nil, at: time)
        case .closed(let ends, let reason, let client, let server):
            line.index.append(.closed, from: nil, at: time)
            line.ends = ends
            line.isClosed = true
            try tables.close(
                line.row, at: time, reason: reason, clientUnseen: client.ackedUnseenBytes,
                serverUnseen: server.ackedUnseenBytes)
        case .listening, .message: break
        }
        line.lastTime = time
        held += line.size - before
        if line.size >= Self.blockSize {
            try writeBlock(&line, tables)
            // A block of this size needs no putting together.
            if line.smallBlocks == 1 {
                line.firstSmallBlock = line.nextBlock
                line.smallBlocks = 0
                line.smallBytes = 0
            }
        }
    }

    private static func add(_ bytes: [UInt8], from side: Side, _ line: inout Line) {
        if side == .client {
            line.client += bytes
            line.clientTotal += UInt64(bytes.count)
        } else {
            line.server += bytes
            line.serverTotal += UInt64(bytes.count)
        }
    }

    /// Starts a block, and says what changed around the connection.
    private mutating func note(
        _ circumstances: Circumstances, _ event: Event, _ time: Int64, _ line: inout Line, _ tables: Tables
    ) throws {
        let isNew = line.size == 0
        if isNew { line.blockStart = time }
        guard isNew || circumstances != line.circumstances else { return }
        line.index.append(circumstances, at: time)
        line.circumstances = circumstances
        guard let signIn = event.signIn else { return }
        let dialect = event.role == .notification || event.role == .dispatch ? event.dialect : nil
        guard let known = signIns[signIn.number] else {
            let row = try tables.insertSignIn(number: signIn.number, account: signIn.account)
            if dialect != nil { try tables.changeSignIn(row, account: nil, dialect: dialect) }
            signIns[signIn.number] = (row, signIn.account, dialect)
            return
        }
        guard known.account == nil && signIn.account != nil || dialect != nil && dialect != known.dialect else { return }
        try tables.changeSignIn(known.row, account: signIn.account, dialect: dialect)
        signIns[signIn.number] = (known.row, signIn.account ?? known.account, dialect ?? known.dialect)
    }

    private func noteProgram(_ line: inout Line, _ tables: Tables) throws {
        guard let program = line.derivation.program, let signIn = signIns[line.circumstances.signIn] else { return }
        try tables.derived.setProgram(program, signIn: signIn.row)
        line.derivation.program = nil
    }

    /// Writes down a connection as far as it has come.
    private mutating func flush(_ line: inout Line, _ tables: Tables) throws {
        try writeBlock(&line, tables)
        try tables.change(line, signIn: signIns[line.circumstances.signIn]?.row)
        line.isDirty = false
    }

    private mutating func writeBlock(_ line: inout Line, _ tables: Tables) throws {
        guard line.size > 0 else { return }
        let block = Block(
            firstTime: line.blockStart, lastTime: line.lastTime, events: line.index.bytes, client: line.client,
            server: line.server)
        try tables.insert(block, number: line.nextBlock, connection: line.row)
        line.nextBlock += 1
        line.smallBlocks += 1
        line.smallBytes += line.size
        held -= line.size
        line.index.clear()
        line.client.removeAll(keepingCapacity: line.client.capacity <= Self.blockSize)
        line.server.removeAll(keepingCapacity: line.server.capacity <= Self.blockSize)
    }
}
