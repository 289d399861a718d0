// Migration 3: foreign keys that name their columns, identifiers that are never reused, the source file of each
// connection, transfers, views, and a search index that other programs can read.

internal import GRDB

/// Rebuilds the tables of migration 1 as SQLite recommends: a new table, the rows copied, the old table dropped, the new
/// one renamed. Foreign keys are off meanwhile; rows that refer to nothing stay as they are.
enum SchemaMigration3 {
    /// A table of migration 1 in its new form.
    private struct Table {
        var name: String
        /// The columns and constraints.
        var definition: String
        var options = "STRICT"
        /// The columns of the old table; they are copied in this order.
        var columns: String
        /// Columns that are new, with their values by SQL.
        var additions: [(column: String, value: String)] = []
        /// Indices, as `name ON table (columns)`.
        var indices: [String] = []
    }

    static func run(_ db: Database) throws {
        // First, because it fails at once if another program has migrated the archive meanwhile.
        try db.execute(sql: transfers)
        try db.execute(sql: "DROP TABLE message_search")
        for table in recorded + derived { try rebuild(table, db) }
        try db.execute(sql: search)
        try db.execute(sql: views)
        try SearchIndex.rebuild(db)
    }

    private static func rebuild(_ table: Table, _ db: Database) throws {
        if try isEmpty(table, db) {
            // The same result at a fraction of the time: every command makes the tables once in memory, to compare them.
            try db.execute(sql: "DROP TABLE \(table.name)")
            try db.execute(sql: "CREATE TABLE \"\(table.name)\" (\(table.definition)) \(table.options)")
        } else {
            try copy(table, db)
        }
        for index in table.indices { try db.execute(sql: "CREATE INDEX \(index)") }
    }

    private static func isEmpty(_ table: Table, _ db: Database) throws -> Bool {
        let select = try PreparedStatement("SELECT 1 FROM \(table.name) LIMIT 1", in: db, isShared: false)
        defer { select.reset() }
        return try !select.step()
    }

    private static func copy(_ table: Table, _ db: Database) throws {
        let new = "new_\(table.name)"
        try db.execute(sql: "CREATE TABLE \(new) (\(table.definition)) \(table.options)")
        let names = [table.columns] + table.additions.map(\.column)
        let values = [table.columns] + table.additions.map(\.value)
        // The work is bounded: the file may be damaged, and its pages may form a cycle.
        try PreparedStatement(
            """
            INSERT INTO \(new) (\(names.joined(separator: ", ")))
            SELECT \(values.joined(separator: ", ")) FROM \(table.name)
            """, in: db, isShared: false, free: StatementBudget.freeWithList
        ).run()
        // Renaming puts the name in quotation marks.
        try db.execute(sql: "DROP TABLE \(table.name); ALTER TABLE \(new) RENAME TO \(table.name)")
    }

