// The filter language: which events are shown.

internal import MSNP

/// A condition on events, such as `verb == MSG and dir == s2c`.
public struct Filter: Sendable {
    private let condition: Condition
    /// What was written.
    public let source: String

    /// What is filtered: not everything can be asked for everywhere.
    public enum Scope: String, Sendable {
        case events
        /// The list of what an archive holds.
        case sessions
        /// Messages that were searched for.
        case messages
    }

    /// Reads an expression.
    ///
    /// - Throws: `FilterError`, which points at the column; also where a condition could never be fulfilled.
    public init(_ source: String, for scope: Scope = .events) throws {
        self.source = source
        var parser = FilterParser(source, scope)
        condition = try parser.parse()
    }

    /// Whether the event fulfils the condition.
    public func matches(_ event: Event) -> Bool { Self.holds(condition, for: event) }

    indirect enum Condition: Sendable {
        case all([Condition])
        case any([Condition])
        case not(Condition)
        case has(FilterField)
        case compare(FilterField, Comparison, [String])
    }

    enum Comparison: Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, contains, oneOf
    }

    private static func holds(_ condition: Condition, for event: Event) -> Bool {
        switch condition {
        case .all(let parts): parts.allSatisfy { holds($0, for: event) }
        case .any(let parts): parts.contains { holds($0, for: event) }
        case .not(let part): !holds(part, for: event)
        case .has(let field): field.values(in: event).contains { !$0.isEmpty }
        case .compare(let field, let comparison, let wanted):
            compare(field.values(in: event), comparison, wanted)
        }
    }

    /// A field with several values fulfils a comparison if one of them does; `!=` if none is equal.
    private static func compare(_ values: [String], _ comparison: Comparison, _ wanted: [String]) -> Bool {
        guard comparison != .notEqual else { return !compare(values, .equal, wanted) }
        return values.contains { value in
            let value = value.lowercased()
            switch comparison {
            case .contains: return wanted.contains { value.contains($0) }
            case .equal, .oneOf: return wanted.contains(value)
            case .notEqual: return false
            case .less, .lessOrEqual, .greater, .greaterOrEqual:
                guard let limit = wanted.first else { return false }
                return ordered(value, limit, comparison)
            }
        }
    }

    /// Numbers compare as numbers, all else as text.
    private static func ordered(_ a: String, _ b: String, _ comparison: Comparison) -> Bool {
        let isLess: Bool
        let isEqual: Bool
        if let a = Int64(a), let b = Int64(b) {
            (isLess, isEqual) = (a < b, a == b)
        } else {
            (isLess, isEqual) = (a < b, a == b)
        }
        switch comparison {
        case .less: return isLess
        case .lessOrEqual: return isLess || isEqual
        case .greater: return !isLess && !isEqual
        default: return !isLess
        }
    }
}

/// What an event can be asked for.
enum FilterField: String, CaseIterable, Sendable {
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

    /// The field's values in an event; none where it does not apply.
    func values(in event: Event) -> [String] {
        switch self {
        case .event: return [eventName(event)]
        case .role: return event.connection > 0 ? [event.role.rawValue] : []
        case .conn: return event.connection > 0 ? ["\(event.connection)"] : []
        case .dialect: return event.dialect.map { [$0.description] } ?? []
        case .account: return event.signIn?.account.map { [$0] } ?? []
        case .signIn: return event.signIn.map { ["\($0.number)"] } ?? []
        case .time: return [event.time.rfc3339]
        case .dir: return side(event).map { [$0 == .client ? "c2s" : "s2c"] } ?? []
        case .text: return texts(event)
        default: break
        }
        switch event.kind {
        case .frame(let frame, let side): return values(in: frame, from: side, dialect: event.dialect)
        case .rewritten(let rewriting):
            switch self {
            case .verb: return [rewriting.original.verb.description]
            case .from: return [rewriting.from]
            case .to: return [rewriting.to]
            default: return []
            }
        case .noise(let noise, _):
            return self == .reason ? [noise.reason.rawValue] : self == .bytes ? ["\(noise.bytes.count)"] : []
        case .gap(let count, _, _): return self == .bytes ? ["\(count)"] : []
        case .finding(let finding): return self == .name ? [finding.name] : []
        case .message(let message):
            switch self {
            case .from: return [message.from]
            case .to: return message.to
            case .conversation: return [message.conversation]
            default: return []
            }
        case .opened(let ends), .closed(let ends, _, _, _):
            switch self {
            case .client: return [ends.client]
            case .server: return [ends.server]
            case .reason:
                guard case .closed(_, let reason, _, _) = event.kind else { return [] }
                return [reason]
            default: return []
            }
        case .listening, .notPrinted: return []
        }
    }

    private func values(in frame: Frame, from side: Side, dialect: Dialect?) -> [String] {
        switch self {
        case .verb: return [frame.verb.description]
        case .args: return frame.tokenRanges.map { String(decoding: frame.bytes[$0], as: UTF8.self) }
        case .trid: return frame.transaction(from: side, in: dialect).map { ["\($0)"] } ?? []
        case .payload: return frame.payload.isEmpty ? [] : [String(decoding: frame.payload, as: UTF8.self)]
        case .payloadBytes: return ["\(frame.payload.count)"]
        case .bytes: return ["\(frame.bytes.count)"]
        case .type:
            let type = Headers.value(of: "content-type", in: frame.payload)
            return type.map { [String(decoding: frame.bytes[$0], as: UTF8.self)] } ?? []
        default: return []
        }
    }

    private func eventName(_ event: Event) -> String {
        switch event.kind {
        case .listening: "listening"
        case .opened: "opened"
        case .closed: "closed"
        case .frame: "frame"
        case .rewritten: "rewritten"
        case .noise: "noise"
        case .gap: "gap"
        case .finding: "finding"
        case .message: "message"
        case .notPrinted: "not_printed"
        }
    }

    private func side(_ event: Event) -> Side? {
        switch event.kind {
        case .frame(_, let side), .noise(_, let side), .gap(_, _, let side): side
        case .rewritten: .server
        case .finding(let finding): finding.side
        case .message(let message): message.side
        case .listening, .opened, .closed, .notPrinted: nil
        }
    }

    /// What a text search looks through: lines and payloads as they are and percent-decoded, messages, findings.
    private func texts(_ event: Event) -> [String] {
        switch event.kind {
        case .frame(let frame, _):
            let raw = String(decoding: frame.bytes, as: UTF8.self)
            let line = String(decoding: PercentEncoding.decode(frame.line), as: UTF8.self)
            return [raw, line]
        case .message(let message): return [message.text, message.from] + message.to
        case .finding(let finding): return [finding.name, finding.text]
        case .noise(let noise, _): return [String(decoding: noise.bytes, as: UTF8.self)]
        default: return []
        }
    }
}
