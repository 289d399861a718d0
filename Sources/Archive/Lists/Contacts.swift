// The people that recorded clients met: in conversations, in contact lists, and by presence.

package import Events
internal import GRDB
internal import MSNP

/// A person that a recorded client met.
package struct ContactSummary: Sendable {
    /// The account, an e-mail address.
    package var account: String
    /// The latest display name; empty if none is known.
    package var name = ""
    /// The contact lists as the server sent them last: `FL AL`, or a sum of bits such as `11`; empty if unknown.
    package var lists = ""
    /// The first time that the person was online or in a conversation; nil if only listed.
    package var first: Timestamp?
    /// The last such time.
    package var last: Timestamp?
    fileprivate var nameTime = Int64.min
    fileprivate var listsTime = Int64.min

    fileprivate init(account: String) { self.account = account }
}

extension Archive {
    /// The largest number of people in the list; further ones are left out.
    private static let mostContacts = 100_000
    /// The longest account or name in bytes: accounts have at most 129, names 387.
    private static let longestContactText = 512

    /// The people whom the recorded clients met, in no particular order. A client does not meet itself.
    ///
    /// - Parameter query: its filter and identifiers decide which connections count.
    package func contacts(_ query: SessionQuery) throws -> [ContactSummary] {
        try reading { db in
            var found = FoundContacts()
            var connections = try query.resolved(db, in: path)
            connections.selection.words = []
            (connections.includesConnections, connections.includesNames) = (true, false)
            var signIn: SignInSummary?
            _ = try list(connections, db) { part in
                switch part {
                case .begins(let summary): signIn = summary
                case .connection(let connection):
                    if let signIn { try found.read(connection, of: signIn, db) }
                case .ends: break
                }
                return true
            }
            return Array(found.contacts.values)
        }
    }

    /// The people found so far.
    private struct FoundContacts {
        var contacts: [String: ContactSummary] = [:]

        mutating func read(_ connection: ConnectionSummary, of signIn: SignInSummary, _ db: Database) throws {
            guard case .connection(let row) = connection.id else { return }
            let own = try signIn.account ?? nameless(row, db)
            if connection.conversation != nil {
                try readRows(
                    "SELECT address, name, joined_ns, left_ns, NULL FROM participant",
                    "account.id = participant.account WHERE conversation = ?", row, but: own, connection, db)
            } else if connection.role == .notification {
                try readRows(
                    "SELECT address, name, time_ns, time_ns, NULL FROM presence",
                    "account.id = presence.account WHERE presence.connection = ?", row, but: own, connection, db)
                try readRows(
                    "SELECT address, name, NULL, NULL, lists FROM contact",
                    "account.id = contact.account WHERE contact.connection = ?", row, but: own, connection, db)
            }
            // Over the notification server, and of those of whom nothing says that they joined.
            if connection.messages > 0 {
                try readRows(
                    "SELECT address, NULL, min(time_ns), max(time_ns), NULL FROM message",
                    "account.id = message.sender WHERE message.connection = ? GROUP BY address", row, but: own,
                    connection, db)
            }
        }

        /// Reads rows of account, name, first time, last time and lists, except those of the recorded client itself.
        private mutating func readRows(
            _ columns: String, _ condition: String, _ row: Int64, but own: String?, _ connection: ConnectionSummary,
            _ db: Database
        ) throws {
            let select = try PreparedStatement("\(columns) JOIN account ON \(condition)", in: db)
            select.bind(1, row)
            select.longestText = Archive.longestContactText
            defer { select.reset() }
            while try select.step() {
                let account = select.text(0)
                guard !account.isEmpty, account != own else { continue }
                guard var contact = contacts.removeValue(forKey: account) ?? new(account) else { continue }
                let time = select.optionalInteger(2)
                contact.note(select.text(1), at: time ?? connection.opened.nanoseconds)
                if let time {
                    contact.see(from: time, to: select.optionalInteger(3) ?? connection.last.nanoseconds)
                }
                if let lists = select.optionalText(4) { contact.note(lists: lists, at: connection.opened.nanoseconds) }
                contacts[account] = contact
            }
        }

        /// The participant without a name: servers send a client the names of others only.
        private func nameless(_ conversation: Int64, _ db: Database) throws -> String? {
            let select = try PreparedStatement(
                """
                SELECT address FROM participant JOIN account ON account.id = participant.account
                WHERE conversation = ? AND name IS NULL ORDER BY joined_ns LIMIT 1
                """, in: db)
            select.bind(1, conversation)
            select.longestText = Archive.longestContactText
            defer { select.reset() }
            return try select.step() ? select.text(0) : nil
        }

        private func new(_ account: String) -> ContactSummary? {
            contacts.count < Archive.mostContacts ? ContactSummary(account: account) : nil
        }
    }
}

extension ContactSummary {
    fileprivate mutating func note(_ name: String, at time: Int64) {
        guard !name.isEmpty, time >= nameTime else { return }
        (self.name, nameTime) = (name, time)
    }

    fileprivate mutating func note(lists: String, at time: Int64) {
        guard !lists.isEmpty, time >= listsTime else { return }
        (self.lists, listsTime) = (lists, time)
    }

    fileprivate mutating func see(from first: Int64, to last: Int64) {
        self.first = min(self.first ?? Timestamp(nanoseconds: first), Timestamp(nanoseconds: first))
        self.last = max(self.last ?? Timestamp(nanoseconds: last), Timestamp(nanoseconds: last))
    }
}
