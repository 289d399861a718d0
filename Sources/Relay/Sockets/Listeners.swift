// The listening sockets: the main listener, and an extra one for each further notification server.

internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Opens and keeps listeners. At the limit, a new extra listener replaces the least recently used idle one.
final class Listeners: Sendable {
    /// Sets up an accepted client's channel.
    typealias Accept = @Sendable (any Channel) -> EventLoopFuture<Void>

    private let group: any EventLoopGroup
    private let ports: ClosedRange<UInt16>?
    private let gate: AcceptGate
    private let names: NameService
    private let accepted: @Sendable (any Channel) -> Void
    private let filesExhausted: @Sendable () -> Void
    /// Whether listeners take connections to foreign addresses, if that is permitted.
    private let isTransparent: Bool
    private let state = NIOLockedValueBox(State())

    private struct State {
        var main: (any Channel)?
        /// Further listeners that are as the main one.
        var also: [any Channel] = []
        var extra: [HostPort: Extra] = [:]
        /// Listeners that wait for one client of a direct link.
        var links: [ObjectIdentifier: any Channel] = [:]
        /// A counter that orders the uses of extra listeners.
        var uses: UInt64 = 0
        var isClosed = false
        /// Whether connections to foreign addresses are accepted (TPROXY).
        var acceptsForeignAddresses = false

        /// Finds or reserves the listener of a server.
        ///
        /// - Returns: the future address of the listener; the promise to complete if the caller has to open it; and the
        ///   listener to close first.
        mutating func reserve(
            for target: HostPort, on loop: any EventLoop
        ) -> (EventLoopFuture<HostPort>, EventLoopPromise<HostPort>?, evicted: (any Channel)?) {
            uses += 1
            if let known = extra[target] {
                extra[target]?.lastUse = uses
                return (known.address, nil, nil)
            }
            var evicted: (any Channel)?
            if extra.count >= Listeners.mostExtra {
                evicted = removeLongestUnused()
                guard evicted != nil else {
                    let text = "\(Listeners.mostExtra) extra listeners are open already, and all of them in use"
                    return (loop.makeFailedFuture(RelayError(text)), nil, nil)
                }
            }
            let opened = loop.makePromise(of: HostPort.self)
            extra[target] = Extra(address: opened.futureResult, lastUse: uses)
            return (opened.futureResult, opened, evicted)
        }

        /// Removes the least recently used listener without connections.
        mutating func removeLongestUnused() -> (any Channel)? {
            let idle = extra.filter { $0.value.channel != nil && $0.value.connections == 0 }
            guard let target = idle.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { return nil }
            return extra.removeValue(forKey: target)?.channel
        }
    }

    private struct Extra {
        let address: EventLoopFuture<HostPort>
        /// The listening socket; nil until it is open.
        var channel: (any Channel)?
        var connections = 0
        /// The counter's value at its last use: a client was redirected to it, connected or left.
        var lastUse: UInt64
    }

    /// The limit of extra listeners. Real services redirected to a handful of notification servers.
    static let mostExtra = 64

    init(
        group: any EventLoopGroup, ports: ClosedRange<UInt16>?, gate: AcceptGate, names: NameService,
        accepted: @escaping @Sendable (any Channel) -> Void, filesExhausted: @escaping @Sendable () -> Void,
        isTransparent: Bool = false
    ) {
        self.group = group
        self.ports = ports
        self.gate = gate
        self.names = names
        self.accepted = accepted
        self.filesExhausted = filesExhausted
        self.isTransparent = isTransparent
    }

    /// Whether the listeners accept connections to foreign addresses.
    var acceptsForeignAddresses: Bool { state.withLockedValue { $0.acceptsForeignAddresses } }

    /// The open listening sockets, the main listener first.
    var channels: [any Channel] {
        state.withLockedValue {
            ([$0.main] + $0.also + $0.extra.values.map(\.channel)).compactMap(\.self) + $0.links.values
        }
    }

    /// The bound addresses of all listeners.
    var addresses: [SocketAddress] { channels.compactMap(\.localAddress) }

    /// Opens the main listener.
    ///
    /// - Returns: its bound address.
    /// - Throws: `RelayError` if the host does not resolve or the address cannot be bound.
    func openMain(at address: HostPort, accept: @escaping Accept) async throws -> HostPort {
        try await open(at: address, accept: accept) { $0.main = $1 }
    }

