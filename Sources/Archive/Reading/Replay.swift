// // Replays archived connections as events, merged in order of time: the same events that were recorded.

package import Analysis
package import Events
internal import GRDB
internal import HeapModule
internal import MSNP

/// An identifier of something in an archive, as `show` accepts it.
package enum ArchiveID: Sendable, Hashable, CustomStringConvertible {
    /// One TCP connection: `c12`.
    case connection(Int64)
    /// The conversation of one switchboard connection: `v12`.
    case conversation(Int64)
    /// All connections of one sign-in: `s3`.
    case signIn(Int64)
    /// Everything that one relay run or one import recorded: `r1`.
    case recording(Int64)

    /// Parses an identifier as `sessions` prints it; nil if it is none.
    package init?(_ text: String) {
        guard let kind = text.first, let number = Int64(text.dropFirst()), number > 0 else { return nil }
        switch kind {
        case "c", "C": self = .connection(number)
        case "v", "V": self = .conversation(number)
        case "s", "S": self = .signIn(number)
        case "r", "R": self = .recording(number)
        default: return nil
        }
    }

    /// The identifier as users type it.
    package var description: String {
        switch self {
        case .connection(let number): "c\(number)"
        case .conversation(let number): "v\(number)"
        case .signIn(let number): "s\(number)"
        case .recording(let number): "r\(number)"
        }
    }
}

/// What a replay computes in addition to the recorded events; each option costs time.
package struct ReplayDetail: OptionSet, Sendable {
    /// The bit mask.
    package let rawValue: UInt8

    /// Creates the options from a bit mask.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Events derived from the bytes: messages, findings, meanings of arguments, and which reply answers which request.
    package static let analysis = ReplayDetail(rawValue: 1)
    /// The SHA-256 of each direction, reported in the `closed` event.
    package static let digests = ReplayDetail(rawValue: 2)
    /// All options.
    package static let all: ReplayDetail = [.analysis, .digests]
}

extension Archive {
    /// Replays recorded events. Connections and sign-ins have the numbers of their archive identifiers.
    ///
    /// - Parameters:
    ///   - id: what to replay; nil for all recordings that are complete or still running.
    ///   - detail: what to compute in addition to the recorded events.
    ///   - passwords: for checking answers to `USR MD5`.
    ///   - emit: receives the events in order of time; returns false to stop.
    /// - Throws: `ArchiveError` if nothing has this identifier.
    package func replay(
        _ id: ArchiveID?, _ detail: ReplayDetail = .all, passwords: Passwords = .none, emit: (Event) -> Bool
    ) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.deferred) {
                    var merged = try MergedReplay(id, detail, passwords, db)
                    defer { merged.finish() }
                    guard !merged.isEmpty else {
                        throw ArchiveError(
                            id.map { "there is no \($0) in \(path); see butterflynet sessions" }
                                ?? "there is nothing in \(path)")
                    }
                    while let event = try merged.next() {
                        if !emit(event) { break }
                    }
                    return .commit
                }
            }
        }
    }
}

/// Merges the replays of several connections in order of time. A connection is opened when its first event is due and
/// released after its last one, so memory holds only the connections that were open at the same time.
private struct MergedReplay {
    private let db: Database
    private let detail: ReplayDetail
    private let passwords: Passwords
    private let waiting: Prepared
    /// The next connection to open, and when it was opened (nanoseconds since 1970).
    private var following: (row: Int64, opened: Int64)?
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

    init(_ id: ArchiveID?, _ detail: ReplayDetail, _ passwords: Passwords, _ db: Database) throws {
        self.db = db
        self.detail = detail
        self.passwords = passwords
        let (condition, number): (String, Int64) =
            switch id {
            case .connection(let number): ("id = ?", number)
            case .conversation(let number): ("id = (SELECT id FROM conversation WHERE id = ?)", number)
            case .signIn(let number): ("sign_in = ?", number)
            case .recording(let number): ("recording = ?", number)
            case nil: ("recording IN (SELECT id FROM recording WHERE is_complete = ?)", 1)
            }
        waiting = try Prepared(
            "SELECT id, opened_ns FROM connection WHERE \(condition) ORDER BY opened_ns, id", in: db, isShared: false)
        waiting.bind(1, number)
        try advance()
    }

    /// Whether no connection matches.
    var isEmpty: Bool { count == 0 && following == nil }

    mutating func next() throws -> Event? {
        while let following, heads.min.map({ following.opened <= $0.event.time.nanoseconds }) ?? true {
            try advance()
            var replay = try ConnectionReplay(connection: following.row, db, detail, passwords: passwords)
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
    func finish() { waiting.reset() }

    private mutating func advance() throws {
        following = try waiting.step() ? (waiting.integer(0), waiting.integer(1)) : nil
    }
}
