// A progress bar for reading long files, on a terminal only.

internal import Glibc
internal import NIOConcurrencyHelpers

/// One line on standard error that is redrawn in place.
package final class ProgressBar: Sendable {
    private struct State {
        var drawnAt: Int64 = 0
        var isDrawn = false
    }

    private let total: Int?
    private let isShown: Bool
    private let start: Int64
    private let state = NIOLockedValueBox(State())

    /// The time before the first drawing, and between two, in nanoseconds.
    private static let delay: Int64 = 500_000_000
    private static let interval: Int64 = 100_000_000

    /// - Parameters:
    ///   - total: the number of bytes to read; nil if unknown.
    ///   - isWanted: whether to draw; without a terminal nothing is drawn in any case.
    package init(total: Int?, isWanted: Bool) {
        self.total = total
        isShown = isWanted && isatty(STDERR_FILENO) == 1
        start = Self.now()
    }

    /// Draws the bar for this number of bytes, if it is due.
    package func update(_ done: Int) {
        guard isShown else { return }
        let now = Self.now()
        let isDue = state.withLockedValue { state in
            guard now - start > Self.delay, now - state.drawnAt > Self.interval else { return false }
            state.drawnAt = now
            state.isDrawn = true
            return true
        }
        guard isDue else { return }
        let seconds = Double(now - start) / 1e9
        let speed = "\(Int(Double(done) / seconds / 1e6)) MB/s"
        guard let total, total > 0 else {
            draw("\(done / 1_000_000) MB read, \(speed)")
            return
        }
        let share = min(1, Double(done) / Double(total))
        let filled = Int(share * 30)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        let left = share > 0 ? Int(seconds / share - seconds) : 0
        draw("\(bar) \(Int(share * 100)) %  \(done / 1_000_000) of \(total / 1_000_000) MB, \(speed), \(left) s left")
    }

    /// Clears the line.
    package func clear() {
        if state.withLockedValue({ $0.isDrawn }) { draw("") }
    }

    private func draw(_ text: String) {
        let line = Array("\r\u{1B}[K\(text)".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
