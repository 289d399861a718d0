// Writes conversations with the service down as lines, without a socket.

import MSNP
import Testing

@testable import Sandbox

/// Some clients and the service; every answer has to be named.
struct Dialogue {
    private var service: MessengerService
    private var received: [Int: [String]] = [:]
    private var frames: [Int: [Frame]] = [:]
    private var closed: Set<Int> = []
    private var count = 0

    init(hasEcho: Bool = false) {
        service = MessengerService(
            notificationServer: HostPort("10.0.0.5", 1863), switchboard: HostPort("10.0.0.6", 1863), hasEcho: hasEcho)
    }

    /// A new connection.
    mutating func connect(_ role: Role) -> Int {
        count += 1
        service.opened(count, as: role, at: HostPort("10.0.0.4", 1863))
        return count
    }

    /// A client sends lines; a payload stands behind CR LF.
    mutating func send(_ id: Int, _ text: String) throws {
        let lines = text.contains("\r\n") ? text : text + "\r\n"
        let frame = try #require(Frame(Array(lines.utf8)))
        note(service.receive(frame, from: id))
    }

    /// A client sends a line with a binary payload.
    mutating func send(_ id: Int, _ line: String, payload: [UInt8]) throws {
        let frame = try #require(Frame(Array((line + " \(payload.count)\r\n").utf8) + payload))
        note(service.receive(frame, from: id))
    }

    mutating func disconnect(_ id: Int) { note(service.closed(id)) }

    /// What a client has received since the last call; payloads behind CR LF.
    mutating func answers(_ id: Int) -> [String] {
        defer {
            received[id] = []
            frames[id] = []
        }
        return received[id] ?? []
    }

    /// The same as commands, for binary payloads.
    mutating func takeFrames(_ id: Int) -> [Frame] {
        defer {
            received[id] = []
            frames[id] = []
        }
        return frames[id] ?? []
    }

    func isClosed(_ id: Int) -> Bool { closed.contains(id) }

    /// A client sends a line and receives exactly these.
    mutating func exchange(
        _ id: Int, _ line: String, _ expected: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try send(id, line)
        let answers = answers(id)
        #expect(answers == expected, "to \(line)", sourceLocation: sourceLocation)
    }

    /// Signs an account in, by the shortest way.
    mutating func signIn(_ account: String, _ dialect: Int) throws -> Int {
        let id = connect(.notification)
        let package = dialect < 8 ? "MD5" : dialect < 15 ? "TWN" : "SSO"
        try send(id, "VER 1 MSNP\(dialect) CVR0")
        try send(id, "USR 2 \(package) I \(account)")
        try send(id, "USR 3 \(package) S secret")
        try send(id, dialect < 8 ? "CHG 4 NLN" : "CHG 4 NLN 5")
        #expect(answers(id).contains { $0.hasPrefix("USR 3 OK \(account)") })
        return id
    }

    /// A client in a conversation with the echo contact: its switchboard connection, after the greeting.
    mutating func converseWithEcho(_ id: Int, _ account: String) throws -> Int {
        try send(id, "XFR 5 SB")
        let cookie = try word(5, of: answers(id).last)
        let switchboard = connect(.switchboard)
        try send(switchboard, "USR 1 \(account) \(cookie)")
        try send(switchboard, "CAL 2 \(EchoContact.account)")
        return switchboard
    }

    /// Two clients in one conversation: their switchboard connections.
    mutating func converse(_ caller: (Int, String), _ callee: (Int, String)) throws -> (Int, Int) {
        try send(caller.0, "XFR 5 SB")
        let cookie = try word(5, of: answers(caller.0).first)
        let first = connect(.switchboard)
        try send(first, "USR 1 \(caller.1) \(cookie)")
        try send(first, "CAL 2 \(callee.1)")
        let ring = answers(callee.0).first { $0.hasPrefix("RNG") }
        let second = connect(.switchboard)
        try send(second, "ANS 1 \(callee.1) \(word(4, of: ring)) \(word(1, of: ring))")
        return (first, second)
    }

    func word(_ index: Int, of line: String?) throws -> String {
        let words = try #require(line).split(separator: " ")
        try #require(index < words.count)
        return String(words[index])
    }

    private mutating func note(_ outputs: [MessengerService.Output]) {
        for output in outputs {
            switch output {
            case .send(let bytes, let id):
                if let frame = Frame(bytes) { frames[id, default: []].append(frame) }
                var text = Substring(decoding: bytes, as: UTF8.self)
                if text.hasSuffix("\r\n"), text.firstIndex(of: "\r\n") == text.index(before: text.endIndex) {
                    text = text.dropLast()
                }
                received[id, default: []].append(String(text))
            case .close(let id): closed.insert(id)
            }
        }
    }
}
