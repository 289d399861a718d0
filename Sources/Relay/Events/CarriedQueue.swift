// What one event loop carried and the event thread has not collected yet.

internal import NIOConcurrencyHelpers
internal import NIOCore

/// The queue between one event loop and the event thread: only these two use its lock.
///
/// The loop adds to one part while the thread works on the part that it collected, so the memory is at most twice
/// `most`, and one read for each connection. Busy connections wait much earlier, so that quiet ones of their loop need not
/// wait for them; and new clients are not accepted at `most`, because each that ends brings its bytes.
final class CarriedQueue: Sendable {
    /// The bytes of all loops at which all connections wait.
    private static let mostOfAll = 8 << 20
    private static let leastOfOneLoop = 1 << 20
    /// The bytes of one connection at which it waits.
    static let mostBytesOfOne = 256 << 10
    /// A connection with more than this many bytes waits when there are `most / 4`.
    static let fewBytes = 64 << 10
    /// The bytes at which the thread collects without further delay.
    static let enoughBytes = 64 << 10

    /// When the loop has to wake the thread.
    enum Wake {
        /// The thread works, or was woken already.
        case never
        /// The thread collects soon by itself, except when there is enough already.
        case whenEnough
        /// The thread sleeps until there is something.
        case atOnce
    }

    /// The part of a connection in what is queued.
    struct Share {
        fileprivate var round: UInt64 = 0
        fileprivate var bytes = 0
    }

    struct State: Sendable {
        fileprivate var carried: [Carried] = []
        fileprivate var bytes = 0
        fileprivate var wake = Wake.never
        fileprivate let most: Int
        fileprivate var isSinkFull = false
        /// Whether new clients have to wait.
        fileprivate var isFull = false
        fileprivate var waiting: [NIOLoopBound<RelayedConnection>] = []
        /// Counts the collections.
        fileprivate var round: UInt64 = 1

        /// Whether a connection with this share can go on.
        fileprivate func accepts(_ share: Share) -> Bool {
            let own = share.round == round ? share.bytes : 0
            let mostOwn = bytes < most / 4 ? CarriedQueue.mostBytesOfOne : CarriedQueue.fewBytes
            return !isSinkFull && bytes < most && own < mostOwn
        }
    }

    /// The bytes at which all connections of the loop wait.
    let most: Int
    private let loop: any EventLoop
    private let state: NIOLockedValueBox<State>
    private let onFull: @Sendable (Bool) -> Void

    /// - Parameters:
    ///   - loops: the number of loops that share the memory.
    ///   - onFull: called with true when new clients have to wait, and with false when they can be accepted again.
    init(_ loop: any EventLoop, loops: Int, onFull: @escaping @Sendable (Bool) -> Void) {
        self.loop = loop
        self.onFull = onFull
        most = max(Self.mostOfAll / max(1, loops), Self.leastOfOneLoop)
        state = NIOLockedValueBox(State(most: most))
    }

    /// Adds what was carried.
    ///
    /// - Returns: whether the connection can go on, else it has to `wait`; and whether the caller has to wake the thread.
    func add(_ carried: Carried, _ share: inout Share) -> (isReady: Bool, wakes: Bool) {
        state.withLockedValue { state in
            if share.round != state.round { share = Share(round: state.round) }
            share.bytes += carried.size
            state.bytes += carried.size
            state.carried.append(carried)
            let wakes =
                switch state.wake {
                case .never: false
                case .whenEnough: state.bytes >= Self.enoughBytes
                case .atOnce: true
                }
            if wakes { state.wake = .never }
            if state.bytes >= most, !state.isFull {
                state.isFull = true
                // Under the lock, so that the calls keep their order.
                onFull(true)
            }
            return (state.accepts(share), wakes)
        }
    }

    /// Resumes a connection later.
    ///
    /// - Returns: false if it can go on already.
    func wait(_ connection: NIOLoopBound<RelayedConnection>, _ share: Share) -> Bool {
        state.withLockedValue { state in
            guard !state.accepts(share) else { return false }
            state.waiting.append(connection)
            return true
        }
    }

    /// Notes whether the sink is full, and resumes the waiting connections if it is not.
    func setSinkFull(_ isFull: Bool) {
        let ready = state.withLockedValue { state in
            state.isSinkFull = isFull
            return state.takeReady()
        }
        resume(ready)
    }

    /// Removes what all queues hold, as of one moment: what a connection causes on another one is never collected before
    /// its cause. If there is nothing, the next caller of `add` wakes the thread.
    static func collect(_ queues: [CarriedQueue]) -> Collection {
        var collection = Collection()
        lock(queues[...], &collection)
        for (queue, connections) in collection.ready { queue.resume(connections) }
        collection.ready = []
        return collection
    }

    /// What was collected at one time.
    struct Collection {
        /// What each queue held, in order.
        var carried: [[Carried]] = []
        var bytes = 0
        var isEmpty: Bool { bytes == 0 }
        fileprivate var ready: [(CarriedQueue, [NIOLoopBound<RelayedConnection>])] = []
    }

    /// Locks all queues one within the other, then takes from the innermost to the outermost.
    private static func lock(_ rest: ArraySlice<CarriedQueue>, _ collection: inout Collection) {
        guard let first = rest.first else { return }
        first.state.withLockedValue { state in
            collection.bytes += state.bytes
            lock(rest.dropFirst(), &collection)
            if !state.carried.isEmpty { collection.carried.append(state.carried) }
            (state.carried, state.bytes) = ([], 0)
            state.round += 1
            if state.isFull {
                state.isFull = false
                first.onFull(false)
            }
            state.wake = collection.isEmpty ? .atOnce : .whenEnough
            collection.ready.append((first, state.takeReady()))
        }
    }

    private func resume(_ connections: [NIOLoopBound<RelayedConnection>]) {
        guard !connections.isEmpty else { return }
        loop.execute { for connection in connections { connection.value.resume() } }
    }
}

extension CarriedQueue.State {
    /// Removes the waiting connections, unless the sink is full.
    fileprivate mutating func takeReady() -> [NIOLoopBound<RelayedConnection>] {
        guard !isSinkFull, !waiting.isEmpty else { return [] }
        defer { waiting = [] }
        return waiting
    }
}
