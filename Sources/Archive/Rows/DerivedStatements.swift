// Prepared SQL statements for the derived tables.

internal import Events
internal import GRDB
internal import MSNP

/// Inserts rows into the tables that `reindex` regenerates.
final class DerivedStatements {
    private let program: PreparedStatement
    private let accountSelect: PreparedStatement
    private let accountInsert: PreparedStatement
    private let conversationInsert: PreparedStatement
    private let participantInsert: PreparedStatement
    private let participantLeave: PreparedStatement
    private let messageInsert: PreparedStatement
    private let searchIndex: SearchIndex
    private let contactInsert: PreparedStatement
    private let presenceInsert: PreparedStatement
    private let transferInsert: PreparedStatement

    init(_ db: Database) throws {
        program = try PreparedStatement("UPDATE sign_in SET client_program = ? WHERE id = ?", in: db)
        accountSelect = try PreparedStatement("SELECT id FROM account WHERE address = ?", in: db)
        accountInsert = try PreparedStatement("INSERT INTO account (address) VALUES (?)", in: db)
        conversationInsert = try PreparedStatement(
            """
            INSERT INTO conversation (id, session) VALUES (?, ?)
            ON CONFLICT DO UPDATE SET session = coalesce(session, excluded.session)
            """, in: db)
        participantInsert = try PreparedStatement(
            "INSERT OR IGNORE INTO participant (conversation, account, name, joined_ns) VALUES (?, ?, ?, ?)", in: db)
        participantLeave = try PreparedStatement(
            "UPDATE participant SET left_ns = ? WHERE conversation = ? AND account = ? AND left_ns IS NULL", in: db)
        messageInsert = try PreparedStatement(
            """
            INSERT INTO message (connection, frame, time_ns, said_by, sender, text) VALUES (?, ?, ?, ?, ?, ?)
            """, in: db)
        searchIndex = try SearchIndex(db)
        contactInsert = try PreparedStatement(
            """
            INSERT INTO contact (connection, account, name, lists) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET name = excluded.name, lists =
            CASE WHEN length(lists) > 64 OR lists = excluded.lists THEN lists ELSE lists || ' ' || excluded.lists END
            """, in: db)
        presenceInsert = try PreparedStatement(
            """
            INSERT OR IGNORE INTO presence (connection, frame, time_ns, account, status, name) VALUES (?, ?, ?, ?, ?, ?)
            """, in: db)
        transferInsert = try PreparedStatement(
            """
            INSERT INTO transfer (connection, frame, time_ns, kind, name, sender, bytes, is_complete)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, in: db)
    }

    func setProgram(_ text: String, signIn: Int64) throws {
        program.bind(1, text)
        program.bind(2, signIn)
        try program.run()
    }

    /// The row of an account, inserted if there is none.
    func account(_ address: String) throws -> Int64 {
        accountSelect.bind(1, address)
        if try accountSelect.step() {
            let row = accountSelect.integer(0)
            accountSelect.reset()
            return row
        }
        accountInsert.bind(1, address)
        try accountInsert.run()
        return accountInsert.lastRow
    }

    func insertConversation(_ connection: Int64, session: String?) throws {
        conversationInsert.bind(1, connection)
        conversationInsert.bind(2, session)
        try conversationInsert.run()
    }

    func join(_ conversation: Int64, account: Int64, name: String?, at time: Int64) throws {
        participantInsert.bind(1, conversation)
        participantInsert.bind(2, account)
        participantInsert.bind(3, name)
        participantInsert.bind(4, time)
        try participantInsert.run()
    }

    func leave(_ conversation: Int64, account: Int64, at time: Int64) throws {
        participantLeave.bind(1, time)
        participantLeave.bind(2, conversation)
        participantLeave.bind(3, account)
        try participantLeave.run()
    }

    func insertMessage(
        connection: Int64, frame: Int, at time: Int64, side: Side, sender: Int64, text: String
    ) throws {
        messageInsert.bind(1, connection)
        messageInsert.bind(2, frame)
        messageInsert.bind(3, time)
        messageInsert.bind(4, side == .client ? "C" : "S")
        messageInsert.bind(5, sender)
        messageInsert.bind(6, text)
        try messageInsert.run()
        try searchIndex.insert(messageInsert.lastRow, text: text)
    }

    func insertTransfer(_ object: SentObject, sender: Int64?, connection: Int64, frame: Int) throws {
        transferInsert.bind(1, connection)
        transferInsert.bind(2, frame)
        transferInsert.bind(3, object.time.nanoseconds)
        transferInsert.bind(4, object.kind)
        transferInsert.bind(5, object.name)
        transferInsert.bind(6, sender)
        transferInsert.bind(7, object.size.map { Int64(clamping: $0) })
        transferInsert.bind(8, object.isComplete.map { $0 ? 1 : 0 })
        try transferInsert.run()
    }

    func insertContact(connection: Int64, account: Int64, name: String, lists: String) throws {
        contactInsert.bind(1, connection)
        contactInsert.bind(2, account)
        contactInsert.bind(3, name)
        contactInsert.bind(4, lists)
        try contactInsert.run()
    }

    func insertPresence(
        connection: Int64, frame: Int, at time: Int64, account: Int64, status: String, name: String?
    ) throws {
        presenceInsert.bind(1, connection)
        presenceInsert.bind(2, frame)
        presenceInsert.bind(3, time)
        presenceInsert.bind(4, account)
        presenceInsert.bind(5, status)
        presenceInsert.bind(6, name)
        try presenceInsert.run()
    }
}
