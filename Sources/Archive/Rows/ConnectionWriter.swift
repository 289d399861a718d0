// Writes the events of one connection as rows: bytes in blocks, connection state, and derived rows.

internal import Events
internal import MSNP

/// The state that all connections share while they are recorded: rows of sign-ins and accounts.
struct ConnectionWriter {
    private var signIns: [Int: (row: Int64, account: String?, dialect: Dialect?)] = [:]
    private var accounts = AccountRows()
    /// The bytes of unfinished blocks.
    private(set) var bufferedBytes = 0
    /// The numbers of connections with unwritten data.
    var dirty: [Int] = []

    mutating func write(
        _ event: Event, _ time: Int64, _ connection: inout OpenConnection, _ statements: InsertStatements
    ) throws {
        if connection.row == 0 {
            connection.row = try statements.insertConnection(
                number: event.connection, connection.ends, role: event.role, opened: connection.opened)
        }
        if case .message(let message) = event.kind {
            return try connection.derivation.add(
                message, at: time, connection: connection.row, frame: connection.frames, statements.derived, &accounts)
        }
        let before = connection.size
        if !connection.isDirty {
            connection.isDirty = true
            dirty.append(event.connection)
        }
        try updateState(ConnectionState(event), event, time, &connection, statements)
        switch event.kind {
        case .frame(let frame, let side):
            connection.index.append(.frame, from: side, at: time, length: UInt64(frame.bytes.count))
            Self.add(frame.bytes, from: side, &connection)
            connection.frames += 1
            try connection.derivation.add(
                frame, from: side, at: time, role: event.role, connection: connection.row, frame: connection.frames,
                statements.derived,
                &accounts)
            try writeProgram(&connection, statements)
        case .noise(let noise, let side):
            let code = UInt8(clamping: EntryCodes.reasons.firstIndex(of: noise.reason) ?? 0)
            connection.index.append(.noise, from: side, at: time, length: UInt64(noise.bytes.count), code: code)
            Self.add(noise.bytes, from: side, &connection)
        case .gap(let bytes, _, let side):
            connection.index.append(.gap, from: side, at: time, length: bytes)
            connection.missing[side] &+= bytes
        case .rewritten(let rewriting):
            connection.index.append(.rewriting, from: .server, at: time)
            try statements.insert(rewriting, connection: connection.row, at: time)
        case .finding(let finding):
            if !finding.isDerived(on: event.role) { connection.index.append(.finding, from: finding.side, at: time) }
            try statements.insert(finding, connection: connection.row, at: time)
        case .opened: connection.index.append(.opened, from: nil, at: time)
        case .closed(let ends, let reason, let client, let server):
            connection.index.append(.closed, from: nil, at: time)
            connection.ends = ends
            connection.isClosed = true
            try statements.close(
                connection.row, at: time, reason: reason.text,
                unseen: PerSide(client: client.ackedUnseenBytes, server: server.ackedUnseenBytes))
        case .listening, .message, .notPrinted: break
        }
        connection.lastTime = time
        bufferedBytes += connection.size - before
        if connection.size >= RecordWriter.blockSize {
            try writeBlock(&connection, statements)
            // A block of full size is not merged with others.
            if connection.smallBlocks == 1 {
                connection.firstSmallBlock = connection.nextBlock
                connection.smallBlocks = 0
                connection.smallBytes = 0
            }
        }
    }

    private static func add(_ bytes: [UInt8], from side: Side, _ connection: inout OpenConnection) {
        connection.bytes[side] += bytes
        connection.total[side] += UInt64(bytes.count)
    }

    /// Starts a block if needed, and records changes of role, dialect or sign-in.
    private mutating func updateState(
        _ state: ConnectionState, _ event: Event, _ time: Int64, _ connection: inout OpenConnection,
        _ statements: InsertStatements
    ) throws {
        let isNew = connection.size == 0
        if isNew { connection.blockStart = time }
        guard isNew || state != connection.state else { return }
        connection.index.append(state, at: time)
        connection.state = state
        guard let signIn = event.signIn else { return }
        let dialect = event.role == .notification || event.role == .dispatch ? event.dialect : nil
        guard let known = signIns[signIn.number] else {
            let row = try statements.insertSignIn(number: signIn.number, account: signIn.account)
            if dialect != nil { try statements.changeSignIn(row, account: nil, dialect: dialect) }
            signIns[signIn.number] = (row, signIn.account, dialect)
            return
        }
        guard known.account == nil && signIn.account != nil || dialect != nil && dialect != known.dialect else {
            return
        }
        try statements.changeSignIn(known.row, account: signIn.account, dialect: dialect)
        signIns[signIn.number] = (known.row, signIn.account ?? known.account, dialect ?? known.dialect)
    }

    private func writeProgram(_ connection: inout OpenConnection, _ statements: InsertStatements) throws {
        guard let program = connection.derivation.program, let signIn = signIns[connection.state.signIn] else { return }
        try statements.derived.setProgram(program, signIn: signIn.row)
        connection.derivation.program = nil
    }

    /// Writes the remaining data of a closed connection.
    mutating func close(_ connection: inout OpenConnection, _ statements: InsertStatements) throws {
        try flush(&connection, statements)
        if connection.smallBlocks > 1 { try statements.merge(connection.row, from: connection.firstSmallBlock) }
    }

    /// Writes the unwritten data of an open connection; merges small blocks when there are many.
    mutating func writePending(_ connection: inout OpenConnection, _ statements: InsertStatements) throws {
        guard connection.isDirty else { return }
        try flush(&connection, statements)
        guard connection.smallBlocks >= RecordWriter.mostSmallBlocks || connection.smallBytes >= RecordWriter.blockSize
        else { return }
        if connection.smallBlocks > 1 { try statements.merge(connection.row, from: connection.firstSmallBlock) }
        if connection.smallBytes >= RecordWriter.blockSize {
            connection.firstSmallBlock = connection.nextBlock
            connection.smallBlocks = 0
            connection.smallBytes = 0
        } else {
            connection.nextBlock = connection.firstSmallBlock + 1
            connection.smallBlocks = 1
        }
    }

    private mutating func flush(_ connection: inout OpenConnection, _ statements: InsertStatements) throws {
        try writeBlock(&connection, statements)
        try statements.change(connection, signIn: signIns[connection.state.signIn]?.row)
        connection.isDirty = false
    }

    private mutating func writeBlock(_ connection: inout OpenConnection, _ statements: InsertStatements) throws {
        guard connection.size > 0 else { return }
        let block = EventBlock(
            firstTime: connection.blockStart, lastTime: connection.lastTime, events: connection.index.bytes,
            bytes: connection.bytes)
        try statements.insert(block, number: connection.nextBlock, connection: connection.row)
        connection.nextBlock += 1
        connection.smallBlocks += 1
        connection.smallBytes += connection.size
        bufferedBytes -= connection.size
        connection.index.clear()
        for side in Side.allCases {
            connection.bytes[side].removeAll(keepingCapacity: connection.bytes[side].capacity <= RecordWriter.blockSize)
        }
    }
}
