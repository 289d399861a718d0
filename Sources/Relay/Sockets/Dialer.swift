// Connects to servers, but never to the relay itself.

internal import Doors
internal import Glibc
internal import MSNP
internal import NIOCore
internal import NIOPosix

/// Connects to servers.
struct Dialer: Sendable {
    /// The current addresses of the relay's listeners.
    let ownAddresses: @Sendable () -> [SocketAddress]
    let names: NameService
    let timeout: TimeAmount

    /// Connects to the first address of the target that answers.
    ///
    /// - Parameters:
    ///   - target: the server.
    ///   - loop: the event loop of the new channel.
    ///   - initialize: sets up the channel before it reads.
    /// - Returns: the channel; fails with `RelayError` if every address of the target is the relay's own.
    func connect(
        to target: HostPort, on loop: any EventLoop,
        initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        names.addresses(of: target, on: loop).flatMapThrowing { addresses in
            let foreign = addresses.filter { !isOwn($0) }
            guard !foreign.isEmpty else {
                throw RelayError(
                    "\(target) is this relay itself; connecting to it would be a loop", outcome: .forbidden)
            }
            return foreign
        }.flatMap { connect(to: $0[...], on: loop, initialize: initialize) }
    }

    /// Connects to the first of several addresses that answers, one after the other.
    func connect(
        toFirstOf targets: ArraySlice<HostPort>, on loop: any EventLoop,
        initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        guard let first = targets.first else { return loop.makeFailedFuture(RelayError("no address left to try")) }
        let attempt = connect(to: first, on: loop, initialize: initialize)
        let rest = targets.dropFirst()
        guard !rest.isEmpty else { return attempt }
        return attempt.flatMapError { _ in connect(toFirstOf: rest, on: loop, initialize: initialize) }
    }

    /// The same with another limit of time.
    func with(timeout: TimeAmount) -> Dialer { Dialer(ownAddresses: ownAddresses, names: names, timeout: timeout) }

    /// Whether an address is one of the relay's own listeners, compared as a number and not as text.
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
            .connectTimeout(timeout)
            .channelInitializer { channel in
                do {
                    try ChannelSetup.apply(to: channel)
                    try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
                    try channel.syncOptions?.setOption(.socketOption(.oobInline), value: 1)
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
                return initialize(channel)
            }
            .connect(to: first)
        let rest = addresses.dropFirst()
        guard !rest.isEmpty else { return attempt }
        return attempt.flatMapError { _ in connect(to: rest, on: loop, initialize: initialize) }
    }

    /// Whether an address belongs to this machine.
    static func isLocal(_ host: HostAddress) -> Bool {
        if host.isAny || host.isLoopback { return true }
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.contains { $0.address.flatMap { HostAddress($0) } == host }
    }
}

extension NIOBSDSocket.Option {
    /// Keeps urgent data (`MSG_OOB`) in the stream. Otherwise the system removes its last byte.
    static let oobInline = NIOBSDSocket.Option(rawValue: SO_OOBINLINE)
}

/// The options of the channels of both sides. Set one by one at once; a bootstrap would make a future for each.
enum ChannelSetup {
    /// The size of one read: 512 bytes for quiet connections, up to 64 KiB for busy ones.
    private static let allocator = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 512, maximum: 65_536)

    static func apply(to channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.autoRead, value: false)
        try options.setOption(.allowRemoteHalfClosure, value: true)
        try options.setOption(.recvAllocator, value: allocator)
    }
}
