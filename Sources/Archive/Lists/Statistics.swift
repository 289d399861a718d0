// Sums over a whole archive: recordings, sign-ins, connections, messages, findings.

package import Events
internal import GRDB
internal import Glibc

/// The sums over the recordings of an archive that are complete or still running.
package struct ArchiveStatistics: Sendable {
    /// A name and how often it occurs.
    package struct Count: Sendable, Hashable {
        /// The name; nil if it is unknown.
        package var name: String?
        /// How often it occurs.
        package var count: Int64
    }

    /// The recordings by kind: `relay`, `import`.
    package var recordings: [Count] = []
    /// When the first connection was opened; nil without connections.
    package var first: Timestamp?
    /// The time of the last event.
    package var last: Timestamp?
    /// The number of imported files.
    package var files: Int64 = 0
    /// Their size in bytes.
    package var fileBytes: Int64 = 0
    /// The sign-ins by dialect.
    package var dialects: [Count] = []
    /// The sign-ins by client program and version.
    package var programs: [Count] = []
    /// The connections by role.
    package var roles: [Count] = []
    /// The number of commands.
    package var commands: Int64 = 0
    /// The number of bytes that clients and servers sent.
    package var bytes: Int64 = 0
    /// The number of bytes known to be missing.
    package var missingBytes: Int64 = 0
    /// The number of switchboard connections.
    package var conversations: Int64 = 0
    /// The number of text messages, as recorded: a talk that two clients' connections show counts twice.
    package var messages: Int64 = 0
    /// The number of accounts that occur anywhere.
    package var accounts: Int64 = 0
    /// The number of files and objects that were offered or sent; nil in read-only archives before schema 3.
    package var transfers: Int64?
    /// The findings by name.
    package var findings: [Count] = []
    /// The size of the archive with its write-ahead log, in bytes.
    package var archiveBytes: Int64 = 0

    /// The sum of counts.
    package static func sum(_ counts: [Count]) -> Int64 { counts.reduce(0) { $0 &+ $1.count } }
}

extension Archive {
    /// The largest number of different names in one list; the rarest are left out.
    private static let mostNames = 1_000

    /// The sums over all recordings that are complete or still running.
    package func statistics() throws -> ArchiveStatistics {
        try reading { try sums($0) }
    }

    private func sums(_ db: Database) throws -> ArchiveStatistics {
        var statistics = ArchiveStatistics()
        let complete = "IN (SELECT id FROM recording WHERE is_complete)"
        statistics.recordings = try counts("kind", of: "recording WHERE is_complete", db)
        statistics.dialects = try counts("dialect", of: "sign_in WHERE recording \(complete)", db)
        statistics.programs = try counts("client_program", of: "sign_in WHERE recording \(complete)", db)
        statistics.roles = try counts("role", of: "connection WHERE recording \(complete)", db)
        statistics.findings = try counts("name", of: "finding WHERE recording \(complete)", db)
        try row("count(*), total(bytes)", of: "source_file WHERE recording \(complete)", db) {
            statistics.files = $0.integer(0)
            statistics.fileBytes = $0.integer(1)
        }
        // `total` adds without overflow: stored numbers may have any value.
        try row(
            """
            min(opened_ns), max(last_ns), total(frames), total(client_bytes) + total(server_bytes), total(missing_bytes)
            """, of: "connection WHERE recording \(complete)", db
        ) {
            statistics.first = $0.optionalInteger(0).map { Timestamp(nanoseconds: $0) }
            statistics.last = $0.optionalInteger(1).map { Timestamp(nanoseconds: $0) }
            statistics.commands = $0.integer(2)
            statistics.bytes = $0.integer(3)
            statistics.missingBytes = $0.integer(4)
        }
        let connections = "IN (SELECT connection.id FROM connection WHERE recording \(complete))"
        func count(_ rows: String) throws -> Int64 {
            var count: Int64 = 0
            try row("count(*)", of: rows, db) { count = $0.integer(0) }
            return count
        }
        statistics.conversations = try count("conversation WHERE id \(connections)")
        statistics.messages = try count("message WHERE connection \(connections)")
        statistics.accounts = try count("account")
        if try Schema.hasMigration3(db) {
            statistics.transfers = try count("transfer WHERE connection \(connections)")
        }
        for path in [file, file + "-wal"] {
            var status = stat()
            if stat(path, &status) == 0 { statistics.archiveBytes &+= Int64(status.st_size) }
        }
        return statistics
    }

    /// How often each value of a column occurs, the most frequent first.
    private func counts(_ column: String, of rows: String, _ db: Database) throws -> [ArchiveStatistics.Count] {
        let select = try PreparedStatement(
            "SELECT \(column), count(*) FROM \(rows) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT \(Self.mostNames)", in: db)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        var counts: [ArchiveStatistics.Count] = []
        while try select.step() {
            counts.append(ArchiveStatistics.Count(name: select.optionalText(0), count: select.integer(1)))
        }
        return counts
    }

    /// Reads one row.
    private func row(
        _ columns: String, of rows: String, _ db: Database, _ read: (PreparedStatement) -> Void
    ) throws {
        let select = try PreparedStatement("SELECT \(columns) FROM \(rows)", in: db)
        defer { select.reset() }
        if try select.step() { read(select) }
    }
}
