// Resolves the host of `--advertise` to IPv4.

internal import MSNP
internal import NIOCore
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
}
