// Replays archived connections as events, merged in order of time: the same events that were recorded.

package import Analysis
package import Events
internal import GRDB
internal import MSNP

extension Archive {
    /// Replays recorded events. Connections and sign-ins have the numbers of their archive identifiers.
    ///
    /// - Parameters:
    ///   - selection: which connections to replay.
    ///   - detail: what to compute in addition to the recorded events.
    ///   - passwords: for checking answers to `USR MD5`.
    ///   - emit: receives the events in order of time; returns false to stop.
    /// - Throws: `ArchiveError` if nothing has one of its identifiers.
    package func replay(
        _ selection: ArchiveSelection, _ detail: EventDetail = .all, passwords: Passwords = .none,
        emit: (Event) -> Bool
    ) throws {
        try reading { db in
            try selection.requireIdentifiers(db, in: path)
            var merged = try MergedReplay(selection, detail, passwords, db)
            defer { merged.finish() }
            guard !merged.isEmpty || !selection.isOfIdentifiers else {
                throw ArchiveError("nothing is recorded in \(path)")
            }
            while let event = try merged.next() {
                if !emit(event) { break }
            }
        }
    }

    /// Replays what one identifier names; everything for nil.
    package func replay(
        _ id: ArchiveID?, _ detail: EventDetail = .all, passwords: Passwords = .none, emit: (Event) -> Bool
    ) throws {
        try replay(ArchiveSelection(id.map { [$0] } ?? []), detail, passwords: passwords, emit: emit)
    }
}
