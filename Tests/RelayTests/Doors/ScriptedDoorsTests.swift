// Whole sign-ins and chats through each door: two scripted clients, the sandbox, and the relay between them.

import Doors
import Events
import Foundation
import MSNP
import NIOCore
import NIOPosix
import NIOSOCKS
import Synchronization
import TestSupport
import Testing

@testable import Relay
@testable import Sandbox

@Suite(.timeLimit(.minutes(2)), .serialized) struct ScriptedDoorsTests {
    private static let name = HostPort("messenger.hotmail.com", 1863)

    /// A command of the client on a connection of a role, other than `OUT`, behind which it does not wait. Notices of the server come in an order that times decide.
    private struct Said: Hashable {
        var role: Role
        var verb: String
    }

    /// The commands of the clients in a recorded chat.
    private static func commands(_ events: [Event]) -> Set<Said> {
        // Until the dispatch server redirects, its connection counts as that of a notification server.
        let dispatch = Set(events.filter { $0.role == .dispatch }.map(\.connection))
        return Set(
            events.compactMap { event in
                guard case .frame(let frame, .client) = event.kind, frame.verb != "OUT" else { return nil }
                let role = dispatch.contains(event.connection) ? Role.dispatch : event.role
                return Said(role: role, verb: "\(frame.verb)")
            })
    }

    /// Chats through a relay, and returns what was said and the findings.
    private static func chat(
        _ server: HostPort?, _ way: @escaping @Sendable (_ relay: HostPort, _ target: HostPort) async throws -> HostPort
    ) async throws -> (commands: Set<Said>, findings: [String], noises: Set<Noise.Reason>) {
        let group = MultiThreadedEventLoopGroup.singleton
        let sandbox = try await Sandbox.start(on: group)
        let harness = try await RelayHarness.start(to: sandbox.dispatch)
        let door = harness.door
        try await DemoChat.run(door: server ?? door, group: group) { try await way(door, $0) }
        await harness.relay.stop()
        await sandbox.stop()
        let events = harness.recorder.events
        // The connections that carry gateway requests hold the same bytes as those inside.
        return (
            commands(events.filter { $0.role != .http }), harness.recorder.findings,
            Set(harness.recorder.noises.map(\.reason))
        )
    }

    private static func plain() async throws -> Set<Said> {
        let (commands, findings, _) = try await chat(nil) { _, target in target }
        #expect(findings.isEmpty)
        return commands
    }

    @Test(arguments: ClientHandshake.allCases)
    func aChatThroughAProxy(_ handshake: ClientHandshake) async throws {
        let (commands, findings, noises) = try await Self.chat(Self.name) { relay, target in
            try DoorAdapter.open(to: relay.port, DoorAdapter.proxied(handshake, to: target))
        }
        let plain = try await Self.plain()
        #expect(commands == plain, "\(commands.symmetricDifference(plain))")
        // It asked for the old service's name; everything else was promised.
        #expect(findings == ["asked_elsewhere"] && noises == [.proxyHandshake])
    }

    @Test func aChatThroughTheGateway() async throws {
        let (commands, findings, _) = try await Self.chat(Self.name) { relay, target in
            try DoorAdapter.open(to: relay.port, DoorAdapter.gateway(to: target))
        }
        let plain = try await Self.plain()
        #expect(commands == plain, "\(commands.symmetricDifference(plain))")
        #expect(findings.isEmpty)
    }

    /// The SOCKS5 client of swift-nio-extras, which others wrote.
    @Test func aChatThroughTheClientOfAnotherLibrary() async throws {
        let (commands, findings, _) = try await Self.chat(Self.name) { relay, target in
            try await SOCKSLibraryAdapter.open(to: relay, for: target)
        }
        let plain = try await Self.plain()
        #expect(commands == plain, "\(commands.symmetricDifference(plain))")
        #expect(findings == ["asked_elsewhere"])
    }

    /// Programs that pass a connection on. (tsocks never uses its proxy for addresses on loopback, to which redirects lead.)
    @Test(arguments: ["socat SOCKS4A", "socat PROXY", "proxychains4"])
    func aChatThroughAnotherProgram(_ program: String) async throws {
        for needed in ["socat", String(program.prefix { $0 != " " })]
        where !FileManager.default.isExecutableFile(atPath: "/usr/bin/\(needed)") {
            print("SKIPPED: ScriptedDoorsTests: \(needed) is not installed (tools/other-programs-setup)")
            return
        }
        let adapters = try ProgramAdapters()
        let (commands, findings, _) = try await Self.chat(Self.name) { relay, target in
            try await adapters.open(program, to: relay, for: target)
        }
        let plain = try await Self.plain()
        #expect(commands == plain, "\(commands.symmetricDifference(plain))")
        #expect(findings == ["asked_elsewhere"])
    }
}

/// A listener for one connection, carried by NIOSOCKS.
private enum SOCKSLibraryAdapter {
    static func open(to relay: HostPort, for target: HostPort) async throws -> HostPort {
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: false)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .channelInitializer { server in
                        server.eventLoop.makeCompletedFuture {
                            try server.pipeline.syncOperations.addHandlers([
                                SOCKSClientHandler(
                                    targetAddress: .domain(target.host, port: Int(target.port))),
                                PassOn(to: client),
                            ])
                        }
                    }
                    .connect(host: relay.host, port: Int(relay.port))
                    .flatMapThrowing { server in
                        try client.pipeline.syncOperations.addHandler(PassOn(to: server))
                        client.closeFuture.whenComplete { _ in server.close(promise: nil) }
                        server.closeFuture.whenComplete { _ in client.close(promise: nil) }
                    }
                    .flatMap { client.setOption(.autoRead, value: true) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return HostPort("127.0.0.1", UInt16(clamping: listener.localAddress?.port ?? 0))
    }

    /// Writes everything that comes to another channel.
    private final class PassOn: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let other: any Channel

        init(to other: any Channel) { self.other = other }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// Programs that each listen for one connection and pass it on through the relay. They end with this object.
private final class ProgramAdapters: Sendable {
    private let scratch: Scratch
    private let programs = Mutex<[ChildProcess]>([])

    init() throws { scratch = try Scratch() }

    func open(_ program: String, to relay: HostPort, for target: HostPort) async throws -> HostPort {
        let name = UUID().uuidString
        let command: String
        let listen = "socat -d -d TCP-LISTEN:0,bind=127.0.0.1"
        switch program {
        case "socat SOCKS4A":
            command = "\(listen) SOCKS4A:127.0.0.1:\(target),socksport=\(relay.port)"
        case "socat PROXY": command = "\(listen) PROXY:127.0.0.1:\(target),proxyport=\(relay.port)"
        default:
            let configuration = try scratch.write(
                "strict_chain\nproxy_dns\nquiet_mode\n[ProxyList]\nsocks5 127.0.0.1 \(relay.port)\n", to: "\(name).conf"
            )
            command = "proxychains4 -q -f \(configuration) \(listen) TCP:\(target)"
        }
        let process = try ChildProcess(
            "/bin/sh", ["-c", "exec timeout 60 \(command)"], errors: scratch.path(name))
        programs.withLock { $0.append(process) }
        var text = ""
        // It polls, since files do not notify.
        for _ in 0..<2_000 {
            text = (try? scratch.read(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            if let port = text.firstMatch(of: /listening on .*:([0-9]+)\n/).flatMap({ UInt16($0.output.1) }) {
                return HostPort("127.0.0.1", port)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw BlockingSocket.Failure.refused(Array(text.utf8))
    }
}
