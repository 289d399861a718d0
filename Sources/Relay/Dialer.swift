// Names into addresses, and addresses into connections; never into the relay itself.

internal import MSNP
internal import NIOCore
internal import NIOPosix

/// Connects to servers.
struct Dialer: Sendable {
    /// The relay's own listening sockets at this moment.
    let ownAddresses: @Sendable () -> [SocketAddress]
    let timeout: TimeAmount

    /// Finds the addresses of a host, in the order in which they should be tried.
    ///
    /// Numbers are taken as they are; names are looked up beside the event loops.
    func resolve(_ target: HostPort, on loop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        if let address = try? SocketAddress(ipAddress: target.host, port: Int(target.port)) {
            return loop.makeSucceededFuture([address])
        }
        return NIOThreadPool.singleton.runIfActive(eventLoop: loop) { try Lookup.addresses(of: target) }
    }

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
        resolve(target, on: loop).flatMapThrowing { addresses in
            guard !addresses.isEmpty else { throw RelayError("no address found for \(target.host)") }
            let foreign = addresses.filter { !isOwn($0) }
            guard !foreign.isEmpty else {
                throw RelayError("\(target) is this relay itself; dialling it would go round in circles")
            }
            return foreign
        }.flatMap { connect(to: $0[...], on: loop, initialize: initialize) }
    }

    /// Whether an address leads back to this relay.
    func isOwn(_ address: SocketAddress) -> Bool {
        ownAddresses().contains { own in
            guard own.port == address.port else { return false }
            guard let ownHost = own.ipAddress, let host = address.ipAddress else { return own == address }
            return ownHost == host || (Self.isAny(ownHost) && Self.isLocal(host))
                || (Self.isAny(host) && (Self.isAny(ownHost) || Self.isLocal(ownHost)))
        }
    }

    private func connect(
        to addresses: ArraySlice<SocketAddress>, on loop: any EventLoop,
        initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        guard let first = addresses.first else { return loop.makeFailedFuture(RelayError("no address left to try")) }
        let attempt = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
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

    private static func isAny(_ host: String) -> Bool { host == "0.0.0.0" || host == "::" }

    private static func isLocal(_ host: String) -> Bool {
        if host.hasPrefix("127.") || host == "::1" || host.hasPrefix("::ffff:127.") { return true }
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.contains { $0.address?.ipAddress == host }
    }
}

/// How much is read at once: little for quiet connections, 64 KiB for busy ones.
enum Buffers {
    static let allocator = AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 2_048, maximum: 65_536)
}
