// Which sign-ins a list contains, in which order, and their sums.

package import Events
internal import GRDB
package import Query

/// Which sign-ins and connections to list.
package struct SessionQuery: Sendable {
    /// A condition on connections; sign-ins without any that fulfils it are omitted.
    package var filter: Filter?
    /// What to restrict the list to.
    package var selection = ListSelection()
    /// The times and people that restrict the list further; its identifiers are not used.
    package var restriction = ArchiveSelection.everything
    /// The connections of these people, once they were looked up.
    private var connectionsOfPeople: Set<Int64>?
    /// Whether the list begins with the latest sign-in.
    package var newestFirst = false
    /// The maximum number of sign-ins to emit; nil for all.
    package var limit: Int?
    /// Where the list begins: behind this sign-in, in the order of the list; nil for its beginning.
    package var start: SessionPlace?
    /// How many connections of each sign-in are emitted at most; nil for all.
    package var mostConnections: Int?
    /// Whether to emit the connections too.
    package var includesConnections = true
    /// Whether to look up the display names of accounts.
    package var includesNames = true

    /// Everything, the oldest first.
    package init(filter: Filter? = nil, selection: ListSelection = ListSelection()) {
        self.filter = filter
        self.selection = selection
    }

    /// The query with the connections of its people.
    ///
    /// - Parameter path: the archive, for the message.
    /// - Throws: `ArchiveError` if nothing has one of the identifiers.
    func resolved(_ db: Database, in path: String) throws -> SessionQuery {
        try ArchiveSelection(selection.ids).requireIdentifiers(db, in: path)
        var query = self
        query.connectionsOfPeople = try restriction.connections(db)
        return query
    }

    /// Whether some connections of this sign-in may be left out.
    func isSelective(signIn: Int64?, recording: Int64) -> Bool {
        filter != nil || !restriction.isEverything || !selection.containsAll(signIn: signIn, recording: recording)
            || (signIn == nil && !selection.words.isEmpty)
    }

    /// Whether a connection is listed. Without a sign-in, words are looked for among the accounts on the connection.
    func accepts(_ connection: ConnectionSummary, of signIn: SignInSummary) -> Bool {
        if signIn.id == nil, !selection.matches(connection.conversation?.participants ?? []) { return false }
        return acceptsWithoutWords(connection, of: signIn)
    }

    /// Whether the identifiers, times, people and the condition hold for a connection.
    func acceptsWithoutWords(_ connection: ConnectionSummary, of signIn: SignInSummary) -> Bool {
        let number: Int64? = if case .signIn(let number)? = signIn.id { number } else { nil }
        guard case .recording(let recording) = signIn.recording,
            selection.containsAll(signIn: number, recording: recording) || selection.names(connection)
        else { return false }
        if let connectionsOfPeople {
            guard case .connection(let row) = connection.id, connectionsOfPeople.contains(row) else { return false }
        }
        guard restriction.times.overlaps(connection.opened, connection.last) else { return false }
        guard let filter else { return true }
        let listed = ListedConnection(connection: connection, signIn: signIn)
        return filter.matches(listed) { listed.values(at: $0) }
    }
}

/// The place of a sign-in in the list. It stays the same while the list grows.
package struct SessionPlace: Sendable, Hashable {
    /// When its first connection was opened.
    package var first: Timestamp
    /// Its row; nil for connections without one.
    package var signIn: Int64?
    /// The row of the recording.
    package var recording: Int64

    package init(first: Timestamp, signIn: Int64?, recording: Int64) {
        self.first = first
        self.signIn = signIn
        self.recording = recording
    }

    /// The place of a listed sign-in.
    package init(_ summary: SignInSummary) {
        var (signIn, recording): (Int64?, Int64) = (nil, 0)
        if case .signIn(let number)? = summary.id { signIn = number }
        if case .recording(let number) = summary.recording { recording = number }
        self.init(first: summary.listedAt, signIn: signIn, recording: recording)
    }

    /// Whether this place is behind another one in the list.
    func isBehind(_ other: SessionPlace, newestFirst: Bool) -> Bool {
        let (one, two) = newestFirst ? (other, self) : (self, other)
        return (one.first.nanoseconds, one.signIn ?? 0, one.recording)
            > (two.first.nanoseconds, two.signIn ?? 0, two.recording)
    }
}

/// The sums over a list of sign-ins.
package struct SessionTotals: Sendable, Hashable {
    /// The number of lines: sign-ins, and recordings with connections without one.
    package private(set) var lines = 0
    /// The number of sign-ins.
    package private(set) var signIns = 0
    /// The number of connections.
    package private(set) var connections: Int64 = 0
    /// The number of text messages.
    package private(set) var messages: Int64 = 0

    mutating func add(_ signIn: SignInSummary) {
        lines += 1
        if signIn.id != nil { signIns += 1 }
        connections &+= signIn.connections
        messages &+= signIn.messages
    }
}
