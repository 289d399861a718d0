// The SQL schema of archives: one migration for each released version. Migrations are appended, never edited.

internal import GRDB

/// The migrations and their tables.
enum Schema {
    /// The `PRAGMA application_id` of an archive: `MSNP`.
    static let applicationID: Int64 = 0x4D53_4E50

    static var migrator: DatabaseMigrator {
        // Not checked: an archive in which another program left rows that refer to nothing must still open.
        var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
        migrator.registerMigration("1") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: recorded)
            try db.execute(sql: derived)
        }
        migrator.registerMigration("2") { try $0.execute(sql: metadata) }
        migrator.registerMigration("3") { try SchemaMigration3.run($0) }
        migrator.registerMigration("4") { try SchemaMigration4.run($0) }
        migrator.registerMigration("5") { try SchemaMigration5.run($0) }
        return migrator
    }

    /// Whether a read-only archive has all tables that reading needs.
    static func canBeRead(_ db: Database) throws -> Bool { try migrator.appliedMigrations(db).contains("1") }

    /// Whether the archive has the columns and tables of migration 3; a read-only archive may lack them.
    static func hasMigration3(_ db: Database) throws -> Bool {
        let select = try PreparedStatement(
            "SELECT 1 FROM pragma_table_info('connection') WHERE name = 'source_file'", in: db)
        defer { select.reset() }
        return try select.step()
    }

    /// Whether the archive has the columns and tables of migration 5; a read-only archive may lack them.
    static func hasMigration5(_ db: Database) throws -> Bool { try db.tableExists("talk_part") }

    /// The SQL expression for the name of a connection's source file; `NULL` in read-only archives before migration 3.
    static func fileName(_ db: Database) throws -> String {
        try hasMigration3(db)
            ? "(SELECT source_file.name FROM source_file WHERE source_file.id = connection.source_file)" : "NULL"
    }

    /// The SQL expression for the source file that all connections of a group have in common; `NULL` if there is none.
    static func commonFile(_ db: Database) throws -> String {
        let (least, greatest) = ("min(connection.source_file)", "max(connection.source_file)")
        return try hasMigration3(db) ? "CASE WHEN \(least) = \(greatest) THEN \(least) END" : "NULL"
    }

    /// Metadata of the archive itself.
    private static let metadata = """
        CREATE TABLE metadata (
            name TEXT PRIMARY KEY NOT NULL,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// The recorded data before migration 3. It cannot be regenerated.
    private static let recorded = """
        CREATE TABLE recording (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('relay', 'import')),
            tool_version TEXT NOT NULL,
            started_ns INTEGER NOT NULL,
            ended_ns INTEGER,
            is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1)),
            process TEXT NOT NULL,
            troubles TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE TABLE source_file (
            id INTEGER PRIMARY KEY,
            recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
            name TEXT NOT NULL,
            sha256 BLOB NOT NULL,
            bytes INTEGER NOT NULL,
            modified_ns INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX source_file_by_recording ON source_file (recording);
        CREATE INDEX source_file_by_digest ON source_file (sha256);
        CREATE TABLE listening (
            recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
            time_ns INTEGER NOT NULL,
            address TEXT NOT NULL
        ) STRICT;
        CREATE INDEX listening_by_recording ON listening (recording);
        CREATE TABLE sign_in (
            id INTEGER PRIMARY KEY,
            recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
            number INTEGER NOT NULL,
            account TEXT,
            dialect TEXT,
            client_program TEXT,
            UNIQUE (recording, number)
        ) STRICT;
        CREATE TABLE connection (
            id INTEGER PRIMARY KEY,
            recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
            number INTEGER NOT NULL,
            client TEXT NOT NULL,
            server TEXT NOT NULL,
            role TEXT NOT NULL,
            dialect TEXT,
            sign_in INTEGER REFERENCES sign_in,
            opened_ns INTEGER NOT NULL,
            last_ns INTEGER NOT NULL,
            closed_ns INTEGER,
            close_reason TEXT,
            frames INTEGER NOT NULL DEFAULT 0,
            client_bytes INTEGER NOT NULL DEFAULT 0,
            server_bytes INTEGER NOT NULL DEFAULT 0,
            missing_bytes INTEGER NOT NULL DEFAULT 0,
            client_acked_unseen_bytes INTEGER NOT NULL DEFAULT 0,
            server_acked_unseen_bytes INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX connection_by_recording ON connection (recording);
        CREATE INDEX connection_by_sign_in ON connection (sign_in);
        CREATE TABLE block (
            id INTEGER PRIMARY KEY,
            connection INTEGER NOT NULL REFERENCES connection ON DELETE CASCADE,
            number INTEGER NOT NULL,
            first_ns INTEGER NOT NULL,
            last_ns INTEGER NOT NULL,
            events BLOB NOT NULL,
            client_length INTEGER NOT NULL,
            client_bytes BLOB NOT NULL,
            server_length INTEGER NOT NULL,
            server_bytes BLOB NOT NULL,
            UNIQUE (connection, number)
        ) STRICT;
        CREATE TABLE rewriting (
            id INTEGER PRIMARY KEY,
            connection INTEGER NOT NULL REFERENCES connection ON DELETE CASCADE,
            time_ns INTEGER NOT NULL,
            from_address TEXT NOT NULL,
            to_address TEXT NOT NULL,
            received BLOB NOT NULL,
            sent BLOB NOT NULL
        ) STRICT;
        CREATE INDEX rewriting_by_connection ON rewriting (connection);
        CREATE TABLE finding (
            id INTEGER PRIMARY KEY,
            recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
            connection INTEGER REFERENCES connection ON DELETE CASCADE,
            time_ns INTEGER NOT NULL,
            said_by TEXT CHECK (said_by IN ('client', 'server')),
            name TEXT NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX finding_by_connection ON finding (connection);
        CREATE INDEX finding_by_recording ON finding (recording);
        """

    /// The data derived from the recorded bytes before migration 3; `reindex` regenerates it.
    private static let derived = """
        CREATE TABLE account (
            id INTEGER PRIMARY KEY,
            address TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE conversation (
            id INTEGER PRIMARY KEY REFERENCES connection ON DELETE CASCADE,
            session TEXT
        ) STRICT;
        CREATE TABLE participant (
            conversation INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
            account INTEGER NOT NULL REFERENCES account,
            name TEXT,
            joined_ns INTEGER NOT NULL,
            left_ns INTEGER,
            PRIMARY KEY (conversation, account, joined_ns)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            connection INTEGER NOT NULL REFERENCES connection ON DELETE CASCADE,
            frame INTEGER NOT NULL,
            time_ns INTEGER NOT NULL,
            said_by TEXT NOT NULL CHECK (said_by IN ('C', 'S')),
            sender INTEGER NOT NULL REFERENCES account,
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX message_by_connection ON message (connection);
        CREATE TABLE contact (
            connection INTEGER NOT NULL REFERENCES connection ON DELETE CASCADE,
            account INTEGER NOT NULL REFERENCES account,
            name TEXT NOT NULL,
            lists TEXT NOT NULL,
            PRIMARY KEY (connection, account)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE presence (
            connection INTEGER NOT NULL REFERENCES connection ON DELETE CASCADE,
            frame INTEGER NOT NULL,
            time_ns INTEGER NOT NULL,
            account INTEGER NOT NULL REFERENCES account,
            status TEXT NOT NULL,
            name TEXT,
            PRIMARY KEY (connection, frame)
        ) STRICT, WITHOUT ROWID;
        CREATE VIRTUAL TABLE message_search USING fts5 (
            words, content = '', columnsize = 0,
            tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
        );
        """
}
