// Decides whether the relay would connect to itself. Pure.

internal import Doors
internal import MSNP

/// The addresses of this machine, and where the relay listens.
struct OwnAddresses: Sendable, Hashable {
    var listen: [HostPort]
    /// The addresses of all interfaces, loopback included.
    var interfaces: [String]

    /// Whether a connection to an address ends at one of the listeners.
    func contains(_ address: HostPort) -> Bool {
        let target = HostName(address.host)
        let isHere = Self.isLoopback(address.host) || interfaces.contains { HostName($0) == target }
        return listen.contains { own in
            guard own.port == address.port else { return false }
            return HostName(own.host) == target || Self.isAny(own.host) && isHere
                || Self.isAny(address.host) && Self.isLoopback(own.host)
        }
    }

    static func isAny(_ host: String) -> Bool { host == "0.0.0.0" || host == "::" }

    static func isLoopback(_ host: String) -> Bool {
        host.hasPrefix("127.") || host == "::1" || host == "localhost" || isAny(host)
    }
}

extension Check {
    /// - Parameters:
    ///   - targets: what the relay would dial, each with the option that says so and its addresses.
    ///   - names: names that the hosts file leads to this machine.
    static func loop(
        _ targets: [(option: String, addresses: [HostPort])], _ own: OwnAddresses, names: [HostsEntry]
    ) -> Check {
        guard !targets.isEmpty else { return Check(.loop, .skipped, "No --upstream was named.") }
        for target in targets {
            guard let address = target.addresses.first(where: own.contains) else { continue }
            let host = HostPort(target.option.split(separator: " ").last ?? "")?.host ?? ""
            let entry = names.first { $0.name == host }
            return Check(
                .loop, .failed, "\(target.option) is \(address), which is this relay itself.",
                entry.map { ["remove “\($0.address) \($0.name)” from the hosts file of this machine"] }
                    ?? ["--upstream with the address of the real server"])
        }
        return Check(.loop, .ok, "Nothing that the relay dials leads back to it.")
    }
}
