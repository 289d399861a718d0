// Derives rows from frames: client programs, conversations, contacts, presence. `reindex` regenerates them.

internal import Events
internal import MSNP

/// Follows the frames of one connection and adds the rows that they imply to a log.
struct DerivedRows {
    /// The client's name and version (`CVR`), until they are written to the sign-in.
    var program: String?
    private var participants = Participants()
    private var isConversation = false
    private var transfers = 0

    /// Rows of transfers of one connection: a hostile client may offer files without end.
    private static let mostTransfers = 65_536

    /// Writes the rows of the files and objects that an event shows.
    ///
    /// - Parameter place: the place of the connection in the log.
    mutating func add(_ annotation: Annotation?, _ place: Int, frame: Int, _ log: inout RowLog) {
        guard let annotation, !annotation.transfers.isEmpty else { return }
        for object in annotation.transfers.prefix(Self.mostTransfers - transfers) {
            transfers += 1
            log.add(object, place, frame: frame)
        }
    }

    /// Writes the rows that a frame implies.
    mutating func add(
        _ frame: Frame, from side: Side, at time: Int64, role: Role, _ place: Int, frame number: Int,
        _ log: inout RowLog
    ) {
        if role == .switchboard, !isConversation {
            isConversation = true
            log.addConversation(place, session: nil)
        }
        guard let command = Command(frame, from: side) else { return }
        switch command {
        case .program(let name, let version): program = Self.text(name) + " " + Self.text(version)
        case .contact(let contact):
            log.addContact(place, account: contact.account, name: contact.name ?? [], lists: contact.lists ?? [])
        case .presence(let presence):
            log.addPresence(
                place, frame: number, at: time, account: presence.account, status: presence.status, name: presence.name)
        default: if role == .switchboard { add(command, at: time, place, &log) }
        }
    }

    /// Writes what a command of a conversation changes.
    private mutating func add(_ command: Command, at time: Int64, _ place: Int, _ log: inout RowLog) {
        let (session, own) = (participants.session, participants.own)
        let change = participants.take(command)
        if participants.session != session { log.addConversation(place, session: participants.session) }
        if participants.own != own, own.isEmpty { log.join(place, account: participants.own, name: nil, at: time) }
        switch (change, command) {
        case (.present(let account), .present(_, let name)), (.joined(let account), .joined(_, let name)):
            log.join(place, account: account, name: name, at: time)
        case (.left(let account, _), _): log.leave(place, account: account, at: time)
        default: break
        }
    }

    private static func text(_ token: ByteSlice) -> String { String(decoding: token, as: UTF8.self) }
}
