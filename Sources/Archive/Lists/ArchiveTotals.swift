// The numbers that the page shows of the whole archive, and whether something is in it.

package import Events
internal import GRDB
internal import Glibc

/// Sums over the recordings that are complete or still running.
package struct ArchiveTotals: Sendable, Hashable {
    /// Nothing was counted.
    package static let none = ArchiveTotals()

    /// The number of the last migration.
    package var schema: Int64 = 0
    /// The size of the file with its write-ahead log, in bytes.
    package var bytes: Int64 = 0
    package var signIns: Int64 = 0
    package var connections: Int64 = 0
    /// The connections that are still recorded.
    package var openConnections: Int64 = 0
    /// The newest recording that a relay makes now; nil if there is none.
    package var recording: ArchiveID?
    /// The number of commands.
    package var events: Int64 = 0
    package var messages: Int64 = 0
    package var findings: Int64 = 0
    /// The number of conversations.
    package var talks: Int64 = 0
}

extension Archive {
    /// The sums.
    package func totals() throws -> ArchiveTotals {
        try reading { db in
            var totals = ArchiveTotals()
            func number(_ sql: String) throws -> Int64 {
                let select = try PreparedStatement(sql, in: db)
                defer { select.reset() }
                return try select.step() ? select.integer(0) : 0
            }
            let complete = "recording IN (SELECT id FROM recording WHERE is_complete)"
            // To count a whole table is quick; recordings that are not complete are rare.
            let others = "IN (SELECT id FROM connection WHERE NOT \(complete))"
            let hasOthers = try number("SELECT EXISTS (SELECT 1 FROM recording WHERE NOT is_complete)") != 0
            func rows(_ table: String, _ column: String) throws -> Int64 {
                let count = try number("SELECT count(*) FROM \(table)")
                guard hasOthers else { return count }
                return count &- (try number("SELECT count(*) FROM \(table) WHERE \(column) \(others)"))
            }
            totals.schema = Int64(try Schema.migrator.appliedMigrations(db).compactMap { Int($0) }.max() ?? 0)
            totals.signIns = try number("SELECT count(*) FROM sign_in WHERE \(complete)")
            totals.connections = try number("SELECT count(*) FROM connection WHERE \(complete)")
            // `total` adds without overflow.
            totals.events = try number("SELECT total(frames) FROM connection WHERE \(complete)")
            totals.messages = try rows("message", "connection")
            totals.findings = try number("SELECT count(*) FROM finding WHERE \(complete)")
            totals.talks = try rows("conversation", "id")
            (totals.recording, totals.openConnections) = try running(db)
            for path in [file, file + "-wal"] {
                var status = stat()
                if stat(path, &status) == 0 { totals.bytes &+= Int64(status.st_size) }
            }
            return totals
        }
    }

    /// The number of messages, those of recordings that are not complete too.
    package func messageCount() throws -> Int64 {
        try reading { db in
            let select = try PreparedStatement("SELECT count(*) FROM message", in: db)
            defer { select.reset() }
            return try select.step() ? select.integer(0) : 0
        }
    }

    /// The newest recording whose process runs, and the connections without an end of all of them.
    private func running(_ db: Database) throws -> (ArchiveID?, Int64) {
        let select = try PreparedStatement(
            """
            SELECT process, (
                SELECT count(*) FROM connection WHERE connection.recording = recording.id AND closed_ns IS NULL
            ), id FROM recording WHERE is_complete AND ended_ns IS NULL ORDER BY id
            """, in: db)
        defer { select.reset() }
        var (newest, count): (ArchiveID?, Int64) = (nil, 0)
        while try select.step() {
            guard ProcessMark.isAlive(select.text(0)) else { continue }
            newest = .recording(select.integer(2))
            count &+= select.integer(1)
        }
        return (newest, count)
    }

    /// Whether something named is still recorded.
    package func isOpen(_ id: ArchiveID) throws -> Bool {
        try reading { db in
            let select = try PreparedStatement(
                """
                SELECT DISTINCT process FROM connection JOIN recording ON recording.id = connection.recording
                WHERE \(ArchiveSelection([id]).condition()) AND closed_ns IS NULL AND ended_ns IS NULL AND is_complete
                """, in: db, isShared: false)
            defer { select.reset() }
            while try select.step() { if ProcessMark.isAlive(select.text(0)) { return true } }
            return false
        }
    }

    /// The event of a message; nil if the archive does not know it.
    package func event(ofMessage id: Int64) throws -> EventAddress? {
        try reading { db in
            guard try Schema.hasMigration5(db) else { return nil }
            let select = try PreparedStatement("SELECT connection, event FROM message WHERE id = ?", in: db)
            defer { select.reset() }
            select.bind(1, id)
            guard try select.step(), let number = select.optionalInteger(1) else { return nil }
            return EventAddress(connection: select.integer(0), number: number)
        }
    }

    /// Whether the index is used to search for words; signs alone are looked for in all texts.
    package func usesIndex(for words: [String]) -> Bool { SearchText.query(for: words) != nil }

    /// Whether a relay recorded something that an identifier names.
    package func isOfRelay(_ ids: [ArchiveID]) throws -> Bool {
        try reading { db in
            let select = try PreparedStatement(
                """
                SELECT 1 FROM connection WHERE \(ArchiveSelection(ids).condition())
                AND recording IN (SELECT id FROM recording WHERE kind = 'relay') LIMIT 1
                """, in: db, isShared: false)
            defer { select.reset() }
            return try select.step()
        }
    }

    /// Whether an identifier names something in a recording that is complete or still running.
    package func contains(_ id: ArchiveID) throws -> Bool {
        try reading { db in
            let select = try PreparedStatement(
                """
                SELECT 1 FROM connection WHERE \(ArchiveSelection([id]).condition())
                AND recording IN (SELECT id FROM recording WHERE is_complete) LIMIT 1
                """, in: db, isShared: false)
            defer { select.reset() }
            return try select.step()
        }
    }
}
