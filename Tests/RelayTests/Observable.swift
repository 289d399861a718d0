// State that tests wait for: no test sleeps, and every wait ends.

import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A wait that took too long.
struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// A value behind a lock, and those who wait for it to change.
final class Observable<State: Sendable>: Sendable {
    private struct Inner: Sendable {
        var state: State
        var waiters: [Int: @Sendable (inout State) -> Bool] = [:]
        var last = 0
    }

    private let inner: NIOLockedValueBox<Inner>

    init(_ state: State) { inner = NIOLockedValueBox(Inner(state: state)) }

    /// The value now.
    var value: State { inner.withLockedValue { $0.state } }

    /// Changes the value and wakes those whose wait is over.
    func change(_ body: (inout State) -> Void) {
        inner.withLockedValue { inner in
            body(&inner.state)
            for (id, attempt) in inner.waiters.sorted(by: { $0.key < $1.key }) where attempt(&inner.state) {
                inner.waiters[id] = nil
            }
        }
    }

    /// Waits until the value gives an answer; what is taken out of it then is gone for others.
    func wait<Answer: Sendable>(
        for what: @autoclosure () -> String, seconds: Int64 = 90,
        _ look: @escaping @Sendable (inout State) -> Answer?
    ) async throws -> Answer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Answer.self)
        let attempt: @Sendable (inout State) -> Bool = { state in
            guard let answer = look(&state) else { return false }
            promise.succeed(answer)
            return true
        }
        let id = inner.withLockedValue { inner -> Int? in
            guard !attempt(&inner.state) else { return nil }
            inner.last += 1
            inner.waiters[inner.last] = attempt
            return inner.last
        }
        guard let id else { return try await promise.futureResult.get() }
        let description = what()
        let timeout = loop.scheduleTask(in: .seconds(seconds)) { [inner] in
            if inner.withLockedValue({ $0.waiters.removeValue(forKey: id) }) != nil {
                promise.fail(TimedOut(description: "waited \(seconds) s for \(description)"))
            }
        }
        defer { timeout.cancel() }
        return try await promise.futureResult.get()
    }
}
