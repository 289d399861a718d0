// Error lines on standard error, from threads that must not block.

internal import Dispatch
internal import Events
internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOPosix
internal import Output

/// Writes lines on a thread of its own. At the limit the newest lines are dropped, and their number is written later.
package final class Reporter: Sendable {
    /// The largest number of waiting lines.
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

    /// - Parameters:
    ///   - prefix: the program's name, at the beginning of each line.
    ///   - descriptor: the file descriptor to write to; stays open.
    package init(prefix: String, descriptor: Int32 = STDERR_FILENO) {
        self.prefix = prefix
        self.descriptor = descriptor
        thread.start()
    }

    /// Writes one line. A repeated line is written once, followed by a count when a different line comes.
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

    /// Writes the waiting lines, for up to a second.
    package func close() {
        let isDone = DispatchSemaphore(value: 0)
        thread.submit { _ in isDone.signal() }
        _ = isDone.wait(timeout: .now() + 1)
    }

    private func write(_ line: String) {
        // A line may contain data from peers: control characters never reach the terminal.
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
