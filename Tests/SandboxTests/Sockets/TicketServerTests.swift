// The HTTP server of the ticket services over loopback sockets.

import MSNP
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Sandbox

/// Collects what a connection receives until it ends.
private final class Everything: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var received: [UInt8] = []
    private let whole: EventLoopPromise<String>

    init(_ whole: EventLoopPromise<String>) { self.whole = whole }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
    }

    func channelInactive(context: ChannelHandlerContext) { whole.succeed(String(decoding: received, as: UTF8.self)) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

@Suite(.timeLimit(.minutes(1))) struct TicketServerTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    private func start(timeout: TimeAmount = .seconds(30), log: @escaping @Sendable (String) -> Void = { _ in })
        async throws -> TicketServer
    {
        try await TicketServer.start(on: group, timeout: timeout, now: { 1_095_174_360 }, log: log)
    }

    /// Sends bytes, and returns everything that the server sends until it closes.
    private func exchange(_ server: TicketServer, _ parts: [String], halfClose: Bool = false) async throws -> String {
        let whole = group.next().makePromise(of: String.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Everything(whole))
                    }
                }
                .connect(host: server.address.host, port: Int(server.address.port)).get()
        } catch {
            whole.fail(error)
            throw error
        }
        for part in parts { try? await channel.writeAndFlush(ByteBuffer(string: part)).get() }
        if halfClose { try? await channel.close(mode: .output).get() }
        return try await whole.futureResult.get()
    }

    @Test func theWholeSignIn() async throws {
        let lines = Mutex<[String]>([])
        let server = try await start { line in lines.withLock { $0.append(line) } }
        #expect(server.passportURL == "http://\(server.address)/rdr/pprdr.asp")
        let nexus = try await exchange(server, ["GET /rdr/pprdr.asp HTTP/1.0\r\n\r\n"])
        #expect(nexus.hasPrefix("HTTP/1.0 200 OK\r\n"))
        #expect(nexus.contains("DALogin=\(server.address)/login2.srf,"))
        let login = try await exchange(
            server,
            [
                "GET /login2.srf HTTP/1.1\r\nHost: \(server.address)\r\nAuthorization: Passport1.4 OrgVerb=GET,",
                "sign-in=alice%40example.com,pwd=hidden,lc=1033\r\n\r\n",
            ])
        #expect(login.hasPrefix("HTTP/1.1 200 OK\r\n") && login.contains(",from-PP='t="))
        #expect(login.lowercased().contains("connection: close\r\n") && !login.contains("hidden"))
        let body =
            "<Envelope><Username>a@b</Username><Password>hidden</Password>"
            + "<RequestSecurityToken><Address>messengerclear.live.com</Address></RequestSecurityToken></Envelope>"
        let soap = try await exchange(
            server,
            [
                "POST /RST.srf HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n",
                body,
            ])
        #expect(soap.hasPrefix("HTTP/1.1 100 Continue\r\n") && soap.contains("\r\nHTTP/1.1 200 OK\r\n"))
        #expect(soap.contains("<wst:BinarySecret>") && !soap.contains("hidden"))
        #expect(
            lines.withLock { $0 } == ["HTTP: /rdr/pprdr.asp: 200", "HTTP: /login2.srf: 200", "HTTP: /RST.srf: 200"])
        await server.stop()
    }

    @Test(arguments: [
        ("hello\r\n\r\n", "400 Bad Request"), ("GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "404 Not Found"),
        ("GET /RST.srf HTTP/1.1\r\nHost: a\r\n\r\n", "405 Method Not Allowed"),
        ("POST /RST.srf HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "400 Bad Request"),
        ("POST /RST.srf HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "400 Bad Request"),
        ("GET /login2.srf HTTP/1.1\r\nHost: a\r\n\r\n", "401 Unauthorized"),
        (
            "GET /rdr/pprdr.asp HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 9_000))\r\n\r\n",
            "400 Bad Request"
        ),
        (
            "GET /rdr/pprdr.asp HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: y\r\n", count: 70))\r\n",
            "400 Bad Request"
        ),
    ])
    func invalidRequests(request: String, status: String) async throws {
        let server = try await start()
        let answer = try await exchange(server, [request])
        // The system may discard the answer if the rest of the request is still unread.
        #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n") || answer.isEmpty && request.utf8.count > 2_048, "\(answer)")
        await server.stop()
    }

    @Test func aBodyIsLimited() async throws {
        let server = try await start()
        let size = 70_000
        let answer = try await exchange(
            server,
            [
                "POST /RST.srf HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n",
                String(repeating: "x", count: size),
            ])
        #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer)")
        await server.stop()
    }

    /// A client that sends too little, nothing, or ends its side is disconnected after the time limit or at once.
    @Test(arguments: [("", false), ("GET /rdr", false), ("GET /rdr", true), ("", true)])
    func slowClientsAreDisconnected(part: String, halfClose: Bool) async throws {
        let server = try await start(timeout: .milliseconds(50))
        let answer = try await exchange(server, part.isEmpty ? [] : [part], halfClose: halfClose)
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "))
        await server.stop()
    }

    @Test func connectionsAreLimited() async throws {
        let server = try await start()
        var open: [any Channel] = []
        for _ in 0..<64 {
            open.append(
                try await ClientBootstrap(group: group).connect(
                    host: server.address.host, port: Int(server.address.port)
                ).get())
        }
        #expect(try await exchange(server, ["GET /rdr/pprdr.asp HTTP/1.0\r\n\r\n"]).isEmpty)
        await server.stop()
        for channel in open { try await channel.closeFuture.get() }
    }

    @Test func aTakenPortIsAnError() async throws {
        let server = try await start()
        await #expect(throws: (any Error).self) {
            try await TicketServer.start(on: group, port: Int(server.address.port), now: { 0 })
        }
        await server.stop()
    }
}
