// Writes to a channel: directly to its socket while nothing waits in the channel.

internal import Glibc
internal import NIOCore

/// The way out to one side. Only used on the channel's event loop.
///
/// Nearly every message is one buffer that fits into the socket's own memory. Writing it needs no pipeline, no queue and
/// no promise. Everything else, and every error, is left to the channel.
///
/// A class, because a channel that cannot send reads what is left before it closes: `flush` then comes back to the
/// connection, which must be able to write to this side meanwhile.
final class Outlet {
    let channel: any Channel
    /// The channel's socket; nil if it is not known.
    ///
    /// It is used only while the channel is active. The channel closes it on this loop, and is not active any more before
    /// it calls anybody. So the number cannot mean another socket by then.
    private let socket: CInt?
    /// The first buffer since the last flush, if the channel has none.
    private var first: ByteBuffer?
    /// Whether the channel may hold buffers of its own.
    private var isChannelInUse = false

    init(_ channel: any Channel) {
        self.channel = channel
        socket = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            $0
        }
    }

    /// Adds bytes; `flush` sends them.
    func write(_ buffer: ByteBuffer) {
        if first == nil, socket != nil, !isInUse() {
            first = buffer
            return
        }
        hand(over: first)
        first = nil
        hand(over: buffer)
    }

    /// Sends what was added.
    func flush() {
        guard var buffer = first else {
            if isChannelInUse { channel.flush() }
            return
        }
        first = nil
        if let socket, channel.isActive {
            let sent = buffer.withUnsafeReadableBytes {
                send(socket, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
            }
            if sent > 0 { buffer.moveReaderIndex(forwardBy: sent) }
            if buffer.readableBytes == 0 { return }
        }
        hand(over: buffer)
        channel.flush()
    }

    private func hand(over buffer: ByteBuffer?) {
        guard let buffer else { return }
        isChannelInUse = true
        channel.write(buffer, promise: nil)
    }

    /// Whether the channel still holds buffers.
    private func isInUse() -> Bool {
        guard isChannelInUse else { return false }
        isChannelInUse = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) != 0
        return isChannelInUse
    }
}
