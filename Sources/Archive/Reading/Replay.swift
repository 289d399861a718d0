// Replays archived connections as events, merged in order of time: the same events that were recorded.

package import Analysis
package import Events
internal import GRDB
internal import MSNP

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
        _ id: ArchiveID?, _ detail: EventDetail = .all, passwords: Passwords = .none, emit: (Event) -> Bool
    ) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.deferred) {
                    var merged = try MergedReplay(id, detail, passwords, db)
                    defer { merged.finish() }
                    guard !merged.isEmpty else {
                        throw ArchiveError(
                            id.map { "there is no \($0) in \(path); the command sessions lists what is" }
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
