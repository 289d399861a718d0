// Lookups of names on a few threads: each name once at a time, and no more waiting names than there is room for.

internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Looks names up on threads of its own.
///
/// A lookup cannot be cancelled. When it takes too long, those who asked go on without it, and its thread stays busy.
final class NameQueue: Sendable {
    /// Finds the addresses of a host; may block.
    typealias Lookup = @Sendable (HostPort) throws -> [SocketAddress]

    /// How many names may wait for a thread.
    static let mostWaiting = 64

    private struct State {
        /// Who asked for each name that is looked up or waits for a thread.
        var askers: [String: [Int: EventLoopPromise<[SocketAddress]>]] = [:]
        /// The names that wait for a thread, the oldest first.
        var waiting: [String] = []
        var busyThreads = 0
        var lastAsker = 0
        var isClosed = false

        /// Notes who asks for a name.
        mutating func add(_ asker: EventLoopPromise<[SocketAddress]>, for host: String, threads: Int) throws -> Int {
            guard !isClosed else { throw RelayError("the relay is stopping") }
            if askers[host] == nil {
                guard busyThreads < threads || waiting.count < NameQueue.mostWaiting else {
                    throw RelayError("\(host) is not looked up: \(waiting.count) other names wait for it already")
                }
                waiting.append(host)
            }
            lastAsker += 1
            askers[host, default: [:]][lastAsker] = asker
            return lastAsker
        }

        /// Forgets who asked; a name that nobody asks for any more does not wait.
        mutating func remove(_ asker: Int, for host: String) -> EventLoopPromise<[SocketAddress]>? {
            let promise = askers[host]?.removeValue(forKey: asker)
            if askers[host]?.isEmpty == true, let index = waiting.firstIndex(of: host) {
                waiting.remove(at: index)
                askers[host] = nil
            }
            return promise
        }

        /// The next name, where a thread is free for it.
        mutating func next(threads: Int) -> String? {
            guard !isClosed, busyThreads < threads, !waiting.isEmpty else { return nil }
            busyThreads += 1
            return waiting.removeFirst()
        }
    }

    private let threads: NIOThreadPool
    private let lookup: Lookup
    private let state = NIOLockedValueBox(State())

    init(threads: Int, lookup: @escaping Lookup) {
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.lookup = lookup
    }

    /// Finds the addresses of a host, their ports 0.
    func addresses(
        of host: String, within timeout: TimeAmount, on loop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        let promise = loop.makePromise(of: [SocketAddress].self)
        do {
            let asker = try state.withLockedValue {
                try $0.add(promise, for: host, threads: threads.numberOfThreads)
            }
            let timer = loop.scheduleTask(in: timeout) { [state] in
                let promise = state.withLockedValue { $0.remove(asker, for: host) }
                promise?.fail(
                    RelayError("\(host) does not resolve: \(Failure.text(ChannelError.connectTimeout(timeout)))"))
            }
            promise.futureResult.whenComplete { _ in timer.cancel() }
            startNext()
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }

    /// Answers everybody, and lets the threads end when their lookups have.
    func close() {
        let askers = state.withLockedValue { state in
            state.isClosed = true
            state.waiting = []
            defer { state.askers = [:] }
            return state.askers.values.flatMap(\.values)
        }
        for asker in askers { asker.fail(RelayError("the relay is stopping")) }
        threads.shutdownGracefully { _ in }
    }

    private func startNext() {
        let host = state.withLockedValue { state in
            let host = state.next(threads: threads.numberOfThreads)
            // Not after the queue was closed, and not before there is a name.
            if host != nil { threads.start() }
            return host
        }
        guard let host else { return }
        threads.submit { [self] activity in
            let result = Result {
                guard activity == .active else { throw RelayError("the relay is stopping") }
                let addresses = try lookup(HostPort(host, 0))
                guard !addresses.isEmpty else { throw RelayError("no address found for \(host)") }
                return addresses
            }
            let askers = state.withLockedValue { state in
                state.busyThreads -= 1
                return state.askers.removeValue(forKey: host)
            }
            startNext()
            for asker in askers?.values ?? [:].values { asker.completeWith(result) }
        }
    }
}
