// Decides which address clients are to use, and whether redirects to it work. Pure.

package import MSNP

/// An interface of this machine, and whether the relay's address could be reached from it.
struct InterfaceFact: Sendable, Hashable {
    var name: String
    var address: String
    /// Whether a connection from this address to the one that its clients are given came about; nil if it was not tried.
    var reaches: Bool?
}

/// Which address the relay's clients get.
package enum ClientAddress {
    /// The address that clients on this machine or its network type.
    ///
    /// - Parameter interfaces: the IPv4 addresses of this machine, without loopback.
    package static func choice(listen: HostPort, advertised: HostPort?, interfaces: [String]) -> HostPort {
        if let advertised { return advertised }
        if !OwnAddresses.isAny(listen.host) { return listen }
        return HostPort(interfaces.first ?? "127.0.0.1", listen.port)
    }

    /// Whether an address is one that container and virtual machine programs give out: other machines cannot reach it.
    static func isOfContainer(_ address: String) -> Bool {
        address == "10.0.2.15" || address.hasPrefix("172.17.") || address.hasPrefix("172.18.")
    }
}

extension Check {
    /// - Parameters:
    ///   - interfaces: the interfaces with IPv4 addresses, without loopback.
    ///   - hasIPv6: whether the machine has other IPv6 addresses than loopback and link-local ones.
    static func advertise(
        listen: HostPort, advertised: HostPort?, interfaces: [InterfaceFact], hasIPv6: Bool
    ) -> Check {
        let port = listen.port
        if let failed = interfaces.first(where: { $0.reaches == false }) {
            let given = advertised ?? HostPort(failed.address, port)
            return Check(
                .advertise, .failed,
                "Clients of \(failed.name) (\(failed.address)) would be sent to \(given), which cannot be reached from there.",
                ["check the firewall: nft list ruleset", "--advertise with an address that clients reach"])
        }
        if let advertised {
            return Check(.advertise, .ok, "Redirects send all clients to \(advertised).")
        }
        if listen.host.contains(":"), listen.host != "::" {
            return Check(
                .advertise, .failed, "The relay listens on IPv6 only, which redirects cannot contain.",
                ["--listen \(HostPort("0.0.0.0", port))"])
        }
        if !OwnAddresses.isAny(listen.host) {
            let isLoopback = OwnAddresses.isLoopback(listen.host)
            return Check(
                .advertise, .ok,
                "Clients are sent to \(listen)\(isLoopback ? ", so they must run on this machine" : "").",
                isLoopback ? ["for clients on other machines: --listen \(HostPort("0.0.0.0", port))"] : [])
        }
        guard let first = interfaces.first else {
            return Check(
                .advertise, hasIPv6 ? .failed : .note,
                hasIPv6
                    ? "This machine has IPv6 addresses only, which redirects cannot contain."
                    : "This machine has no network address; only clients on it reach the relay.",
                hasIPv6 ? ["--advertise with an IPv4 address that leads to this machine"] : [])
        }
        let list = interfaces.map { "\($0.name) \(HostPort($0.address, port))" }.joined(separator: ", ")
        if interfaces.allSatisfy({ ClientAddress.isOfContainer($0.address) }) {
            return Check(
                .advertise, .failed,
                "Clients would be sent to \(HostPort(first.address, port)), an address inside of a container or virtual machine.",
                ["--advertise with the address of the machine around it, and publish port \(port)"])
        }
        return Check(.advertise, .ok, "Each client is sent to the address at which it came: \(list).")
    }

    static func clientView(_ from: String?, _ relay: HostPort) -> Check {
        guard let from else {
            return Check(.clientView, .skipped, "Give --from HOST for the lines to try on a client.")
        }
        return Check(
            .clientView, .note, "On \(from), one of these must succeed while the relay runs.",
            [
                "Test-NetConnection \(relay.host) -Port \(relay.port)",
                "nc -vz \(relay.host) \(relay.port)",
            ])
    }
}
