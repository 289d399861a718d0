// Compares the schema of a file with the one that this program creates; any other is refused.

internal import GRDB

/// The tables and indices of a file by name, each with its SQL statement.
///
/// SQLite runs what the schema says: a view in place of a table may be endless work, and a trigger or a computed column
/// may do anything that SQL can. So the statements are compared before any row is read.
struct SchemaParts {
    /// A part that no archive has, or that this one lacks.
    struct Foreign: Error {
        let reason: String
    }

    private struct Part: Equatable {
        var kind: String
        var table: String
        var sql: String?
    }

    private static let migrations = "grdb_migrations"
    private static let migrationsTable = "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)"
    /// More parts than any version has.
    private static let most = 256
    /// Tables that `ANALYZE` of other programs creates; they hold numbers only.
    private static let statistics = [
        "sqlite_stat1": "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
        "sqlite_stat4": "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
    ]

    private var parts: [String: Part] = [:]

    /// Reads the parts of a file.
    init(_ db: Database) throws {
        let select = try PreparedStatement("SELECT type, name, tbl_name, sql FROM sqlite_schema", in: db)
        select.longestText = ArchiveLimits.longestLabel
        defer { select.reset() }
        while try select.step() {
            let name = select.text(1)
            let part = Part(kind: select.text(0), table: select.text(2), sql: select.optionalText(3))
            if let sql = Self.statistics[name], part == Part(kind: "table", table: name, sql: sql) { continue }
            guard parts.updateValue(part, forKey: name) == nil, parts.count < Self.most else {
                throw Foreign(reason: "it has parts that archives do not have")
            }
        }
    }

    /// The parts of an archive after these migrations.
    static func expected(after applied: [String]) throws -> SchemaParts {
        let fresh = try DatabaseQueue()
        if let last = applied.last {
            try Schema.migrator.migrate(fresh, upTo: last)
        } else {
            // Another program has begun to create the tables and waits for the file.
            try fresh.writeWithoutTransaction { try $0.execute(sql: migrationsTable) }
        }
        return try fresh.writeWithoutTransaction { try SchemaParts($0) }
    }

    /// Throws `Foreign` unless the list of migrations is an ordinary table that can be read safely.
    func requireMigrations() throws {
        guard parts[Self.migrations] == Part(kind: "table", table: Self.migrations, sql: Self.migrationsTable) else {
            throw Foreign(reason: "its table \(Self.migrations) is missing or was changed")
        }
    }

    /// Throws `Foreign` if a part is missing, additional or different.
    func require(_ expected: SchemaParts) throws {
        for (name, part) in expected.parts.sorted(by: { $0.key < $1.key }) where parts[name] != part {
            throw Foreign(reason: "its \(part.kind) \(name) is missing or was changed")
        }
        // The name of an additional part is untrusted, so the error does not repeat it.
        guard parts.count == expected.parts.count else {
            throw Foreign(reason: "it has parts that archives do not have")
        }
    }
}
