// Follows one switchboard: who is there, and which text messages were said (p2p.md section 1).

internal import MSNP

/// The participants of a conversation and the messages that came in several parts.
struct Conversation: Sendable {
    private let connection: Int
    private var name: String?
    private var own = ""
    private var others: [String] = []
    private var parts: [Parts] = []

    /// How many multi-part messages may be open at once, and how large one may grow: ten times what clients send.
    private static let mostOpen = 16
    private static let mostBytes = 256 * 1_024
    private static let mostChunks = 1_000
    /// How many participants are remembered; the official limit was 20.
    private static let mostParticipants = 1_000

    /// A message of which more is to come.
    private struct Parts: Sendable {
        var key: [UInt8]
        var side: Side
        var from: String
        var bodies: [[UInt8]?]
        var size: Int
    }

    init(connection: Int) { self.connection = connection }

    /// Notes who comes and goes.
    ///
    /// - Returns: the message that this frame completes, or a finding on one that cannot be completed.
    mutating func take(_ frame: Frame, from side: Side, role: Role) -> Event.Kind? {
        guard role == .switchboard || role == .unknown else { return nil }
        switch (frame.verb, side) {
        case ("MSG", _): return message(frame, from: side)
        case ("USR", .client), ("ANS", .client):
            let arguments = frame.arguments
            if arguments.count > 1 { own = account(arguments[1]) }
            if frame.verb == "ANS", arguments.count > 3 { name = String(decoding: arguments[3], as: UTF8.self) }
        case ("CAL", .server):
            let arguments = frame.arguments
            if arguments.count > 2 { name = String(decoding: arguments[2], as: UTF8.self) }
        case ("IRO", .server): join(frame, at: 3)
        case ("JOI", .server): join(frame, at: 0)
        case ("BYE", .server):
            if let gone = frame.arguments.first.map(account) { others.removeAll { $0 == gone } }
        default: break
        }
        return nil
    }

    /// What was begun and never finished.
    mutating func finish() -> [Event.Kind] {
        defer { parts = [] }
        return parts.map { Self.incomplete($0) }
    }

    private mutating func join(_ frame: Frame, at index: Int) {
        let arguments = frame.arguments
        guard arguments.indices.contains(index), others.count < Self.mostParticipants else { return }
        let account = account(arguments[index])
        if account != own, !others.contains(account) { others.append(account) }
    }

    private mutating func message(_ frame: Frame, from side: Side) -> Event.Kind? {
        let kind = Headers.kind(of: frame.payload)
        let isText = kind.type.map { Self.isText(frame.bytes[$0]) } ?? false
        guard isText || kind.messageID != nil else { return nil }
        let sender = side == .client ? own : frame.arguments.first.map(account) ?? ""
        let body = Array(frame.bytes[kind.body...])
        guard let id = kind.messageID else { return message(body, from: sender, side) }
        return part(Array(frame.bytes[id]), frame, kind, isText: isText, body, from: sender, side)
    }

    private static func isText(_ type: ArraySlice<UInt8>) -> Bool {
        Headers.equal(type.prefix { $0 != 0x3B && $0 != 0x20 }, "text/plain")
    }

    private mutating func part(
        _ key: [UInt8], _ frame: Frame, _ kind: Headers.Kind, isText: Bool, _ bytes: [UInt8], from sender: String,
        _ side: Side
    ) -> Event.Kind? {
        func number(_ range: Range<Int>?) -> Int? {
            range.flatMap { Decimal.value(of: frame.bytes[$0]) }.map(Int.init)
        }
        if let chunks = number(kind.chunks) {
            guard isText, chunks > 0, chunks <= Self.mostChunks else { return nil }
            guard chunks > 1 else { return message(bytes, from: sender, side) }
            var open = Parts(key: key, side: side, from: sender, bodies: Array(repeating: nil, count: chunks), size: 0)
            open.bodies[0] = bytes
            open.size = bytes.count
            parts.removeAll { $0.key == key && $0.side == side }
            parts.append(open)
            guard parts.count > Self.mostOpen else { return nil }
            return Self.incomplete(parts.removeFirst())
        }
        guard let chunk = number(kind.chunk),
            let index = parts.firstIndex(where: { $0.key == key && $0.side == side && $0.from == sender }),
            parts[index].bodies.indices.contains(chunk), parts[index].bodies[chunk] == nil
        else { return nil }
        parts[index].bodies[chunk] = bytes
        parts[index].size += bytes.count
        if parts[index].size > Self.mostBytes { return Self.incomplete(parts.remove(at: index)) }
        guard parts[index].bodies.allSatisfy({ $0 != nil }) else { return nil }
        let bodies = parts.remove(at: index).bodies
        return message(bodies.flatMap { $0 ?? [] }, from: sender, side, parts: bodies.count)
    }

    private func message(_ text: [UInt8], from sender: String, _ side: Side, parts: Int = 1) -> Event.Kind {
        let everybody = others + (own.isEmpty ? [] : [own])
        return .message(
            Message(
                from: sender, to: everybody.filter { $0 != sender }, bytes: text,
                conversation: name ?? "connection-\(connection)", side: side, parts: parts))
    }

    private func account(_ token: ArraySlice<UInt8>) -> String { String(decoding: Account.of(token), as: UTF8.self) }

    private static func incomplete(_ parts: Parts) -> Event.Kind {
        let here = parts.bodies.count { $0 != nil }
        return .finding(
            Finding(
                .messageIncomplete, "Only \(here) of \(parts.bodies.count) parts of a message were seen.",
                side: parts.side))
    }
}
