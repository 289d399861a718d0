// Checks at start whether the upstream server can be reached.

package import MSNP
internal import NIOCore

/// Whether the upstream server accepts connections.
package enum UpstreamState: Sendable, Hashable {
    /// It accepted a connection at this address.
    case reachable(HostPort)
    /// Its name does not resolve.
    case unresolved
    /// It did not, for this reason.
    case unreachable(String)
}

extension RelayServer {
    /// Connects to the upstream server once, sends nothing, and closes the connection again.
    ///
    /// - Returns: nil if there is no upstream server.
    package func checkUpstream() async -> UpstreamState? {
        guard let target = options.upstreamTarget else { return nil }
        guard (try? await names.addresses(of: target, on: group.any()).get()) != nil else { return .unresolved }
        do {
            let channel = try await dialer.connect(to: target, on: group.any()) {
                $0.eventLoop.makeSucceededVoidFuture()
            }.get()
            let address = channel.remoteAddress
            let host = address?.ipAddress ?? target.host
            try? await channel.close()
            return .reachable(HostPort(host, target.port))
        } catch {
            return .unreachable(ErrorText.describe(error))
        }
    }
}
