// The times of all connections in memory, brought up to date from what has changed, so that lists over many connections
// know which of them to open.

internal import Events
internal import GRDB

/// When each connection was open.
struct ConnectionSpans: Sendable {
    struct Span: Sendable {
        var connection: Int64
        var opened: Int64
        var last: Int64
        var recording: Int64
        /// The row of its sign-in.
        var signIn: Int64?
    }

    private struct Recording: Sendable {
        /// The largest row that was read.
        var newest: Int64 = 0
        var isEnded = false
        /// The connections that were open when they were read last.
        var open: Set<Int64> = []
    }

    /// Some connections in both orders in which lists come to them.
    struct Ordered: Sendable {
        /// In the order in which they were opened.
        var byOpening: [Span] = []
        /// In the order of their last events.
        var byEnd: [Span] = []
    }

    private var recordings: [Int64: Recording] = [:]
    private var spans: [Int64: Span] = [:]
    /// All of them.
    private(set) var all = Ordered()
    private var bySignIn: [Group]?

    /// A relay may write a connection after others that were opened a moment later.
    private static let latecomers: Int64 = 200

    /// Brings it up to date, in the current transaction.
    ///
    /// - Parameter overlay: what is not in the tables yet.
    mutating func update(_ db: Database, _ overlay: PendingOverlay) throws {
        var added: Set<Int64> = []
        /// Those whose end is later now.
        var changed: Set<Int64> = []
        let list = try PreparedStatement("SELECT id, ended_ns IS NOT NULL FROM recording WHERE is_complete", in: db)
        defer { list.reset() }
        var found: [(id: Int64, isEnded: Bool)] = []
        while try list.step() { found.append((list.integer(0), list.integer(1) != 0)) }
        let gone = Set(recordings.keys).subtracting(found.map(\.id))
        if !gone.isEmpty { self = ConnectionSpans() }
        let select = try PreparedStatement(
            "SELECT id, opened_ns, last_ns, closed_ns IS NULL, sign_in FROM connection WHERE recording = ? AND id > ? ORDER BY id",
            in: db)
        let again = try PreparedStatement(
            "SELECT last_ns, closed_ns IS NULL, sign_in FROM connection WHERE id = ?", in: db)
        for (id, isEnded) in found {
            var recording = recordings[id] ?? Recording()
            guard !recording.isEnded || overlay.recordings.contains(id) else { continue }
            for connection in recording.open {
                again.bind(1, connection)
                defer { again.reset() }
                guard try again.step() else {
                    recording.open.remove(connection)
                    continue
                }
                change(connection, last: again.integer(0), signIn: again.optionalInteger(2), &changed)
                if again.integer(1) == 0 { recording.open.remove(connection) }
            }
            select.bind(1, id)
            select.bind(2, recording.newest &- Self.latecomers)
            while try select.step() {
                let span = Span(
                    connection: select.integer(0), opened: min(select.integer(1), select.integer(2)),
                    last: max(select.integer(1), select.integer(2)), recording: id,
                    signIn: select.optionalInteger(4))
                recording.newest = max(recording.newest, span.connection)
                if select.integer(3) != 0 { recording.open.insert(span.connection) }
                if spans[span.connection] == nil {
                    spans[span.connection] = span
                    added.insert(span.connection)
                } else {
                    change(span.connection, last: span.last, signIn: span.signIn, &changed)
                }
            }
            recording.isEnded = isEnded && recording.open.isEmpty
            recordings[id] = recording
        }
        for (id, connection) in overlay.connections {
            let last = max(connection.last, connection.end?.time ?? .min)
            if let known = spans[id] {
                change(id, last: max(known.last, last), signIn: known.signIn, &changed)
            } else {
                let span = Span(
                    connection: id, opened: connection.opened, last: last, recording: connection.recording,
                    signIn: overlay.signIn(of: connection))
                spans[id] = span
                added.insert(id)
            }
        }
        guard !added.isEmpty || !changed.isEmpty else { return }
        if !added.isEmpty { bySignIn = nil }
        let touched = added.union(changed)
        let new = Self.ordered(touched.compactMap { spans[$0] })
        all.byOpening = Self.merged(all.byOpening.filter { !touched.contains($0.connection) }, new.byOpening) {
            ($0.opened, $0.connection) < ($1.opened, $1.connection)
        }
        all.byEnd = Self.merged(all.byEnd.filter { !touched.contains($0.connection) }, new.byEnd) {
            ($0.last, $0.connection) < ($1.last, $1.connection)
        }
    }

    private mutating func change(_ connection: Int64, last: Int64, signIn: Int64?, _ changed: inout Set<Int64>) {
        guard var span = spans[connection], span.last != last || span.signIn != signIn else { return }
        if span.signIn != signIn { bySignIn = nil }
        (span.last, span.signIn) = (last, signIn)
        spans[connection] = span
        changed.insert(connection)
    }

    private static func ordered(_ spans: [Span]) -> Ordered {
        Ordered(
            byOpening: spans.sorted { ($0.opened, $0.connection) < ($1.opened, $1.connection) },
            byEnd: spans.sorted { ($0.last, $0.connection) < ($1.last, $1.connection) })
    }

    /// Two sorted lists as one. Usually all of the new ones come behind.
    private static func merged(_ old: [Span], _ new: [Span], _ isBefore: (Span, Span) -> Bool) -> [Span] {
        guard let last = old.last, let first = new.first, isBefore(first, last) else { return old + new }
        var result: [Span] = []
        result.reserveCapacity(old.count + new.count)
        var rest = new[...]
        for span in old {
            while let next = rest.first, isBefore(next, span) { result.append(rest.removeFirst()) }
            result.append(span)
        }
        return result + rest
    }

    /// The sign-ins, and the recordings with connections without one, in the order in which they began.
    mutating func groups() -> [Group] {
        if let bySignIn { return bySignIn }
        var starts: [Group.Key: Int64] = [:]
        for span in all.byOpening {
            let key = Group.Key(recording: span.recording, signIn: span.signIn)
            if starts[key] == nil { starts[key] = span.opened }
        }
        let groups = starts.map { Group(key: $0.key, start: $0.value) }.sorted { $0.cursor < $1.cursor }
        bySignIn = groups
        return groups
    }

    /// A sign-in, or the connections of a recording without one.
    struct Group: Sendable {
        struct Key: Hashable, Sendable {
            var recording: Int64
            var signIn: Int64?
        }
        var key: Key
        /// When its first connection was opened.
        var start: Int64

        /// Its place in the list.
        var cursor: EventCursor {
            EventCursor(time: start, connection: key.signIn ?? 0, number: key.recording)
        }
    }

    /// The spans of some connections.
    func of(_ connections: [Int64]) -> Ordered { Self.ordered(connections.compactMap { spans[$0] }) }
}
