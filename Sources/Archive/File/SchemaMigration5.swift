// Migration 5: talks and media as rows, the events that messages and findings belong to, what led to a connection, and
// indices for lists that are read in parts.

internal import GRDB

enum SchemaMigration5 {
    static func run(_ db: Database) throws {
        // First, because it fails at once if another program has migrated the archive meanwhile.
        try db.execute(sql: tables)
        try db.execute(sql: columns)
        try EventNumbers.fill(db)
        try TalkDerivation.deriveAll(db)
        // What is waiting is read when the archive is opened.
        try db.execute(sql: MediaDerivation.waiting("1"))
    }

    private static let columns = """
        ALTER TABLE finding ADD COLUMN event INTEGER;
        ALTER TABLE message ADD COLUMN event INTEGER;
        ALTER TABLE connection ADD COLUMN from_connection INTEGER REFERENCES connection (id) ON DELETE SET NULL;
        ALTER TABLE connection ADD COLUMN from_event INTEGER;
        ALTER TABLE connection ADD COLUMN has_media INTEGER;
        CREATE INDEX connection_without_end ON connection (recording) WHERE closed_ns IS NULL;
        CREATE INDEX connection_without_media ON connection (recording) WHERE has_media = 0;
        DROP INDEX finding_by_connection;
        CREATE INDEX finding_by_connection ON finding (connection, event);
        CREATE INDEX finding_by_name ON finding (name, id);
        DROP INDEX message_by_connection;
        CREATE INDEX message_by_connection ON message (connection, event);
        CREATE INDEX message_by_time ON message (time_ns, id);
        CREATE INDEX message_by_sender ON message (sender, id);
        CREATE INDEX connection_by_opening ON connection (opened_ns, id);
        CREATE INDEX connection_by_origin ON connection (from_connection, from_event);
        """

    private static let tables = """
        CREATE TABLE talk (
            id INTEGER PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
            recording INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
            first_ns INTEGER NOT NULL,
            last_ns INTEGER NOT NULL,
            messages INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX talk_by_time ON talk (first_ns, id);
        CREATE INDEX talk_by_recording ON talk (recording);
        CREATE TABLE talk_part (
            connection INTEGER PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
            talk INTEGER NOT NULL REFERENCES talk (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            recording INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
            first_ns INTEGER NOT NULL,
            last_ns INTEGER NOT NULL,
            messages INTEGER NOT NULL,
            transfers INTEGER NOT NULL,
            own TEXT NOT NULL,
            people TEXT NOT NULL,
            people_at_end TEXT NOT NULL,
            everybody TEXT,
            everybody_at_end TEXT,
            session TEXT
        ) STRICT;
        CREATE INDEX talk_part_by_talk ON talk_part (talk, number);
        CREATE INDEX talk_part_by_people ON talk_part (recording, everybody, first_ns);
        CREATE INDEX talk_part_by_people_at_end ON talk_part (recording, everybody_at_end, first_ns);
        CREATE INDEX talk_part_by_session ON talk_part (recording, session, first_ns);
        CREATE TABLE media (
            id INTEGER PRIMARY KEY,
            connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            event INTEGER,
            time_ns INTEGER NOT NULL,
            kind TEXT NOT NULL,
            name TEXT,
            sender TEXT NOT NULL,
            recipient TEXT NOT NULL,
            size INTEGER,
            declared_size INTEGER,
            received_bytes INTEGER NOT NULL,
            is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1)),
            method TEXT NOT NULL,
            reason TEXT,
            refusal TEXT,
            type TEXT,
            sha256 BLOB,
            sha1d TEXT
        ) STRICT;
        CREATE INDEX media_by_connection ON media (connection, event);
        CREATE INDEX media_by_sha256 ON media (sha256);
        CREATE INDEX media_by_sha1d ON media (sha1d);
        CREATE TABLE picture (
            id INTEGER PRIMARY KEY,
            sha256 BLOB NOT NULL UNIQUE,
            type TEXT NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
        """
}
