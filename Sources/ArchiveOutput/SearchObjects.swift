// The JSON objects of the results of a search: messages, people and files.

package import Archive
internal import Events
internal import MSNP
package import Output

extension JSONObject {
    /// A message without its neighbours.
    package init(_ message: ArchivedMessage) {
        self.init()
        add("event", "message")
        add("time", message.time.rfc3339)
        add("ns", message.time.nanoseconds)
        if case .connection(let number) = message.connection { add("conn", number) }
        add("dir", message.side == .client ? "c2s" : "s2c")
        add("from", message.from)
        add("text", message.text)
    }

    /// A match with its neighbours.
    package init(_ found: FoundMessage) {
        self.init(found.message)
        add("id", found.conversation.id.description)
        add("copies", found.copies.map(\.description))
        if let signIn = found.signIn {
            add("sign_in", signIn.number)
            add("account", signIn.account)
        }
        add("participants", found.conversation.participants)
        add("conversation", found.conversation.session)
        add("matches", found.matches.map { [UInt64($0.lowerBound), UInt64($0.count)] })
        add("before", found.before.map { JSONObject($0) })
        add("after", found.after.map { JSONObject($0) })
    }

    /// A person whose name matches.
    package init(_ person: FoundPerson) {
        self.init()
        add("event", "person")
        add("account", person.account)
        add("names", person.names)
        add("contact", person.isContact)
        add("conversation_count", person.conversationCount)
        add("conversations", person.conversations.map(\.description))
    }

    /// A file whose name matches.
    package init(_ file: FoundFile) {
        self.init()
        add("event", "file")
        add("time", file.time.rfc3339)
        add("ns", file.time.nanoseconds)
        if case .connection(let number) = file.connection { add("conn", number) }
        add("kind", file.kind)
        add("name", file.name)
        add("from", file.from)
        add("size", file.bytes)
        if let isComplete = file.isComplete { add("complete", isComplete) }
        add("id", file.conversation.id.description)
        add("copies", file.copies.map(\.description))
        add("participants", file.conversation.participants)
        add("conversation", file.conversation.session)
    }
}
