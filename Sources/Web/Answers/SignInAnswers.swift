// The sign-ins with their connections, in pages.

import Archive
import ArchiveOutput
import Console
import Events
import MSNP
import Output
import Query

extension DataService {
    /// A page of the list of sign-ins, the newest first.
    func signIns(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        let limit = try parameters.number("limit", in: 1...PageLimits.mostRows, standard: PageLimits.standardRows)
        let place = try Self.listPlace(parameters, .session)
        let filter = try Self.condition(parameters, .sessions)
        return try await reading(filter == nil ? .quick : .scan) {
            let list = try self.reader.signIns(place, limit: limit, filter: filter, control)
            var object = JSONObject()
            object.add("items", list.items.map { JSONObject($0) })
            object.add("next", list.next?.cursor(kind: .session))
            object.add("previous", list.previous?.cursor(kind: .session))
            object.add("done", list.isDone)
            object.add("scanned", list.scanned)
            return object
        }
    }

    /// Which page of a list that begins with the newest is asked for. With a time, it is the page of what began by then.
    static func listPlace(_ parameters: Parameters, _ kind: CursorKind) throws -> ListPlace {
        try parameters.requireOneOf(["after", "before", "at"])
        if let text = try parameters.text("after") { return .after(try EventCursor(cursor: text, "after", kind: kind)) }
        if let text = try parameters.text("before") {
            return .before(try EventCursor(cursor: text, "before", kind: kind))
        }
        guard let time = try time(parameters) else { return .newest }
        return .after(EventCursor(time: time.nanoseconds, connection: .max, number: .max))
    }

    /// The time in `at`.
    static func time(_ parameters: Parameters) throws -> Timestamp? {
        guard let text = try parameters.text("at") else { return nil }
        guard let time = TimeText().period(of: text)?.lowerBound else {
            throw RequestError.parameter("at", "This parameter is a time.")
        }
        return time
    }

    /// One sign-in with all of its connections. Of a recording, the connections without one; all of them if there are
    /// none such.
    func signIn(_ id: ArchiveID) throws -> JSONObject {
        if let item = try reader.signIn(id) {
            return try object(item.signIn, item.connections, id)
        }
        // A recording of which all connections belong to sign-ins.
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
        return try object(signIn, connections, id)
    }

    private func object(
        _ signIn: SignInSummary, _ connections: [ConnectionSummary], _ id: ArchiveID
    ) throws -> JSONObject {
        var object = JSONObject(signIn, id: id)
        object.add("connection_count", signIn.connections)
        object.add(
            "connections", try complete(Array(connections.prefix(PageLimits.mostOfRecording)), of: id))
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
        guard let item = try reader.signIn(withConnection: number),
            let found = item.connections.first(where: { $0.id == id }),
            var object = try complete([found], of: id).first
        else { throw RequestError(.notFound) }
        object.add("events", try reader.eventCount(of: number))
        object.add("sign_in", item.signIn.id?.description)
        object.add("recording", item.signIn.recording.description)
        return object
    }

    /// Reads what an identifier names; nothing has it if the list says so.
    private func requiring(_ id: ArchiveID, _ body: () throws -> Void) throws {
        guard try reader.lists(ReadControl(), { try $0.contains(id) }) else { throw RequestError(.notFound) }
        try body()
    }
}

extension JSONObject {
    /// A sign-in of the list, with the first of its connections.
    fileprivate init(_ item: SignInList.Item) {
        self.init(item.signIn, id: item.signIn.pageID)
        let shown = item.connections.prefix(PageLimits.mostConnections)
        add("connection_count", item.connections.count)
        add("connections", shown.map { JSONObject($0) })
        if shown.count < item.connections.count { add("more", item.connections.count - shown.count) }
    }
}

extension SignInSummary {
    /// The identifier of its view: connections without a sign-in are those of their recording.
    fileprivate var pageID: ArchiveID { id ?? recording }
}
