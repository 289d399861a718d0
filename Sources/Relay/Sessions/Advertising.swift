// Chooses the relay's address for a rewritten redirect (clients.md). Pure.

internal import MSNP

/// The relay's address as one client can dial it.
enum Advertising {
    /// The address for a redirect.
    ///
    /// Clients split at the first colon, so the result is an IPv4 address and a port, or a name without an IPv4 address.
    ///
    /// - Parameters:
    ///   - configured: the host of `--advertise`.
    ///   - local: the local address of the client's own connection.
    ///   - port: the port of the listener to which the client shall connect.
    /// - Returns: nil if only an IPv6 address is known.
    static func address(configured: String?, local: String?, port: UInt16) -> HostPort? {
        if let configured { return HostPort(configured, port) }
        guard let local else { return nil }
        let host = local.hasPrefix("::ffff:") ? String(local.dropFirst(7)) : local
        if HostPort(host, port).ipv4 != nil { return HostPort(host, port) }
        // No client parses an IPv6 address, but most resolve localhost to ::1.
        return host == "::1" ? HostPort("localhost", port) : nil
    }
}