    /// Opens a further listener that is as the main one.
    func openAlso(at address: HostPort, accept: @escaping Accept) async throws -> HostPort {
        try await open(at: address, accept: accept) { $0.also.append($1) }
    }

    /// Whether clients that reached the relay at this address can reach its extra listeners, which are at the main one's.
    func extraReach(_ local: SocketAddress?) -> Bool {
        guard let main = state.withLockedValue({ $0.main?.localAddress }).flatMap({ HostAddress($0) }),
            let local = local.flatMap({ HostAddress($0) })
        else { return true }
        return main.isAny || main == local
    }

    /// The server of the extra listener with this port; nil if there is no such listener.
    func server(ofExtraPort port: Int) -> HostPort? {
        state.withLockedValue { $0.extra.first { $0.value.channel?.localAddress?.port == port }?.key }
    }

    private func open(
        at address: HostPort, accept: @escaping Accept, _ store: (inout State, any Channel) -> Void
    ) async throws -> HostPort {
        let candidates = try await names.addresses(of: address, on: group.next()).get()
        guard let first = candidates.first else { throw RelayError("\(address.host) has no address to listen at") }
        do {
            let channel = try await bind(to: first, on: group.next(), accept: accept).get()
            return try keep(channel) { store(&$0, channel) }
        } catch {
            throw RelayError(
                "cannot listen at \(address): \(ErrorText.describe(error))\(ErrorText.advice(error, port: address.port))"
            )
        }
    }

    /// Finds or opens the listener for a notification server.
    ///
    /// - Returns: its bound address, and whether this call opened it.
    func open(
        for target: HostPort, on loop: any EventLoop, accept: @escaping Accept
    ) -> EventLoopFuture<(HostPort, Bool)> {
        let (address, opened, evicted) = state.withLockedValue { $0.reserve(for: target, on: loop) }
        guard let opened else { return address.map { ($0, false) }.hop(to: loop) }
        close(evicted, on: loop).flatMap { [self] in openAnywhere(on: loop, accept: accept) }
            .flatMapThrowing { [self] channel in try keep(channel) { $0.extra[target]?.channel = channel } }
            .flatMapErrorThrowing { [state] error in
                state.withLockedValue { $0.extra[target] = nil }
                throw error
            }
            .cascade(to: opened)
        return address.map { ($0, true) }
    }

    /// Opens a listener for one direct link.
    ///
    /// - Parameters:
    ///   - host: the address that was put into the agreement for the client.
    ///   - wanted: the ports that the agreement can name.
    func openLink(
        at host: String, ports wanted: ClosedRange<UInt16>, on loop: any EventLoop, accept: @escaping Accept
    ) -> EventLoopFuture<any Channel> {
        guard state.withLockedValue({ $0.links.count < Self.mostLinks }) else {
            return loop.makeFailedFuture(RelayError("\(Self.mostLinks) direct links are awaited already"))
        }
        let candidates = Self.candidates(wanted, ports).shuffled().prefix(Self.mostAttempts)
        return open(candidates.isEmpty ? [] : candidates[...], of: host, on: loop, accept: accept).flatMapThrowing {
            [self] channel in
            _ = try keep(channel) { $0.links[ObjectIdentifier(channel)] = channel }
            channel.closeFuture.whenComplete { [state] _ in
                state.withLockedValue { $0.links[ObjectIdentifier(channel)] = nil }
            }
            return channel
        }
    }

    /// The limit of listeners for direct links, and of ports that are tried for one.
    private static let mostLinks = 256
    private static let mostAttempts = 64

    /// The ports that an agreement can name and the user allows.
    private static func candidates(_ wanted: ClosedRange<UInt16>, _ allowed: ClosedRange<UInt16>?) -> [UInt16] {
        guard let allowed else { return Array(wanted) }
        return wanted.overlaps(allowed) ? Array(wanted.clamped(to: allowed)) : []
    }

    /// Counts a client that connected to a server's extra listener; ignores the main listener.
    func arrived(at target: HostPort) { update(target) { $0 += 1 } }

