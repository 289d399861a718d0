// The channel handler of each side of a relayed connection: passes channel events to `RelayedConnection`.
//
// It does not use `channelInactive`: NIO does not call it for a channel that is closed while it becomes active. The
// connection observes `closeFuture`, which always completes.

internal import MSNP
internal import NIOCore

/// The channel handler of one side.
final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let side: Side
    private let connection: RelayedConnection

    init(_ side: Side, _ connection: RelayedConnection) {
        self.side = side
        self.connection = connection
    }

    func channelActive(context: ChannelHandlerContext) {
        if side == .client { connection.begin() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        if side == .client { connection.countHandshake(buffer.readableBytes) }
        connection.receive(buffer, from: side)
    }

    func channelReadComplete(context: ChannelHandlerContext) { connection.readCompleted(side) }

    func channelWritabilityChanged(context: ChannelHandlerContext) { connection.writabilityChanged(side) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { connection.ended(side, .closed) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset or a broken pipe; the connection resets the other side, too.
        connection.ended(side, .reset)
        context.close(promise: nil)
    }
}
