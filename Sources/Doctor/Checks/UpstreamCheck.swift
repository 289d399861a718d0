// Decides what the upstream server is, from connection attempts and from what it says to a greeting. Pure.

internal import MSNP

/// What is known of the upstream.
enum UpstreamFact: Sendable, Hashable {
    case unresolved(String)
    case tried([Attempt])

    /// A connection attempt to one address.
    struct Attempt: Sendable, Hashable {
        var address: HostPort
        /// How long it took; nil if it failed.
        var milliseconds: Int?
        /// Why it failed.
        var failure = ""
        /// What the server said to the greeting; nil if it was not greeted.
        var answer: [UInt8]?
    }
}

/// What a server's first bytes are.
enum ServerAnswer: Sendable, Hashable {
    /// A line of MSNP.
    case version(String)
    case web
    case tls
    /// It closed the connection, or said nothing in time.
    case silent
    case other(String)

    /// The most bytes that are read.
    static let most = 512
    /// What the doctor says.
    static let greeting = "VER 1 MSNP8 CVR0\r\n"

    init(_ bytes: [UInt8]) {
        let line = String(decoding: bytes.prefix { $0 != 0x0D && $0 != 0x0A }.prefix(80), as: UTF8.self)
        if bytes.isEmpty {
            self = .silent
        } else if line.hasPrefix("VER ") {
            self = .version(line)
        } else if line.hasPrefix("HTTP/") || line.hasPrefix("<") {
            self = .web
        } else if bytes.count > 1, bytes[0] == 0x15 || bytes[0] == 0x16, bytes[1] == 0x03 {
            self = .tls
        } else {
            self = .other(line)
        }
    }
}

extension Check {
    static func upstream(_ upstream: HostPort, _ fact: UpstreamFact) -> Check {
        let attempts: [UpstreamFact.Attempt]
        switch fact {
        case .unresolved(let why):
            return Check(
                .upstream, .failed, "\(upstream.host) does not resolve: \(why).", ["getent hosts \(upstream.host)"])
        case .tried(let tried): attempts = tried
        }
        let list = attempts.map { attempt in
            "\(attempt.address) \(attempt.milliseconds.map { "in \($0) ms" } ?? "failed: \(attempt.failure)")"
        }.joined(separator: ", ")
        guard let reached = attempts.first(where: { $0.milliseconds != nil }) else {
            return Check(
                .upstream, .failed, "\(upstream) cannot be reached: \(list).",
                ["nc -vz \(upstream.host) \(upstream.port)"])
        }
        guard let answer = reached.answer else {
            return Check(.upstream, .ok, "\(upstream) accepts connections: \(list). It was not greeted.")
        }
        switch ServerAnswer(answer) {
        case .version(let line):
            return Check(.upstream, .ok, "\(upstream) is an MSN server (\(line)): \(list).")
        case .web:
            return Check(
                .upstream, .failed, "\(upstream) is a web server; MSN servers are usually at port 1863.",
                ["--upstream \(HostPort(upstream.host, HostPort.standardPort))"])
        case .tls:
            return Check(
                .upstream, .failed, "\(upstream) wants TLS, which MSNP does not have.",
                ["--upstream \(HostPort(upstream.host, HostPort.standardPort))"])
        case .silent:
            return Check(
                .upstream, .note, "\(upstream) accepts connections (\(list)), but did not answer VER.",
                ["printf 'VER 1 MSNP8 CVR0\\r\\n' | nc \(upstream.host) \(upstream.port)"])
        case .other(let line):
            return Check(.upstream, .failed, "\(upstream) is not an MSN server; it said “\(line)”.")
        }
    }
}
