// Lists of sign-ins in parts.

package import Events
internal import GRDB
internal import NIOConcurrencyHelpers
package import Query

/// A part of the list of sign-ins.
package struct SignInList: Sendable {
    /// A sign-in, or what a recording has without one, with its connections, the oldest first.
    package struct Item: Sendable {
        package internal(set) var signIn: SignInSummary
        package internal(set) var connections: [ConnectionSummary]
        /// Its place in the list.
        package internal(set) var cursor: EventCursor
    }

    /// The sign-ins, the newest first.
    package internal(set) var items: [Item] = []
    /// Where to go on towards older ones; nil at the end of the list.
    package internal(set) var next: EventCursor?
    /// Where to go on towards newer ones; nil at the beginning.
    package internal(set) var previous: EventCursor?
    /// How many were looked at.
    package internal(set) var scanned: Int64 = 0
    /// False if the time was used up before there were enough.
    package internal(set) var isDone = true
}

extension ArchiveReader {
    /// Reads sign-ins as `sessions` lists them, the newest first, without reading the others.
    ///
    /// - Parameters:
    ///   - place: which part of the list.
    ///   - limit: the largest number of sign-ins.
    ///   - filter: a condition on connections; sign-ins without any that fulfils it are left out.
    ///   - control: cancels the request; with a condition its time limits the search, and `isDone` is false then.
    package func signIns(
        _ place: ListPlace = .newest, limit: Int, filter: Filter? = nil, _ control: ReadControl = ReadControl()
    ) throws -> SignInList {
        try reading(control) { session in
            let groups = try cache.spans.withLockedValue { spans in
                try spans.update(session.db, session.overlay)
                return spans.groups()
            }
            let limit = min(max(limit, 1), Self.mostItems)
            let names = try self.names(session)
            let candidates: [ConnectionSpans.Group]
            switch place {
            case .newest: candidates = groups.reversed()
            case .after(let cursor): candidates = groups.prefix { $0.cursor < cursor }.reversed()
            case .before(let cursor): candidates = Array(groups.drop { $0.cursor <= cursor })
            }
            var list = SignInList()
            var stop: EventCursor?
            var last: EventCursor?
            for group in candidates {
                try control.check()
                if list.items.count == limit || filter != nil && control.isOver && list.scanned > 0 {
                    list.isDone = list.items.count == limit
                    stop = last
                    break
                }
                list.scanned += 1
                last = group.cursor
                if let item = try session.item(of: group, filter, names) { list.items.append(item) }
            }
            switch place {
            case .newest: list.next = stop
            case .after(let cursor): (list.next, list.previous) = (stop, list.items.first?.cursor ?? cursor)
            case .before(let cursor):
                (list.previous, list.next) = (stop, list.items.first?.cursor ?? cursor)
                list.items.reverse()
            }
            return list
        }
    }

    /// One sign-in, or what a recording has without one; nil if there is nothing.
    package func signIn(_ id: ArchiveID, _ control: ReadControl = ReadControl()) throws -> SignInList.Item? {
        try reading(control) { session in
            let groups = try cache.spans.withLockedValue { spans in
                try spans.update(session.db, session.overlay)
                return spans.groups()
            }
            let group = groups.first { group in
                switch id {
                case .signIn(let row): group.key.signIn == row
                case .recording(let row): group.key.recording == row && group.key.signIn == nil
                case .connection, .conversation: false
                }
            }
            return try group.flatMap { try session.item(of: $0, nil, try names(session)) }
        }
    }

    /// The sign-in that a connection belongs to, or what its recording has without one; nil if there is no such
    /// connection.
    package func signIn(
        withConnection connection: Int64, _ control: ReadControl = ReadControl()
    ) throws -> SignInList.Item? {
        try reading(control) { session in
            guard let span = try session.spans(of: [connection]).byOpening.first else { return nil }
            let key = ConnectionSpans.Group.Key(recording: span.recording, signIn: span.signIn)
            let group = ConnectionSpans.Group(key: key, start: span.opened)
            return try session.item(of: group, nil, try names(session))
        }
    }
}

extension BrowsingSession {
    fileprivate func item(
        of group: ConnectionSpans.Group, _ filter: Filter?, _ names: LatestNames
    ) throws -> SignInList.Item? {
        let select = try PreparedStatement(
            """
            SELECT kind, process, ended_ns, (
                SELECT name || CASE WHEN count(*) > 1 THEN ' and ' || (count(*) - 1) || ' more' ELSE '' END
                FROM (SELECT name FROM source_file WHERE source_file.recording = recording.id ORDER BY id)
            ), sign_in.account, sign_in.dialect, sign_in.client_program
            FROM recording LEFT JOIN sign_in ON sign_in.id = ?2 WHERE recording.id = ?1
            """, in: db)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        select.bind(1, group.key.recording)
        select.bind(2, group.key.signIn)
        guard try select.step() else { return nil }
        let start = Timestamp(nanoseconds: group.start)
        var summary = SignInSummary(
            id: group.key.signIn.map(ArchiveID.signIn), account: select.optionalText(4),
            dialect: select.optionalText(5), program: select.optionalText(6),
            recording: .recording(group.key.recording), origin: select.optionalText(3) ?? select.text(0), first: start,
            last: start)
        summary.name = summary.account.flatMap { names[$0] }
        let isRunning = select.isNull(2) && ProcessMark.isAlive(select.text(1))
        select.reset()
        var query = SessionQuery()
        query.filter = filter
        var connections: [ConnectionSummary] = []
        try archive.connections(
            of: Archive.Group(signIn: group.key.signIn, recording: group.key.recording, isRunning: isRunning), db
        ) { connection in
            if query.accepts(connection, of: summary) { connections.append(connection) }
            return true
        }
        guard let first = connections.first else { return nil }
        summary.first = connections.reduce(first.opened) { min($0, $1.opened) }
        summary.last = connections.reduce(first.last) { max($0, $1.last) }
        summary.connections = Int64(connections.count)
        summary.conversations = Int64(connections.count { $0.conversation != nil })
        summary.messages = connections.reduce(0) { $0 &+ $1.messages }
        summary.findings = connections.reduce(0) { $0 &+ $1.findings }
        let files = Set(connections.map(\.ends.file))
        if files.count == 1, let file = files.first { summary.file = file }
        return SignInList.Item(signIn: summary, connections: connections, cursor: group.cursor)
    }
}
