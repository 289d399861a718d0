// A listed connection as filters see it, and the keys of the list's JSON.

internal import Events
internal import MSNP
package import Query

/// A listed connection with its sign-in, as filters see it.
struct ListedConnection: Filterable {
    let connection: ConnectionSummary
    let signIn: SignInSummary

    var filterTime: Timestamp { connection.opened }

    func values(of field: FilterField) -> [String] {
        let participants = connection.conversation?.participants ?? []
        switch field {
        case .role: return [connection.role.rawValue]
        case .conn: if case .connection(let row) = connection.id { return ["\(row)"] }
        case .dialect: return connection.dialect.map { [$0] } ?? []
        case .account: return signIn.account.map { [$0] } ?? []
        case .signIn: if case .signIn(let number)? = signIn.id { return ["\(number)"] }
        case .time: return [connection.opened.rfc3339]
        case .client: return [connection.ends.client]
        case .server: return [connection.ends.server]
        case .reason: if case .closed(let reason) = connection.end { return [reason.text] }
        // Every participant may have sent or received messages.
        case .from, .to: return participants
        case .text: return participants + (signIn.account.map { [$0] } ?? [])
        case .conversation: return connection.conversation?.session.map { [$0] } ?? []
        case .event, .verb, .dir, .trid, .args, .payload, .bytes, .type, .name, .payloadBytes: break
        }
        return []
    }

    /// The values at a path in the JSON of the list. A key may stand without the objects that it is in.
    func values(at path: [String]) -> [String] {
        let conversation = connection.conversation
        let end: String =
            switch connection.end {
            case .closed: "closed"
            case .open: "open"
            case .cutOff: "cut_off"
            }
        switch path.last {
        case "id": return [signIn.id, connection.id, conversation?.id].compactMap { $0?.description }
        case "client_program": return signIn.program.map { [$0] } ?? []
        case "recording": return [signIn.recording.description]
        case "name": return signIn.name.map { [$0] } ?? []
        case "file": return connection.ends.file.map { [$0] } ?? []
        case "origin": return [signIn.origin]
        case "time_first": return [connection.opened.rfc3339]
        case "time_last": return [connection.last.rfc3339]
        case "end": return [end]
        case "frames": return ["\(connection.frames)"]
        case "c2s_bytes": return ["\(connection.sentBytes.client)"]
        case "s2c_bytes": return ["\(connection.sentBytes.server)"]
        case "missing_bytes": return ["\(connection.missingBytes)"]
        case "findings": return ["\(connection.findings)"]
        case "session": return conversation?.session.map { [$0] } ?? []
        case "participants": return conversation?.participants ?? []
        case "messages": return conversation.map { ["\($0.messages)"] } ?? []
        default: return path.last.flatMap(FilterField.init).map { values(of: $0) } ?? []
        }
    }
}

extension FilterKeys {
    /// The keys of the JSON of the list.
    package static let ofSessions = FilterKeys(
        kinds: kindsOfSessions.merging(["connections": .object]) { $1 },
        shortForms: ["conversation": ["connections", "conversation"]],
        kind: { path in
            path == ["connections", "conversation"] ? .object : path.last.flatMap { kindsOfSessions[$0] } ?? .text
        })

    private static let kindsOfSessions: [String: ValueKind] = [
        "id": .text, "name": .text, "file": .text, "client_program": .text, "recording": .text, "origin": .text,
        "time_first": .time,
        "time_last": .time, "end": .word(["closed", "open", "cut_off"]), "frames": .number, "c2s_bytes": .number,
        "s2c_bytes": .number, "missing_bytes": .number, "findings": .number, "session": .text,
        "participants": .account, "messages": .number, "conn": .number, "sign_in": .number, "dialect": .dialect,
        "account": .account, "role": .text, "client": .text, "server": .text, "reason": .text,
    ]
}