    private static let recorded = [
        Table(
            name: "recording",
            definition: """
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                kind TEXT NOT NULL CHECK (kind IN ('relay', 'import')),
                tool_version TEXT NOT NULL,
                started_ns INTEGER NOT NULL,
                ended_ns INTEGER,
                is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1)),
                process TEXT NOT NULL,
                troubles TEXT NOT NULL DEFAULT ''
                """,
            columns: "id, kind, tool_version, started_ns, ended_ns, is_complete, process, troubles"),
        Table(
            name: "source_file",
            definition: """
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                recording INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                sha256 BLOB NOT NULL,
                bytes INTEGER NOT NULL,
                modified_ns INTEGER NOT NULL
                """,
            columns: "id, recording, name, sha256, bytes, modified_ns",
            indices: [
                "source_file_by_recording ON source_file (recording)", "source_file_by_digest ON source_file (sha256)",
            ]
        ),
        Table(
            name: "listening",
            definition: """
                recording INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
                time_ns INTEGER NOT NULL,
                address TEXT NOT NULL
                """,
            columns: "recording, time_ns, address",
            indices: ["listening_by_recording ON listening (recording)"]),
        Table(
            name: "sign_in",
            definition: """
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                recording INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
                number INTEGER NOT NULL,
                account TEXT,
                dialect TEXT,
                client_program TEXT,
                UNIQUE (recording, number)
                """,
            columns: "id, recording, number, account, dialect, client_program"),
        Table(
            name: "connection",
            definition: """
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                recording INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
                number INTEGER NOT NULL,
                client TEXT NOT NULL,
                server TEXT NOT NULL,
                role TEXT NOT NULL,
                dialect TEXT,
                sign_in INTEGER REFERENCES sign_in (id),
                opened_ns INTEGER NOT NULL,
                last_ns INTEGER NOT NULL,
                closed_ns INTEGER,
                close_reason TEXT,
                frames INTEGER NOT NULL DEFAULT 0,
                client_bytes INTEGER NOT NULL DEFAULT 0,
                server_bytes INTEGER NOT NULL DEFAULT 0,
                missing_bytes INTEGER NOT NULL DEFAULT 0,
                client_acked_unseen_bytes INTEGER NOT NULL DEFAULT 0,
                server_acked_unseen_bytes INTEGER NOT NULL DEFAULT 0,
                source_file INTEGER REFERENCES source_file (id)
                """,
            columns: """
                id, recording, number, client, server, role, dialect, sign_in, opened_ns, last_ns, closed_ns,
                close_reason, frames, client_bytes, server_bytes, missing_bytes, client_acked_unseen_bytes,
                server_acked_unseen_bytes
                """,
            additions: [
                // Of an import of several files, nothing says which one a connection came from.
                (
                    "source_file",
                    """
                    (SELECT CASE count(*) WHEN 1 THEN min(id) END
                    FROM (SELECT id FROM source_file WHERE source_file.recording = connection.recording LIMIT 2))
                    """
                )
            ],
            indices: [
                "connection_by_recording ON connection (recording)", "connection_by_sign_in ON connection (sign_in)",
                "connection_by_source_file ON connection (source_file)",
            ]),
        Table(
            name: "block",
            definition: """
                id INTEGER PRIMARY KEY,
                connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
                number INTEGER NOT NULL,
                first_ns INTEGER NOT NULL,
                last_ns INTEGER NOT NULL,
                events BLOB NOT NULL,
                client_length INTEGER NOT NULL,
                client_bytes BLOB NOT NULL,
                server_length INTEGER NOT NULL,
                server_bytes BLOB NOT NULL,
                UNIQUE (connection, number)
                """,
            columns: """
                id, connection, number, first_ns, last_ns, events, client_length, client_bytes, server_length,
                server_bytes
                """),
        Table(
            name: "rewriting",
            definition: """
                id INTEGER PRIMARY KEY,
                connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
                time_ns INTEGER NOT NULL,
                from_address TEXT NOT NULL,
                to_address TEXT NOT NULL,
                received BLOB NOT NULL,
                sent BLOB NOT NULL
                """,
            columns: "id, connection, time_ns, from_address, to_address, received, sent",
            indices: ["rewriting_by_connection ON rewriting (connection)"]),
        Table(
            name: "finding",
            definition: """
                id INTEGER PRIMARY KEY,
                recording INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
                connection INTEGER REFERENCES connection (id) ON DELETE CASCADE,
                time_ns INTEGER NOT NULL,
                said_by TEXT CHECK (said_by IN ('client', 'server')),
                name TEXT NOT NULL,
                text TEXT NOT NULL
                """,
            columns: "id, recording, connection, time_ns, said_by, name, text",
            indices: ["finding_by_connection ON finding (connection)", "finding_by_recording ON finding (recording)"]),
    ]

