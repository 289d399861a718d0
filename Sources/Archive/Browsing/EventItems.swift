// Makes the items of a list from the places of events.

internal import Analysis
internal import Events
internal import GRDB
internal import MSNP

extension BrowsingSession {
    /// The items at some places, which are in order; of events that cannot be read only the first of each run.
    ///
    /// - Parameter derives: whether rows have what follows from the events.
    func items(at cursors: [EventCursor], _ depth: EventDepth, derives: Bool = true) throws -> [EventItem] {
        guard depth == .row else { return try cursors.compactMap { try fullItem(at: $0) } }
        var derived: [Int64: DerivedEvents] = [:]
        var ranges: [Int64: (first: Int64, last: Int64)] = [:]
        for cursor in cursors {
            let known = ranges[cursor.connection]
            ranges[cursor.connection] = (
                min(known?.first ?? cursor.number, cursor.number), max(known?.last ?? cursor.number, cursor.number)
            )
        }
        var textRest = Self.mostText
        for (connection, range) in ranges where derives {
            derived[connection] = try derivedEvents(of: connection, from: range.first, to: range.last, &textRest)
        }
        var contexts: [Int64: ConnectionContext] = [:]
        return try cursors.compactMap { cursor in
            guard let (entry, part, index) = try self.entry(cursor.number, of: cursor.connection) else { return nil }
            let address = EventAddress(connection: cursor.connection, number: cursor.number)
            guard
                let event = try event(
                    entry, part, of: cursor.connection, contexts[cursor.connection], borrows: true)
            else {
                return try damaged(address, cursor, part, index)
            }
            contexts[cursor.connection] = event.context
            let further = (derived[cursor.connection]?.byNumber[cursor.number] ?? []).map { kind in
                event.followed(by: kind)
            }
            // At the end of a connection, what was incomplete comes before its end.
            if case .closed = event.kind {
                return EventItem(
                    address: address, cursor: cursor, events: further + [event], damage: nil, recorded: further.count)
            }
            return EventItem(address: address, cursor: cursor, events: [event] + further, damage: nil, recorded: 0)
        }
    }

    private func fullItem(at cursor: EventCursor) throws -> EventItem? {
        let address = EventAddress(connection: cursor.connection, number: cursor.number)
        guard let step = try step(cursor.number, of: cursor.connection) else { return nil }
        guard let recorded = step.recorded else {
            guard let (_, part, index) = try entry(cursor.number, of: cursor.connection) else { return nil }
            return try damaged(address, cursor, part, index)
        }
        return EventItem(address: address, cursor: cursor, events: step.events, damage: nil, recorded: recorded)
    }

    /// The item for a run of events that cannot be read; nil if the event before it cannot be read either.
    private func damaged(
        _ address: EventAddress, _ cursor: EventCursor, _ part: BlockDirectory.Part, _ index: Int
    ) throws -> EventItem? {
        let entries = try entries(of: part, address.connection)
        if index > 0, try event(entries[index - 1], part, of: address.connection) == nil { return nil }
        var count = 1
        while index + count < entries.count, try event(entries[index + count], part, of: address.connection) == nil {
            count += 1
        }
        var block: Int64 = 0
        if case .table(let number) = part.place { block = number }
        return EventItem(
            address: address, cursor: cursor, events: [], damage: EventItem.Damage(block: block, events: count))
    }

    // MARK: - What follows from events, as the tables have it

    struct DerivedEvents {
        var byNumber: [Int64: [Event.Kind]] = [:]
    }

