// The answers to a proxy's client, and the bytes of one handshake step. Pure.

package import MSNP

/// How the relay's attempt to reach a destination ended.
package enum ProxyOutcome: Sendable, Hashable, CaseIterable {
    case connected
    /// The relay does not connect to the destination.
    case forbidden
    /// The name does not resolve, or no route leads to the host.
    case hostUnreachable
    /// No answer in time.
    case timedOut
    case networkUnreachable
    /// The destination refused the connection.
    case refused
    /// Anything else.
    case failed
}

/// A step of a handshake with a proxy's client.
package enum ProxyStep: Sendable, Hashable {
    /// Bytes of the client that belong to the handshake.
    case took([UInt8])
    /// Send these bytes to the client.
    case say([UInt8])
    /// Connect to this server, then call `answer`.
    case ask(HostPort)
    /// The handshake failed for this reason: close the connection after what was said.
    case fail(String)
}

/// The proxy's side of a handshake: bytes in, steps out.
package protocol ProxyServer: Sendable {
    /// Handles bytes from the client. Bytes behind the request are returned by `takeRest`.
    mutating func receive(_ bytes: [UInt8]) -> [ProxyStep]

    /// Answers the request after an attempt to reach the destination.
    mutating func answer(_ outcome: ProxyOutcome) -> [ProxyStep]

    /// Removes the bytes that the client sent behind its request: they belong to the connection inside.
    mutating func takeRest() -> [UInt8]
}

/// A password that a proxy demands. Any name is good.
package struct ProxyPassword: Sendable, Hashable {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether the client gave this password. The time does not depend on where it differs.
    func matches(_ given: some Collection<UInt8>) -> Bool {
        guard given.count == bytes.count else { return false }
        return zip(given, bytes).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension HostPort {
    /// The destination of a proxy request; nil if the name is invalid, or the port is 0.
    ///
    /// - Parameter name: a host name, an IPv4 address or an IPv6 address without brackets, as received.
    package init?(name: some Collection<UInt8>, port: UInt16) {
        var text = String(decoding: name, as: UTF8.self)
        if text.hasSuffix("."), text.utf8.count > 1 { text.removeLast() }
        self.init(text.contains(":") ? "[\(text)]:\(port)" : "\(text):\(port)")
        guard self.port > 0 else { return nil }
    }

    /// The destination of a proxy request with a binary address of 4 or 16 bytes. An IPv4 address in IPv6 becomes IPv4.
    package init?(address: some Collection<UInt8>, port: UInt16) {
        let bytes = Array(address)
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        guard port > 0 else { return nil }
        if bytes.count == 4 || bytes.count == 16 && bytes.starts(with: mapped) {
            self.init(bytes.suffix(4).map { String($0) }.joined(separator: "."), port)
        } else if bytes.count == 16 {
            self.init(Self.ipv6(bytes), port)
        } else {
            return nil
        }
    }

    /// The text of an IPv6 address, with the longest run of zeros left out (RFC 5952).
    private static func ipv6(_ bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            let run = groups[start...].prefix { $0 == 0 }
            if run.count > max(longest.count, 1) { longest = run.indices }
            start += run.count + 1
        }
        func text(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !longest.isEmpty else { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }
}
