// Several connections told as one, for conversations that went over more than one.

package import Events
internal import GRDB

extension Archive {
    /// Tells again what was recorded of some connections, what happened first coming first. All of them are read at once:
    /// they should be few.
    ///
    /// - Parameters:
    ///   - connections: their numbers.
    ///   - emit: takes each event in order of time; false ends it.
    /// - Throws: `ArchiveError` where one of them is not there any more.
    package func replay(together connections: [Int], emit: (Event) -> Bool) throws {
        try guarded {
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.deferred) {
                    var replays = try connections.map { try ConnectionReplay(connection: Int64($0), db, .analysis) }
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
