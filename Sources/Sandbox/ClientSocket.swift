// One connection of a scripted client: says lines, waits for answers.

import MSNP
import NIOCore
import NIOPosix

/// What may go wrong in a scripted chat.
package enum ScriptError: Error, Sendable, CustomStringConvertible {
    /// The server answered with an error or something unexpected.
    case refused(String)
    /// What was waited for did not come in time.
    case timedOut(waitingFor: String)
    /// The connection ended while something was waited for.
    case disconnected(waitingFor: String)
    /// The client was asked to do what it is not ready for.
    case notReady(String)

    /// One line for a person.
    package var description: String {
        switch self {
        case .refused(let line): "the server answered: \(line)"
        case .timedOut(let what): "nothing came in time while waiting for \(what)"
        case .disconnected(let what): "the connection ended while waiting for \(what)"
        case .notReady(let what): what
        }
    }
}

/// An open connection to a server.
struct ClientSocket: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<LinkHandler>

    /// Connects.
    ///
    /// - Parameter onFrame: sees every command first, on the event loop, and says whether it took it.
    static func connect(
        to server: HostPort, on group: any EventLoopGroup, before deadline: NIODeadline,
        onFrame: @escaping @Sendable (Frame, any Channel) -> Bool
    ) async throws -> ClientSocket {
        let channel = try await ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(max(deadline - .now(), .milliseconds(1)))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LinkHandler(onFrame: onFrame))
                }
            }
            .connect(host: server.host, port: Int(server.port)).get()
        let handler = try await channel.eventLoop.submit {
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: LinkHandler.self), eventLoop: channel.eventLoop)
        }.get()
        return ClientSocket(channel: channel, handler: handler)
    }

    func send(_ line: String, payload: [UInt8] = []) { Self.send(line, payload: payload, on: channel) }

    static func send(_ line: String, payload: [UInt8] = [], on channel: any Channel) {
        channel.writeAndFlush(ByteBuffer(bytes: Array(line.utf8) + [0x0D, 0x0A] + payload), promise: nil)
    }

    /// The first command, of those not yet taken, that fits.
    func first(
        _ what: String, before deadline: NIODeadline, where fits: @escaping @Sendable (Frame) -> Bool
    ) async throws -> Frame {
        let handler = handler
        return try await channel.eventLoop.flatSubmit {
            handler.value.first(what, before: deadline, on: handler.eventLoop, where: fits)
        }.get()
    }

    func close() async { try? await channel.close() }
}

/// Keeps what the server said until somebody asks for it.
private final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private struct Waiter {
        let what: String
        let fits: @Sendable (Frame) -> Bool
        let promise: EventLoopPromise<Frame>
    }

    private let onFrame: @Sendable (Frame, any Channel) -> Bool
    private var decoder = FrameDecoder(side: .server)
    private var kept: [Frame] = []
    private var waiters: [Int: Waiter] = [:]
    private var count = 0
    private var isOpen = true

    /// Commands that nobody asks for are forgotten beyond this number.
    private static let limit = 1_000

    init(onFrame: @escaping @Sendable (Frame, any Channel) -> Bool) {
        self.onFrame = onFrame
        // Nothing newer than MSNP12 is spoken here: errors carry no payload.
        decoder.dialect = Dialect(12)
    }

    func first(
        _ what: String, before deadline: NIODeadline, on loop: any EventLoop,
        where fits: @escaping @Sendable (Frame) -> Bool
    ) -> EventLoopFuture<Frame> {
        if let index = kept.firstIndex(where: fits) { return loop.makeSucceededFuture(kept.remove(at: index)) }
        guard isOpen else { return loop.makeFailedFuture(ScriptError.disconnected(waitingFor: what)) }
        count += 1
        let number = count
        let promise = loop.makePromise(of: Frame.self)
        waiters[number] = Waiter(what: what, fits: fits, promise: promise)
        let bound = NIOLoopBound(self, eventLoop: loop)
        let alarm = loop.scheduleTask(deadline: deadline) {
            bound.value.waiters.removeValue(forKey: number)?.promise.fail(ScriptError.timedOut(waitingFor: what))
        }
        promise.futureResult.whenComplete { _ in alarm.cancel() }
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(buffer: unwrapInboundIn(data))
        var position = 0
        while let piece = decoder.next(bytes.span, from: &position) {
            guard case .frame(let frame) = piece else { return context.close(promise: nil) }
            guard !onFrame(frame, context.channel) else { continue }
            if let (number, waiter) = waiters.first(where: { $0.value.fits(frame) }) {
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
        for waiter in waiters.values { waiter.promise.fail(ScriptError.disconnected(waitingFor: waiter.what)) }
        waiters = [:]
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
