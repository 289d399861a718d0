// Replays a few connections merged in order of time, for conversations that span more than one connection.

package import Analysis
package import Events
internal import GRDB

extension Archive {
    /// Replays some connections merged in order of time. All of them are open at once, so there should be few.
    ///
    /// - Parameters:
    ///   - connections: their numbers.
    ///   - detail: what to compute in addition to the recorded events.
    ///   - emit: receives the events in order of time; returns false to stop.
    /// - Throws: `ArchiveError` if one of them no longer exists.
    package func replay(together connections: [Int], _ detail: EventDetail, emit: (Event) -> Bool) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.deferred) {
                    var replays = try connections.map { try ConnectionReplay(connection: Int64($0), db, detail) }
                    var heads: [Event?] = []
                    for index in replays.indices { heads.append(try replays[index].next()) }
                    while let index = Self.earliest(heads), let event = heads[index], emit(event) {
                        heads[index] = try replays[index].next()
                    }
                    return .commit
                }
            }
        }
    }

    private static func earliest(_ heads: [Event?]) -> Int? {
        heads.indices.filter { heads[$0] != nil }.min { a, b in
            guard let a = heads[a], let b = heads[b] else { return false }
            return a.time < b.time
        }
    }
}
