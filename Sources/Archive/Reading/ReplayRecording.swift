// Replays the connections of one recording one after the other, with constant memory however many there are.

package import Analysis
package import Events
internal import GRDB
internal import MSNP

extension Archive {
    /// The recordings, complete or running, that contain something of a selection, in order of time.
    ///
    /// - Throws: `ArchiveError` if nothing has one of its identifiers.
    package func recordings(of selection: ArchiveSelection) throws -> [Int64] {
        try reading { db in
            try selection.requireIdentifiers(db, in: path)
            let selected = try selection.connections(db)
            let select = try PreparedStatement(
                """
                SELECT recording, id FROM connection
                WHERE recording IN (SELECT id FROM recording WHERE is_complete) AND \(selection.condition())
                \(selected == nil ? "GROUP BY recording ORDER BY min(opened_ns), recording" : "ORDER BY opened_ns")
                """, in: db, isShared: false)
            defer { select.reset() }
            var seen: Set<Int64> = []
            var result: [Int64] = []
            while try select.step() {
                let recording = select.integer(0)
                guard selected?.contains(select.integer(1)) ?? true else { continue }
                if seen.insert(recording).inserted { result.append(recording) }
            }
            return result
        }
    }

    /// Replays the connections of a recording one after the other, in the order in which they were opened. File
    /// transfers and direct links come last, because other connections carry the agreements about them.
    ///
    /// - Parameters:
    ///   - recording: its row identifier.
    ///   - selection: which connections are asked for.
    ///   - detail: what to compute in addition to the recorded events.
    ///   - emit: receives each part; returns false to stop.
    package func replay(
        apart recording: Int64, asked selection: ArchiveSelection, _ detail: EventDetail, emit: (ReplayedPart) -> Bool
    ) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.deferred) {
                    let selected = try selection.connections(db)
                    let select = try PreparedStatement(
                        """
                        SELECT id, \(selection.condition()), role IN ('\(Role.fileTransfer.rawValue)', '\(Role.peerToPeer.rawValue)') AS is_late
                        FROM connection WHERE recording = ? ORDER BY is_late, opened_ns, id
                        """, in: db, isShared: false)
                    defer { select.reset() }
                    select.bind(1, recording)
                    while try select.step() {
                        let connection = select.integer(0)
                        let isAsked = select.integer(1) != 0 && selected?.contains(connection) ?? true
                        guard emit(.begins(Int(connection), isAsked: isAsked)) else { break }
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
}
