// Which address a client is sent to so that it comes back (clients.md). Pure.

internal import MSNP

/// The relay's address as one client can dial it.
enum Advertising {
    /// The address for a redirect.
    ///
    /// Clients split at the first colon, so the answer is always IPv4 and a port, or a name where there is no IPv4.
    ///
    /// - Parameters:
    ///   - configured: the host given with `--advertise`.
    ///   - local: the local address of the client's own connection.
    ///   - port: the port of the listener that it shall come to.
    /// - Returns: nil where only an IPv6 address is known.
    static func address(configured: String?, local: String?, port: UInt16) -> HostPort? {
        if let configured { return HostPort(configured, port) }
        guard let local else { return nil }
        let host = local.hasPrefix("::ffff:") ? String(local.dropFirst(7)) : local
        if HostPort(host, port).ipv4 != nil { return HostPort(host, port) }
        // Most clients resolve a name to ::1, none understands the address itself.
        return host == "::1" ? HostPort("localhost", port) : nil
    }
}
