// Rows back into events: the same that were recorded, in the same order, at the same times.

package import Analysis
package import Events
internal import GRDB
internal import HeapModule
internal import MSNP

/// What `show` is asked for.
package enum ArchiveID: Sendable, Hashable, CustomStringConvertible {
    /// One TCP connection: `c12`.
    case connection(Int64)
    /// What was said on one switchboard: `v12`.
    case conversation(Int64)
    /// All connections of one sign-in: `s3`.
    case signIn(Int64)
    /// All that a relay or an import recorded: `r1`.
    case recording(Int64)

    /// Reads an identifier as `sessions` prints it.
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

    /// The identifier as it is typed.
    package var description: String {
        switch self {
        case .connection(let number): "c\(number)"
        case .conversation(let number): "v\(number)"
        case .signIn(let number): "s\(number)"
        case .recording(let number): "r\(number)"
        }
    }
}

/// What is made beside what was recorded; each costs time.
package struct ReplayDetail: OptionSet, Sendable {
    /// The options as bits.
    package let rawValue: UInt8

    /// The options of these bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// What follows from the bytes: messages, findings, what arguments mean, which reply answers which request.
    package static let analysis = ReplayDetail(rawValue: 1)
    /// The SHA-256 of each direction, when the connection ends.
    package static let digests = ReplayDetail(rawValue: 2)
    /// All of it.
    package static let all: ReplayDetail = [.analysis, .digests]
}

extension Archive {
    /// Tells again what was recorded. Connections and sign-ins have the numbers that their identifiers have.
    ///
    /// - Parameters:
    ///   - id: what to tell; nil for everything that was recorded to the end or is being recorded.
    ///   - detail: what is made beside what was recorded.
    ///   - passwords: what answers to `USR MD5` are checked against.
    ///   - emit: takes each event in order of time; false ends it.
    /// - Throws: `ArchiveError` where there is nothing with this identifier.
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

/// Reads several connections at once: what happened first comes first. Each is opened when its time has come and
/// forgotten when it is over, so that memory holds as many as were open at a time, however many there are.
private struct MergedReplay {
    private let db: Database
    private let detail: ReplayDetail
    private let passwords: Passwords
    private let waiting: Prepared
    /// The next connection that was not opened yet, and since when it was open.
    private var following: (row: Int64, opened: Int64)?
    private var replays: [Int: ConnectionReplay] = [:]
    private var count = 0
    /// The next event of each replay.
    private var heads = Heap<Head>()

    /// What comes first is smaller; of two at the same time, what was opened first.
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

    /// Whether there was no connection at all.
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

    /// Lets go of the rows that were not asked for.
    func finish() { waiting.reset() }

    private mutating func advance() throws {
        following = try waiting.step() ? (waiting.integer(0), waiting.integer(1)) : nil
    }
}
