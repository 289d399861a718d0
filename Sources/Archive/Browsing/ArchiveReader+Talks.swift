// Lists of talks, from their rows.

package import Events
internal import GRDB
internal import NIOConcurrencyHelpers

extension ArchiveReader {
    /// Reads talks, the newest first.
    ///
    /// - Parameters:
    ///   - place: which part of the list.
    ///   - limit: the largest number of talks.
    ///   - control: cancels the request; with a condition its time limits the search, and `isDone` is false then.
    ///   - matches: the condition on talks.
    /// - Returns: the talks; where to go on towards older ones (`next`, nil at the end) and newer ones.
    package func talks(
        _ place: ListPlace = .newest, limit: Int, _ control: ReadControl = ReadControl(),
        where matches: (TalkRow) throws -> Bool = { _ in true }
    ) throws -> TalkList {
        try reading(control) { session in
            let names = try self.names(session)
            guard session.hasEventNumbers else { return try derivedTalks(place, limit, session, names, matches) }
            let limit = min(max(limit, 1), Self.mostItems)
            let condition: String
            var cursor = EventCursor(time: .max, connection: .max, number: 0)
            switch place {
            case .newest: condition = "(first_ns, id) < (?, ?) ORDER BY first_ns DESC, id DESC"
            case .after(let place):
                (condition, cursor) = ("(first_ns, id) < (?, ?) ORDER BY first_ns DESC, id DESC", place)
            case .before(let place): (condition, cursor) = ("(first_ns, id) > (?, ?) ORDER BY first_ns, id", place)
            }
            let select = try PreparedStatement(
                """
                SELECT id, first_ns, last_ns, messages, recording FROM talk WHERE recording IN
                (SELECT id FROM recording WHERE is_complete) AND \(condition)
                """, in: session.db)
            defer { select.reset() }
            select.bind(1, cursor.time)
            select.bind(2, cursor.connection)
            var list = TalkList()
            var isMore = false
            while try select.step() {
                try control.check()
                if list.items.count == limit || control.isOver && list.scanned > 0 {
                    isMore = true
                    list.isDone = list.items.count == limit
                    break
                }
                list.scanned += 1
                let row = try session.talk(select, names)
                list.last = row.cursor
                if try matches(row) { list.items.append(row) }
            }
            list.end(place, isMore)
            return list
        }
    }

    /// The talk that a connection is part of; nil if there is none. Of a connection that is still open, what is known
    /// of it so far, alone.
    package func talk(of connection: Int64, _ control: ReadControl = ReadControl()) throws -> TalkRow? {
        try reading(control) { session in
            let names = try self.names(session)
            if session.hasEventNumbers {
                let select = try PreparedStatement(
                    """
                    SELECT id, first_ns, last_ns, messages, recording FROM talk
                    WHERE id = (SELECT talk FROM talk_part WHERE connection = ?)
                    AND recording IN (SELECT id FROM recording WHERE is_complete)
                    """, in: session.db)
                defer { select.reset() }
                select.bind(1, connection)
                if try select.step() { return try session.talk(select, names) }
            }
            return try TalkDerivation.part(of: connection, session.db).map {
                try session.talk(of: [$0], $0.messages, names)
            }
        }
    }

    /// The latest names of accounts that signed in. Looking them up reads whole tables, so they may be some seconds old.
    func names(_ session: BrowsingSession) throws -> LatestNames {
        let (start, commit) = (Clock.ticks(), try commitNumber())
        if let kept = cache.names.withLockedValue({ $0 }), kept.commit == commit || start < kept.end {
            return kept.names
        }
        let names = try LatestNames(session.db)
        // In a large archive this takes long, and must not be most of what is done while a relay records.
        let now = Clock.ticks()
        let end = now + max(Self.lifeOfNames, (now - start) * Self.lifeForCost)
        cache.names.withLockedValue { $0 = KeptNames(names: names, commit: commit, end: end) }
        return names
    }

    private static let lifeOfNames: Int64 = 10_000_000_000
    private static let lifeForCost: Int64 = 100

    /// The talks of an archive without rows of them.
    private func derivedTalks(
        _ place: ListPlace, _ limit: Int, _ session: BrowsingSession, _ names: LatestNames,
        _ matches: (TalkRow) throws -> Bool
    ) throws -> TalkList {
        var list = TalkList()
        var isMore = false
        for (parts, messages) in try TalkDerivation.joined(session.db) {
            let row = try session.talk(of: parts, messages, names)
            switch place {
            case .newest: break
            case .after(let cursor): guard row.cursor < cursor else { continue }
            case .before(let cursor): guard cursor < row.cursor else { continue }
            }
            list.scanned += 1
            guard try matches(row) else { continue }
            list.items.append(row)
        }
        if case .before = place {} else { list.items.reverse() }
        if list.items.count > limit {
            isMore = true
            list.items = Array(list.items.prefix(limit))
        }
        list.last = list.items.last?.cursor
        list.end(place, isMore)
        return list
    }
}

/// A part of the list of talks.
package struct TalkList: Sendable {
    /// The talks, the newest first.
    package internal(set) var items: [TalkRow] = []
    /// Where to go on towards older talks; nil at the end of the list.
    package internal(set) var next: EventCursor?
    /// Where to go on towards newer ones; nil at the beginning.
    package internal(set) var previous: EventCursor?
    /// How many talks were looked at.
    package internal(set) var scanned: Int64 = 0
    /// False if the time was used up before there were enough.
    package internal(set) var isDone = true
    fileprivate var last: EventCursor?

    fileprivate mutating func end(_ place: ListPlace, _ isMore: Bool) {
        let stop = isMore ? (isDone ? items.last?.cursor : last) : nil
        switch place {
        case .newest: next = stop
        case .after(let cursor): (next, previous) = (stop, items.first?.cursor ?? cursor)
        case .before(let cursor):
            (previous, next) = (stop, items.first?.cursor ?? cursor)
            items.reverse()
        }
    }
}

