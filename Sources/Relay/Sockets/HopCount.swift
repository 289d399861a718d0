// The second net below the comparison of addresses: connections of the relay that come back to it are counted.

internal import NIOConcurrencyHelpers
internal import NIOCore

/// Knows the relay's own outgoing connections, and so how often a connection that comes in has been through the relay.
final class HopCount: Sendable {
    /// How often a connection may go through the relay. Once is what a relay is for; more is a circle.
    static let most = 2

    /// Both ends of a connection. One end is not enough: the system gives the same port to connections that lead to
    /// different servers.
    struct Endpoints: Hashable {
        private let from: EndAddress
        private let to: EndAddress

        /// - Parameters:
        ///   - from: the end that connected.
        ///   - to: the end that it connected to.
        init?(from: SocketAddress?, to: SocketAddress?) {
            guard let from = from.flatMap({ EndAddress($0) }), let to = to.flatMap({ EndAddress($0) }) else {
                return nil
            }
            self.from = from
            self.to = to
        }
    }

    private let outgoing = NIOLockedValueBox<[Endpoints: Int]>([:])

    /// How often a connection that comes in has been through the relay when it is carried on.
    func hops(of client: Endpoints?) -> Int {
        guard let client else { return 1 }
        return outgoing.withLockedValue { ($0[client] ?? 0) + 1 }
    }

    /// Notes a connection to a server, before anything is sent on it.
    func opened(_ ends: Endpoints?, hops: Int) {
        guard let ends else { return }
        outgoing.withLockedValue { $0[ends] = hops }
    }

    /// Forgets a connection to a server.
    func closed(_ ends: Endpoints?) {
        guard let ends else { return }
        outgoing.withLockedValue { _ = $0.removeValue(forKey: ends) }
    }
}
