// The threads on which the archive is read for the page, and how many requests may wait for them.

import Glibc
import NIOConcurrencyHelpers
import NIOPosix

/// Threads of low priority, so that reading neither blocks the event loop nor slows down a relay beside it.
final class ReadPool: Sendable {
    private let pool: NIOThreadPool
    private let count = NIOLockedValueBox(0)
    private let most: Int

    /// - Parameters:
    ///   - threads: how many requests are read for at a time.
    ///   - most: how many are read for or wait; the next one is refused.
    init(threads: Int = 2, most: Int = 36) {
        pool = NIOThreadPool(numberOfThreads: threads)
        self.most = most
        pool.start()
    }

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
        return try await pool.runIfActive {
            // On Linux, 0 names the calling thread.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
            return try body()
        }
    }

    func stop() async { try? await pool.shutdownGracefully() }
}
