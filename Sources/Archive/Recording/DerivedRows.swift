// // Derives rows from frames: client programs, conversations, contacts, presence. `reindex` regenerates them.

internal import Events
internal import MSNP

/// Follows the frames of one connection and writes derived rows.
struct DerivedRows {
    /// The client's name and version (`CVR`), until they are written to the sign-in.
    var program: String?
    private var participants = Participants()
    private var isConversation = false

    /// Writes the row of a message that a frame completed.
    mutating func take(
        _ message: Message, at time: Int64, connection: Int64, frame: Int, _ tables: DerivedStatements,
        _ accounts: inout AccountRows
    ) throws {
        let sender = try accounts.row(of: message.from, tables)
        try tables.insertMessage(
            connection: connection, frame: frame, at: message.fragment?.began.nanoseconds ?? time, side: message.side,
            sender: sender, text: message.text)
    }

    /// Writes the rows that a frame implies.
    mutating func take(
        _ frame: Frame, from side: Side, at time: Int64, role: Role, connection: Int64, frame number: Int,
        _ tables: DerivedStatements, _ accounts: inout AccountRows
    ) throws {
        if role == .switchboard, !isConversation {
            isConversation = true
            try tables.insertConversation(connection, session: nil)
        }
        guard let command = Command(frame, from: side) else { return }
        switch command {
        case .program(let name, let version): program = Self.text(name) + " " + Self.text(version)
        case .contact(let contact):
            try tables.insertContact(
                connection: connection, account: accounts.row(of: contact.account, tables),
                name: contact.name.map(Self.decoded) ?? "", lists: contact.lists.map(Self.text) ?? "")
        case .presence(let presence):
            try tables.insertPresence(
                connection: connection, frame: number, at: time, account: accounts.row(of: presence.account, tables),
                status: Self.text(presence.status), name: presence.name.map(Self.decoded))
        default:
            if role == .switchboard { try conversation(command, at: time, connection, tables, &accounts) }
        }
    }

    private mutating func conversation(
        _ command: Command, at time: Int64, _ connection: Int64, _ tables: DerivedStatements,
        _ accounts: inout AccountRows
    ) throws {
        let before = participants
        let change = participants.take(command)
        if participants.session != before.session {
            try tables.insertConversation(connection, session: participants.session)
        }
        if participants.own != before.own, before.own.isEmpty {
            try tables.join(connection, account: accounts.row(of: participants.own, tables), name: nil, at: time)
        }
        switch (change, command) {
        case (.present(let account), .present(_, let name)), (.joined(let account), .joined(_, let name)):
            try tables.join(
                connection, account: accounts.row(of: account, tables), name: name.map(Self.decoded), at: time)
        case (.left(let account, _), _):
            try tables.leave(connection, account: accounts.row(of: account, tables), at: time)
        default: break
        }
    }

    private static func text(_ token: ArraySlice<UInt8>) -> String { String(decoding: token, as: UTF8.self) }

    private static func decoded(_ token: ArraySlice<UInt8>) -> String {
        String(decoding: PercentEncoding.decode(token), as: UTF8.self)
    }
}
