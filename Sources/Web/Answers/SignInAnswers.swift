// The sign-ins with their connections, in pages.

import Archive
import ArchiveOutput
import Events
import MSNP
import Output
import Query

extension DataService {
    /// A page of the list of sign-ins, the newest first.
    func signIns(_ parameters: Parameters) async throws -> JSONObject {
        try parameters.requireOneOf(["after", "before"])
        let limit = try parameters.number("limit", in: 1...PageLimits.mostRows, standard: PageLimits.standardRows)
        let after = try parameters.text("after").map { try SessionPlace(cursor: $0, "after") }
        let before = try parameters.text("before").map { try SessionPlace(cursor: $0, "before") }
        var query = SessionQuery(filter: try Self.condition(parameters, .sessions))
        // Backwards from a place is forwards in the opposite order.
        query.newestFirst = before == nil
        query.start = before ?? after
        query.mostConnections = PageLimits.mostConnections
        return try await reading { [query] in try self.list(query, limit) }
    }

    private func list(_ query: SessionQuery, _ limit: Int) throws -> JSONObject {
        var items: [(place: SessionPlace, object: JSONObject)] = []
        var isMore = false
        var builder = SessionItem()
        try reader.lists { archive in
            _ = try archive.sessions(query) { part in
                if items.count == limit, case .begins = part {
                    isMore = true
                    return false
                }
                if let item = builder.take(part) { items.append(item) }
                return true
            }
        }
        let isBackwards = !query.newestFirst
        if isBackwards { items.reverse() }
        var object = JSONObject()
        object.add("items", items.map(\.object))
        // Towards older sign-ins there is more if this page was cut there, or if it was reached from there.
        let hasNext = isBackwards ? query.start != nil : isMore
        let hasPrevious = isBackwards ? isMore : query.start != nil
        object.add("next", hasNext ? items.last?.place.cursor : nil)
        object.add("previous", hasPrevious ? items.first?.place.cursor : nil)
        return object
    }

    /// One sign-in with all of its connections. Of a recording, the connections without one; all of them if there are
    /// none such.
    func signIn(_ id: ArchiveID) throws -> JSONObject {
        var found: (signIn: SignInSummary, connections: [ConnectionSummary])?
        var all: (signIn: SignInSummary, connections: [ConnectionSummary])?
        try requiring(id) {
            try reader.lists { archive in
                var current: (signIn: SignInSummary, connections: [ConnectionSummary])?
                _ = try archive.sessions(SessionQuery(selection: ListSelection([id.description]))) { part in
                    switch part {
                    case .begins(let summary): current = (summary, [])
                    case .connection(let connection): current?.connections.append(connection)
                    case .ends:
                        guard let part = current else { return true }
                        if part.signIn.pageID == id {
                            found = part
                            return false
                        }
                        all = all.map { Self.joined($0, part) } ?? part
                    }
                    return (all?.connections.count ?? 0) < PageLimits.mostOfRecording
                }
            }
        }
        guard let (signIn, connections) = found ?? all else { throw RequestError(.notFound) }
        var object = JSONObject(signIn, id: id)
        object.add("connection_count", signIn.connections)
        object.add("connections", try complete(connections, of: id))
        return object
    }

    /// Two sign-ins of a recording as one, without what only one of them has.
    private static func joined(
        _ one: (signIn: SignInSummary, connections: [ConnectionSummary]),
        _ other: (signIn: SignInSummary, connections: [ConnectionSummary])
    ) -> (signIn: SignInSummary, connections: [ConnectionSummary]) {
        var signIn = one.signIn
        (signIn.id, signIn.account, signIn.dialect, signIn.program, signIn.name) = (nil, nil, nil, nil, nil)
        signIn.first = min(signIn.first, other.signIn.first)
        signIn.last = max(signIn.last, other.signIn.last)
        signIn.connections += other.signIn.connections
        signIn.messages += other.signIn.messages
        signIn.findings += other.signIn.findings
        return (signIn, one.connections + other.connections)
    }

    /// Adds to connections the events that led to them, and what was transferred over them.
    private func complete(_ connections: [ConnectionSummary], of id: ArchiveID) throws -> [JSONObject] {
        let media = try reader.media(.of(id), limit: PageLimits.mostRows)
        let byConnection = Dictionary(grouping: media, by: \.connection)
        return try connections.map { connection in
            var object = JSONObject(connection)
            guard case .connection(let number) = connection.id else { return object }
            object.add("from", try reader.origin(of: number)?.description)
            object.add("transfers", (byConnection[number] ?? []).map { JSONObject($0) })
            return object
        }
    }

    /// One connection.
    func connection(_ number: Int64) throws -> JSONObject {
        let id = ArchiveID.connection(number)
        var signIn: SignInSummary?
        var found: ConnectionSummary?
        try requiring(id) {
            try reader.lists { archive in
                _ = try archive.sessions(SessionQuery(selection: ListSelection([id.description]))) { part in
                    if case .begins(let summary) = part { signIn = summary }
                    if case .connection(let connection) = part { found = connection }
                    return found == nil
                }
            }
        }
        guard let found, var object = try complete([found], of: id).first else { throw RequestError(.notFound) }
        object.add("events", try reader.eventCount(of: number))
        object.add("sign_in", signIn?.id?.description)
        object.add("recording", signIn?.recording.description)
        return object
    }

    /// Reads what an identifier names; nothing has it if the list says so.
    private func requiring(_ id: ArchiveID, _ body: () throws -> Void) throws {
        guard try reader.lists(ReadControl(), { try $0.contains(id) }) else { throw RequestError(.notFound) }
        try body()
    }
}

/// Collects the parts of one sign-in.
private struct SessionItem {
    private var summary: SignInSummary?
    private var connections: [JSONObject] = []
    /// Takes a part; returns the sign-in at its end.
    mutating func take(_ part: SessionPart) -> (place: SessionPlace, object: JSONObject)? {
        switch part {
        case .begins(let signIn): (summary, connections) = (signIn, [])
        case .connection(let connection): connections.append(JSONObject(connection))
        case .ends:
            guard let summary else { return nil }
            var object = JSONObject(summary, id: summary.pageID)
            object.add("connection_count", summary.connections)
            object.add("connections", connections)
            let rest = summary.connections - Int64(connections.count)
            if rest > 0 { object.add("more", rest) }
            return (SessionPlace(summary), object)
        }
        return nil
    }
}

extension SignInSummary {
    /// The identifier of its view: connections without a sign-in are those of their recording.
    fileprivate var pageID: ArchiveID { id ?? recording }
}

extension SessionPlace {
    /// The place as an opaque text.
    var cursor: String {
        var writer = CursorWriter(kind: .session)
        writer.add(first.nanoseconds)
        writer.add(signIn ?? 0)
        writer.add(recording)
        return writer.text
    }

    /// - Throws: `RequestError` for a text that `cursor` did not make.
    init(cursor: String, _ parameter: String) throws {
        guard var reader = CursorReader(cursor, kind: .session), let first = reader.next(), let signIn = reader.next(),
            let recording = reader.next(), reader.isAtEnd
        else { throw RequestError.parameter(parameter, "This is not a place that the program has named.") }
        self.init(
            first: Timestamp(nanoseconds: first), signIn: signIn == 0 ? nil : signIn, recording: recording)
    }
}
