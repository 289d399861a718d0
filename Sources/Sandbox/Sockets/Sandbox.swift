// The sandbox's sockets: three listeners on loopback, served by one `MessengerService` on one event loop.

package import MSNP
package import NIOCore
import NIOPosix

/// A small MSN service on loopback that accepts any account, to connect clients to.
package struct Sandbox: Sendable {
    /// The dispatch server, which redirects clients to `notification`.
    package let dispatch: HostPort
    /// The notification server.
    package let notification: HostPort
    /// The switchboard server.
    package let switchboard: HostPort

    private let service: NIOLoopBound<ServiceChannels>
    private let listeners: [any Channel]

    /// Opens the three servers on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - group: the event loops; the sandbox uses one of them.
    ///   - dispatchPort: the port, as with the others; 0 for any free port.
    ///   - hasEcho: whether every account has the echo contact on its list.
    ///   - log: receives one line for each connection error.
    package static func start(
        on group: any EventLoopGroup, dispatchPort: Int = 0, notificationPort: Int = 0, switchboardPort: Int = 0,
        hasEcho: Bool = false, log: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Sandbox {
        let loop = group.next()
        let channels = try await loop.submit {
            NIOLoopBound(ServiceChannels(hasEcho: hasEcho, log: log), eventLoop: loop)
        }.get()
        var listeners: [any Channel] = []
        func listen(as role: Role, on port: Int) async throws -> HostPort {
            let channel = try await bootstrap(on: loop, role, channels).bind(host: "127.0.0.1", port: port).get()
            listeners.append(channel)
            let address = HostPort("127.0.0.1", UInt16(clamping: channel.localAddress?.port ?? 0))
            try await loop.submit { channels.value.noteListener(role, at: address) }.get()
            return address
        }
        do {
            // In this order, no server redirects clients to one that does not listen yet.
            let switchboard = try await listen(as: .switchboard, on: switchboardPort)
            let notification = try await listen(as: .notification, on: notificationPort)
            let dispatch = try await listen(as: .dispatch, on: dispatchPort)
            return Sandbox(
                dispatch: dispatch, notification: notification, switchboard: switchboard, service: channels,
                listeners: listeners)
        } catch {
            for listener in listeners { try? await listener.close() }
            throw error
        }
    }

    /// Closes the servers and every connection.
    package func stop() async {
        for listener in listeners { try? await listener.close() }
        let service = service
        try? await service.eventLoop.flatSubmit { service.value.closeAll(on: service.eventLoop) }.get()
    }

    private static func bootstrap(on loop: any EventLoop, _ role: Role, _ channels: NIOLoopBound<ServiceChannels>)
        -> ServerBootstrap
    {
        ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ClientHandler(role: role, service: channels.value))
                }
            }
    }
}

/// Connects NIO channels with the service. All calls are on one event loop.
private final class ServiceChannels {
    let log: @Sendable (String) -> Void
    private var service: MessengerService
    private var channels: [Int: any Channel] = [:]
    private var connections = 0

    /// The largest number of bytes that a client leaves unread before its connection is closed.
    private static let mostUnread = 1 << 20

    init(hasEcho: Bool, log: @escaping @Sendable (String) -> Void) {
        self.log = log
        let unknown = HostPort("127.0.0.1", 0)
        service = MessengerService(notificationServer: unknown, switchboard: unknown, hasEcho: hasEcho)
    }

    func noteListener(_ role: Role, at address: HostPort) {
        if role == .notification { service.notificationServer = address }
        if role == .switchboard { service.switchboard = address }
    }

    func open(_ channel: any Channel, as role: Role) -> Int {
        connections += 1
        channels[connections] = channel
        let address = HostPort("127.0.0.1", UInt16(clamping: channel.localAddress?.port ?? 0))
        service.opened(connections, as: role, at: address)
        return connections
    }

    func receive(_ frame: Frame, from id: Int) { perform(service.receive(frame, from: id)) }

    func close(_ id: Int) {
        channels[id] = nil
        perform(service.closed(id))
    }

    func closeAll(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let open = Array(channels.values)
        open.forEach { $0.close(promise: nil) }
        return EventLoopFuture.andAllComplete(open.map(\.closeFuture), on: loop)
    }

    private func perform(_ outputs: [MessengerService.Output]) {
        for output in outputs {
            switch output {
            case .send(let bytes, let id): send(bytes, to: id)
            case .close(let id):
                if let channel = channels[id] {
                    GracefulClose.close(channel, after: channel.writeAndFlush(ByteBuffer()))
                }
            }
        }
    }

    /// Sends bytes, or closes the connection of a client that does not read.
    private func send(_ bytes: [UInt8], to id: Int) {
        guard let channel = channels[id] else { return }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        guard !channel.isWritable,
            let unread = try? channel.syncOptions?.getOption(.bufferedWritableBytes), unread > Self.mostUnread
        else { return }
        log("connection \(id): the client does not read, closed")
        channel.close(promise: nil)
    }
}

/// Decodes the commands of one client.
private final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let role: Role
    private let service: ServiceChannels
    private var decoder = FrameDecoder(side: .client)
    private var id: Int?

    init(role: Role, service: ServiceChannels) {
        self.role = role
        self.service = service
    }

    func channelActive(context: ChannelHandlerContext) { id = service.open(context.channel, as: role) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let id else { return }
        let bytes = Array(buffer: unwrapInboundIn(data))
        var position = 0
        while let piece = decoder.next(bytes.span, from: &position) {
            switch piece {
            case .frame(let frame): service.receive(frame, from: id)
            case .noise(let noise):
                service.log("\(role.rawValue) \(id): \(noise.reason.rawValue), closed")
                return context.close(promise: nil)
            }
        }
    }

    /// A client that does not read its answers is not read either.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        try? context.channel.syncOptions?.setOption(.autoRead, value: context.channel.isWritable)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let id { service.close(id) }
        id = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that resets its connection has ended, no more.
        if !(error is IOError) { service.log("\(role.rawValue) \(id ?? 0): \(error)") }
        context.close(promise: nil)
    }
}
