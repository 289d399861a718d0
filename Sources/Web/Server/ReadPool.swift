// The threads on which the archive is read for the page, and how many requests may wait for them.

import Glibc
import NIOConcurrencyHelpers
import NIOPosix

/// Threads of low priority, so that reading neither blocks the event loop nor slows down a relay beside it.
final class ReadPool: Sendable {
    private let pool: NIOThreadPool
    private let count = NIOLockedValueBox(0)
    private let most: Int
    private let niceness: Int32

    /// - Parameters:
    ///   - threads: how many requests are read for at a time.
    ///   - most: how many are read for or wait; the next one is refused.
    ///   - niceness: how much the threads give way to others, from 0 to 19.
    init(threads: Int, most: Int, niceness: Int32) {
        pool = NIOThreadPool(numberOfThreads: threads)
        self.most = most
        self.niceness = niceness
        pool.start()
    }

    /// How many requests are read for or wait.
    var taken: Int { count.withLockedValue { $0 } }

    /// Runs a function on one of the threads.
    ///
    /// - Throws: `RequestError` if too many wait, or an error of the function.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        let isFree = count.withLockedValue { [most] count in
            guard count < most else { return false }
            count += 1
            return true
        }
        guard isFree else { throw RequestError(.busy) }
        defer { count.withLockedValue { $0 -= 1 } }
        return try await pool.runIfActive { [niceness] in
            // On Linux, 0 names the calling thread.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
            return try body()
        }
    }

    func stop() async { try? await pool.shutdownGracefully() }
}

/// The pools of the page. Requests that look through much have threads of their own: however many of them there are, the
/// others are answered as before.
final class ReadPools: Sendable {
    /// What a request costs.
    enum Lane: Sendable {
        /// A part of a list, found by a key.
        case quick
        /// A search or a filter; its time is limited.
        case scan
        /// Something is read from its beginning to its end, however long that takes.
        case whole
    }

    private let quick = ReadPool(threads: 2, most: 36, niceness: 5)
    private let scan = ReadPool(threads: 2, most: 16, niceness: 10)
    private let whole = ReadPool(threads: 2, most: 4, niceness: 10)

    subscript(lane: Lane) -> ReadPool {
        switch lane {
        case .quick: quick
        case .scan: scan
        case .whole: whole
        }
    }

    func stop() async {
        await quick.stop()
        await scan.stop()
        await whole.stop()
    }
}
