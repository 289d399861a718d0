// What a search finds: messages with their neighbours, people, and files.

package import Events
package import MSNP
package import Query

/// One archived text message.
package struct ArchivedMessage: Sendable, Hashable {
    /// The connection that carried it.
    package var connection: ArchiveID
    /// When it was sent.
    package var time: Timestamp
    /// The sender's account; empty if unknown.
    package var from: String
    /// The side of this connection that sent it.
    package var side: Side
    /// The text.
    package var text: String
    /// Its number in the archive: messages of one connection are numbered in their order.
    package var id: Int64
}

/// A matching message with its neighbours.
package struct FoundMessage: Sendable {
    /// The message.
    package var message: ArchivedMessage
    /// The conversation that it belongs to.
    package var conversation: ConversationSummary
    /// The conversations that hold the same message as another client's connection recorded it.
    package var copies: [ArchiveID] = []
    /// The sign-in that it belongs to.
    package var signIn: SignIn?
    /// The role of its connection.
    package var role = Role.unknown
    /// The dialect of its connection.
    package var dialect: String?
    /// The matching places of its text, in Unicode scalars.
    package var matches: [Range<Int>] = []
    /// The messages before it, in order of time.
    package var before: [ArchivedMessage] = []
    /// The messages after it, in order of time.
    package var after: [ArchivedMessage] = []

    /// All conversations that hold the message.
    package var conversations: [ArchiveID] { [conversation.id] + copies }
}

/// A file or object with a matching name that somebody offered or sent.
package struct FoundFile: Sendable {
    /// The connection with the offer.
    package var connection: ArchiveID
    /// The conversation that it belongs to.
    package var conversation: ConversationSummary
    /// The conversations that show the same offer as another client's connection recorded it.
    package var copies: [ArchiveID] = []
    /// When it was offered.
    package var time: Timestamp
    /// `file`, `picture`, `emoticon` and so on.
    package var kind: String
    /// The name that the sender gave it.
    package var name: String
    /// The sender's account; empty if unknown.
    package var from: String
    /// Its size in bytes; nil if unknown.
    package var bytes: Int64?
    /// Whether all of it came over this connection; nil if none of it did.
    package var isComplete: Bool?
    /// The account that signed in; nil if unknown.
    package var account: String?
    /// The number of the sign-in; nil if unknown.
    package var signIn: Int64?

    /// All conversations that show the offer.
    package var conversations: [ArchiveID] { [conversation.id] + copies }
}

/// An account whose address or a display name matches.
package struct FoundPerson: Sendable {
    /// The account, an e-mail address.
    package var account: String
    /// Its display names that match, or all if the address matches; at most `mostNames`.
    package var names: [String]
    /// Its latest conversations, the last one first; at most `mostConversations`.
    package var conversations: [ArchiveID]
    /// The number of its conversations; those that both clients recorded count twice.
    package var conversationCount: Int
    /// Whether it is in a contact list.
    package var isContact: Bool

    /// The largest number of names of one person.
    static let mostNames = 20
    /// The largest number of conversations of one person that are named.
    static let mostConversations = 5
}

extension FoundMessage: Filterable {
    package var filterTime: Timestamp { message.time }

    /// The values of a filter field for this message and its connection.
    package func values(of field: FilterField) -> [String] {
        let number = if case .connection(let row) = message.connection { "\(row)" } else { "" }
        switch field {
        case .role: return [role.rawValue]
        case .conn: return [number]
        case .dialect: return dialect.map { [$0] } ?? []
        case .account: return signIn?.account.map { [$0] } ?? []
        case .signIn: return signIn.map { ["\($0.number)"] } ?? []
        case .time: return [message.time.rfc3339]
        case .dir: return [message.side == .client ? "c2s" : "s2c"]
        case .from: return [message.from]
        case .to: return recipients
        case .conversation: return [conversation.session ?? "connection-\(number)"]
        case .text: return [message.text, message.from] + recipients
        case .event, .verb, .trid, .args, .payload, .bytes, .type, .client, .server, .name, .reason, .payloadBytes:
            return []
        }
    }

    /// The values at a path in the JSON of a result.
    func values(at path: [String]) -> [String] {
        switch path.last {
        case "id": [conversation.id.description]
        case "ns": ["\(message.time.nanoseconds)"]
        case "participants": conversation.participants
        default: []
        }
    }

    private var recipients: [String] { conversation.participants.filter { $0 != message.from } }
}

extension FilterKeys {
    /// The keys of the JSON of a result; without those of the messages around it, which are read afterwards.
    package static let ofMessages = FilterKeys(kinds: ["id": .text, "ns": .number, "participants": .account])
}

extension FoundFile: Filterable {
    package var filterTime: Timestamp { time }

    /// The values of a filter field for this file and its connection.
    package func values(of field: FilterField) -> [String] {
        let others = conversation.participants.filter { $0 != from }
        switch field {
        case .conn: if case .connection(let row) = connection { return ["\(row)"] }
        case .account: return account.map { [$0] } ?? []
        case .signIn: return signIn.map { ["\($0)"] } ?? []
        case .time: return [time.rfc3339]
        case .from: return [from]
        case .to: return others
        case .conversation: return conversation.session.map { [$0] } ?? []
        case .text: return [name, from] + others
        default: break
        }
        return []
    }

    /// The values at a path in the JSON of a result.
    func values(at path: [String]) -> [String] {
        switch path.last {
        case "id": [conversation.id.description]
        case "ns": ["\(time.nanoseconds)"]
        case "participants": conversation.participants
        default: []
        }
    }
}
