// Single events as they were recorded, by their numbers.

internal import Events
internal import GRDB
internal import MSNP

extension BrowsingSession {
    /// The largest number of rows of one kind that are looked up in one connection.
    private static let mostRows = 1 << 16

    /// An entry of a connection and its part; nil behind its end.
    func entry(_ number: Int64, of connection: Int64) throws -> (
        entry: BlockEntry, part: BlockDirectory.Part, index: Int
    )? {
        if let found = recentEntry(number, of: connection) { return found }
        let directory = try directory(of: connection)
        guard let place = directory.part(of: number) else { return nil }
        let part = directory.parts[place]
        let entries = try entries(of: part, connection)
        recent = (connection, part, entries)
        return recentEntry(number, of: connection)
    }

    /// An entry of the part that was read last; nil if it is in another one.
    func recentEntry(
        _ number: Int64, of connection: Int64
    ) -> (entry: BlockEntry, part: BlockDirectory.Part, index: Int)? {
        guard let recent, recent.connection == connection, number > recent.part.before.events,
            let index = Int(exactly: number - recent.part.before.events - 1), recent.entries.indices.contains(index)
        else { return nil }
        return (recent.entries[index], recent.part, index)
    }

    /// The place of an event in the order of lists; nil if there is none.
    func cursor(of address: EventAddress) throws -> EventCursor? {
        guard let found = try entry(address.number, of: address.connection) else { return nil }
        return EventCursor(time: found.entry.order, connection: address.connection, number: address.number)
    }

    /// The event of an entry as it was recorded; nil if the bytes or rows that it refers to are missing.
    ///
    /// - Parameters:
    ///   - context: that of the event before, which is used again if nothing has changed.
    ///   - borrows: whether the event may keep the bytes of its block in memory.
    func event(
        _ entry: BlockEntry, _ part: BlockDirectory.Part, of connection: Int64, _ context: ConnectionContext? = nil,
        borrows: Bool = false
    ) throws -> Event? {
        guard let facts = try facts(of: connection) else { return nil }
        let kind: Event.Kind
        switch entry.kind {
        case .state: return nil
        case .opened: kind = .opened(facts.ends)
        case .closed:
            var tallies = PerSide(both: Tally(hasDigest: false))
            tallies.client.ackedUnseenBytes = facts.unseen.client
            tallies.server.ackedUnseenBytes = facts.unseen.server
            kind = .closed(facts.ends, reason: facts.reason, client: tallies.client.sums, server: tallies.server.sums)
        case .frame, .noise:
            guard let all = try bytes(of: part, connection).bytes(of: entry) else { return nil }
            let bytes = borrows ? all : all.detached()
            if entry.kind == .frame, let frame = Frame(bytes) {
                kind = .frame(frame, from: entry.side)
            } else {
                let reason = entry.kind == .frame ? .notMSNP : entry.reason
                kind = .noise(Noise(bytes: bytes, reason: reason, offset: entry.offset), from: entry.side)
            }
        case .gap: kind = .gap(bytes: entry.length, offset: entry.offset, from: entry.side)
        case .finding:
            guard let finding = try recordedFinding(entry.nth, of: connection, facts.role) else { return nil }
            kind = finding.recordedKind
        case .rewriting:
            guard let rewriting = try rewriting(entry.nth, of: connection) else { return nil }
            kind = .rewritten(rewriting)
        }
        var signIn: SignIn?
        if entry.state.signIn > 0 {
            let known = facts.signIns[entry.state.signIn]
            signIn = SignIn(
                number: Int(known?.row ?? Int64(entry.state.signIn)),
                account: entry.state.hasAccount ? known?.account : nil)
        }
        let base = context ?? ConnectionContext(connection: Int(connection))
        return Event(
            time: Timestamp(nanoseconds: entry.time),
            context: base.with(role: entry.state.role, dialect: entry.state.dialect, signIn: signIn), kind: kind)
    }

    private func rows(_ sql: String, _ connection: Int64) throws -> [Int64] {
        let select = try PreparedStatement(sql, in: db)
        defer { select.reset() }
        select.bind(1, connection)
        var result: [Int64] = []
        while result.count < Self.mostRows, try select.step() { result.append(select.integer(0)) }
        return result
    }

    private func recordedFinding(_ nth: Int64, of connection: Int64, _ role: Role) throws -> Finding? {
        let known =
            try recordedFindings[connection]
            ?? rows(
                "SELECT id FROM finding WHERE connection = ? AND \(ConnectionReplay.isRecorded) ORDER BY id", connection
            )
        recordedFindings[connection] = known
        guard let place = Int(exactly: nth) else { return nil }
        if known.indices.contains(place) {
            let select = try PreparedStatement("SELECT said_by, name, text FROM finding WHERE id = ?", in: db)
            defer { select.reset() }
            select.bind(1, known[place])
            guard try select.step() else { return nil }
            return Self.finding(select, 0)
        }
        var rest = place - known.count
        for (row, index) in overlay.connections[connection]?.findings ?? [] {
            guard let batch = overlay.batch(row), batch.findings.indices.contains(index) else { continue }
            let finding = Self.finding(batch.findings[index], batch)
            if finding.isDerived(on: role) { continue }
            if rest == 0 { return finding }
            rest -= 1
        }
        return nil
    }

    /// The finding in a row: side, name and text from a column on.
    static func finding(_ row: PreparedStatement, _ column: Int32) -> Finding {
        let side: Side? = row.isNull(column) ? nil : row.text(column) == "client" ? .client : .server
        return Finding(recorded: Finding.Name(row.text(column + 1)), row.text(column + 2), side: side)
    }

    static func finding(_ finding: RowBatch.Finding, _ batch: RowBatch) -> Finding {
        func text(_ place: Range<Int>) -> String { String(decoding: batch.bytes[place], as: UTF8.self) }
        return Finding(recorded: Finding.Name(text(finding.name)), text(finding.text), side: finding.side)
    }

    private func rewriting(_ nth: Int64, of connection: Int64) throws -> Rewriting? {
        let known =
            try rewritings[connection] ?? rows("SELECT id FROM rewriting WHERE connection = ? ORDER BY id", connection)
        rewritings[connection] = known
        guard let place = Int(exactly: nth) else { return nil }
        if known.indices.contains(place) {
            let select = try PreparedStatement(
                "SELECT from_address, to_address, received, sent FROM rewriting WHERE id = ?", in: db)
            defer { select.reset() }
            select.bind(1, known[place])
            guard try select.step() else { return nil }
            return Rewriting(
                original: Frame(rewritten: ByteSlice(select.blob(2))),
                sent: Frame(rewritten: ByteSlice(select.blob(3))), from: select.text(0), to: select.text(1))
        }
        let pending = overlay.connections[connection]?.rewritings ?? []
        guard pending.indices.contains(place - known.count) else { return nil }
        let (row, index) = pending[place - known.count]
        guard let batch = overlay.batch(row), batch.rewritings.indices.contains(index) else { return nil }
        let item = batch.rewritings[index]
        func text(_ place: Range<Int>) -> String { String(decoding: batch.bytes[place], as: UTF8.self) }
        return Rewriting(
            original: Frame(rewritten: ByteSlice(batch.bytes[item.received])),
            sent: Frame(rewritten: ByteSlice(batch.bytes[item.sent])), from: text(item.from), to: text(item.to))
    }
}
