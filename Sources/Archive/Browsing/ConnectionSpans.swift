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
    }

    private struct Recording: Sendable {
        /// The largest row that was read.
        var newest: Int64 = 0
        var isEnded = false
        /// The connections that were open when they were read last.
        var open: Set<Int64> = []
    }

    private var recordings: [Int64: Recording] = [:]
    private var spans: [Int64: Span] = [:]
    /// In the order in which they were opened.
    private(set) var byOpening: [Span] = []

    /// A relay may write a connection after others that were opened a moment later.
    private static let latecomers: Int64 = 200

    /// Brings it up to date, in the current transaction.
    ///
    /// - Parameter overlay: what is not in the tables yet.
    mutating func update(_ db: Database, _ overlay: PendingOverlay) throws {
        var (added, isChanged): ([Span], Bool) = ([], false)
        let list = try PreparedStatement("SELECT id, ended_ns IS NOT NULL FROM recording WHERE is_complete", in: db)
        defer { list.reset() }
        var found: [(id: Int64, isEnded: Bool)] = []
        while try list.step() { found.append((list.integer(0), list.integer(1) != 0)) }
        let gone = Set(recordings.keys).subtracting(found.map(\.id))
        if !gone.isEmpty { self = ConnectionSpans() }
        let select = try PreparedStatement(
            "SELECT id, opened_ns, last_ns, closed_ns IS NULL FROM connection WHERE recording = ? AND id > ? ORDER BY id",
            in: db)
        let again = try PreparedStatement("SELECT last_ns, closed_ns IS NULL FROM connection WHERE id = ?", in: db)
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
                if spans[connection]?.last != again.integer(0) {
                    spans[connection]?.last = again.integer(0)
                    isChanged = true
                }
                if again.integer(1) == 0 { recording.open.remove(connection) }
            }
            select.bind(1, id)
            select.bind(2, recording.newest &- Self.latecomers)
            while try select.step() {
                let span = Span(
                    connection: select.integer(0), opened: min(select.integer(1), select.integer(2)),
                    last: max(select.integer(1), select.integer(2)))
                recording.newest = max(recording.newest, span.connection)
                if select.integer(3) != 0 { recording.open.insert(span.connection) }
                if spans.updateValue(span, forKey: span.connection) == nil {
                    added.append(span)
                } else {
                    isChanged = true
                }
            }
            recording.isEnded = isEnded && recording.open.isEmpty
            recordings[id] = recording
        }
        for (id, connection) in overlay.connections {
            let last = max(connection.last, connection.end?.time ?? .min)
            if let known = spans[id] {
                guard known.last < last else { continue }
                spans[id]?.last = last
                isChanged = true
            } else {
                let span = Span(connection: id, opened: connection.opened, last: last)
                spans[id] = span
                added.append(span)
            }
        }
        guard isChanged || !added.isEmpty else { return }
        byOpening = spans.values.sorted { ($0.opened, $0.connection) < ($1.opened, $1.connection) }
    }

    /// The spans of some connections, in the order in which they were opened.
    func of(_ connections: [Int64]) -> [Span] {
        connections.compactMap { spans[$0] }.sorted { ($0.opened, $0.connection) < ($1.opened, $1.connection) }
    }
}
