// The JSON objects of listed sign-ins, connections and conversations.

package import Archive
internal import Events
internal import MSNP
package import Output

extension JSONObject {
    /// A sign-in without its connections; they follow one by one.
    package init(_ signIn: SignInSummary) { self.init(signIn, id: signIn.id) }

    /// A sign-in under another identifier, without its connections.
    package init(_ signIn: SignInSummary, id: ArchiveID?) {
        self.init()
        add("event", "session")
        add("id", id?.description)
        if case .signIn(let number) = signIn.id { add("sign_in", number) } else { add("sign_in", Int?.none) }
        add("account", signIn.account)
        add("dialect", signIn.dialect)
        add("client_program", signIn.program)
        add("recording", signIn.recording.description)
        add("origin", signIn.origin)
        add("name", signIn.name)
        add("time_first", signIn.first.rfc3339)
        add("time_last", signIn.last.rfc3339)
        add("messages", signIn.messages)
        add("findings", signIn.findings)
    }

    /// A connection with its conversation.
    package init(_ connection: ConnectionSummary) {
        self.init()
        add("id", connection.id.description)
        if case .connection(let number) = connection.id { add("conn", number) }
        add("role", connection.role.rawValue)
        add("dialect", connection.dialect)
        add("client", connection.ends.client)
        add("server", connection.ends.server)
        add("file", connection.ends.file)
        add("time_first", connection.opened.rfc3339)
        add("time_last", connection.last.rfc3339)
        switch connection.end {
        case .closed(let reason):
            add("end", "closed")
            add("reason", reason.text)
        case .open: add("end", "open")
        case .cutOff: add("end", "cut_off")
        }
        add("frames", connection.frames)
        add("c2s_bytes", connection.sentBytes.client)
        add("s2c_bytes", connection.sentBytes.server)
        add("missing_bytes", connection.missingBytes)
        add("findings", connection.findings)
        if let conversation = connection.conversation { add("conversation", JSONObject(conversation)) }
    }

    private init(_ conversation: ConversationSummary) {
        self.init()
        add("id", conversation.id.description)
        add("session", conversation.session)
        add("participants", conversation.participants)
        add("messages", conversation.messages)
    }
}
