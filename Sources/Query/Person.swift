// Finds people by their account or display name.

package import Events
internal import MSNP

/// A person as a user names them: an account, or a part of an account or display name.
package struct Person: Sendable, Hashable {
    /// The text in lower case.
    private let text: String
    /// Whether the text is a whole account, so that it is no part of another one.
    private let isAccount: Bool

    /// - Returns: nil for an empty text.
    package init?(_ text: String) {
        guard !text.allSatisfy(\.isWhitespace) else { return nil }
        self.text = text.lowercased()
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        isAccount = parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
    }

    /// Whether the account is, or contains, the text.
    package func matches(account: String) -> Bool {
        let account = account.lowercased()
        return isAccount ? account == text : account.contains(text)
    }

    /// Whether the display name contains the text.
    package func matches(name: String) -> Bool { name.lowercased().contains(text) }
}

/// Finds the connections with people, from the events of all connections.
package struct PeopleFinder: Sendable {
    private let people: [Person]
    /// For each connection, the places in `people` of those who were seen on it.
    private var seen: [Int: Set<Int>] = [:]

    /// - Parameter people: all of them must take part.
    package init(_ people: [Person]) { self.people = people }

    /// The connections of the sign-ins of these people, and those on which they talked or took part in a conversation.
    package var connections: Set<Int> { Set(seen.filter { $0.value.count == people.count }.keys) }

    /// Notes the people that an event names.
    package mutating func take(_ event: Event) {
        guard event.connection > 0 else { return }
        if let account = event.signIn?.account { note(account, nil, event.connection) }
        switch event.kind {
        case .message(let message):
            for account in [message.from] + message.to { note(account, nil, event.connection) }
        case .frame(let frame, let side) where Participants.mayChange(with: frame.verb):
            switch Command(frame, from: side) {
            case .signIn(_, let account): note(AccountEndpoint(account).account, nil, event.connection)
            case .enterSwitchboard(let endpoint, _, _): note(endpoint.account, nil, event.connection)
            case .present(let endpoint, let name), .joined(let endpoint, let name):
                note(endpoint.account, name, event.connection)
            default: break
            }
        default: break
        }
    }

    private mutating func note(_ account: String, _ name: ByteSlice?, _ connection: Int) {
        for (place, person) in people.enumerated() where !(seen[connection]?.contains(place) ?? false) {
            let isNamed =
                name.map { person.matches(name: String(decoding: PercentEncoding.decode($0), as: UTF8.self)) } ?? false
            if isNamed || person.matches(account: account) { seen[connection, default: []].insert(place) }
        }
    }
}
