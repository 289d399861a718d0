// Writes the derived tables: conversations, messages and their words, transfers, contacts, presence.

internal import Events
internal import GRDB
internal import MSNP

/// Writes rows into the tables that `reindex` regenerates, those with many rows in the order of their keys.
final class DerivedTables {
    private var accounts: AccountRows
    private let conversationInsert: PreparedStatement
    private let participantInsert: PreparedStatement
    private let participantLeave: PreparedStatement
    private let messageInsert: PreparedStatement
    private let searchIndex: SearchIndex
    private let contactInsert: PreparedStatement
    private let presenceInsert: PreparedStatement
    private let transferInsert: PreparedStatement

    init(_ db: Database) throws {
        accounts = try AccountRows(db)
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
            INSERT INTO message (connection, frame, time_ns, said_by, sender, text, event) VALUES (?, ?, ?, ?, ?, ?, ?)
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

    /// Forgets the rows of accounts: another program may have deleted some.
    func forget() { accounts.forget() }

    /// Writes the derived rows of a batch.
    ///
    /// - Parameter connections: the rows of its connections.
    func write(_ batch: RowBatch, _ connections: [Int64]) throws {
        for change in batch.changes { try write(change, batch, connections[change.connection]) }
        for message in batch.messages {
            try insertMessage(
                connection: connections[message.connection], frame: message.frame, at: message.time, side: message.side,
                sender: account(message.sender, batch), text: message.text, of: batch.bytes, event: message.event)
        }
        for transfer in batch.transfers { try write(transfer, batch, connections[transfer.connection]) }
        try writeContacts(batch, connections)
        try writePresences(batch, connections)
    }

    /// The row of an account.
    func account(_ address: String) throws -> Int64 { try accounts.row(of: address) }

    private func account(_ place: Range<Int>, _ batch: RowBatch) throws -> Int64 {
        try accounts.row(of: String(decoding: batch.bytes[place], as: UTF8.self))
    }

    private func write(_ change: RowBatch.Change, _ batch: RowBatch, _ conversation: Int64) throws {
        switch change.kind {
        case .session(let session):
            conversationInsert.bind(1, conversation)
            conversationInsert.bind(2, text: session, of: batch.bytes)
            try conversationInsert.run()
        case .joined(let address, let name, let time):
            participantInsert.bind(1, conversation)
            participantInsert.bind(2, try account(address, batch))
            participantInsert.bind(3, text: name, of: batch.bytes)
            participantInsert.bind(4, time)
            try participantInsert.run()
        case .left(let address, let time):
            participantLeave.bind(1, time)
            participantLeave.bind(2, conversation)
            participantLeave.bind(3, try account(address, batch))
            try participantLeave.run()
        }
    }

    func insertMessage(
        connection: Int64, frame: Int64, at time: Int64, side: Side, sender: Int64, text place: Range<Int>,
        of bytes: [UInt8], event: Int64?
    ) throws {
        messageInsert.bind(1, connection)
        messageInsert.bind(2, frame)
        messageInsert.bind(3, time)
        messageInsert.bind(4, side == .client ? "C" : "S")
        messageInsert.bind(5, sender)
        messageInsert.bind(6, text: place, of: bytes)
        messageInsert.bind(7, event)
        try messageInsert.run()
        try searchIndex.insert(messageInsert.lastRow, text: place, of: bytes)
    }

    private func write(_ object: RowBatch.Transfer, _ batch: RowBatch, _ connection: Int64) throws {
        transferInsert.bind(1, connection)
        transferInsert.bind(2, object.frame)
        transferInsert.bind(3, object.time)
        transferInsert.bind(4, text: object.kind, of: batch.bytes)
        transferInsert.bind(5, text: object.name, of: batch.bytes)
        transferInsert.bind(6, object.sender.isEmpty ? nil : try account(object.sender, batch))
        transferInsert.bind(7, object.size)
        transferInsert.bind(8, object.isComplete.map { $0 ? 1 : 0 })
        try transferInsert.run()
    }

    private func writeContacts(_ batch: RowBatch, _ connections: [Int64]) throws {
        var rows: [(connection: Int64, account: Int64, place: Int)] = []
        rows.reserveCapacity(batch.contacts.count)
        for (place, contact) in batch.contacts.enumerated() {
            rows.append((connections[contact.connection], try account(contact.account, batch), place))
        }
        // Rows of the same key stay in their order.
        rows.sort { $0 < $1 }
        for row in rows {
            let contact = batch.contacts[row.place]
            contactInsert.bind(1, row.connection)
            contactInsert.bind(2, row.account)
            contactInsert.bind(3, text: contact.name, of: batch.bytes)
            contactInsert.bind(4, text: contact.lists, of: batch.bytes)
            try contactInsert.run()
        }
    }

    private func writePresences(_ batch: RowBatch, _ connections: [Int64]) throws {
        var rows: [(connection: Int64, frame: Int64, place: Int)] = []
        rows.reserveCapacity(batch.presences.count)
        for (place, presence) in batch.presences.enumerated() {
            rows.append((connections[presence.connection], presence.frame, place))
        }
        rows.sort { $0 < $1 }
        for row in rows {
            let presence = batch.presences[row.place]
            presenceInsert.bind(1, row.connection)
            presenceInsert.bind(2, row.frame)
            presenceInsert.bind(3, presence.time)
            presenceInsert.bind(4, try account(presence.account, batch))
            presenceInsert.bind(5, text: presence.status, of: batch.bytes)
            presenceInsert.bind(6, text: presence.name, of: batch.bytes)
            try presenceInsert.run()
        }
    }
}
