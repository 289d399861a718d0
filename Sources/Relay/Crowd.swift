// How many clients there are at once, and what happens when that is too many.

internal import NIOConcurrencyHelpers
internal import NIOCore

/// Counts connections, and those whose server is not there yet; closes the gate when files become scarce.
final class Crowd: Sendable {
    let gate = AcceptGate()

    private struct State {
        var connections = 0
        var handshakes: Handshakes
        /// Whether it was said that clients have to wait.
        var hasComplained = false
    }

    /// How long listeners rest when the system has no file left, unless a connection ends before.
    private static let rest = TimeAmount.seconds(1)

    private let most: Int
    private let report: @Sendable (String) -> Void
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - options: how many connections there may be; what the limit on open files allows without a number.
    ///   - loops: how many event loops there are.
    ///   - report: takes one line for people about trouble.
    init(_ options: RelayOptions, loops: Int, _ report: @escaping @Sendable (String) -> Void) {
        most = options.mostConnections ?? FileBudget.connections(files: FileBudget.files, loops: loops)
        state = NIOLockedValueBox(State(handshakes: Handshakes(most: options.mostHandshakes)))
        self.report = report
    }

    /// A client came.
    ///
    /// - Returns: the connections that give way to it.
    func arrived(_ number: Int) -> [Int] {
        let (gone, isFull) = state.withLockedValue { state in
            state.connections += 1
            return (state.handshakes.begin(number), state.connections >= most)
        }
        if isFull {
            gate.close(for: .connections)
            // One may have left between the count and the closing, and nobody else would open the gate again.
            if state.withLockedValue({ $0.connections < most }) { gate.open(for: .connections) }
            complain("\(most) connections are open, as many as the limit on open files allows (ulimit -n)")
        }
        return gone
    }

    /// A client said so many bytes before its server was there.
    ///
    /// - Returns: the connections that give way to it.
    func count(_ bytes: Int, of number: Int) -> [Int] {
        state.withLockedValue { $0.handshakes.count(bytes, of: number) }
    }

    /// The server of a client is there.
    func endHandshake(_ number: Int) { state.withLockedValue { $0.handshakes.end(number) } }

    /// A client has gone.
    func left(_ number: Int) {
        let hasRoom = state.withLockedValue { state in
            state.handshakes.end(number)
            state.connections -= 1
            // Said again only after it has become better by a tenth.
            if state.connections <= most - max(1, most / 10) { state.hasComplained = false }
            return state.connections < most
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
            defer { state.hasComplained = true }
            return !state.hasComplained
        }
        if isNew { report("\(what); new clients wait until one is closed") }
    }
}
