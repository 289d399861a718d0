// What decoding captures gives, in a form that tests can query.

import Captures
import Events
import Foundation
import MSNP
import Output

/// One connection of a capture.
struct DecodedConnection {
    var number: Int
    var client = ""
    var server = ""
    var role = Role.unknown
    var dialect: Dialect?
    var signIn: SignIn?
    var reason = ""
    var firstTime: Int64 = 0
    var sums: [Side: Tally.Sums] = [:]
    var kinds: [Event.Kind] = []
    /// The time of each of them, in nanoseconds.
    var times: [Int64] = []

    /// The complete messages.
    var messages: [Message] { allMessages.filter { $0.fragment == nil } }

    /// The messages, the incomplete ones too.
    var allMessages: [Message] {
        kinds.compactMap { if case .message(let message) = $0 { message } else { nil } }
    }

    var findings: [String] {
        kinds.compactMap { if case .finding(let finding) = $0 { finding.name.text } else { nil } }
    }

    /// The frames of both sides in order, as `C: VER 1 …` and `S: …`.
    var lines: [String] {
        kinds.compactMap {
            guard case .frame(let frame, let side) = $0 else { return nil }
            return (side == .client ? "C: " : "S: ") + String(decoding: frame.line, as: UTF8.self)
        }
    }

    /// What the stream of a side consists of, piece by piece.
    func pieces(_ wanted: Side) -> [[UInt8]?] {
        kinds.compactMap {
            switch $0 {
            case .frame(let frame, let side) where side == wanted: .some(Array(frame.bytes))
            case .noise(let noise, let side) where side == wanted: .some(Array(noise.bytes))
            case .gap(let count, _, let side) where side == wanted: count > 0 ? .some(nil) : nil
            default: nil
            }
        }
    }

    func verbs(_ side: Side) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: (sums[side]?.verbs ?? []).map { ($0.verb.description, $0.count) })
    }

    func gaps(_ side: Side) -> [[Int]] { (sums[side]?.gaps ?? []).map { [Int($0.offset), Int($0.length)] } }

    func sha256(_ side: Side) -> String {
        (sums[side]?.sha256 ?? []).map { String(format: "%02x", $0) }.joined()
    }
}

/// All connections of some captures.
struct DecodedCapture {
    var connections: [DecodedConnection] = []
    var summary: Captures.Summary
    var text = ""

    /// Decodes captures; `text` is what `decode --detail 1` would print.
    init(_ paths: [String], everything: Bool = false, text wantsText: Bool = false) {
        var places: [Int: Int] = [:]
        var connections: [DecodedConnection] = []
        var format = TextFormat(Presentation())
        var bytes: [UInt8] = []
        summary = Captures.decode(paths, everything: everything, begin: { format.mask(with: $0) }) { event in
            if wantsText { format.append(event, to: &bytes) }
            let place = places[event.connection] ?? connections.count
            if place == connections.count {
                places[event.connection] = place
                connections.append(DecodedConnection(number: event.connection))
            }
            connections[place].role = event.role
            connections[place].dialect = event.dialect
            connections[place].signIn = event.signIn
            connections[place].kinds.append(event.kind)
            connections[place].times.append(event.time.nanoseconds)
            switch event.kind {
            case .opened(let ends):
                connections[place].client = ends.client
                connections[place].server = ends.server
            case .closed(let ends, let reason, let client, let server):
                connections[place].client = ends.client
                connections[place].server = ends.server
                connections[place].reason = reason.text
                connections[place].firstTime = ends.firstTime?.nanoseconds ?? 0
                connections[place].sums = [.client: client, .server: server]
            default: break
            }
            return true
        }
        self.connections = connections
        text = String(decoding: bytes, as: UTF8.self)
    }
}
