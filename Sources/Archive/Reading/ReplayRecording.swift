// Replays the connections of one recording one after the other, with constant memory however many there are.

package import Analysis
package import Events
internal import GRDB
internal import MSNP

extension Archive {
    /// The recordings, complete or running, that contain something of an identifier, in order of time.
    ///
    /// - Parameter id: the requested identifier; nil for everything.
    package func recordings(of id: ArchiveID?) throws -> [Int64] {
        try guarded {
            try queue.writeWithoutTransaction { db in
                let (condition, number) = Self.condition(id)
                let select = try PreparedStatement(
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

    /// Replays the connections of a recording one after the other, in the order in which they were opened. File
    /// transfers and direct links come last, because other connections carry the agreements about them.
    ///
    /// - Parameters:
    ///   - recording: its row identifier.
    ///   - id: the requested identifier; nil for everything.
    ///   - detail: what to compute in addition to the recorded events.
    ///   - emit: receives each part; returns false to stop.
    package func replay(
        apart recording: Int64, asked id: ArchiveID?, _ detail: EventDetail, emit: (ReplayedPart) -> Bool
    ) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.deferred) {
                    let (condition, number) = Self.condition(id)
                    let select = try PreparedStatement(
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
                        var shouldContinue = true
                        while shouldContinue, let event = try replay.next() { shouldContinue = emit(.event(event)) }
                        guard shouldContinue, emit(.ends(Int(connection))) else { break }
                    }
                    return .commit
                }
            }
        }
    }

    /// The SQL condition on `connection` for an identifier, and the one number to bind to it.
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
