// How many clients there are at once, and what happens when that is too many.

internal import NIOConcurrencyHelpers
internal import NIOCore

/// Counts connections, and those whose server is not there yet; closes the gate when files become scarce.
final class ClientLimits: Sendable {
    let gate = AcceptGate()

    private struct State {
        /// The clients, and what holds the place of each: its channel, and its connection, which has the server's socket.
        var holders: [ObjectIdentifier: Int] = [:]
        var handshakes: PendingClients
        /// When it was last said that clients have to wait.
        var complained: NIODeadline?
    }

    /// How long listeners rest when the system has no file left, unless a connection ends before.
    private static let rest = TimeAmount.seconds(1)
    /// How often it is said at most that clients have to wait: with many that come and go, it begins again all the time.
    private static let silence = TimeAmount.minutes(1)

    private let most: Int
    private let report: @Sendable (String) -> Void
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - options: how many connections there may be; what the limit on open files allows without a number.
    ///   - loops: how many event loops there are.
    ///   - report: takes one line for people about trouble.
    init(_ options: RelayOptions, loops: Int, _ report: @escaping @Sendable (String) -> Void) {
        most = options.mostConnections ?? FileBudget.connections(files: FileBudget.files, loops: loops)
        state = NIOLockedValueBox(State(handshakes: PendingClients(most: options.mostHandshakes)))
        self.report = report
    }

    /// How many connections there are.
    var connections: Int { state.withLockedValue { $0.holders.count } }

    /// A client was accepted. It counts from now on, although its own event loop does not know it yet.
    ///
    /// Called on the loop of the listener, which takes no further client until this returns. Loops that accept at the same
    /// moment can each take one client more than there may be.
    func accepted(_ client: any Channel) {
        let id = ObjectIdentifier(client)
        let isFull = state.withLockedValue { state in
            state.holders[id, default: 0] += 1
            return state.holders.count >= most
        }
        client.closeFuture.whenComplete { [self] _ in release(id) }
        guard isFull else { return }
        gate.close(for: .connections)
        // One may have left between the count and the closing, and nobody else would open the gate again.
        if connections < most { gate.open(for: .connections) }
        complain("\(most) connections are open, as many as the limit on open files allows (ulimit -n)")
    }

    /// An accepted client has a connection now.
    ///
    /// - Returns: the connections that give way to it.
    func arrived(_ number: Int, _ client: any Channel) -> [Int] {
        state.withLockedValue { state in
            state.holders[ObjectIdentifier(client), default: 0] += 1
            return state.handshakes.begin(number)
        }
    }

    /// A client said so many bytes before its server was there.
    ///
    /// - Returns: the connections that give way to it.
    func count(_ bytes: Int, of number: Int) -> [Int] {
        state.withLockedValue { $0.handshakes.count(bytes, of: number) }
    }

    /// The server of a client is there.
    func endHandshake(_ number: Int) { state.withLockedValue { $0.handshakes.end(number) } }

    /// The connection of a client is over.
    func left(_ number: Int, _ client: any Channel) {
        endHandshake(number)
        release(ObjectIdentifier(client))
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

    /// The system has no file left for one client more.
    func ranOut(on loop: any EventLoop) {
        guard gate.close(for: .files) else { return }
        complain("the system has no file left for a connection")
        loop.scheduleTask(in: Self.rest) { [gate] in gate.open(for: .files) }
    }

    private func complain(_ what: String) {
        let isNew = state.withLockedValue { state in
            let now = NIODeadline.now()
            if let last = state.complained, now - last < Self.silence { return false }
            state.complained = now
            return true
        }
        if isNew { report("\(what); new clients wait until one is closed") }
    }
}
