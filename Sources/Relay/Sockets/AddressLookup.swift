// Resolves hosts that the command line names.

package import MSNP
package import NIOCore
internal import NIOPosix

/// Name lookups for the command line.
package enum AddressLookup {
    /// The first IPv4 address of a host in dotted form; nil if it has none or does not resolve.
    package static func ipv4(of host: String) async throws -> String? {
        let addresses = try? await NIOThreadPool.singleton.runIfActive {
            try SystemResolver.addresses(of: HostPort(host, 0))
        }
        return addresses?.first { $0.protocol == .inet }?.ipAddress
    }

    /// All addresses of a host, as the relay finds them. Blocks.
    ///
    /// - Throws: `RelayError` if it does not resolve.
    package static func addresses(of target: HostPort) throws -> [SocketAddress] {
        try SystemResolver.addresses(of: target)
    }
}
