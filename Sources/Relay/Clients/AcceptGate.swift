// When new clients are taken: while there is room for what they bring, and files for their sockets.

internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOCore

/// Lets all listeners rest together. Clients that come meanwhile wait in the system's queue.
final class AcceptGate: Sendable {
    /// Why listeners rest.
    enum Reason: Hashable {
        /// The sink wants no more events for now.
        case sink
        /// As many connections are open as there are files for.
        case connections
        /// The system has no file left.
        case files
    }

    private struct State {
        var reasons: Set<Reason> = []
        var listeners: [ObjectIdentifier: any Channel] = [:]
    }

    private let state = NIOLockedValueBox(State())

    /// Whether listeners accept clients now.
    var isOpen: Bool { state.withLockedValue { $0.reasons.isEmpty } }

    /// Takes a listener in, until it closes.
    func add(_ listener: any Channel) {
        let id = ObjectIdentifier(listener)
        state.withLockedValue { $0.listeners[id] = listener }
        listener.closeFuture.whenComplete { [state] _ in state.withLockedValue { $0.listeners[id] = nil } }
        settle(listener)
    }

    /// Lets listeners rest.
    ///
    /// - Returns: whether they did not rest for this reason already.
    @discardableResult
    func close(for reason: Reason) -> Bool {
        let (isNew, listeners) = state.withLockedValue { state in
            let wasOpen = state.reasons.isEmpty
            let isNew = state.reasons.insert(reason).inserted
            return (isNew, wasOpen ? Array(state.listeners.values) : [])
        }
        for listener in listeners { settle(listener) }
        return isNew
    }

    /// A reason to rest is gone.
    func open(for reason: Reason) {
        let listeners = state.withLockedValue { state in
            guard state.reasons.remove(reason) != nil, state.reasons.isEmpty else { return [any Channel]() }
            return Array(state.listeners.values)
        }
        for listener in listeners { settle(listener) }
    }

    /// Brings a listener into the state that is wanted by the time that its loop comes to it: so the last one wins.
    private func settle(_ listener: any Channel) {
        let loop = listener.eventLoop
        if loop.inEventLoop { return apply(to: listener) }
        loop.execute { [self] in apply(to: listener) }
    }

    private func apply(to listener: any Channel) {
        guard listener.isActive else { return }
        try? listener.syncOptions?.setOption(.autoRead, value: isOpen)
    }
}

/// Notices when the system has no file for one client more: without a rest, the listener would try again at once, for ever.
final class ListenerHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = any Channel

    private let accepted: @Sendable (any Channel) -> Void
    private let ranOut: @Sendable () -> Void

    init(accepted: @escaping @Sendable (any Channel) -> Void, ranOut: @escaping @Sendable () -> Void) {
        self.accepted = accepted
        self.ranOut = ranOut
    }

    /// Tells of a client before any other event loop knows it.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        accepted(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) {
            ranOut()
        } else {
            context.fireErrorCaught(error)
        }
    }
}

/// How many connections the system's limit on open files allows.
enum FileBudget {
    /// What is kept for the archive, the name service, the event loops and extra listeners.
    static func reserve(loops: Int) -> Int { 40 + 3 * loops + Listeners.mostExtra }

    /// The number of connections, two files each, that leave the reserve alone; with a low limit, half of all files.
    static func connections(files: Int, loops: Int) -> Int {
        max(1, (files - min(files / 2, reserve(loops: loops))) / 2)
    }

    /// How many files this process may have open.
    static var files: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        return Int(clamping: limit.rlim_cur)
    }
}
