// Closes connections so that the client receives everything that was sent.

import NIOCore

enum GracefulClose {
    /// The time for a client to close after the server has closed its side.
    private static let timeout = TimeAmount.seconds(2)

    /// Closes the output after the last write, and the input later. Closing both at once resets the connection if data
    /// from the client is unread, and the client may lose the last bytes.
    static func close(_ channel: any Channel, after lastWrite: EventLoopFuture<Void>) {
        lastWrite.whenComplete { _ in
            channel.close(mode: .output, promise: nil)
            let last = channel.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in last.cancel() }
        }
    }
}
