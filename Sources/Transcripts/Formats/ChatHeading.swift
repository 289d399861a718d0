// The heading of a conversation in a transcript.

package import Events

/// The data of a conversation that a format writes before its entries.
package struct ChatHeading: Sendable {
    /// The number of the conversation in the transcript, from 1.
    package var number: Int
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
}
