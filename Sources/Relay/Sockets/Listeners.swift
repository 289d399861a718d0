// The sockets that clients come to: the door, and one more for each further notification server.

internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Opens listeners, remembers them, and closes the one that was not used for longest where another one needs its place.
final class Listeners: Sendable {
    /// Prepares a client's channel.
    typealias Accept = @Sendable (any Channel) -> EventLoopFuture<Void>

    private let group: any EventLoopGroup
    private let ports: ClosedRange<UInt16>?
    private let gate: AcceptGate
    private let names: NameService
    private let accepted: @Sendable (any Channel) -> Void
    private let ranOut: @Sendable () -> Void
    private let state = NIOLockedValueBox(State())

    private struct State {
        var door: (any Channel)?
        var extra: [HostPort: Extra] = [:]
        /// Counts the uses of extra listeners.
        var uses: UInt64 = 0
        var isClosed = false

        /// Where a server's listener is or will be; whom to say it to where it has to be opened, and which one gives way to
        /// it.
        mutating func place(
            for target: HostPort, on loop: any EventLoop
        ) -> (EventLoopFuture<HostPort>, EventLoopPromise<HostPort>?, victim: (any Channel)?) {
            uses += 1
            if let known = extra[target] {
                extra[target]?.lastUse = uses
                return (known.place, nil, nil)
            }
            var victim: (any Channel)?
            if extra.count >= Listeners.mostExtra {
                victim = takeLongestUnused()
                guard victim != nil else {
                    let text = "\(Listeners.mostExtra) extra listeners are open already, and all of them in use"
                    return (loop.makeFailedFuture(RelayError(text)), nil, nil)
                }
            }
            let opened = loop.makePromise(of: HostPort.self)
            extra[target] = Extra(place: opened.futureResult, lastUse: uses)
            return (opened.futureResult, opened, victim)
        }

        /// Takes out the listener that nobody is connected over and that was used longest ago.
        mutating func takeLongestUnused() -> (any Channel)? {
            let idle = extra.filter { $0.value.channel != nil && $0.value.connections == 0 }
            guard let target = idle.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { return nil }
            return extra.removeValue(forKey: target)?.channel
        }
    }

    private struct Extra {
        let place: EventLoopFuture<HostPort>
        /// The socket, once it is open.
        var channel: (any Channel)?
        var connections = 0
        /// Which of all uses was its last one: a client was sent there, or came, or left.
        var lastUse: UInt64
    }

    /// How many further notification servers get a listener of their own. Real services named a handful.
    static let mostExtra = 64

    init(
        group: any EventLoopGroup, ports: ClosedRange<UInt16>?, gate: AcceptGate, names: NameService,
        accepted: @escaping @Sendable (any Channel) -> Void, ranOut: @escaping @Sendable () -> Void
    ) {
        self.group = group
        self.ports = ports
        self.gate = gate
        self.names = names
        self.accepted = accepted
        self.ranOut = ranOut
    }

    /// The open sockets, the door first.
    var channels: [any Channel] {
        state.withLockedValue { ([$0.door] + $0.extra.values.map(\.channel)).compactMap(\.self) }
    }

    /// What the listeners really listen at.
    var addresses: [SocketAddress] { channels.compactMap(\.localAddress) }

    /// Opens the door.
    func openDoor(at address: HostPort, accept: @escaping Accept) async throws -> HostPort {
        let candidates = try await names.addresses(of: address, on: group.next()).get()
        guard let first = candidates.first else { throw RelayError("\(address.host) has no address to listen at") }
        do {
            let channel = try await bind(to: first, on: group.next(), accept: accept).get()
            return try keep(channel) { $0.door = channel }
        } catch {
            throw RelayError(
                "cannot listen at \(address): \(Failure.text(error))\(Failure.advice(error, port: address.port))")
        }
    }

