// Turns the events of one connection into rows: bytes in blocks, connection state, and derived rows.

internal import Events
internal import MSNP

/// The state that all connections share while they are recorded.
struct ConnectionWriter {
    /// The numbers of the sign-ins, in the order in which they began.
    private(set) var signIns: [Int] = []
    private var knownSignIns: Set<Int> = []
    /// The bytes of unfinished blocks.
    private(set) var bufferedBytes = 0
    /// The numbers of connections with unwritten data.
    private var dirty: [Int] = []
    private var origins = ConnectionOrigins()

    /// The numbers of connections with unwritten data since the last call.
    mutating func takeDirty() -> [Int] {
        defer { dirty.removeAll(keepingCapacity: true) }
        return dirty
    }

    mutating func write(_ event: Event, _ time: Int64, _ connection: inout OpenConnection, _ log: inout RowLog) {
        if !connection.isDirty {
            connection.isDirty = true
            dirty.append(event.connection)
        }
        if case .message(let message) = event.kind {
            let place = Self.place(of: &connection, event.connection, log: &log)
            return log.add(
                message, place, frame: connection.frames, event: connection.number(at: time),
                at: message.fragment?.began.nanoseconds ?? time)
        }
        let before = connection.size
        updateState(ConnectionState(event), event, time, &connection, &log)
        let place = Self.place(of: &connection, event.connection, log: &log)
        switch event.kind {
        case .finding, .message, .http, .listening, .notPrinted: break
        default: connection.note(time)
        }
        switch event.kind {
        case .frame(let frame, let side):
            noteOrigin(frame, side, event, place, &connection, &log)
            connection.index.append(.frame, from: side, at: time, length: UInt64(frame.bytes.count))
            Self.add(frame.bytes, from: side, &connection)
            connection.frames += 1
            connection.derivation.add(
                frame, from: side, at: time, role: event.role, place, frame: connection.frames, &log)
            connection.derivation.add(event.annotation, place, frame: connection.frames, &log)
            writeProgram(&connection, &log)
        case .noise(let noise, let side):
            let code = UInt8(clamping: EntryCodes.reasons.firstIndex(of: noise.reason) ?? 0)
            connection.index.append(.noise, from: side, at: time, length: UInt64(noise.bytes.count), code: code)
            Self.add(noise.bytes, from: side, &connection)
        case .gap(let bytes, _, let side):
            connection.index.append(.gap, from: side, at: time, length: bytes)
            connection.missing[side] &+= bytes
        case .rewritten(let rewriting):
            connection.index.append(.rewriting, from: .server, at: time)
            log.add(rewriting, place, at: time)
        case .tunnel(let tunnel):
            connection.index.append(.finding, from: nil, at: time)
            log.add(Finding(tunnel), place, at: time, event: connection.number(at: time))
        case .finding(let finding):
            if !finding.isDerived(on: event.role) {
                connection.index.append(.finding, from: finding.side, at: time)
                connection.note(time)
            }
            log.add(finding, place, at: time, event: connection.number(at: time))
        case .opened: connection.index.append(.opened, from: nil, at: time)
        case .closed(let ends, let reason, let client, let server):
            connection.index.append(.closed, from: nil, at: time)
            connection.derivation.add(event.annotation, place, frame: connection.frames, &log)
            connection.ends = ends
            connection.isClosed = true
            log.close(
                place, at: time, reason: reason.text,
                unseen: PerSide(client: client.ackedUnseenBytes, server: server.ackedUnseenBytes))
        case .listening, .message, .http, .notPrinted: break
        }
        connection.lastTime = time
        bufferedBytes += connection.size - before
        if connection.size >= RecordWriter.blockSize { writeBlock(&connection, event.connection, &log) }
    }

    private mutating func noteOrigin(
        _ frame: Frame, _ side: Side, _ event: Event, _ place: Int, _ connection: inout OpenConnection,
        _ log: inout RowLog
    ) {
        guard
            let origin = origins.take(
                frame, from: side, on: event.connection, role: event.role, signIn: event.signIn?.number,
                number: connection.events, at: event.time.nanoseconds, isNew: !connection.hasOrigin)
        else { return }
        connection.hasOrigin = true
        log.add(origin, of: place)
    }

    private static func add(_ bytes: ByteSlice, from side: Side, _ connection: inout OpenConnection) {
        connection.bytes[side] += bytes
        connection.total[side] += UInt64(bytes.count)
    }

    /// The place of a connection in the log, which names it if it does not yet.
    private static func place(of connection: inout OpenConnection, _ number: Int, log: inout RowLog) -> Int {
        if connection.place.log != log.number {
            connection.place = (log.number, log.add(connection, number: number))
        }
        return connection.place.index
    }

    /// Starts a block if needed, and records changes of role, dialect or sign-in.
    private mutating func updateState(
        _ state: ConnectionState, _ event: Event, _ time: Int64, _ connection: inout OpenConnection, _ log: inout RowLog
    ) {
        let isNew = connection.size == 0
        if isNew { connection.blockStart = time }
        guard isNew || state != connection.state else { return }
        connection.index.append(state, at: time)
        connection.state = state
        guard let signIn = event.signIn else { return }
        if knownSignIns.insert(signIn.number).inserted { signIns.append(signIn.number) }
        log.add(signIn, dialect: event.role == .notification || event.role == .dispatch ? event.dialect : nil)
    }

    private func writeProgram(_ connection: inout OpenConnection, _ log: inout RowLog) {
        guard let program = connection.derivation.program, connection.state.signIn > 0 else { return }
        log.add(program: program, signIn: connection.state.signIn)
        connection.derivation.program = nil
    }

    /// Writes the unwritten data of a connection.
    mutating func flush(_ connection: inout OpenConnection, _ number: Int, _ log: inout RowLog) {
        writeBlock(&connection, number, &log)
        log.addSums(of: connection, Self.place(of: &connection, number, log: &log))
        connection.isDirty = false
    }

    private mutating func writeBlock(_ connection: inout OpenConnection, _ number: Int, _ log: inout RowLog) {
        guard connection.size > 0 else { return }
        log.addBlock(of: connection, Self.place(of: &connection, number, log: &log))
        bufferedBytes -= connection.size
        connection.index.clear()
        for side in Side.allCases {
            connection.bytes[side].removeAll(keepingCapacity: connection.bytes[side].capacity <= RecordWriter.blockSize)
        }
    }
}
