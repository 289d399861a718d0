// The second net below the comparison of addresses: connections of the relay that come back to it are counted.

internal import NIOConcurrencyHelpers
internal import NIOCore

/// Knows the relay's own outgoing connections, and so how often a connection that comes in has been through the relay.
final class HopCount: Sendable {
    /// How often a connection may go through the relay. Once is what a relay is for; more is a circle.
    static let most = 2

    private let outgoing = NIOLockedValueBox<[EndAddress: Int]>([:])

    /// How often a connection from this address has been through the relay when it is carried on.
    func hops(from client: SocketAddress?) -> Int {
        guard let end = client.flatMap({ EndAddress($0) }) else { return 1 }
        return outgoing.withLockedValue { ($0[end] ?? 0) + 1 }
    }

    /// Notes a connection to a server, before anything is sent on it.
    func opened(_ local: SocketAddress?, hops: Int) {
        guard let end = local.flatMap({ EndAddress($0) }) else { return }
        outgoing.withLockedValue { $0[end] = hops }
    }

    /// Forgets a connection to a server.
    func closed(_ local: SocketAddress?) {
        guard let end = local.flatMap({ EndAddress($0) }) else { return }
        outgoing.withLockedValue { _ = $0.removeValue(forKey: end) }
    }
}