    /// Finds or opens the listener for a notification server.
    ///
    /// - Returns: where it listens, and whether it was opened just now.
    func open(
        for target: HostPort, on loop: any EventLoop, accept: @escaping Accept
    ) -> EventLoopFuture<(HostPort, Bool)> {
        let (place, opened, victim) = state.withLockedValue { $0.place(for: target, on: loop) }
        guard let opened else { return place.map { ($0, false) }.hop(to: loop) }
        close(victim, on: loop).flatMap { [self] in openAnywhere(on: loop, accept: accept) }
            .flatMapThrowing { [self] channel in try keep(channel) { $0.extra[target]?.channel = channel } }
            .flatMapErrorThrowing { [state] error in
                state.withLockedValue { $0.extra[target] = nil }
                throw error
            }
            .cascade(to: opened)
        return place.map { ($0, true) }
    }

    /// A client came to the listener of a server; others than extra ones are not counted.
    func arrived(at target: HostPort) { note(target) { $0 += 1 } }

    /// A client that came there has left.
    func left(_ target: HostPort) { note(target) { $0 = max(0, $0 - 1) } }

    private func note(_ target: HostPort, _ change: (inout Int) -> Void) {
        state.withLockedValue { state in
            guard var extra = state.extra[target] else { return }
            state.uses += 1
            extra.lastUse = state.uses
            change(&extra.connections)
            state.extra[target] = extra
        }
    }

    /// Closes them all.
    func close() async {
        state.withLockedValue { $0.isClosed = true }
        for channel in channels { try? await channel.close() }
    }

    private func close(_ listener: (any Channel)?, on loop: any EventLoop) -> EventLoopFuture<Void> {
        guard let listener else { return loop.makeSucceededVoidFuture() }
        return listener.close().recover { _ in }.hop(to: loop)
    }

    /// Opens a listener beside the door, on any port that is allowed; where all are taken, on one that can be given back.
    private func openAnywhere(on loop: any EventLoop, accept: @escaping Accept) -> EventLoopFuture<any Channel> {
        // The door was bound first; where it was given by name, this is what the name meant.
        let host = state.withLockedValue { $0.door?.localAddress?.ipAddress } ?? "127.0.0.1"
        return open(ports.map { Array($0)[...] } ?? [0], of: host, on: loop, accept: accept).flatMapError {
            [self] error in
            guard ports != nil, let victim = state.withLockedValue({ $0.takeLongestUnused() }) else {
                return loop.makeFailedFuture(error)
            }
            return close(victim, on: loop).flatMap { [self] in openAnywhere(on: loop, accept: accept) }
        }
    }

    /// Tries one port after another.
    private func open(
        _ ports: ArraySlice<UInt16>, of host: String, on loop: any EventLoop, accept: @escaping Accept
    ) -> EventLoopFuture<any Channel> {
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
        to address: SocketAddress, on loop: any EventLoop, accept: @escaping Accept
    ) -> EventLoopFuture<any Channel> {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4_096)
            // One at a time: the gate can close between two clients.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Accepted sockets inherit it, so it holds for what came before they are prepared.
            .serverChannelOption(.socketOption(.oobInline), value: 1)
            .serverChannelInitializer { [accepted, ranOut] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ListenerHandler(accepted: accepted, ranOut: ranOut))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.recvAllocator, value: Buffers.allocator)
            .childChannelInitializer(accept)
            .bind(to: address)
            .hop(to: loop)
    }

    /// Notes an open listener, unless the relay is stopping.
    ///
    /// - Returns: where it listens.
    private func keep(_ listener: any Channel, _ note: (inout State) -> Void) throws -> HostPort {
        let isClosed = state.withLockedValue { state in
            if !state.isClosed { note(&state) }
            return state.isClosed
        }
        guard !isClosed else {
            listener.close(promise: nil)
            throw RelayError("the relay is stopping")
        }
        gate.add(listener)
        guard let local = listener.localAddress, let host = local.ipAddress,
            let port = local.port.flatMap(UInt16.init(exactly:))
        else { throw RelayError("the system did not say where the listener is") }
        return HostPort(host, port)
    }
}
