// // Writes the events of one connection as rows: bytes in blocks, connection state, and derived rows.

internal import Events
internal import MSNP

/// The state that all connections share while they are recorded: rows of sign-ins and accounts.
struct ConnectionWriter {
    private var signIns: [Int: (row: Int64, account: String?, dialect: Dialect?)] = [:]
    private var accounts = AccountRows()
    /// The bytes of unfinished blocks.
    private(set) var held = 0
    /// The numbers of connections with unwritten data.
    var dirty: [Int] = []

    mutating func write(_ event: Event, _ time: Int64, _ line: inout OpenConnection, _ tables: InsertStatements) throws
    {
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
            line.missing[side] &+= bytes
        case .rewritten(let rewriting):
            line.index.append(.rewriting, from: .server, at: time)
            try tables.insert(rewriting, connection: line.row, at: time)
        case .finding(let finding):
            if !finding.isDerived(on: event.role) { line.index.append(.finding, from: finding.side, at: time) }
            try tables.insert(finding, connection: line.row, at: time)
        case .opened: line.index.append(.opened, from: nil, at: time)
        case .closed(let ends, let reason, let client, let server):
            line.index.append(.closed, from: nil, at: time)
            line.ends = ends
            line.isClosed = true
            try tables.close(
                line.row, at: time, reason: reason.text, clientUnseen: client.ackedUnseenBytes,
                serverUnseen: server.ackedUnseenBytes)
        case .listening, .message, .notPrinted: break
        }
        line.lastTime = time
        held += line.size - before
        if line.size >= Writer.blockSize {
            try writeBlock(&line, tables)
            // A block of full size is not merged with others.
            if line.smallBlocks == 1 {
                line.firstSmallBlock = line.nextBlock
                line.smallBlocks = 0
                line.smallBytes = 0
            }
        }
    }

    private static func add(_ bytes: [UInt8], from side: Side, _ line: inout OpenConnection) {
        line.bytes[side] += bytes
        line.total[side] += UInt64(bytes.count)
    }

    /// Starts a block if needed, and records changes of role, dialect or sign-in.
    private mutating func note(
        _ circumstances: Circumstances, _ event: Event, _ time: Int64, _ line: inout OpenConnection,
        _ tables: InsertStatements
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
        guard known.account == nil && signIn.account != nil || dialect != nil && dialect != known.dialect else {
            return
        }
        try tables.changeSignIn(known.row, account: signIn.account, dialect: dialect)
        signIns[signIn.number] = (known.row, signIn.account ?? known.account, dialect ?? known.dialect)
    }

    private func noteProgram(_ line: inout OpenConnection, _ tables: InsertStatements) throws {
        guard let program = line.derivation.program, let signIn = signIns[line.circumstances.signIn] else { return }
        try tables.derived.setProgram(program, signIn: signIn.row)
        line.derivation.program = nil
    }

    /// Writes the remaining data of a closed connection.
    mutating func close(_ line: inout OpenConnection, _ tables: InsertStatements) throws {
        try flush(&line, tables)
        if line.smallBlocks > 1 { try tables.merge(line.row, from: line.firstSmallBlock) }
    }

    /// Writes the unwritten data of an open connection; merges small blocks when there are many.
    mutating func keep(_ line: inout OpenConnection, _ tables: InsertStatements) throws {
        guard line.isDirty else { return }
        try flush(&line, tables)
        guard line.smallBlocks >= Writer.mostSmallBlocks || line.smallBytes >= Writer.blockSize else { return }
        if line.smallBlocks > 1 { try tables.merge(line.row, from: line.firstSmallBlock) }
        if line.smallBytes >= Writer.blockSize {
            line.firstSmallBlock = line.nextBlock
            line.smallBlocks = 0
            line.smallBytes = 0
        } else {
            line.nextBlock = line.firstSmallBlock + 1
            line.smallBlocks = 1
        }
    }

    private mutating func flush(_ line: inout OpenConnection, _ tables: InsertStatements) throws {
        try writeBlock(&line, tables)
        try tables.change(line, signIn: signIns[line.circumstances.signIn]?.row)
        line.isDirty = false
    }

    private mutating func writeBlock(_ line: inout OpenConnection, _ tables: InsertStatements) throws {
        guard line.size > 0 else { return }
        let block = Block(
            firstTime: line.blockStart, lastTime: line.lastTime, events: line.index.bytes, client: line.bytes.client,
            server: line.bytes.server)
        try tables.insert(block, number: line.nextBlock, connection: line.row)
        line.nextBlock += 1
        line.smallBlocks += 1
        line.smallBytes += line.size
        held -= line.size
        line.index.clear()
        for side in Side.allCases {
            line.bytes[side].removeAll(keepingCapacity: line.bytes[side].capacity <= Writer.blockSize)
        }
    }
}
