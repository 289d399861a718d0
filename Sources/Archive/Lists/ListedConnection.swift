// A connection in a list, as filters see it.

internal import Events
internal import MSNP
internal import Query

/// A listed connection with its sign-in, as filters see it.
struct ListedConnection: Filterable {
    let connection: ConnectionSummary
    let signIn: SignInSummary

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
}
