// The heading of a conversation in a transcript.

package import Analysis
package import Events

/// The data of a conversation that a format writes before its entries.
package struct ChatHeading: Sendable {
    /// The number of the conversation in the transcript, from 1.
    package var number: Int
    /// The identifier of the conversation in pages and JSON: `v8` by its first switchboard, or `c12` by its notification
    /// connection. It stays the same in every transcript of an archive that has all conversations of that connection.
    package var id: String
    /// The time of the first event.
    package var first: Timestamp
    /// The time of the last event.
    package var last: Timestamp
    /// The participants, the recorded client first.
    package var people: [Person]
    /// The connections that carried it, by their numbers in the archive.
    package var connections: [Int]

    /// A participant.
    package struct Person: Sendable, Hashable {
        /// The account, an e-mail address.
        package var account: String
        /// The last display name; the account if no name is known.
        package var name: String
    }

    /// Makes the heading of a conversation.
    ///
    /// - Parameter names: the display names of accounts.
    package init(_ conversation: ChatConversation, number: Int, names: NameHistory) {
        self.number = number
        id = conversation.segments.first.map(Self.id) ?? ""
        first = conversation.first
        last = conversation.last
        people = conversation.accounts.map { account in
            Person(
                account: account,
                name: names.name(of: account, at: conversation.last) ?? account)
        }
        var seen: Set<Int> = []
        connections = conversation.segments.map(\.connection).filter { seen.insert($0).inserted }
    }

    /// Makes the headings of all conversations of a transcript, each with an identifier of its own: further
    /// conversations of one notification connection are `c12-2`, `c12-3` and so on.
    package static func all(_ conversations: [ChatConversation], names: NameHistory) -> [ChatHeading] {
        var counts: [String: Int] = [:]
        return conversations.enumerated().map { index, conversation in
            var heading = ChatHeading(conversation, number: index + 1, names: names)
            let count = counts[heading.id, default: 0] + 1
            counts[heading.id] = count
            if count > 1 { heading.id += "-\(count)" }
            return heading
        }
    }

    private static func id(_ segment: ChatSegment) -> String {
        switch segment.carrier {
        case .switchboard: "v\(segment.connection)"
        case .directMessages: "c\(segment.connection)"
        }
    }
}
