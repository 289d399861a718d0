// The values of filter fields in events.

package import Events
internal import MSNP

extension Event: Filterable {
    /// The time of the event.
    package var filterTime: Timestamp { time }

    /// The values of a field in this event; empty if the field does not apply to it.
    package func values(of field: FilterField) -> [String] {
        switch field {
        case .event: return [kind.name.rawValue]
        case .role: return connection > 0 ? [role.rawValue] : []
        case .conn: return connection > 0 ? ["\(connection)"] : []
        case .dialect: return dialect.map { [$0.description] } ?? []
        case .account: return signIn?.account.map { [$0] } ?? []
        case .signIn: return signIn.map { ["\($0.number)"] } ?? []
        case .time: return [time.rfc3339]
        case .dir: return kind.side.map { [$0 == .client ? "c2s" : "s2c"] } ?? []
        case .text: return kind.texts
        default: break
        }
        switch kind {
        case .frame(let frame, let side): return frame.values(of: field, from: side, dialect: dialect)
        case .rewritten(let rewriting): return rewriting.values(of: field)
        case .noise(let noise, _):
            return field == .reason ? [noise.reason.rawValue] : field == .bytes ? ["\(noise.bytes.count)"] : []
        case .gap(let count, _, _): return field == .bytes ? ["\(count)"] : []
        case .finding(let finding): return field == .name ? [finding.name.text] : []
        case .message(let message): return message.values(of: field)
        case .opened(let ends): return ends.values(of: field)
        case .closed(let ends, let reason, _, _): return field == .reason ? [reason.text] : ends.values(of: field)
        case .http(let message): return field == .bytes ? ["\(message.bodyBytes)"] : []
        case .tunnel(let tunnel): return field == .server ? [tunnel.host] : []
        case .listening, .notPrinted: return []
        }
    }
}

/// The names of the event kinds, as in all output formats.
enum EventName: String, CaseIterable {
    case listening, opened, closed, frame, rewritten, noise, gap, finding, message, http, tunnel
    case notPrinted = "not_printed"
}

extension Event.Kind {
    fileprivate var name: EventName {
        switch self {
        case .listening: .listening
        case .opened: .opened
        case .closed: .closed
        case .frame: .frame
        case .rewritten: .rewritten
        case .noise: .noise
        case .gap: .gap
        case .finding: .finding
        case .message: .message
        case .http: .http
        case .tunnel: .tunnel
        case .notPrinted: .notPrinted
        }
    }

    fileprivate var side: Side? {
        switch self {
        case .frame(_, let side), .noise(_, let side), .gap(_, _, let side): side
        case .rewritten(let rewriting): rewriting.side
        case .finding(let finding): finding.side
        case .message(let message): message.side
        case .http(let message): message.side
        case .listening, .opened, .closed, .tunnel, .notPrinted: nil
        }
    }

    /// The texts that a text search covers: lines and payloads both raw and percent-decoded, messages, findings, noise.
    fileprivate var texts: [String] {
        switch self {
        case .frame(let frame, _):
            let raw = String(decoding: frame.bytes, as: UTF8.self)
            let line = String(decoding: PercentEncoding.decode(frame.line), as: UTF8.self)
            return [raw, line]
        case .message(let message): return [message.text, message.from] + message.to
        case .finding(let finding): return [finding.name.text, finding.text]
        case .tunnel(let tunnel): return [tunnel.host] + (tunnel.serverName.map { [$0] } ?? [])
        case .http(let message): return [String(decoding: message.bytes, as: UTF8.self)]
        case .noise(let noise, _): return [String(decoding: noise.bytes, as: UTF8.self)]
        default: return []
        }
    }
}

extension Frame {
    fileprivate func values(of field: FilterField, from side: Side, dialect: Dialect?) -> [String] {
        switch field {
        case .verb: return [verb.description]
        case .args: return tokenRanges.map { String(decoding: bytes[$0], as: UTF8.self) }
        case .trid: return transaction(from: side, in: dialect).map { ["\($0)"] } ?? []
        case .payload: return payload.isEmpty ? [] : [String(decoding: payload, as: UTF8.self)]
        case .payloadBytes: return ["\(payload.count)"]
        case .bytes: return ["\(bytes.count)"]
        case .type:
            let type = Headers.value(of: "content-type", in: payload)
            return type.map { [String(decoding: bytes[$0], as: UTF8.self)] } ?? []
        default: return []
        }
    }
}

extension Rewriting {
    fileprivate func values(of field: FilterField) -> [String] {
        switch field {
        case .verb: [name]
        case .from: [from]
        case .to: [to]
        default: []
        }
    }
}

extension Message {
    fileprivate func values(of field: FilterField) -> [String] {
        switch field {
        case .from: [from]
        case .to: to
        case .conversation: [conversation]
        default: []
        }
    }
}

extension Endpoints {
    fileprivate func values(of field: FilterField) -> [String] {
        switch field {
        case .client: [client]
        case .server: [server]
        default: []
        }
    }
}
