// A connection through the relay's proxy that is not decoded, as events contain it.

internal import MSNP

/// What is known of a tunnel at its end.
package struct Tunnel: Sendable, Hashable {
    /// The server that the client asked its proxy for, `host:port`.
    package var host: String
    /// Whether the client began with TLS.
    package var hasClientHello: Bool
    /// The server that its ClientHello names.
    package var serverName: String?
    /// The bytes of both sides, without those of the proxy's handshake.
    package var clientBytes: UInt64
    package var serverBytes: UInt64

    package init(host: String, hasClientHello: Bool, serverName: String?, clientBytes: UInt64, serverBytes: UInt64) {
        self.host = host
        self.hasClientHello = hasClientHello
        self.serverName = serverName
        self.clientBytes = clientBytes
        self.serverBytes = serverBytes
    }

    /// The sentence under which the archive keeps it among its findings.
    package var text: String {
        let hello = hasClientHello ? serverName.map { "TLS for \($0)" } ?? "TLS" : "no TLS"
        return "\(host), \(hello), \(clientBytes) bytes from the client, \(serverBytes) bytes from the server."
    }

    /// Reads the archive's sentence; nil for others.
    package init?(text: String) {
        let parts = text.split(separator: ", ", omittingEmptySubsequences: false)
        guard parts.count == 4, let client = Self.count(parts[2], " bytes from the client"),
            let server = Self.count(parts[3], " bytes from the server.")
        else { return nil }
        let name = parts[1].hasPrefix("TLS for ") ? String(parts[1].dropFirst(8)) : nil
        guard name != nil || parts[1] == "TLS" || parts[1] == "no TLS" else { return nil }
        self.init(
            host: String(parts[0]), hasClientHello: parts[1] != "no TLS", serverName: name,
            clientBytes: client, serverBytes: server)
    }

    private static func count(_ part: Substring, _ unit: String) -> UInt64? {
        part.hasSuffix(unit) ? UInt64(part.dropLast(unit.count)) : nil
    }
}

extension Finding {
    /// The finding as which the archive keeps a tunnel.
    package init(_ tunnel: Tunnel) { self.init(.tunnel, tunnel.text) }

    /// The event of a recorded finding: a tunnel, or the finding itself.
    package var recordedKind: Event.Kind {
        if case .known(.tunnel) = name, let tunnel = Tunnel(text: text) { return .tunnel(tunnel) }
        return .finding(self)
    }
}
