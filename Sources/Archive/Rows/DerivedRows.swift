// Derives rows from frames: client programs, conversations, contacts, presence. `reindex` regenerates them.

internal import Events
internal import MSNP

/// Follows the frames of one connection and writes derived rows.
struct DerivedRows {
    /// The client's name and version (`CVR`), until they are written to the sign-in.
    var program: String?
    private var participants = Participants()
    private var isConversation = false
    private var transfers = 0

    /// Rows of transfers of one connection: a hostile client may offer files without end.
    private static let mostTransfers = 65_536

    /// Writes the row of a message that a frame completed.
    mutating func add(
        _ message: Message, at time: Int64, connection: Int64, frame: Int, _ statements: DerivedStatements,
        _ accounts: inout AccountRows
    ) throws {
        let sender = try accounts.row(of: message.from, statements)
        try statements.insertMessage(
            connection: connection, frame: frame, at: message.fragment?.began.nanoseconds ?? time, side: message.side,
            sender: sender, text: message.text)
    }

    /// Writes the rows of the files and objects that an event shows.
    mutating func add(
        _ annotation: Annotation?, connection: Int64, frame: Int, _ statements: DerivedStatements,
        _ accounts: inout AccountRows
    ) throws {
        guard let annotation, !annotation.transfers.isEmpty else { return }
        for object in annotation.transfers.prefix(Self.mostTransfers - transfers) {
            transfers += 1
            let sender = object.sender.isEmpty ? nil : try accounts.row(of: object.sender, statements)
            try statements.insertTransfer(object, sender: sender, connection: connection, frame: frame)
        }
    }

    /// Writes the rows that a frame implies.
    mutating func add(
        _ frame: Frame, from side: Side, at time: Int64, role: Role, connection: Int64, frame number: Int,
        _ statements: DerivedStatements, _ accounts: inout AccountRows
    ) throws {
        if role == .switchboard, !isConversation {
            isConversation = true
            try statements.insertConversation(connection, session: nil)
        }
        guard let command = Command(frame, from: side) else { return }
        switch command {
        case .program(let name, let version): program = Self.text(name) + " " + Self.text(version)
        case .contact(let contact):
            try statements.insertContact(
                connection: connection, account: accounts.row(of: contact.account, statements),
                name: contact.name.map(Self.decoded) ?? "", lists: contact.lists.map(Self.text) ?? "")
        case .presence(let presence):
            try statements.insertPresence(
                connection: connection, frame: number, at: time,
                account: accounts.row(of: presence.account, statements),
                status: Self.text(presence.status), name: presence.name.map(Self.decoded))
        default:
            if role == .switchboard { try conversation(command, at: time, connection, statements, &accounts) }
        }
    }

    private mutating func conversation(
        _ command: Command, at time: Int64, _ connection: Int64, _ statements: DerivedStatements,
        _ accounts: inout AccountRows
    ) throws {
        let before = participants
        let change = participants.take(command)
        if participants.session != before.session {
            try statements.insertConversation(connection, session: participants.session)
        }
        if participants.own != before.own, before.own.isEmpty {
            try statements.join(
                connection, account: accounts.row(of: participants.own, statements), name: nil, at: time)
        }
        switch (change, command) {
        case (.present(let account), .present(_, let name)), (.joined(let account), .joined(_, let name)):
            try statements.join(
                connection, account: accounts.row(of: account, statements), name: name.map(Self.decoded), at: time)
        case (.left(let account, _), _):
            try statements.leave(connection, account: accounts.row(of: account, statements), at: time)
        default: break
        }
    }

    private static func text(_ token: ArraySlice<UInt8>) -> String { String(decoding: token, as: UTF8.self) }

    private static func decoded(_ token: ArraySlice<UInt8>) -> String {
        String(decoding: PercentEncoding.decode(token), as: UTF8.self)
    }
}
