// Merges the replays of many connections in order of time, with few of them open at once.

internal import Analysis
internal import Events
internal import GRDB
internal import HeapModule

/// Merges the replays of several connections in order of time. A connection is opened when its first event is due and
/// released after its last one, so memory holds only the connections that were open at the same time.
struct MergedReplay {
    private let db: Database
    private let detail: EventDetail
    private let passwords: Passwords
    private let remaining: PreparedStatement
    /// The connections of the selected people; nil if all are selected.
    private let selected: Set<Int64>?
    /// The next connection to open, and when it was opened (nanoseconds since 1970).
    private var nextConnection: (row: Int64, opened: Int64)?
    private var replays: [Int: ConnectionReplay] = [:]
    private var count = 0
    /// The next event of each open replay.
    private var heads = Heap<Head>()

    /// Ordered by time; events of the same time are ordered by when their connections were opened.
    private struct Head: Comparable {
        let replay: Int
        let event: Event

        static func < (a: Head, b: Head) -> Bool { (a.event.time, a.replay) < (b.event.time, b.replay) }
        static func == (a: Head, b: Head) -> Bool { (a.event.time, a.replay) == (b.event.time, b.replay) }
    }

    init(_ selection: ArchiveSelection, _ detail: EventDetail, _ passwords: Passwords, _ db: Database) throws {
        self.db = db
        self.detail = detail
        self.passwords = passwords
        selected = try selection.connections(db)
        let complete = "recording IN (SELECT id FROM recording WHERE is_complete)"
        let condition = selection.condition() + (selection.ids.isEmpty ? " AND \(complete)" : "")
        remaining = try PreparedStatement(
            "SELECT id, opened_ns FROM connection WHERE \(condition) ORDER BY opened_ns, id", in: db, isShared: false)
        try advance()
    }

    /// Whether no connection matches.
    var isEmpty: Bool { count == 0 && nextConnection == nil }

    mutating func next() throws -> Event? {
        while let nextConnection, heads.min.map({ nextConnection.opened <= $0.event.time.nanoseconds }) ?? true {
            try advance()
            var replay = try ConnectionReplay(connection: nextConnection.row, db, detail, passwords: passwords)
            count += 1
            guard let event = try replay.next() else { continue }
            replays[count] = replay
            heads.insert(Head(replay: count, event: event))
        }
        guard let head = heads.popMin() else { return nil }
        if let event = try replays[head.replay]?.next() {
            heads.insert(Head(replay: head.replay, event: event))
        } else {
            replays[head.replay] = nil
        }
        return head.event
    }

    /// Discards the rows that were not read.
    func finish() { remaining.reset() }

    private mutating func advance() throws {
        repeat {
            nextConnection = try remaining.step() ? (remaining.integer(0), remaining.integer(1)) : nil
        } while nextConnection.map { selected?.contains($0.row) == false } ?? false
    }
}
