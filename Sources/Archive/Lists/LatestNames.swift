// The latest display names of the accounts that signed in.

internal import GRDB

/// The latest display name of each account that signed in, as other people's connections and its contacts show it.
struct LatestNames: Sendable {
    private var names: [String: (name: String, time: Int64)] = [:]

    /// The largest number of accounts with a name.
    private static let most = 20_000
    /// The longest name in characters; servers cut names at 387 bytes.
    private static let longest = 400

    /// No names.
    init() {}

    /// Reads the names from an archive.
    init(_ db: Database) throws {
        for (table, connection, time) in [
            ("participant", "conversation", "participant.joined_ns"), ("presence", "connection", "presence.time_ns"),
            ("contact", "connection", "connection.opened_ns"),
        ] {
            // In SQLite the other columns are those of the row with the maximum.
            let select = try PreparedStatement(
                """
                SELECT (SELECT substr(address, 1, \(ArchiveLimits.longestLabel)) FROM account WHERE id = \(table).account),
                substr(\(table).name, 1, \(Self.longest)), max(\(time)) FROM \(table)
                JOIN connection ON connection.id = \(table).\(connection)
                JOIN recording ON recording.id = connection.recording
                WHERE recording.is_complete AND \(table).name != ''
                AND \(table).account IN (SELECT id FROM account WHERE address IN (SELECT account FROM sign_in))
                GROUP BY \(table).account
                """, in: db)
            select.longestText = ArchiveLimits.longestLabel
            defer { select.reset() }
            while try select.step() { note(select.text(1), of: select.text(0), at: select.integer(2)) }
        }
    }

    private mutating func note(_ name: String, of account: String, at time: Int64) {
        if let known = names[account] {
            if known.time < time { names[account] = (name, time) }
        } else if names.count < Self.most {
            names[account] = (name, time)
        }
    }

    /// The name of an account; nil if none is known.
    subscript(account: String) -> String? { names[account]?.name }
}
