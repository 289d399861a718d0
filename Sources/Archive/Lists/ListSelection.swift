// What a list of the archive is restricted to: identifiers, and parts of accounts and names.

/// The restriction of a list, as users type it behind the command.
package struct ListSelection: Sendable {
    /// List only what belongs to one of these; everything without any.
    package var ids: [ArchiveID] = []
    /// List only people and talks whose accounts or names contain all of these, in any case.
    package var words: [String] = []

    /// No restriction.
    package init() {}

    /// Parses arguments: identifiers such as `s3`; everything else is a part of an account or a name.
    package init(_ arguments: [String]) {
        for argument in arguments {
            if let id = ArchiveID(argument) { ids.append(id) } else { words.append(argument.lowercased()) }
        }
    }

    /// Whether each word is a part of one of these texts.
    package func matches(_ texts: [String?]) -> Bool {
        guard !words.isEmpty else { return true }
        let texts = texts.compactMap { $0?.lowercased() }
        return words.allSatisfy { word in texts.contains { $0.contains(word) } }
    }

    /// Whether all connections of this sign-in belong to an identifier. For connections without a sign-in it is nil.
    func containsAll(signIn: Int64?, recording: Int64) -> Bool {
        ids.isEmpty
            || ids.contains { id in
                switch id {
                case .signIn(let number): number == signIn
                case .recording(let number): number == recording
                case .connection, .conversation: false
                }
            }
    }

    /// Whether any connection of this sign-in may belong to an identifier.
    func mayContain(signIn: Int64?, recording: Int64) -> Bool {
        containsAll(signIn: signIn, recording: recording)
            || ids.contains { id in
                switch id {
                case .connection, .conversation: true
                case .signIn, .recording: false
                }
            }
    }

    /// Whether an identifier names this connection or its conversation.
    func names(_ connection: ConnectionSummary) -> Bool {
        ids.contains { $0 == connection.id || $0 == connection.conversation?.id }
    }
}
