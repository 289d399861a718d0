// Enforces the limits of open connections and of clients whose server is not connected yet.

internal import NIOConcurrencyHelpers
internal import NIOCore

/// Counts connections and pending clients; closes the accept gate when connections or file descriptors run out.
final class ClientLimits: Sendable {
    let gate = AcceptGate()

    private struct State {
        /// The number of holders of each client's place, by channel: the channel itself and its `RelayedConnection`.
        /// The connection owns the server's socket, so the place is free only after both are gone.
        var holders: [ObjectIdentifier: Int] = [:]
        var handshakes: PendingClients
        /// When the relay last reported that clients have to wait.
        var lastReport: NIODeadline?
    }

    /// How long listeners pause when the system has no free file descriptor, unless a connection ends earlier.
    private static let fileRetryDelay = TimeAmount.seconds(1)
    /// The least time between two reports: with many short connections the limit is reached again and again.
    private static let reportInterval = TimeAmount.minutes(1)

    private let most: Int
    private let report: @Sendable (String) -> Void
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - options: the limits; without one, the limit on open files decides.
    ///   - loops: the number of event loops.
    ///   - report: receives one-line messages for the user.
    init(_ options: RelayOptions, loops: Int, _ report: @escaping @Sendable (String) -> Void) {
        most = options.mostConnections ?? FileBudget.connections(files: FileBudget.files, loops: loops)
        state = NIOLockedValueBox(State(handshakes: PendingClients(most: options.mostHandshakes)))
        self.report = report
    }

    /// The number of open connections.
    var connections: Int { state.withLockedValue { $0.holders.count } }

    /// Counts an accepted client, even before its own event loop has received it.
    ///
    /// Runs on the listener's event loop, which accepts no further client until this returns. Loops that accept at the same
    /// moment can each exceed the limit by one.
    func accepted(_ client: any Channel) {
        let id = ObjectIdentifier(client)
        let isFull = state.withLockedValue { state in
            state.holders[id, default: 0] += 1
            return state.holders.count >= most
        }
        client.closeFuture.whenComplete { [self] _ in release(id) }
        guard isFull else { return }
        gate.close(for: .connections)
        // A client may have left between the count and the closing; then no later event would reopen the gate.
        if connections < most { gate.open(for: .connections) }
        reportWaiting("\(most) connections are open, as many as the limit on open files allows (ulimit -n)")
    }

    /// Counts the connection of an accepted client as pending.
    ///
    /// - Returns: the numbers of connections to turn away.
    func arrived(_ number: Int, _ client: ObjectIdentifier) -> [Int] {
        state.withLockedValue { state in
            state.holders[client, default: 0] += 1
            return state.handshakes.begin(number)
        }
    }

    /// Counts bytes that a client sent before its server was connected.
    ///
    /// - Returns: the numbers of connections to turn away.
    func count(_ bytes: Int, of number: Int) -> [Int] {
        state.withLockedValue { $0.handshakes.count(bytes, of: number) }
    }

    /// Ends the pending state of a client whose server is connected.
    func endHandshake(_ number: Int) { state.withLockedValue { $0.handshakes.end(number) } }

    /// Releases the place of a finished connection.
    func left(_ number: Int, _ client: ObjectIdentifier) {
        endHandshake(number)
        release(client)
    }

    private func release(_ client: ObjectIdentifier) {
        let hasRoom = state.withLockedValue { state in
            guard let holders = state.holders[client] else { return false }
            state.holders[client] = holders > 1 ? holders - 1 : nil
            return holders == 1 && state.holders.count < most
        }
        guard hasRoom else { return }
        gate.open(for: .connections)
        gate.open(for: .files)
    }

    /// Pauses accepting because the system has no free file descriptor.
    func filesExhausted(on loop: any EventLoop) {
        guard gate.close(for: .files) else { return }
        reportWaiting("the system has no file descriptor left for a connection")
        loop.scheduleTask(in: Self.fileRetryDelay) { [gate] in gate.open(for: .files) }
    }

    private func reportWaiting(_ reason: String) {
        let isNew = state.withLockedValue { state in
            let now = NIODeadline.now()
            if let last = state.lastReport, now - last < Self.reportInterval { return false }
            state.lastReport = now
            return true
        }
        if isNew { report("\(reason); new clients wait until one is closed") }
    }
}
