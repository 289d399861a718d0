// Lines about trouble, on standard error, from threads that must not wait for whoever reads them.

internal import Dispatch
internal import Events
internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOPosix
internal import Output

/// Writes lines on a thread of its own. When nobody reads them, the newest are dropped, and their number is said later.
package final class Reporter: Sendable {
    /// How many lines may wait.
    private static let mostWaiting = 100

    private struct State {
        var waiting = 0
        var dropped = 0
        var last = ""
        var repeated = 0
    }

    private let prefix: String
    private let descriptor: Int32
    private let state = NIOLockedValueBox(State())
    private let thread = NIOThreadPool(numberOfThreads: 1)

    /// A reporter that begins each line with the program's name.
    ///
    /// - Parameters:
    ///   - prefix: the name.
    ///   - descriptor: where lines are written; stays open.
    package init(prefix: String, descriptor: Int32 = STDERR_FILENO) {
        self.prefix = prefix
        self.descriptor = descriptor
        thread.start()
    }

    /// Says one line. The same line again and again is said once, with a count when another one comes.
    @Sendable package func report(_ line: String) {
        let lines = state.withLockedValue { state -> [String] in
            guard line != state.last else {
                state.repeated += 1
                return []
            }
            guard state.waiting < Self.mostWaiting else {
                state.dropped += 1
                return []
            }
            var lines: [String] = []
            if state.repeated > 0 { lines.append("(the last line \(state.repeated) times more)") }
            if state.dropped > 0 { lines.append("(\(state.dropped) lines left out)") }
            state.repeated = 0
            state.dropped = 0
            state.last = line
            state.waiting += 1
            return lines + [line]
        }
        guard !lines.isEmpty else { return }
        thread.submit { [self] _ in
            for line in lines { write(line) }
            state.withLockedValue { $0.waiting -= 1 }
        }
    }

    /// Writes what waits, for a second at most.
    package func close() {
        let isDone = DispatchSemaphore(value: 0)
        thread.submit { _ in isDone.signal() }
        _ = isDone.wait(timeout: .now() + 1)
    }

    private func write(_ line: String) {
        // What peers sent may be part of a line: controls never reach the terminal.
        var bytes: [UInt8] = []
        bytes.append(visible: "\(prefix): \(line)")
        bytes.append(0x0A)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
