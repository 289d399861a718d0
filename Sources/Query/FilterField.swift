// The fields of the filter language, and the scopes in which each is available.

package import Events
internal import MSNP

/// A field that a filter can test.
package enum FilterField: String, CaseIterable, Sendable {
    case event, verb, dir, role, conn, trid, dialect, account, text, args, payload, bytes, type, client, server
    case from, to, conversation, name, reason, time
    case signIn = "sign_in"
    case payloadBytes = "payload_bytes"

    /// The fields available in a scope.
    static func all(in scope: Filter.Scope) -> [FilterField] {
        switch scope {
        case .events: allCases
        case .sessions:
            [
                .role, .conn, .dialect, .account, .signIn, .time, .client, .server, .reason, .from, .to, .conversation,
                .text,
            ]
        case .messages: [.role, .conn, .dialect, .account, .signIn, .time, .dir, .from, .to, .conversation, .text]
        }
    }

    /// Whether only commands, as they were received or sent by the relay, have a value.
    var isOfCommands: Bool {
        switch self {
        case .verb, .trid, .args, .payload, .payloadBytes, .type: true
        default: false
        }
    }

    /// The kind of the field's values.
    var kind: ValueKind {
        switch self {
        case .event: .word(EventName.allCases.map(\.rawValue))
        case .role: .word(Role.allCases.map(\.rawValue))
        case .dir: .word(["c2s", "s2c"])
        case .name: .word(FindingName.allCases.map(\.rawValue))
        case .verb: .verb
        case .dialect: .dialect
        case .account, .from, .to: .account
        case .conn, .signIn, .trid, .payloadBytes, .bytes: .number
        case .time: .time
        case .text, .args, .payload, .type, .client, .server, .conversation, .reason: .text
        }
    }
}

/// An item that a filter can test.
package protocol Filterable {
    /// The values of a field; empty if the field does not apply. A comparison holds if it holds for any of them.
    func values(of field: FilterField) -> [String]
    /// The time of the item.
    var filterTime: Timestamp { get }
}