    private static let derived = [
        Table(
            name: "account",
            definition: """
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                address TEXT NOT NULL UNIQUE
                """,
            columns: "id, address"),
        Table(
            name: "conversation",
            definition: """
                id INTEGER PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
                session TEXT
                """,
            columns: "id, session"),
        Table(
            name: "participant",
            definition: """
                conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
                account INTEGER NOT NULL REFERENCES account (id),
                name TEXT,
                joined_ns INTEGER NOT NULL,
                left_ns INTEGER,
                PRIMARY KEY (conversation, account, joined_ns)
                """,
            options: "STRICT, WITHOUT ROWID",
            columns: "conversation, account, name, joined_ns, left_ns",
            indices: ["participant_by_account ON participant (account)"]),
        Table(
            name: "message",
            definition: """
                id INTEGER PRIMARY KEY,
                connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
                frame INTEGER NOT NULL,
                time_ns INTEGER NOT NULL,
                said_by TEXT NOT NULL CHECK (said_by IN ('C', 'S')),
                sender INTEGER NOT NULL REFERENCES account (id),
                text TEXT NOT NULL
                """,
            columns: "id, connection, frame, time_ns, said_by, sender, text",
            indices: ["message_by_connection ON message (connection)"]),
        Table(
            name: "contact",
            definition: """
                connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
                account INTEGER NOT NULL REFERENCES account (id),
                name TEXT NOT NULL,
                lists TEXT NOT NULL,
                PRIMARY KEY (connection, account)
                """,
            options: "STRICT, WITHOUT ROWID",
            columns: "connection, account, name, lists"),
        Table(
            name: "presence",
            definition: """
                connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
                frame INTEGER NOT NULL,
                time_ns INTEGER NOT NULL,
                account INTEGER NOT NULL REFERENCES account (id),
                status TEXT NOT NULL,
                name TEXT,
                PRIMARY KEY (connection, frame)
                """,
            options: "STRICT, WITHOUT ROWID",
            columns: "connection, frame, time_ns, account, status, name"),
    ]

    /// Files and objects that people sent; derived.
    private static let transfers = """
        CREATE TABLE transfer (
            id INTEGER PRIMARY KEY,
            connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            frame INTEGER NOT NULL,
            time_ns INTEGER NOT NULL,
            kind TEXT NOT NULL,
            name TEXT,
            sender INTEGER REFERENCES account (id),
            bytes INTEGER,
            is_complete INTEGER CHECK (is_complete IN (0, 1))
        ) STRICT;
        CREATE INDEX transfer_by_connection ON transfer (connection);
        """

    /// An index on `message.text` that holds only words. It is fed by `SearchIndex`, never by triggers: its words are
    /// those of `SearchText`, which SQL cannot make. Other programs know from `content="message"` what it is for.
    private static let search = """
        CREATE VIRTUAL TABLE message_search USING fts5 (
            text, content="message", content_rowid="id", columnsize=0,
            tokenize="unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
        );
        """

    /// Views for people and for programs that show tables.
    private static let views = """
        CREATE VIEW message_details AS
        SELECT message.id, datetime(message.time_ns / 1000000000, 'unixepoch') AS time, account.address AS sender,
            message.text, conversation.id AS conversation, message.connection, connection.sign_in,
            connection.recording, source_file.name AS file, message.time_ns
        FROM message
        JOIN account ON account.id = message.sender
        JOIN connection ON connection.id = message.connection
        JOIN recording ON recording.id = connection.recording AND recording.is_complete
        LEFT JOIN conversation ON conversation.id = connection.id
        LEFT JOIN source_file ON source_file.id = connection.source_file;
        CREATE VIEW connection_details AS
        SELECT connection.id, datetime(connection.opened_ns / 1000000000, 'unixepoch') AS opened,
            datetime(connection.last_ns / 1000000000, 'unixepoch') AS last, connection.role, connection.dialect,
            connection.client, connection.server, connection.sign_in, sign_in.account, sign_in.client_program,
            connection.frames, connection.client_bytes, connection.server_bytes, connection.missing_bytes,
            connection.recording, source_file.name AS file
        FROM connection
        JOIN recording ON recording.id = connection.recording AND recording.is_complete
        LEFT JOIN sign_in ON sign_in.id = connection.sign_in
        LEFT JOIN source_file ON source_file.id = connection.source_file;
        CREATE VIEW display_name AS
        SELECT named.account, account.address, named.name
        FROM (
            SELECT account, name FROM participant
            UNION SELECT account, name FROM contact
            UNION SELECT account, name FROM presence
        ) AS named
        JOIN account ON account.id = named.account
        WHERE named.name != '';
        """
}
