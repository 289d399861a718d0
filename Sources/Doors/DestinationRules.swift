// Which destinations a proxy's client gets, so that the proxy is never an open one. Pure.

package import MSNP

/// A destination that the user allows: a host or all hosts below a domain, on one port or on those of HTTP.
package struct AllowedDestination: Sendable, Hashable {
    private let host: HostName
    private let isDomain: Bool
    private let ports: Set<UInt16>

    /// Parses `host`, `host:port`, `*.domain` or `*.domain:port`. Without a port it means 80 and 443.
    package init?(_ text: String) {
        isDomain = text.hasPrefix("*.")
        guard let address = HostPort(isDomain ? String(text.dropFirst(2)) : text, defaultPort: 0) else { return nil }
        let hasPort = text.hasPrefix("[") ? !text.hasSuffix("]") : text.contains(":")
        guard hasPort == (address.port > 0) else { return nil }
        host = HostName(address.host)
        ports = hasPort ? [address.port] : [80, 443]
    }

    /// Whether it allows this destination.
    package func allows(_ asked: HostPort) -> Bool {
        guard ports.contains(asked.port) else { return false }
        if !isDomain { return HostName(asked.host) == host }
        guard case .name(let name) = HostName(asked.host), case .name(let domain) = host else { return false }
        return name.hasSuffix("." + domain)
    }
}

/// A host, compared as an address if it is one. An IPv4 address in IPv6 equals the plain one.
package enum HostName: Sendable, Hashable {
    case name(String)
    case address([UInt8])

    /// Reads a host in any form.
    package init(_ host: String) {
        guard let bytes = IPAddressText.bytes(of: host) else {
            self = .name(host.lowercased())
            return
        }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        self = .address(bytes.starts(with: mapped) ? Array(bytes.dropFirst(12)) : bytes)
    }
}

/// The rules by which the destination of a proxy request is chosen.
package struct DestinationRules: Sendable {
    /// The server of all clients that no redirect sent elsewhere; nil if there is none.
    package var upstream: HostPort?
    package var allowed: [AllowedDestination] = []
    /// Another proxy, which gets what no other rule fits.
    package var nextProxy: HostPort?

    package init(upstream: HostPort?) { self.upstream = upstream }

    /// What the relay knows of a destination that was asked for.
    package struct Facts: Sendable, Hashable {
        /// Whether it is a listener of the relay.
        package var isOwn = false
        /// Whether a redirect promised it to the client's host.
        package var isPromised = false
        /// The addresses of the upstream's name.
        package var upstreamHosts: [String] = []

        package init(isOwn: Bool = false, isPromised: Bool = false, upstreamHosts: [String] = []) {
            self.isOwn = isOwn
            self.isPromised = isPromised
            self.upstreamHosts = upstreamHosts
        }
    }

    /// Where a proxy's client is connected to.
    package enum Choice: Sendable, Hashable {
        /// The relay itself, as if the client had come directly.
        case relay
        /// The server of a redirect.
        case promised
        /// The upstream server. `isElsewhere` if the client asked for another one.
        case upstream(isElsewhere: Bool)
        /// The destination, through a tunnel that is not decoded.
        case tunnel
        /// The destination, through another proxy.
        case nextProxy(HostPort)
        case refused
    }

    /// Chooses by the first rule that fits.
    package func choice(for asked: HostPort, _ facts: Facts) -> Choice {
        if facts.isOwn { return .relay }
        if facts.isPromised { return .promised }
        if let upstream {
            let host = HostName(asked.host)
            let isUpstream = ([upstream.host] + facts.upstreamHosts).contains { HostName($0) == host }
            if isUpstream, asked.port == upstream.port { return .upstream(isElsewhere: false) }
            if asked.port == HostPort.standardPort { return .upstream(isElsewhere: true) }
        }
        if allowed.contains(where: { $0.allows(asked) }) { return .tunnel }
        return nextProxy.map { .nextProxy($0) } ?? .refused
    }
}
