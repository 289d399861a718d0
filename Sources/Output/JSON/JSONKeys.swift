// The keys of events in JSON, for filters.

internal import Analysis
package import Events
internal import MSNP

/// The keys of the objects that `JSONFormat` writes.
package enum JSONKeys {
    /// The keys of the outermost object, with the kinds of their values.
    package static let ofEvents: [String: ValueKind] = [
        "event": .text, "time": .time, "ns": .number, "conn": .number, "role": .text, "dialect": .dialect,
        "sign_in": .number, "account": .account, "dir": .text, "address": .text, "client": .text, "server": .text,
        "file": .text, "reason": .text, "c2s": .object, "s2c": .object, "verb": .verb, "args": .text,
        "args_base64": .text, "trid": .number, "payload_bytes": .number, "payload": .text, "request": .verb,
        "latency_ns": .number, "fields": .object, "raw_base64": .text, "from": .account, "to": .account,
        "original": .text, "sent": .text, "bytes": .number, "offset": .number, "name": .text, "text": .text,
        "conversation": .text, "events": .number, "from_time": .time, "to_time": .time, "recorded": .flag,
        "method": .text, "target": .text, "status": .number, "headers": .text, "body_bytes": .number, "body": .text,
        "host": .text, "client_hello": .object, "body_cut": .flag, "complete": .flag,
        "severity": .word(FindingSeverity.allCases.map(\.rawValue)),
    ]

    /// The keys in `fields` that do not depend on the command, by the short form that filters accept for them.
    package static let shortForms: [String: [String]] = [
        "body": ["fields", "body"], "joined": ["fields", "joined"], "slp": ["fields", "slp"],
        "peer": ["fields", "body", "peer"], "error_name": ["fields", "error_name"],
        "error_meaning": ["fields", "error_meaning"], "answer_is": ["fields", "answer_is"],
    ]

    /// The kind of values at a path, in lower case, that begins with a key of the outermost object.
    package static func kind(of path: [String]) -> ValueKind {
        switch (path.first, path.count) {
        case (let key?, 1): return ofEvents[key] ?? .text
        case ("fields", 2):
            switch path[1] {
            case "body", "joined", "slp": return .object
            case "answer_is": return .word(Annotation.Verdict.allCases.map(\.rawValue))
            default:
                let fields = ArgumentField.all.filter { $0.name == path[1] }
                return !fields.isEmpty && fields.allSatisfy { $0.meaning == .number } ? .number : .text
            }
        case ("fields", 3) where path[1] == "body" && path[2] == "peer": return .object
        case ("c2s", 2), ("s2c", 2):
            return path[1] == "sha256" ? .text : path[1] == "verbs" ? .object : .number
        case ("c2s", 3), ("s2c", 3): return .number
        default: return .text
        }
    }

    /// The path, as filters accept it, of a deeper key; nil if no key has this name.
    package static func path(of name: String) -> String? {
        if let path = inBody[name] { return path }
        if inTotals.contains(name) { return "c2s.\(name)" }
        let bases = [name] + suffixes.filter(name.hasSuffix).map { String(name.dropLast($0.count)) }
        return ArgumentField.all.contains { bases.contains($0.name) } ? "fields.\(name)" : nil
    }

    /// The suffixes of keys that explain an argument.
    private static let suffixes = [
        "_text", "_name", "_names", "_fields", "_account", "_network", "_network_name", "_endpoint", "_via",
    ]
    /// Keys of payloads that users ask for first.
    private static let inBody = [
        "kind": "body.kind", "content_type": "body.content_type", "charset": "body.charset",
        "font": "body.format.font", "color": "body.format.color",
    ]
    private static let inTotals = ["sha256", "gaps", "acked_unseen_bytes", "verbs", "noise_bytes"]
}
