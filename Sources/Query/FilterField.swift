// The fields of the filter language, and the scopes in which each is available.

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

    /// All valid values of a field with a fixed set of values; nil for other fields.
    var validValues: [String]? {
        switch self {
        case .event: EventName.allCases.map(\.rawValue)
        case .role: Role.allCases.map(\.rawValue)
        case .dir: ["c2s", "s2c"]
        case .name: FindingName.allCases.map(\.rawValue)
        default: nil
        }
    }
}

/// An item that a filter can test.
package protocol Filterable {
    /// The values of a field; empty if the field does not apply. A comparison holds if it holds for any of them.
    func values(of field: FilterField) -> [String]
}
