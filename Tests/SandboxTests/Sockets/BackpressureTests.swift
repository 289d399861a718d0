// A client that sends without reading its answers costs little memory, and loses nothing.

import MSNP
import NIOCore
import NIOPosix
import Testing

@testable import Sandbox

/// Counts the messages that a connection receives, and ends at the last one or when the connection ends.
private final class MessageCounter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var decoder = FrameDecoder(side: .server)
    private var count = 0
    private let expected: Int
    private let result: EventLoopPromise<Int>

    init(expected: Int, _ result: EventLoopPromise<Int>) {
        self.expected = expected
        self.result = result
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(buffer: unwrapInboundIn(data))
        var position = 0
        while let piece = decoder.next(bytes.span, from: &position) {
            if case .frame(let frame) = piece, frame.verb == "MSG" { count += 1 }
        }
        if count == expected { result.succeed(count) }
    }

    func channelInactive(context: ChannelHandlerContext) { result.succeed(count) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

@Suite(.timeLimit(.minutes(2))) struct BackpressureTests {
    @Test func whoDoesNotReadIsNotReadEither() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let sandbox = try await Sandbox.start(on: group, hasEcho: true)
        let account = "deaf@example.com"
        let link = try await ClientSocket.connect(to: sandbox.notification, on: group, before: .now() + .seconds(60)) {
            _, _ in false
        }
        for line in ["VER 1 MSNP9 CVR0", "USR 2 TWN I \(account)", "USR 3 TWN S x", "CHG 4 NLN 0", "XFR 5 SB"] {
            link.send(line)
        }
        let redirect = try await link.first("XFR", before: .now() + .seconds(60)) { $0.verb == "XFR" }
        let cookie = String(decoding: try #require(redirect.arguments.last), as: UTF8.self)

        let messages = 6_000
        // The greeting, and for each message a typing notification and the text.
        let result = group.next().makePromise(of: Int.self)
        let expected = 1 + 2 * messages
        let channel = try await ClientBootstrap(group: group)
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(MessageCounter(expected: expected, result))
                }
            }
            .connect(host: sandbox.switchboard.host, port: Int(sandbox.switchboard.port)).get()
        let opening = "USR 1 \(account) \(cookie)\r\nCAL 2 \(EchoContact.account)\r\n"
        channel.writeAndFlush(ByteBuffer(string: opening), promise: nil)
        let text = "Content-Type: text/plain\r\n\r\n" + String(repeating: "x", count: 1_500)
        let message = ByteBuffer(string: "MSG 3 U \(text.utf8.count)\r\n\(text)")
        for _ in 0..<messages / 10 { channel.writeAndFlush(message, promise: nil) }
        try await channel.writeAndFlush(ByteBuffer()).get()
        for _ in 0..<messages * 9 / 10 { channel.writeAndFlush(message, promise: nil) }
        try await channel.setOption(.autoRead, value: true).get()
        #expect(try await result.futureResult.get() == expected)
        try? await channel.close()
        await link.close()
        await sandbox.stop()
    }
}
