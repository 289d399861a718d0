// Names into addresses. Names that a server chose cannot delay the lookups of those that the user chose.

internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore

/// Finds addresses for the relay.
final class NameService: Sendable {
    private struct State {
        /// The addresses that configured names had last.
        var known: [String: [SocketAddress]] = [:]
        /// The names whose known addresses are used although they do not resolve now.
        var stale: Set<String> = []
    }

    /// How long known addresses are not used while a lookup goes on.
    private static let patience = TimeAmount.seconds(1)

    private let names: Set<String>
    private let timeout: TimeAmount
    private let report: @Sendable (String) -> Void
    private let state: NIOLockedValueBox<State>
    private let configured: NameQueue
    private let redirected: NameQueue

    /// - Parameters:
    ///   - names: the hosts that the user named. All others come from redirects.
    ///   - timeout: how long a lookup may take.
    ///   - lookup: asks the system.
    ///   - report: takes one line for people about trouble.
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
            // Noted here: nobody may wait for it any more.
            state.withLockedValue {
                $0.known[target.host] = addresses
                $0.stale.remove(target.host)
            }
            return addresses
        }
        // A thread for each: 16 names that hang at once are no accident.
        redirected = NameQueue(threads: 16, lookup: lookup)
    }

    /// Finds the addresses of a host, in the order in which they should be tried, at least one.
    ///
    /// Numbers are taken as they are.
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

    /// The same without ports. A configured name that does not resolve now has the addresses that it had last.
    private func addresses(of host: String, on loop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        guard names.contains(host) else { return redirected.addresses(of: host, within: timeout, on: loop) }
        guard let known = state.withLockedValue({ $0.known[host] }) else {
            return configured.addresses(of: host, within: timeout, on: loop)
        }
        return configured.addresses(of: host, within: min(timeout, Self.patience), on: loop)
            .flatMapErrorThrowing { [self] error in
                if state.withLockedValue({ $0.stale.insert(host).inserted }) {
                    report("\(Failure.text(error)); the addresses that it had last are used until it does")
                }
                return known
            }
    }

    /// Looks nothing up any more. Lookups that hang keep their threads until they end.
    func close() {
        configured.close()
        redirected.close()
    }
}
