// A bounded queue of name lookups on its own threads; concurrent requests for one name share a lookup.

internal import Doors
internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Resolves names on its own threads.
///
/// A lookup cannot be cancelled. After the time-out its requests fail, but its thread stays busy until the lookup ends.
final class NameQueue: Sendable {
    /// Resolves a host; may block.
    typealias Lookup = @Sendable (HostPort) throws -> [SocketAddress]

    /// The limit of names that wait for a thread.
    static let mostWaiting = 64

    private struct State {
        /// The requests for each name that is being looked up or waits for a thread, by request number.
        var requests: [String: [Int: EventLoopPromise<[SocketAddress]>]] = [:]
        /// The names that wait for a thread, oldest first.
        var waiting: [String] = []
        var busyThreads = 0
        var lastRequest = 0
        var isClosed = false

        /// Adds a request.
        ///
        /// - Returns: its number.
        /// - Throws: `RelayError` if the queue is full or closed.
        mutating func add(_ promise: EventLoopPromise<[SocketAddress]>, for host: String, threads: Int) throws -> Int {
            guard !isClosed else { throw RelayError("the relay is stopping") }
            if requests[host] == nil {
                guard busyThreads < threads || waiting.count < NameQueue.mostWaiting else {
                    throw RelayError("\(host) is not looked up: \(waiting.count) other names are waiting already")
                }
                waiting.append(host)
            }
            lastRequest += 1
            requests[host, default: [:]][lastRequest] = promise
            return lastRequest
        }

        /// Removes a request; without any request left, its name no longer waits.
        mutating func remove(_ request: Int, for host: String) -> EventLoopPromise<[SocketAddress]>? {
            let promise = requests[host]?.removeValue(forKey: request)
            if requests[host]?.isEmpty == true, let index = waiting.firstIndex(of: host) {
                waiting.remove(at: index)
                requests[host] = nil
            }
            return promise
        }

        /// Removes the next name from the queue and occupies a thread; nil if no name waits or no thread is free.
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

    /// Resolves a host; the ports of the addresses are 0.
    func addresses(
        of host: String, within timeout: TimeAmount, on loop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        let promise = loop.makePromise(of: [SocketAddress].self)
        do {
            let request = try state.withLockedValue {
                try $0.add(promise, for: host, threads: threads.numberOfThreads)
            }
            let timer = loop.scheduleTask(in: timeout) { [state] in
                let promise = state.withLockedValue { $0.remove(request, for: host) }
                promise?.fail(
                    RelayError(
                        "\(host) does not resolve: \(ErrorText.describe(ChannelError.connectTimeout(timeout)))",
                        outcome: .hostUnreachable))
            }
            promise.futureResult.whenComplete { _ in timer.cancel() }
            startNext()
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }

    /// Fails all requests; the threads end after their current lookups.
    func close() {
        let promises = state.withLockedValue { state in
            state.isClosed = true
            state.waiting = []
            defer { state.requests = [:] }
            return state.requests.values.flatMap(\.values)
        }
        for promise in promises { promise.fail(RelayError("the relay is stopping")) }
        threads.shutdownGracefully { _ in }
    }

    private func startNext() {
        let host = state.withLockedValue { state in
            let host = state.next(threads: threads.numberOfThreads)
            // Starts the pool on first use, and never after `close()`: `next` returns nil then.
            if host != nil { threads.start() }
            return host
        }
        guard let host else { return }
        threads.submit { [self] activity in
            let result = Result {
                guard activity == .active else { throw RelayError("the relay is stopping") }
                let addresses = try lookup(HostPort(host, 0))
                guard !addresses.isEmpty else {
                    throw RelayError("no address found for \(host)", outcome: .hostUnreachable)
                }
                return addresses
            }
            let requests = state.withLockedValue { state in
                state.busyThreads -= 1
                return state.requests.removeValue(forKey: host)
            }
            startNext()
            for promise in requests?.values ?? [:].values { promise.completeWith(result) }
        }
    }
}
