// The sockets that clients come to: the door, and one more for each further notification server.

internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Opens listeners and remembers them.
final class Listeners: Sendable {
    private let group: any EventLoopGroup
    private let ports: ClosedRange<UInt16>?
    private let state = NIOLockedValueBox(State())

    private struct State {
        var channels: [any Channel] = []
        var addresses: [SocketAddress] = []
        var extra: [HostPort: EventLoopFuture<HostPort>] = [:]
        var isClosed = false
    }

    /// How many further notification servers get a listener of their own. Real services named a handful.
    static let mostExtra = 64

    init(group: any EventLoopGroup, ports: ClosedRange<UInt16>?) {
        self.group = group
        self.ports = ports
    }

    /// What the listeners really listen at.
    var addresses: [SocketAddress] { state.withLockedValue { $0.addresses } }

    /// Opens the door.
    func openDoor(
        at address: HostPort, accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> HostPort {
        let candidates: [SocketAddress]
        if let literal = try? SocketAddress(ipAddress: address.host, port: Int(address.port)) {
            candidates = [literal]
        } else {
            candidates = try await NIOThreadPool.singleton.runIfActive { try Lookup.addresses(of: address) }
        }
        guard let first = candidates.first else { throw RelayError("\(address.host) has no address to listen at") }
        do {
            return try await bind(to: first, on: group.next(), accept: accept).get()
        } catch {
            throw RelayError(
                "cannot listen at \(address): \(Failure.text(error))\(Failure.advice(error, port: address.port))")
        }
    }

    /// Finds or opens the listener for a notification server.
    ///
    /// - Returns: where it listens, and whether it was opened just now.
    func open(
        for target: HostPort, on loop: any EventLoop,
        accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<(HostPort, Bool)> {
        let (future, isNew) = state.withLockedValue { state in
            // The door was bound first; where it was given by name, this is what the name meant.
            let host = state.addresses.first?.ipAddress ?? "127.0.0.1"
            if let known = state.extra[target] { return (known, false) }
            guard state.extra.count < Self.mostExtra else {
                return (loop.makeFailedFuture(RelayError("\(Self.mostExtra) extra listeners are open already")), false)
            }
            let opening = open(ports.map { Array($0)[...] } ?? [0], of: host, on: loop, accept: accept)
            state.extra[target] = opening
            return (opening, true)
        }
        future.whenFailure { [state] _ in state.withLockedValue { $0.extra[target] = nil } }
        return future.map { ($0, isNew) }.hop(to: loop)
    }

    /// Closes them all.
    func close() async {
        let channels = state.withLockedValue { state in
            state.isClosed = true
            return state.channels
        }
        for channel in channels { try? await channel.close() }
    }

    /// Tries one port after another.
    private func open(
        _ ports: ArraySlice<UInt16>, of host: String, on loop: any EventLoop,
        accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<HostPort> {
        guard let port = ports.first, let address = try? SocketAddress(ipAddress: host, port: Int(port)) else {
            return loop.makeFailedFuture(RelayError("\(host) is no address to listen at"))
        }
        return bind(to: address, on: loop, accept: accept).flatMapError { [self] error in
            guard ports.count == 1 else { return open(ports.dropFirst(), of: host, on: loop, accept: accept) }
            let advice = port == 0 ? Failure.text(error) : "none of --ports is free; give a wider range"
            return loop.makeFailedFuture(RelayError("no port for another listener: \(advice)"))
        }
    }

    private func bind(
        to address: SocketAddress, on loop: any EventLoop,
        accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<HostPort> {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.maxMessagesPerRead, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.recvAllocator, value: Buffers.allocator)
            .childChannelInitializer(accept)
            .bind(to: address)
            .hop(to: loop)
            .flatMapThrowing { [state] channel in
                guard let local = channel.localAddress, let port = local.port.flatMap(UInt16.init(exactly:)) else {
                    throw RelayError("the system did not say where the listener is")
                }
                let isClosed = state.withLockedValue { state in
                    guard !state.isClosed else { return true }
                    state.channels.append(channel)
                    state.addresses.append(local)
                    return false
                }
                if isClosed {
                    channel.close(promise: nil)
                    throw RelayError("the relay is stopping")
                }
                return HostPort(local.ipAddress ?? address.ipAddress ?? "", port)
            }
    }
}
