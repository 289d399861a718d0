// The channel handler of a listening socket: announces accepted clients and detects exhausted file descriptors.

internal import Glibc
internal import NIOCore

/// Reports when `accept` fails for lack of file descriptors. Without a pause the listener would retry at once, forever.
final class ListenerHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = any Channel

    private let accepted: @Sendable (any Channel) -> Void
    private let filesExhausted: @Sendable () -> Void

    init(accepted: @escaping @Sendable (any Channel) -> Void, filesExhausted: @escaping @Sendable () -> Void) {
        self.accepted = accepted
        self.filesExhausted = filesExhausted
    }

    /// Announces the client before its own event loop receives it.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        accepted(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) {
            filesExhausted()
        } else {
            context.fireErrorCaught(error)
        }
    }
}
