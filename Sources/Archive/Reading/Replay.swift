// Replays archived connections as events, merged in order of time: the same events that were recorded.

package import Analysis
package import Events
internal import GRDB
internal import MSNP

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
