// The addresses of this machine at which clients in the network can reach it.

internal import NIOCore

package enum LocalAddresses {
    /// The IPv4 addresses of the network interfaces, other than loopback and link-local ones, each once.
    package static func ipv4() -> [String] {
        var hosts: [String] = []
        for device in (try? System.enumerateDevices()) ?? [] {
            guard let address = device.address, let host = HostAddress(address), !host.isLoopback,
                let text = address.ipAddress, address.protocol == .inet, !text.hasPrefix("169.254."),
                !hosts.contains(text)
            else { continue }
            hosts.append(text)
        }
        return hosts
    }
}
