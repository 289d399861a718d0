// Serves the metrics and the health of a relay over HTTP, one request on each connection.

internal import Glibc
package import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The server of `--metrics`, on a thread of its own.
package final class MetricsServer: Sendable {
    /// The address at which it listens.
    package let address: HostPort
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel

    /// The most connections at a time; further ones are closed at once.
    private static let mostConnections = 16
    /// How long a connection may take in all.
    private static let timeout = TimeAmount.seconds(10)

    private init(address: HostPort, group: MultiThreadedEventLoopGroup, listener: any Channel) {
        self.address = address
        self.group = group
        self.listener = listener
    }

    /// Starts the server.
    ///
    /// - Parameter names: names and addresses of this machine, beside loopback, by which it may be asked.
    /// - Throws: `MetricsError` if the address cannot be used.
    package static func start(at listen: HostPort, names: [String], _ meters: RelayMeters) async throws -> MetricsServer
    {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hosts = NIOLockedValueBox(MetricsHosts(port: listen.port, names: names))
        let open = NIOLockedValueBox(0)
        do {
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 16)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    let isFull = open.withLockedValue { open in
                        open += 1
                        return open > mostConnections
                    }
                    channel.closeFuture.whenComplete { _ in open.withLockedValue { $0 -= 1 } }
                    guard !isFull else { return channel.close() }
                    let timer = channel.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
                    channel.closeFuture.whenComplete { _ in timer.cancel() }
                    return channel.eventLoop.makeCompletedFuture {
                        var limits = NIOHTTPDecoderLimitConfiguration()
                        limits.maxHeaderFieldSize = 4_096
                        limits.maxHeaderListSize = 8_192
                        limits.maxHeaderFieldCount = 64
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.configureHTTPServerPipeline(
                            withPipeliningAssistance: false, withErrorHandling: true,
                            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
                        try pipeline.addHandler(MetricsHandler(hosts.withLockedValue(\.self), meters))
                    }
                }
                .bind(host: listen.host, port: Int(listen.port)).get()
            let port = UInt16(clamping: listener.localAddress?.port ?? 0)
            hosts.withLockedValue { $0 = MetricsHosts(port: port, names: names) }
            return MetricsServer(address: HostPort(listen.host, port), group: group, listener: listener)
        } catch {
            try? await group.shutdownGracefully()
            let why = (error as? IOError).map { String(cString: strerror($0.errnoCode)).lowercased() } ?? "\(error)"
            throw MetricsError("--metrics cannot listen at \(listen): \(why)")
        }
    }

    /// Ends the server and all its connections.
    package func stop() async {
        try? await listener.close()
        try? await group.shutdownGracefully()
    }
}

/// Why the metrics cannot be served, as text for people.
package struct MetricsError: Error, CustomStringConvertible, Sendable {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Answers one request and closes the connection.
private final class MetricsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let hosts: MetricsHosts
    private let meters: RelayMeters
    private var isAnswered = false

    init(_ hosts: MetricsHosts, _ meters: RelayMeters) {
        self.hosts = hosts
        self.meters = meters
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswered, case .head(let head) = unwrapInboundIn(data) else { return }
        let lengths = head.headers["content-length"]
        let answer = MetricsAnswer(
            method: head.method.rawValue, target: head.uri, hosts: head.headers["host"],
            hasBody: lengths.contains { $0 != "0" } || head.headers.contains(name: "transfer-encoding"), at: hosts)
        switch answer {
        case .metrics: send(200, Exposition.contentType, meters.text, context)
        case .healthy: send(200, "text/plain; charset=utf-8", "ok\n", context)
        case .ready:
            let readiness = meters.readiness
            send(readiness.reasons.isEmpty ? 200 : 503, "application/json", readiness.json, context)
        case .refusal(let status, let text): send(status, "text/plain; charset=utf-8", text + "\n", context)
        }
    }

    private func send(_ status: Int, _ type: String, _ body: String, _ context: ChannelHandlerContext) {
        isAnswered = true
        let headers: HTTPHeaders = [
            "Content-Type": type, "Content-Length": "\(body.utf8.count)", "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff", "Connection": "close",
        ]
        let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
