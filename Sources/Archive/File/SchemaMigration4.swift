// Migration 4: a table of rows that a relay has recorded and that are still to be written to the other tables.

internal import GRDB

enum SchemaMigration4 {
    static func run(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE pending (
                    id INTEGER PRIMARY KEY,
                    recording INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
                    rows BLOB NOT NULL
                ) STRICT;
                """)
    }
}
