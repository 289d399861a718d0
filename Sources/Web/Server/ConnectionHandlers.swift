// Handlers of the page's connections: one closes those whose reader takes nothing, one notices that it has gone.

import NIOConcurrencyHelpers
import NIOCore

/// Closes a connection on which nothing could be written for a time. The idle timer of the server looks only at what is
/// received.
final class WriteTimeoutHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = NIOAny
    typealias OutboundOut = NIOAny

    private let timeout: TimeAmount
    private var waiting = 0
    private var timer: Scheduled<Void>?

    init(timeout: TimeAmount) { self.timeout = timeout }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let promise = promise ?? context.eventLoop.makePromise()
        waiting += 1
        if timer == nil { start(context) }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { _ in
            let (handler, context) = bound.value
            handler.waiting -= 1
            handler.timer?.cancel()
            handler.timer = nil
            if handler.waiting > 0 { handler.start(context) }
        }
        context.write(data, promise: promise)
    }

    private func start(_ context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }
}

/// Whether the client of a connection has gone. Shared by its event loop and by the thread that reads for it.
final class ClientPresence: Sendable {
    private struct State: Sendable {
        var isGone = false
        var callback: (@Sendable () -> Void)?
    }

    private let state = NIOLockedValueBox(State())

    /// Has a function called when the client goes, or at once if it has gone. It takes the place of an earlier one:
    /// requests of a connection are answered one after the other.
    func onLeave(_ callback: @escaping @Sendable () -> Void) {
        let isGone = state.withLockedValue { state in
            state.callback = callback
            return state.isGone
        }
        if isGone { callback() }
    }

    func leave() {
        let callback = state.withLockedValue { state in
            state.isGone = true
            defer { state.callback = nil }
            return state.callback
        }
        callback?()
    }
}

/// Notices the end of what a client sends. A browser that gives up a request closes its connection.
final class PresenceHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let presence: ClientPresence

    init(_ presence: ClientPresence) { self.presence = presence }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { presence.leave() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        presence.leave()
        context.fireChannelInactive()
    }
}
