// One connection of a scripted client: sends commands and waits for answers.

import MSNP
import NIOCore
import NIOPosix

/// An open connection to a server.
struct ClientSocket: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<ReceivedCommands>

    /// Connects to a server.
    ///
    /// - Parameter onFrame: called on the event loop with every command first; returns whether it has handled it.
    static func connect(
        to server: HostPort, on group: any EventLoopGroup, before deadline: NIODeadline,
        onFrame: @escaping @Sendable (Frame, any Channel) -> Bool
    ) async throws -> ClientSocket {
        let channel = try await ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(max(deadline - .now(), .milliseconds(1)))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ReceivedCommands(onFrame: onFrame))
                }
            }
            .connect(host: server.host, port: Int(server.port)).get()
        let handler = try await channel.eventLoop.submit {
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: ReceivedCommands.self), eventLoop: channel.eventLoop)
        }.get()
        return ClientSocket(channel: channel, handler: handler)
    }

    func send(_ line: String, payload: [UInt8] = []) { Self.send(line, payload: payload, on: channel) }

    static func send(_ line: String, payload: [UInt8] = [], on channel: any Channel) {
        channel.writeAndFlush(ByteBuffer(bytes: Array(line.utf8) + [0x0D, 0x0A] + payload), promise: nil)
    }

    /// Waits for the first command, of those not yet returned, that matches.
    ///
    /// - Parameters:
    ///   - description: the expected command, for error messages.
    ///   - deadline: the time at which to throw `ScriptError.timedOut`.
    func first(
        _ description: String, before deadline: NIODeadline, where matches: @escaping @Sendable (Frame) -> Bool
    ) async throws -> Frame {
        let handler = handler
        return try await channel.eventLoop.flatSubmit {
            handler.value.first(description, before: deadline, on: handler.eventLoop, where: matches)
        }.get()
    }

    func close() async { try? await channel.close() }
}

/// Keeps the server's commands until `first` asks for them.
private final class ReceivedCommands: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private struct Waiter {
        let description: String
        let matches: @Sendable (Frame) -> Bool
        let promise: EventLoopPromise<Frame>
    }

    private let onFrame: @Sendable (Frame, any Channel) -> Bool
    private var decoder = FrameDecoder(side: .server)
    private var kept: [Frame] = []
    private var waiters: [Int: Waiter] = [:]
    private var count = 0
    private var isOpen = true

    /// The largest number of commands kept; the oldest are dropped.
    private static let limit = 1_000

    init(onFrame: @escaping @Sendable (Frame, any Channel) -> Bool) {
        self.onFrame = onFrame
        // The sandbox's newest dialect is MSNP12, in which errors carry no payload.
        decoder.dialect = Dialect(12)
    }

    func first(
        _ description: String, before deadline: NIODeadline, on loop: any EventLoop,
        where matches: @escaping @Sendable (Frame) -> Bool
    ) -> EventLoopFuture<Frame> {
        if let index = kept.firstIndex(where: matches) { return loop.makeSucceededFuture(kept.remove(at: index)) }
        guard isOpen else { return loop.makeFailedFuture(ScriptError.disconnected(waitingFor: description)) }
        count += 1
        let number = count
        let promise = loop.makePromise(of: Frame.self)
        waiters[number] = Waiter(description: description, matches: matches, promise: promise)
        let bound = NIOLoopBound(self, eventLoop: loop)
        let timeout = loop.scheduleTask(deadline: deadline) {
            bound.value.waiters.removeValue(forKey: number)?.promise.fail(ScriptError.timedOut(waitingFor: description))
        }
        promise.futureResult.whenComplete { _ in timeout.cancel() }
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(buffer: unwrapInboundIn(data))
        var position = 0
        while let piece = decoder.next(bytes.span, from: &position) {
            guard case .frame(let frame) = piece else { return context.close(promise: nil) }
            guard !onFrame(frame, context.channel) else { continue }
            if let (number, waiter) = waiters.first(where: { $0.value.matches(frame) }) {
                waiters[number] = nil
                waiter.promise.succeed(frame)
            } else {
                kept.append(frame)
                if kept.count > Self.limit { kept.removeFirst() }
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOpen = false
        for waiter in waiters.values { waiter.promise.fail(ScriptError.disconnected(waitingFor: waiter.description)) }
        waiters = [:]
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
