// The pipeline's end of a relayed connection: hands every event to the connection, unchanged. The end of a channel is none of
// them: a channel that is closed while it becomes active never says that it is inactive. `closeFuture` always comes.

internal import MSNP
internal import NIOCore

/// One side's handler.
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

    func channelReadComplete(context: ChannelHandlerContext) { connection.turnEnded(side) }

    func channelWritabilityChanged(context: ChannelHandlerContext) { connection.writabilityChanged(side) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { connection.ended(side, .closed) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset or a broken pipe: the other side is told with a reset too.
        connection.ended(side, .reset)
        context.close(promise: nil)
    }
}
