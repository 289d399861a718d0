// Raw ends of connections: a client or a server that sends and receives bytes.

import Crypto
import Glibc
import MSNP
import NIOCore
import NIOPosix
import Testing

/// How the other end stopped to talk.
enum PeerEnd: Sendable {
    case closed
    case reset
}

/// One end of a TCP connection.
final class TestPeer: Sendable {
    struct Received: Sendable {
        var bytes: [UInt8] = []
        var total = 0
        var digest = SHA256()
        var keeps = true
        var end: PeerEnd?
    }

    let channel: any Channel
    let received: Observable<Received>

    private init(_ channel: any Channel, _ received: Observable<Received>) {
        self.channel = channel
        self.received = received
    }

    /// Makes an end out of a channel that is being set up.
    static func attach(to channel: any Channel) throws -> TestPeer {
        let peer = TestPeer(channel, Observable(Received()))
        try channel.pipeline.syncOperations.addHandler(ReceiveHandler(peer.received))
        return peer
    }

    /// Connects.
    ///
    /// - Parameter local: the address of this machine to connect from; nil for any.
    static func connect(
        to address: HostPort, from local: String? = nil, reads: Bool = true,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> TestPeer {
        let made = Observable<TestPeer?>(nil)
        let target = try SocketAddress(ipAddress: address.host, port: Int(address.port))
        let source = try local.map { try SocketAddress(ipAddress: $0, port: 0) }
        // A socket belongs to the network namespace of the thread that makes it.
        let loop = group.next()
        _ = try await loop.flatSubmit {
            var bootstrap = ClientBootstrap(group: loop)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(.autoRead, value: reads)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connectTimeout(.seconds(90))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let peer = try attach(to: channel)
                        made.change { $0 = peer }
                    }
                }
            if let source { bootstrap = bootstrap.bind(to: source) }
            return bootstrap.connect(to: target)
        }.get()
        return try #require(made.value)
    }

    /// Says bytes, and returns when the system took them.
    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Hears exactly these bytes next.
    func expect(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        do {
            let got = try await received.wait(for: "\(bytes.count) bytes") { received -> [UInt8]? in
                guard received.bytes.count >= bytes.count || received.end != nil else { return nil }
                defer { received.bytes.removeFirst(min(bytes.count, received.bytes.count)) }
                return Array(received.bytes.prefix(bytes.count))
            }
            if got != bytes {
                Issue.record(
                    "received \(String(decoding: got, as: UTF8.self).debugDescription) instead of \(String(decoding: bytes, as: UTF8.self).debugDescription)",
                    sourceLocation: sourceLocation)
            }
        } catch {
            let got = String(decoding: received.value.bytes, as: UTF8.self).debugDescription
            Issue.record("\(error); received only \(got)", sourceLocation: sourceLocation)
            throw error
        }
    }

    func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await expect(Array(text.utf8), sourceLocation: sourceLocation)
    }

    /// Hears a line, its end included.
    func line() async throws -> String {
        try await received.wait(for: "a line") { received in
            guard let feed = received.bytes.firstIndex(of: 0x0A) else { return nil }
            defer { received.bytes.removeFirst(feed + 1) }
            return String(decoding: received.bytes[...feed], as: UTF8.self)
        }
    }

    /// Hears nothing more but the end.
    func expectEnd(_ wanted: PeerEnd = .closed, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let (end, rest) = try await received.wait(for: "the end") { received in
            received.end.map { ($0, received.bytes) }
        }
        #expect(end == wanted, sourceLocation: sourceLocation)
        #expect(String(decoding: rest, as: UTF8.self) == "", sourceLocation: sourceLocation)
    }

    /// Says no more, but listens.
    func finishSending() async throws { try await channel.close(mode: .output) }
    func close() async { try? await channel.close() }
    /// Breaks the connection off.
    func reset() async throws {
        try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try? await channel.close()
    }

    func listenOn() async throws { try await channel.setOption(.autoRead, value: true).get() }
    /// From now on only counts and digests what is received.
    func digestOnly() { received.change { $0.keeps = false } }
}

/// Notes what comes in.
private final class ReceiveHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let received: Observable<TestPeer.Received>

    init(_ received: Observable<TestPeer.Received>) { self.received = received }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        received.change { received in
            received.total += buffer.readableBytes
            if received.keeps {
                received.bytes += buffer.readableBytesView
            } else {
                buffer.withUnsafeReadableBytes { received.digest.update(bufferPointer: $0) }
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { ended(.closed) }
    }

    func channelInactive(context: ChannelHandlerContext) { ended(.closed) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, error.errnoCode == ECONNRESET { ended(.reset) }
        context.close(promise: nil)
    }

    private func ended(_ end: PeerEnd) { received.change { if $0.end == nil { $0.end = end } } }
}

/// A server that lets a test play its part.
final class TestServer: Sendable {
    let address: HostPort
    private let channel: any Channel
    private let accepted: Observable<[TestPeer]>

    private init(_ channel: any Channel, _ address: HostPort, _ accepted: Observable<[TestPeer]>) {
        self.channel = channel
        self.address = address
        self.accepted = accepted
    }

    static func start(
        at host: String = "127.0.0.1", port: Int = 0, reads: Bool = true,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> TestServer {
        let accepted = Observable<[TestPeer]>([])
        let address = try SocketAddress(ipAddress: host, port: port)
        let channel = try await group.next().flatSubmit {
            ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 4_096)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelOption(.autoRead, value: reads)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let peer = try TestPeer.attach(to: channel)
                        accepted.change { $0.append(peer) }
                    }
                }
                .bind(to: address)
        }.get()
        let port = try #require(channel.localAddress?.port)
        return TestServer(channel, HostPort(host, UInt16(port)), accepted)
    }

    /// The next client.
    func accept() async throws -> TestPeer {
        try await accepted.wait(for: "a client at \(address)") { $0.isEmpty ? nil : $0.removeFirst() }
    }

    var hasClients: Bool { !accepted.value.isEmpty }

    func stop() async {
        try? await channel.close()
        for peer in accepted.value { await peer.close() }
    }
}
