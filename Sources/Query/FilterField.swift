// The fields that filters know, and where each can be asked for.

internal import MSNP

/// What can be asked for.
package enum FilterField: String, CaseIterable, Sendable {
    case event, verb, dir, role, conn, trid, dialect, account, text, args, payload, bytes, type, client, server
    case from, to, conversation, name, reason, time
    case signIn = "sign_in"
    case payloadBytes = "payload_bytes"

    /// The fields that what is filtered has.
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

    /// Every value that there is, for fields with a few fixed ones.
    var possible: [String]? {
        switch self {
        case .event:
            [
                "listening", "opened", "closed", "frame", "rewritten", "noise", "gap", "finding", "message",
                "not_printed",
            ]
        case .role: Role.allCases.map(\.rawValue)
        case .dir: ["c2s", "s2c"]
        case .name: FindingName.allCases.map(\.rawValue)
        default: nil
        }
    }
}

/// Something that a filter can be applied to.
package protocol Filterable {
    /// The values that a field has; empty where the field does not apply. A comparison holds if one of them fulfils it.
    func values(of field: FilterField) -> [String]
}
