// Pauses and resumes accepting on all listeners: while events wait for their sink, or connections or files run out.

internal import NIOConcurrencyHelpers
internal import NIOCore

/// Pauses all listeners together. Clients that connect meanwhile wait in the system's backlog.
final class AcceptGate: Sendable {
    /// Why listeners are paused.
    enum Reason: Hashable {
        /// The event sink is full.
        case sink
        /// The queue of this loop is full: each new client would add to it.
        case queue(Int)
        /// The limit of open connections is reached.
        case connections
        /// The system has no free file descriptor.
        case files
    }

    private struct State {
        var reasons: Set<Reason> = []
        var listeners: [ObjectIdentifier: any Channel] = [:]
    }

    private let state = NIOLockedValueBox(State())

    /// Whether listeners accept clients.
    var isOpen: Bool { state.withLockedValue { $0.reasons.isEmpty } }

    /// Adds a listener; it is removed when it closes.
    func add(_ listener: any Channel) {
        let id = ObjectIdentifier(listener)
        state.withLockedValue { $0.listeners[id] = listener }
        listener.closeFuture.whenComplete { [state] _ in state.withLockedValue { $0.listeners[id] = nil } }
        update(listener)
    }

    /// Pauses the listeners.
    ///
    /// - Returns: false if they were already paused for this reason.
    @discardableResult
    func close(for reason: Reason) -> Bool {
        let (isNew, listeners) = state.withLockedValue { state in
            let wasOpen = state.reasons.isEmpty
            let isNew = state.reasons.insert(reason).inserted
            return (isNew, wasOpen ? Array(state.listeners.values) : [])
        }
        for listener in listeners { update(listener) }
        return isNew
    }

    /// Removes a reason to pause; without any reason left, the listeners resume.
    func open(for reason: Reason) {
        let listeners = state.withLockedValue { state in
            guard state.reasons.remove(reason) != nil, state.reasons.isEmpty else { return [any Channel]() }
            return Array(state.listeners.values)
        }
        for listener in listeners { update(listener) }
    }

    /// Applies the gate's state to a listener on the listener's event loop. It reads the state there, so the last change wins.
    private func update(_ listener: any Channel) {
        let loop = listener.eventLoop
        if loop.inEventLoop { return apply(to: listener) }
        loop.execute { [self] in apply(to: listener) }
    }

    private func apply(to listener: any Channel) {
        guard listener.isActive else { return }
        try? listener.syncOptions?.setOption(.autoRead, value: isOpen)
    }
}