    /// Uncounts a client that left.
    func left(_ target: HostPort) { update(target) { $0 = max(0, $0 - 1) } }

    private func update(_ target: HostPort, _ change: (inout Int) -> Void) {
        state.withLockedValue { state in
            guard var extra = state.extra[target] else { return }
            state.uses += 1
            extra.lastUse = state.uses
            change(&extra.connections)
            state.extra[target] = extra
        }
    }

    /// Closes all listeners.
    func close() async {
        state.withLockedValue { $0.isClosed = true }
        for channel in channels { try? await channel.close() }
    }

    private func close(_ listener: (any Channel)?, on loop: any EventLoop) -> EventLoopFuture<Void> {
        guard let listener else { return loop.makeSucceededVoidFuture() }
        return listener.close().recover { _ in }.hop(to: loop)
    }

    /// Opens an extra listener on any allowed port. If all are in use, it closes the least recently used idle listener first.
    private func openAnywhere(on loop: any EventLoop, accept: @escaping Accept) -> EventLoopFuture<any Channel> {
        // The main listener is already bound; its address is what a host name in --listen resolved to.
        let host = state.withLockedValue { $0.main?.localAddress?.ipAddress } ?? "127.0.0.1"
        return open(ports.map { Array($0)[...] } ?? [0], of: host, on: loop, accept: accept).flatMapError {
            [self] error in
            guard ports != nil, let evicted = state.withLockedValue({ $0.removeLongestUnused() }) else {
                return loop.makeFailedFuture(error)
            }
            return close(evicted, on: loop).flatMap { [self] in openAnywhere(on: loop, accept: accept) }
        }
    }

    /// Tries to bind one port after another.
    private func open(
        _ ports: ArraySlice<UInt16>, of host: String, on loop: any EventLoop, accept: @escaping Accept
    ) -> EventLoopFuture<any Channel> {
        guard let port = ports.first, let address = try? SocketAddress(ipAddress: host, port: Int(port)) else {
            return loop.makeFailedFuture(RelayError("\(host) is not an address to listen at"))
        }
        return bind(to: address, on: loop, accept: accept).flatMapError { [self] error in
            guard ports.count == 1 else { return open(ports.dropFirst(), of: host, on: loop, accept: accept) }
            let advice = port == 0 ? ErrorText.describe(error) : "none of --ports is free; give a wider range"
            return loop.makeFailedFuture(RelayError("no port for another listener: \(advice)"))
        }
    }

    private func bind(
        to address: SocketAddress, on loop: any EventLoop, accept: @escaping Accept
    ) -> EventLoopFuture<any Channel> {
        // On the loop's own thread, because a socket belongs to the network namespace of the thread that makes it.
        loop.flatSubmit { [self] in
            ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 4_096)
                // One client at a time, so that the accept gate can close between two clients.
                .serverChannelOption(.maxMessagesPerRead, value: 1)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                // Accepted sockets inherit the options, so they cover urgent data that arrives before their own setup.
                .serverChannelOption(.socketOption(.oobInline), value: 1)
                .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .serverChannelInitializer { [self] channel in
                    let isSet = channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            ListenerHandler(accepted: accepted, filesExhausted: filesExhausted))
                    }
                    guard isTransparent else { return isSet }
                    return isSet.flatMap {
                        TransparentSocket.acceptForeignAddresses(channel, isIPv6: address.protocol == .inet6)
                    }.map { [state] accepts in state.withLockedValue { $0.acceptsForeignAddresses = accepts } }
                }
                .childChannelInitializer(accept)
                .bind(to: address)
        }.hop(to: loop)
    }

    /// Stores an open listener, unless the relay is stopping.
    ///
    /// - Returns: its bound address.
    private func keep(_ listener: any Channel, _ store: (inout State) -> Void) throws -> HostPort {
        let isClosed = state.withLockedValue { state in
            if !state.isClosed { store(&state) }
            return state.isClosed
        }
        guard !isClosed else {
            listener.close(promise: nil)
            throw RelayError("the relay is stopping")
        }
        gate.add(listener)
        guard let local = listener.localAddress, let host = local.ipAddress,
            let port = local.port.flatMap(UInt16.init(exactly:))
        else { throw RelayError("the address of the listener is unknown") }
        return HostPort(host, port)
    }
}
