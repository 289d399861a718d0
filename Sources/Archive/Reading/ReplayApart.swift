// The connections of a recording told one after the other, however many there are.

package import Events
internal import GRDB
internal import MSNP

/// What is told of connections that come one after the other.
package enum ReplayedPart: Sendable {
    /// A connection begins, by its number; whether it was asked for.
    case begins(Int, isAsked: Bool)
    /// What happened on it.
    case event(Event)
    /// Nothing more comes of it.
    case ends(Int)
}

extension Archive {
    /// The recordings that were made to the end, or are being made, in order of time: those of which something is asked for.
    ///
    /// - Parameter id: what is asked for; nil for everything.
    package func recordings(of id: ArchiveID?) throws -> [Int64] {
        try guarded {
            try queue.writeWithoutTransaction { db in
                let (condition, number) = Self.condition(id)
                let select = try Prepared(
                    """
                    SELECT recording FROM connection
                    WHERE recording IN (SELECT id FROM recording WHERE is_complete) AND \(condition)
                    GROUP BY recording ORDER BY min(opened_ns), recording
                    """, in: db)
                select.bind(1, number)
                var result: [Int64] = []
                while try select.step() { result.append(select.integer(0)) }
                return result
            }
        }
    }

    /// Tells the connections of a recording one after the other, in order of their beginnings. Those that carry files, and
    /// direct links, come last: what they carry was agreed on elsewhere.
    ///
    /// - Parameters:
    ///   - recording: its number.
    ///   - id: what is asked for; nil for everything.
    ///   - detail: what is made beside what was recorded.
    ///   - emit: takes each part; false ends it.
    package func replay(
        apart recording: Int64, asked id: ArchiveID?, _ detail: ReplayDetail, emit: (ReplayedPart) -> Bool
    ) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.deferred) {
                    let (condition, number) = Self.condition(id)
                    let select = try Prepared(
                        """
                        SELECT id, \(condition), role IN ('\(Role.fileTransfer.rawValue)', '\(Role.peerToPeer.rawValue)') AS is_late
                        FROM connection WHERE recording = ? ORDER BY is_late, opened_ns, id
                        """, in: db, isShared: false)
                    defer { select.reset() }
                    select.bind(1, number)
                    select.bind(2, recording)
                    while try select.step() {
                        let connection = select.integer(0)
                        guard emit(.begins(Int(connection), isAsked: select.integer(1) != 0)) else { break }
                        var replay = try ConnectionReplay(connection: connection, db, detail)
                        var goesOn = true
                        while goesOn, let event = try replay.next() { goesOn = emit(.event(event)) }
                        guard goesOn, emit(.ends(Int(connection))) else { break }
                    }
                    return .commit
                }
            }
        }
    }

    /// The condition on rows of `connection` that an identifier is, with one number in it.
    private static func condition(_ id: ArchiveID?) -> (String, Int64) {
        switch id {
        case .connection(let number): ("id = ?", number)
        case .conversation(let number): ("id = (SELECT id FROM conversation WHERE id = ?)", number)
        case .signIn(let number): ("ifnull(sign_in = ?, 0)", number)
        case .recording(let number): ("recording = ?", number)
        case nil: ("1 = ?", 1)
        }
    }
}
