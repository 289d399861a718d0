// The HTTP server of the ticket services, on loopback.

package import MSNP
package import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves the ticket services over plain HTTP, one request on each connection.
package struct TicketServer: Sendable {
    /// The address at which it listens.
    package let address: HostPort

    private let listener: any Channel
    private let connections: NIOLoopBound<TicketConnections>

    /// The address of the Passport service, which clients of MSNP8 to MSNP12 ask first.
    package var passportURL: String { "http://\(address)\(TicketService.Route.nexus.rawValue)" }
    /// The address of the SOAP service, which clients of MSNP13 to MSNP15 ask.
    package var tokenURL: String { "http://\(address)\(TicketService.Route.securityTokens.rawValue)" }

    /// Listens on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - group: the event loops; the server uses one of them.
    ///   - port: the port; 0 for any free port.
    ///   - timeout: the time for a whole connection.
    ///   - now: returns the time in seconds since 1970.
    ///   - log: receives one line for each request: service and status, nothing that the client sent.
    /// - Throws: an error of the system, if the port is in use.
    package static func start(
        on group: any EventLoopGroup, port: Int = 0, timeout: TimeAmount = .seconds(10),
        now: @escaping @Sendable () -> UInt64, log: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> TicketServer {
        let loop = group.next()
        let connections = try await loop.submit {
            NIOLoopBound(TicketConnections(timeout: timeout, now: now, log: log), eventLoop: loop)
        }.get()
        let listener = try await ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    var limits = NIOHTTPDecoderLimitConfiguration()
                    limits.maxHeaderFieldSize = 8_192
                    limits.maxHeaderListSize = 16_384
                    limits.maxHeaderFieldCount = 64
                    try pipeline.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withErrorHandling: true,
                        withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
                    try pipeline.addHandler(TicketHandler(connections.value))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        let address = HostPort("127.0.0.1", UInt16(clamping: listener.localAddress?.port ?? 0))
        try await loop.submit { connections.value.address = address }.get()
        return TicketServer(address: address, listener: listener, connections: connections)
    }

    /// Closes the server and every connection.
    package func stop() async {
        try? await listener.close()
        let connections = connections
        try? await connections.eventLoop.flatSubmit {
            connections.value.closeAll(on: connections.eventLoop)
        }.get()
    }
}

/// The open connections of the server. All calls are on one event loop.
private final class TicketConnections {
    let timeout: TimeAmount
    let now: @Sendable () -> UInt64
    let log: @Sendable (String) -> Void
    var address = HostPort("127.0.0.1", 0)
    private var channels: [ObjectIdentifier: any Channel] = [:]

    /// The largest number of connections at a time; a client needs one.
    private static let most = 64

    init(
        timeout: TimeAmount, now: @escaping @Sendable () -> UInt64, log: @escaping @Sendable (String) -> Void
    ) {
        self.timeout = timeout
        self.now = now
        self.log = log
    }

    /// Adds a connection and limits its time; closes it if there are too many.
    func open(_ channel: any Channel) {
        guard channels.count < Self.most else { return channel.close(promise: nil) }
        let identifier = ObjectIdentifier(channel)
        channels[identifier] = channel
        let timer = channel.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
        let connections = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.closeFuture.whenComplete { _ in
            timer.cancel()
            connections.value.channels[identifier] = nil
        }
    }

    func closeAll(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let open = Array(channels.values)
        open.forEach { $0.close(promise: nil) }
        return EventLoopFuture.andAllComplete(open.map(\.closeFuture), on: loop)
    }
}

/// Collects one request, answers it and closes the connection.
private final class TicketHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let connections: TicketConnections
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isAnswered = false

    /// The largest body in bytes; a request for eight tokens has about 5,000.
    private static let mostBody = 65_536

    init(_ connections: TicketConnections) { self.connections = connections }

    func channelActive(context: ChannelHandlerContext) { connections.open(context.channel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswered else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            // .NET clients wait for this before they send a body.
            guard head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) else { return }
            let interim = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
        case .body(let part):
            guard body.count + part.readableBytes <= Self.mostBody else {
                return send(TicketResponse(status: 413), context)
            }
            body += part.readableBytesView
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head else { return }
        let request = TicketRequest(
            method: head.method.rawValue, target: head.uri, authorization: head.headers.first(name: "authorization"),
            host: head.headers.first(name: "host"), body: body)
        body = []
        send(TicketService.answer(request, at: connections.address, now: connections.now()), context)
    }

    private func send(_ response: TicketResponse, _ context: ChannelHandlerContext) {
        isAnswered = true
        let route = head.flatMap { TicketService.Route(target: $0.uri)?.rawValue } ?? "an unknown path"
        connections.log("HTTP: \(route): \(response.status)")
        var headers = HTTPHeaders(response.headers.map { ($0.name, $0.value) })
        headers.add(name: "Content-Type", value: response.contentType)
        headers.add(name: "Content-Length", value: "\(response.body.count)")
        headers.add(name: "Cache-Control", value: "no-store")
        headers.add(name: "Connection", value: "close")
        let head = HTTPResponseHead(
            version: self.head?.version ?? .http1_1, status: HTTPResponseStatus(statusCode: response.status),
            headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
        GracefulClose.close(context.channel, after: context.writeAndFlush(wrapOutboundOut(.end(nil))))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The handler in front has answered an invalid request with 400.
        if !isAnswered { connections.log("HTTP: invalid request") }
        isAnswered = true
        context.close(promise: nil)
    }
}