extension BrowsingSession {
    /// The talk of a row: id, first and last time, messages, recording.
    fileprivate func talk(_ row: PreparedStatement, _ names: LatestNames) throws -> TalkRow {
        let id = row.integer(0)
        let select = try PreparedStatement(
            """
            SELECT connection, own, people, transfers, is_direct FROM talk_part WHERE talk = ? ORDER BY number
            """, in: db)
        select.longestText = ArchiveLimits.longestMessage
        defer { select.reset() }
        select.bind(1, id)
        var parts: [(connection: Int64, own: String, people: [String], transfers: Int64, isDirect: Bool)] = []
        while try select.step() {
            parts.append(
                (
                    select.integer(0), select.text(1),
                    TalkDerivation.addresses(select.text(2)),
                    select.integer(3), select.integer(4) != 0
                ))
        }
        select.reset()
        return try talk(
            parts, id: id, first: row.integer(1), last: row.integer(2), messages: row.integer(3),
            recording: row.integer(4), names)
    }

    fileprivate func talk(of parts: [TalkPart], _ messages: Int64, _ names: LatestNames) throws -> TalkRow {
        let first = parts.map(\.first.nanoseconds).min() ?? 0
        let last = parts.map(\.last.nanoseconds).max() ?? 0
        return try talk(
            parts.map { ($0.connection, $0.own, $0.people.map(\.account), $0.transfers, $0.isDirect) },
            id: parts.first?.connection ?? 0, first: first, last: last, messages: messages,
            recording: parts.first?.recording ?? 0, names)
    }

    private func talk(
        _ parts: [(connection: Int64, own: String, people: [String], transfers: Int64, isDirect: Bool)], id: Int64,
        first: Int64, last: Int64, messages: Int64, recording: Int64, _ latest: LatestNames
    ) throws -> TalkRow {
        let own = parts.first?.own ?? ""
        let others = parts.reduce(into: Set<String>()) { $0.formUnion($1.people + [$1.own]) }
        var names: [String: String] = [:]
        let participant = try PreparedStatement(
            """
            SELECT address, name FROM participant JOIN account ON account.id = participant.account
            WHERE conversation = ? AND name IS NOT NULL AND name <> '' ORDER BY joined_ns, address
            """, in: db)
        participant.longestText = ArchiveLimits.longestLabel
        for part in parts {
            if let name = latest[part.own] { names[part.own] = names[part.own] ?? name }
            guard !part.isDirect else { continue }
            participant.bind(1, part.connection)
            var count = 0
            while count < ArchiveLimits.mostParticipants, try participant.step() {
                count += 1
                if participant.text(0) != part.own { names[participant.text(0)] = participant.text(1) }
            }
            participant.reset()
        }
        let connections = parts.map(\.connection)
        return TalkRow(
            ids: parts.map { $0.isDirect ? .connection($0.connection) : .conversation($0.connection) },
            connections: connections, recording: recording, first: Timestamp(nanoseconds: first),
            last: Timestamp(nanoseconds: last),
            accounts: (own.isEmpty ? [] : [own]) + others.filter { !$0.isEmpty && $0 != own }.sorted(), names: names,
            messages: messages, transfers: parts.reduce(0) { $0 &+ $1.transfers }, pictures: try pictures(connections),
            lastMessage: try lastMessage(connections), start: try start(connections),
            cursor: EventCursor(time: first, connection: id, number: 0))
    }

    private func pictures(_ connections: [Int64]) throws -> Int64 {
        guard hasEventNumbers else { return 0 }
        let select = try PreparedStatement(
            """
            SELECT count(*) FROM media WHERE connection = ? AND kind = 'picture'
            AND sha256 IN (SELECT sha256 FROM picture)
            """, in: db)
        return try connections.reduce(Int64(0)) { sum, connection in
            select.bind(1, connection)
            defer { select.reset() }
            return try select.step() ? sum &+ select.integer(0) : sum
        }
    }

    /// The last message, which is quickly found by its event.
    private func lastMessage(_ connections: [Int64]) throws -> LastMessage? {
        guard hasEventNumbers else { return try Archive.lastMessage(on: connections, db) }
        let select = try PreparedStatement(
            """
            SELECT time_ns, address, text FROM message LEFT JOIN account ON account.id = message.sender
            WHERE message.connection = ? ORDER BY event DESC, message.id DESC LIMIT 1
            """, in: db)
        select.longestText = ArchiveLimits.longestMessage
        var last: LastMessage?
        for connection in connections {
            select.bind(1, connection)
            defer { select.reset() }
            guard try select.step() else { continue }
            let time = Timestamp(nanoseconds: select.integer(0))
            if last.map({ $0.time < time }) ?? true {
                last = LastMessage(time: time, from: select.text(1), text: select.text(2))
            }
        }
        return last
    }

    /// The beginning of the first message on any of these connections, which are in order.
    private func start(_ connections: [Int64]) throws -> String {
        let select = try PreparedStatement(
            "SELECT text FROM message WHERE connection = ? ORDER BY \(hasEventNumbers ? "event" : "time_ns"), id LIMIT 1",
            in: db)
        select.longestText = Self.longestStart
        for connection in connections {
            select.bind(1, connection)
            defer { select.reset() }
            if try select.step() { return select.text(0) }
        }
        return ""
    }

    /// The length of the beginning of a talk, in bytes.
    private static let longestStart = 400
}
