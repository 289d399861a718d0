// Rows back into events: the same that were recorded, in the same order, at the same times.

internal import GRDB
internal import MSNP
public import Transcript

/// What `show` is asked for.
public enum ArchiveID: Sendable, Hashable, CustomStringConvertible {
    /// One TCP connection: `c12`.
    case connection(Int64)
    /// What was said on one switchboard: `v12`.
    case conversation(Int64)
    /// All connections of one sign-in: `s3`.
    case signIn(Int64)
    /// All that a relay or an import recorded: `r1`.
    case recording(Int64)

    /// Reads an identifier as `sessions` prints it.
    public init?(_ text: String) {
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
    public var description: String {
        switch self {
        case .connection(let number): "c\(number)"
        case .conversation(let number): "v\(number)"
        case .signIn(let number): "s\(number)"
        case .recording(let number): "r\(number)"
        }
    }
}

extension Archive {
    /// Tells again what was recorded. Connections and sign-ins have the numbers that their identifiers have.
    ///
    /// - Parameters:
    ///   - passwords: what answers to `USR MD5` are checked against.
    ///   - emit: takes each event in order of time; false ends it.
    /// - Throws: `ArchiveError` where there is nothing with this identifier.
    public func replay(_ id: ArchiveID, passwords: Passwords = .none, emit: (Event) -> Bool) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.deferred) {
                    var players = try connections(of: id, db).map {
                        try Player(connection: $0, db, passwords: passwords)
                    }
                    guard !players.isEmpty else {
                        throw ArchiveError("there is no \(id) in \(path); see butterflynet sessions")
                    }
                    try Self.play(&players, emit)
                    return .commit
                }
            }
        }
    }

    private func connections(of id: ArchiveID, _ db: Database) throws -> [Int64] {
        let (condition, number) =
            switch id {
            case .connection(let number): ("id = ?", number)
            case .conversation(let number): ("id = (SELECT id FROM conversation WHERE id = ?)", number)
            case .signIn(let number): ("sign_in = ?", number)
            case .recording(let number): ("recording = ?", number)
            }
        let select = try Prepared("SELECT id FROM connection WHERE \(condition) ORDER BY opened_ns, id", in: db)
        select.bind(1, number)
        var result: [Int64] = []
        while try select.step() { result.append(select.integer(0)) }
        return result
    }

    /// Takes from several connections whatever happened first.
    private static func play(_ players: inout [Player], _ emit: (Event) -> Bool) throws {
        var heads: [(player: Int, event: Event)] = []
        func place(_ event: Event, _ player: Int) {
            var low = 0
            var high = heads.count
            while low < high {
                let middle = (low + high) / 2
                let other = heads[middle]
                let isLater = (event.time, player) > (other.event.time, other.player)
                if isLater { high = middle } else { low = middle + 1 }
            }
            heads.insert((player, event), at: low)
        }
        for index in players.indices {
            if let event = try players[index].next() { place(event, index) }
        }
        while let head = heads.popLast() {
            guard emit(head.event) else { return }
            if let event = try players[head.player].next() { place(event, head.player) }
        }
    }
}
