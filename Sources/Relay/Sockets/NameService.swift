// Resolves host names for the relay. Names from redirects cannot delay lookups of names that the user configured.

internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore

/// Resolves configured and redirected names on separate threads, and keeps the last addresses of configured names.
final class NameService: Sendable {
    private struct State {
        /// The last addresses of each configured name.
        var known: [String: [SocketAddress]] = [:]
        /// The names that currently do not resolve and use their known addresses.
        var stale: Set<String> = []
    }

    /// How long a lookup of a name with known addresses may take before those are used.
    private static let knownAddressDelay = TimeAmount.seconds(1)

    private let names: Set<String>
    private let timeout: TimeAmount
    private let report: @Sendable (String) -> Void
    private let state: NIOLockedValueBox<State>
    private let configured: NameQueue
    private let redirected: NameQueue

    /// - Parameters:
    ///   - names: the hosts that the user configured. All others come from redirects.
    ///   - timeout: the time-out of a lookup.
    ///   - lookup: the blocking resolver.
    ///   - report: receives one-line messages for the user.
    init(
        configured names: Set<String>, timeout: TimeAmount, lookup: @escaping NameQueue.Lookup,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.names = names
        self.timeout = timeout
        self.report = report
        let state = NIOLockedValueBox(State())
        self.state = state
        configured = NameQueue(threads: 2) { target in
            let addresses = try lookup(target)
            guard !addresses.isEmpty else { return [] }
            // Stored here, because every request may have timed out by now.
            state.withLockedValue {
                $0.known[target.host] = addresses
                $0.stale.remove(target.host)
            }
            return addresses
        }
        // Sixteen names from redirects that all hang at the same time are no coincidence but an attack.
        redirected = NameQueue(threads: 16, lookup: lookup)
    }

    /// Resolves a host to at least one address, in order of preference. An IP address needs no lookup.
    func addresses(of target: HostPort, on loop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        if let address = try? SocketAddress(ipAddress: target.host, port: Int(target.port)) {
            return loop.makeSucceededFuture([address])
        }
        return addresses(of: target.host, on: loop).map { addresses in
            addresses.map { address in
                var address = address
                address.port = Int(target.port)
                return address
            }
        }
    }

    /// The last addresses of a configured name, without a lookup.
    func knownAddresses(of host: String) -> [SocketAddress] { state.withLockedValue { $0.known[host] ?? [] } }

    /// Resolves a name; ports are 0. A configured name that currently does not resolve yields its last known addresses.
    private func addresses(of host: String, on loop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        guard names.contains(host) else { return redirected.addresses(of: host, within: timeout, on: loop) }
        guard let known = state.withLockedValue({ $0.known[host] }) else {
            return configured.addresses(of: host, within: timeout, on: loop)
        }
        return configured.addresses(of: host, within: min(timeout, Self.knownAddressDelay), on: loop)
            .flatMapErrorThrowing { [self] error in
                if state.withLockedValue({ $0.stale.insert(host).inserted }) {
                    report("\(ErrorText.describe(error)); its last known addresses are used until it does")
                }
                return known
            }
    }

    /// Fails all requests and starts no further lookup. Lookups that hang keep their threads until they end.
    func close() {
        configured.close()
        redirected.close()
    }
}
