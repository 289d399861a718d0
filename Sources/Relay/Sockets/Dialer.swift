// Addresses into connections; never into the relay itself.

internal import Glibc
internal import MSNP
internal import NIOCore
internal import NIOPosix

/// Connects to servers.
struct Dialer: Sendable {
    /// The relay's own listening sockets at this moment.
    let ownAddresses: @Sendable () -> [SocketAddress]
    let names: NameService
    let timeout: TimeAmount

    /// Connects to the first address that answers.
    ///
    /// - Parameters:
    ///   - target: what to dial.
    ///   - loop: where the connection shall live.
    ///   - initialize: prepares the connection before it reads anything.
    func connect(
        to target: HostPort, on loop: any EventLoop,
        initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        names.addresses(of: target, on: loop).flatMapThrowing { addresses in
            let foreign = addresses.filter { !isOwn($0) }
            guard !foreign.isEmpty else {
                throw RelayError("\(target) is this relay itself; dialling it would go round in circles")
            }
            return foreign
        }.flatMap { connect(to: $0[...], on: loop, initialize: initialize) }
    }

    /// Whether an address leads back to this relay, in whatever form it is written.
    func isOwn(_ address: SocketAddress) -> Bool {
        guard let target = EndAddress(address) else { return ownAddresses().contains(address) }
        return ownAddresses().contains { own in
            guard let own = EndAddress(own), own.port == target.port else { return false }
            return own.host == target.host || own.host.isAny && Self.isLocal(target.host)
                || target.host.isAny && Self.isLocal(own.host)
        }
    }

    private func connect(
        to addresses: ArraySlice<SocketAddress>, on loop: any EventLoop,
        initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        guard let first = addresses.first else { return loop.makeFailedFuture(RelayError("no address left to try")) }
        let attempt = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.oobInline), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: false)
            .channelOption(.recvAllocator, value: Buffers.allocator)
            .connectTimeout(timeout)
            .channelInitializer(initialize)
            .connect(to: first)
        let rest = addresses.dropFirst()
        guard !rest.isEmpty else { return attempt }
        return attempt.flatMapError { _ in connect(to: rest, on: loop, initialize: initialize) }
    }

    /// Whether packets to an address stay on this machine.
    private static func isLocal(_ host: HostAddress) -> Bool {
        if host.isAny || host.isLoopback { return true }
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.contains { $0.address.flatMap { HostAddress($0) } == host }
    }
}

extension NIOBSDSocket.Option {
    /// Urgent data (`MSG_OOB`) stays in its place in the stream. Otherwise the system takes its last byte out.
    static let oobInline = NIOBSDSocket.Option(rawValue: SO_OOBINLINE)
}

/// How much is read at once: little for quiet connections, 64 KiB for busy ones.
enum Buffers {
    static let allocator = AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 2_048, maximum: 65_536)
}
