// The sandbox's sockets: three listeners on loopback, all fed into one value on one event loop.

package import MSNP
package import NIOCore
import NIOPosix

/// A small MSN service on loopback that lets any account in: something to point a client at.
package struct Sandbox: Sendable {
    /// Where clients sign in first; it sends them on to `notification`.
    package let dispatch: HostPort
    /// Where clients are signed in.
    package let notification: HostPort
    /// Where conversations are held.
    package let switchboard: HostPort

    private let switchroom: NIOLoopBound<SwitchboardRoom>
    private let listeners: [any Channel]

    /// Opens the three servers on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - group: whose threads to use; one of them is enough.
    ///   - dispatchPort: 0 for any free port, as with the others.
    ///   - log: is told what went wrong on a connection, one line each.
    package static func start(
        on group: any EventLoopGroup, dispatchPort: Int = 0, notificationPort: Int = 0, switchboardPort: Int = 0,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Sandbox {
        let loop = group.next()
        let room = try await loop.submit { NIOLoopBound(SwitchboardRoom(log: log), eventLoop: loop) }.get()
        var listeners: [any Channel] = []
        func listen(as role: Role, on port: Int) async throws -> HostPort {
            let channel = try await bootstrap(on: loop, role, room).bind(host: "127.0.0.1", port: port).get()
            listeners.append(channel)
            let address = HostPort("127.0.0.1", UInt16(clamping: channel.localAddress?.port ?? 0))
            try await loop.submit { room.value.listens(role, at: address) }.get()
            return address
        }
        do {
            // Nobody is sent to a server that does not listen yet.
            let switchboard = try await listen(as: .switchboard, on: switchboardPort)
            let notification = try await listen(as: .notification, on: notificationPort)
            let dispatch = try await listen(as: .dispatch, on: dispatchPort)
            return Sandbox(
                dispatch: dispatch, notification: notification, switchboard: switchboard, switchroom: room,
                listeners: listeners)
        } catch {
            for listener in listeners { try? await listener.close() }
            throw error
        }
    }

    /// Closes the servers and every connection.
    package func stop() async {
        for listener in listeners { try? await listener.close() }
        let room = switchroom
        try? await room.eventLoop.flatSubmit { room.value.closeAll(on: room.eventLoop) }.get()
    }

    private static func bootstrap(on loop: any EventLoop, _ role: Role, _ room: NIOLoopBound<SwitchboardRoom>)
        -> ServerBootstrap
    {
        ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ClientHandler(role: role, room: room.value))
                }
            }
    }
}

/// Connects channels with the service; lives on one event loop.
private final class SwitchboardRoom {
    let log: @Sendable (String) -> Void
    private var service = MessengerService(
        notificationServer: HostPort("127.0.0.1", 0), switchboard: HostPort("127.0.0.1", 0))
    private var channels: [Int: any Channel] = [:]
    private var connections = 0

    /// How long a client may take to hang up after the server has.
    private static let patience = TimeAmount.seconds(2)

    init(log: @escaping @Sendable (String) -> Void) { self.log = log }

    func listens(_ role: Role, at address: HostPort) {
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
            case .send(let bytes, let id): channels[id]?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            case .close(let id): if let channel = channels[id] { Self.hangUp(channel) }
            }
        }
    }

    /// Sends the end of the stream behind everything else. Closing at once could cost the client the last words, if
    /// it has said something that was not read.
    private static func hangUp(_ channel: any Channel) {
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in
            channel.close(mode: .output, promise: nil)
            let last = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in last.cancel() }
        }
    }
}

/// Cuts what one client says into commands.
private final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let role: Role
    private let room: SwitchboardRoom
    private var decoder = FrameDecoder(side: .client)
    private var id: Int?

    init(role: Role, room: SwitchboardRoom) {
        self.role = role
        self.room = room
    }

    func channelActive(context: ChannelHandlerContext) { id = room.open(context.channel, as: role) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let id else { return }
        let bytes = Array(buffer: unwrapInboundIn(data))
        var position = 0
        while let piece = decoder.next(bytes.span, from: &position) {
            switch piece {
            case .frame(let frame): room.receive(frame, from: id)
            case .noise(let noise):
                room.log("\(role.rawValue) \(id): \(noise.reason.rawValue), closed")
                return context.close(promise: nil)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let id { room.close(id) }
        id = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        room.log("\(role.rawValue) \(id ?? 0): \(error)")
        context.close(promise: nil)
    }
}
