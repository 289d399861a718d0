// Detects loops: counts how often a connection has already passed through this relay.

internal import NIOConcurrencyHelpers
internal import NIOCore

/// The relay's outgoing connections. An accepted connection with the same end points is one of them that came back.
///
/// The second defence against loops, after the comparison of addresses (`Dialer.isOwn`).
final class HopCount: Sendable {
    /// The limit of passes through the relay. One pass is normal; more are a loop.
    static let most = 2

    /// Both end points of a connection. One is not enough: the system reuses a local port for connections to different
    /// servers.
    struct Endpoints: Hashable {
        private let from: EndAddress
        private let to: EndAddress

        /// - Parameters:
        ///   - from: the end point that opened the connection.
        ///   - to: the end point that accepted it.
        init?(from: SocketAddress?, to: SocketAddress?) {
            guard let from = from.flatMap({ EndAddress($0) }), let to = to.flatMap({ EndAddress($0) }) else {
                return nil
            }
            self.from = from
            self.to = to
        }
    }

    private let outgoing = NIOLockedValueBox<[Endpoints: Int]>([:])

    /// The number of passes through the relay for an accepted connection, including this one.
    func hops(of client: Endpoints?) -> Int {
        guard let client else { return 1 }
        return outgoing.withLockedValue { ($0[client] ?? 0) + 1 }
    }

    /// Records a connection to a server. Call it before the first byte is sent.
    func opened(_ ends: Endpoints?, hops: Int) {
        guard let ends else { return }
        outgoing.withLockedValue { $0[ends] = hops }
    }

    /// Removes a connection to a server.
    func closed(_ ends: Endpoints?) {
        guard let ends else { return }
        outgoing.withLockedValue { _ = $0.removeValue(forKey: ends) }
    }
}