    /// The messages and findings that follow from events of a connection.
    private func derivedEvents(
        of connection: Int64, from first: Int64, to last: Int64, _ textRest: inout Int
    ) throws -> DerivedEvents {
        var result = DerivedEvents()
        guard let facts = try facts(of: connection) else { return result }
        func add(_ kind: Event.Kind, _ number: Int64?) {
            guard let number, first <= number, number <= last else { return }
            result.byNumber[number, default: []].append(kind)
        }
        try readMessages(of: connection, from: first, to: last, &textRest, add)
        try readFindings(of: connection, from: first, to: last) { finding, number in
            if finding.isDerived(on: facts.role) { add(.finding(finding), number) }
        }
        guard let pending = overlay.connections[connection] else { return result }
        for (row, index) in pending.messages {
            guard let batch = overlay.batch(row), batch.messages.indices.contains(index) else { continue }
            let message = batch.messages[index]
            guard let number = message.event, first <= number, number <= last else { continue }
            add(
                .message(
                    Message(
                        from: String(decoding: batch.bytes[message.sender], as: UTF8.self), to: [],
                        bytes: Array(batch.bytes[message.text]), conversation: "", side: message.side)), number)
        }
        for (row, index) in pending.findings {
            guard let batch = overlay.batch(row), batch.findings.indices.contains(index) else { continue }
            let finding = Self.finding(batch.findings[index], batch)
            if finding.isDerived(on: facts.role) { add(.finding(finding), batch.findings[index].event) }
        }
        return result
    }

    /// The bytes of the messages of a window. A text has at most three times as many bytes as its event, and a window is
    /// bounded, so that only altered archives reach this; of further messages the beginnings are read.
    private static let mostText = 32 << 20

    private func readMessages(
        of connection: Int64, from first: Int64, to last: Int64, _ textRest: inout Int,
        _ add: (Event.Kind, Int64?) -> Void
    ) throws {
        guard let low = try entry(first, of: connection), let high = try entry(last, of: connection) else { return }
        var (lowFrame, highFrame) = (low.part.before.frames, high.part.before.frames)
        let column = hasEventNumbers ? "event" : "frame"
        if !hasEventNumbers {
            // Older archives have the number of the frame only.
            lowFrame += Int64(try entries(of: low.part, connection).prefix(low.index).count { $0.kind == .frame })
            highFrame += Int64(
                try entries(of: high.part, connection).prefix(high.index + 1).count { $0.kind == .frame })
        }
        let select = try PreparedStatement(
            """
            SELECT \(column), said_by,
            (SELECT substr(address, 1, \(ArchiveLimits.longestLabel)) FROM account WHERE account.id = sender), text
            FROM message WHERE connection = ? AND \(column) BETWEEN ? AND ? ORDER BY \(column), id
            """, in: db)
        select.longestText = ArchiveLimits.longestMessage
        defer { select.reset() }
        select.bind(1, connection)
        select.bind(2, hasEventNumbers ? first : lowFrame)
        select.bind(3, hasEventNumbers ? last : highFrame)
        while try select.step() {
            let number = select.integer(0)
            select.longestText = max(ArchiveLimits.longestLabel, min(ArchiveLimits.longestMessage, textRest))
            let text = Array(select.text(3).utf8)
            textRest -= text.count
            add(
                .message(
                    Message(
                        from: select.text(2), to: [], bytes: text, conversation: "",
                        side: select.text(1) == "C" ? .client : .server)),
                hasEventNumbers ? number : try eventNumber(ofFrame: number, connection))
        }
    }

    private func readFindings(
        of connection: Int64, from first: Int64, to last: Int64, _ add: (Finding, Int64?) -> Void
    ) throws {
        guard hasEventNumbers else { return }
        let select = try PreparedStatement(
            """
            SELECT said_by, name, text, event FROM finding WHERE connection = ? AND event BETWEEN ? AND ?
            ORDER BY event, id
            """, in: db)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        select.bind(1, connection)
        select.bind(2, first)
        select.bind(3, last)
        while try select.step() { add(Self.finding(select, 0), select.integer(3)) }
    }

    /// The number of the event that is the nth frame of a connection, from 1.
    func eventNumber(ofFrame frame: Int64, _ connection: Int64) throws -> Int64? {
        let directory = try directory(of: connection)
        let index = directory.firstIndex { $0.before.frames >= frame } - 1
        guard directory.parts.indices.contains(index) else { return nil }
        let part = directory.parts[index]
        let place = try entries(of: part, connection).firstIndex { $0.kind == .frame && $0.nth == frame - 1 }
        return place.map { part.before.events + Int64($0) + 1 }
    }
}
