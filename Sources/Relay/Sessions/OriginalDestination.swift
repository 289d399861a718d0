// Where a client wanted to go whose connection a firewall rule brought to the relay. Pure.

internal import MSNP
internal import NIOCore

/// The destination of a client in transparent mode.
enum OriginalDestination: Hashable, Sendable {
    /// A redirect rule (NAT) replaced this destination by an address of the relay.
    case redirected(HostPort)
    /// TPROXY delivered the connection unchanged: this is the local address of its socket.
    case intercepted(HostPort)
    /// The client connected to a listener of the relay, whose port this is.
    case relay(UInt16)
    /// The relay does not connect to it.
    case refused(HostPort, String)

    /// What the relay knows of addresses.
    struct Facts {
        /// Whether an end point is one of the relay's listeners.
        var isListener: (SocketAddress) -> Bool
        /// Whether an address belongs to this machine.
        var isThisMachine: (HostAddress) -> Bool
    }

    /// Finds the destination, and decides whether the relay may connect to it.
    ///
    /// The kernel names what the client itself wrote into its packets, so a client gets nowhere that it could not have
    /// gone without the relay, with two exceptions, which are refused: services of this machine that trust connections
    /// from it, and link-local addresses such as those of metadata services, which no router forwards.
    ///
    /// - Parameters:
    ///   - local: the local address of the accepted socket.
    ///   - translated: the destination before NAT; nil if the kernel knows none.
    ///   - client: the client's address.
    /// - Returns: nil if these are no IP addresses.
    static func find(
        local: SocketAddress, translated: SocketAddress?, client: SocketAddress, _ facts: Facts
    ) -> OriginalDestination? {
        let destination = translated ?? local
        guard let address = destination.hostPort, let host = HostAddress(destination),
            let client = HostAddress(client)
        else { return nil }
        if facts.isListener(destination) { return .relay(address.port) }
        guard address.port > 0, host.isUnicast else { return .refused(address, "no server can have this address") }
        if host.isLinkLocal { return .refused(address, "it is a link-local address") }
        if facts.isThisMachine(host), !facts.isThisMachine(client) {
            return .refused(address, "it is an address of this machine, at which the relay does not listen")
        }
        return EndAddress(destination) == EndAddress(local) ? .intercepted(address) : .redirected(address)
    }
}

extension HostAddress {
    /// Whether it can be the address of a server: neither unspecified, multicast nor reserved.
    var isUnicast: Bool {
        guard let first = bytes.first, !isAny else { return false }
        return bytes.count == 4 ? first > 0 && first < 224 : first != 0xFF
    }

    /// Whether it is valid on one link only (169.254.0.0/16, fe80::/10).
    var isLinkLocal: Bool {
        guard bytes.count == 16, let second = bytes.dropFirst().first else { return bytes.starts(with: [169, 254]) }
        return bytes.first == 0xFE && second & 0xC0 == 0x80
    }
}

extension SocketAddress {
    /// The host without the prefix of IPv4 addresses in IPv6 sockets, and the port; nil for a Unix socket.
    var hostPort: HostPort? {
        guard let text = ipAddress, let port = port.flatMap(UInt16.init(exactly:)) else { return nil }
        return HostPort(text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text, port)
    }
}
