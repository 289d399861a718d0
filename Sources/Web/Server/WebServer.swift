// The page's server: starts it on an event loop of its own, and stops it.

import Glibc
import HummingbirdCore
import Logging
package import MSNP
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A running page.
package final class WebServer: Sendable {
    /// The address at which it listens.
    package let address: HostPort
    /// What people open in a browser.
    package let link: String
    private let responder: Responder
    private let server: Server<PageChannel>
    private let running: Task<Void, any Error>
    /// One thread, never one of a relay's.
    private let group: MultiThreadedEventLoopGroup

    /// How many ports are tried after one that is taken.
    private static let mostPorts: UInt16 = 20
    /// How long requests may go on after the stop, in milliseconds.
    private static let lastTime = 300

    private init(
        address: HostPort, link: String, responder: Responder, server: Server<PageChannel>,
        running: Task<Void, any Error>, group: MultiThreadedEventLoopGroup
    ) {
        self.address = address
        self.link = link
        self.responder = responder
        self.server = server
        self.running = running
        self.group = group
    }

    /// Starts the page.
    ///
    /// - Throws: `WebError` if the address cannot be used.
    package static func start(_ options: WebOptions) async throws -> WebServer {
        try await start(options, ServerLimits())
    }

    /// Starts the page with other limits, for tests.
    static func start(_ options: WebOptions, _ limits: ServerLimits) async throws -> WebServer {
        let responder = Responder(options, limits)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var listen = options.listen
        for attempt in 0... {
            do {
                return try await start(options, limits, listen, responder, group)
            } catch let error as IOError {
                if error.errnoCode == EADDRINUSE, options.mayTakeNextPort, attempt < mostPorts,
                    listen.port < UInt16.max
                {
                    listen = HostPort(listen.host, listen.port + 1)
                    continue
                }
                await responder.data.stop()
                try? await group.shutdownGracefully()
                throw WebError("the page cannot listen at \(listen): \(String(cString: strerror(error.errnoCode)))")
            } catch {
                await responder.data.stop()
                try? await group.shutdownGracefully()
                throw WebError("the page cannot listen at \(listen): \(error)")
            }
        }
        throw WebError("the page found no free port")
    }

    private static func start(
        _ options: WebOptions, _ limits: ServerLimits, _ listen: HostPort, _ responder: Responder,
        _ group: MultiThreadedEventLoopGroup
    ) async throws -> WebServer {
        var logger = Logger(label: "page") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let (bound, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = Server(
            childChannelSetup: PageChannel(limits: limits) { request, writer, presence in
                try await responder.respond(request, writer, presence)
            },
            configuration: ServerConfiguration(
                address: .hostname(listen.host, port: Int(listen.port)), backlog: limits.backlog,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: logger)),
            onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) },
            eventLoopGroup: group, logger: logger)
        let running = Task {
            defer { continuation.finish() }
            try await server.run()
        }
        for await port in bound {
            let address = HostPort(listen.host, UInt16(clamping: port))
            responder.listen(port: address.port)
            Task { await responder.data.prepare() }
            return WebServer(
                address: address, link: link(to: address, options), responder: responder, server: server,
                running: running, group: group)
        }
        // It ended before it listened, and says why.
        try await running.value
        throw WebError("the page ended at once")
    }

    private static func link(to address: HostPort, _ options: WebOptions) -> String {
        let host = ["0.0.0.0", "::"].contains(address.host) ? HostPort("127.0.0.1", address.port) : address
        let start = options.origins.first ?? "http://\(host)"
        return options.token.isInLink ? "\(start)/#token=\(options.token.text)" : "\(start)/"
    }

    /// Tells the pages that something was committed. Returns at once.
    package func noteCommit() { responder.streams.note() }

    /// Ends all streams and connections. Returns within a second.
    package func stop() async {
        responder.streams.stop()
        let server = server
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await server.shutdownGracefully() }
            group.addTask { try? await Task.sleep(for: .milliseconds(Self.lastTime)) }
            _ = await group.next()
            group.cancelAll()
            // Connections that still have a request end now.
            running.cancel()
        }
        await responder.data.stop()
        // Connections that are closing still use the event loop.
        _ = await running.result
        try? await group.shutdownGracefully()
    }
}

/// Why a page could not be started, as text for people.
package struct WebError: Error, CustomStringConvertible, Sendable {
    package let description: String

    init(_ description: String) { self.description = description }
}
