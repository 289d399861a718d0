// Names on the command line.

internal import MSNP
internal import NIOCore
internal import NIOPosix

/// Looks names up for the command line.
package enum AddressLookup {
    /// The first IPv4 address of a host, in dots; nil where it has none.
    package static func ipv4(of host: String) async throws -> String? {
        let addresses = try? await NIOThreadPool.singleton.runIfActive { try Lookup.addresses(of: HostPort(host, 0)) }
        return addresses?.first { $0.protocol == .inet }?.ipAddress
    }
}
