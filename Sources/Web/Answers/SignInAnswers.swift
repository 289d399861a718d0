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

    /// One sign-in with all of its connections, or those of a recording without one.
    func signIn(_ id: ArchiveID) throws -> JSONObject {
        var builder = SessionItem()
        var found: JSONObject?
        try requiring(id) {
            try reader.lists { archive in
                _ = try archive.sessions(SessionQuery(selection: ListSelection([id.description]))) { part in
                    let item = builder.take(part)
                    if case .begins(let signIn) = part { builder.skips = signIn.pageID != id }
                    if let item { found = item.object }
                    return item == nil
                }
            }
        }
        guard let found else { throw RequestError(.notFound) }
        return found
    }

    /// One connection.
    func connection(_ number: Int64) throws -> JSONObject {
        var signIn: SignInSummary?
        var found: JSONObject?
        try requiring(.connection(number)) {
            try reader.lists { archive in
                _ = try archive.sessions(SessionQuery(selection: ListSelection(["c\(number)"]))) { part in
                    switch part {
                    case .begins(let summary): signIn = summary
                    case .connection(let connection):
                        var object = JSONObject(connection)
                        object.add("sign_in", signIn?.id?.description)
                        object.add("recording", signIn?.recording.description)
                        found = object
                        return false
                    case .ends: break
                    }
                    return true
                }
            }
        }
        guard let found else { throw RequestError(.notFound) }
        return found
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
    /// Whether the parts up to the end are of another one.
    var skips = false

    /// Takes a part; returns the sign-in at its end.
    mutating func take(_ part: SessionPart) -> (place: SessionPlace, object: JSONObject)? {
        switch part {
        case .begins(let signIn): (summary, connections, skips) = (signIn, [], false)
        case .connection(let connection): if !skips { connections.append(JSONObject(connection)) }
        case .ends:
            defer { skips = false }
            guard let summary, !skips else { return nil }
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
