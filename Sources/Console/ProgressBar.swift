// How far a long reading has come, on a terminal and nowhere else.

internal import Glibc
internal import NIOConcurrencyHelpers

/// One line on standard error that is drawn over itself.
package final class ProgressBar: Sendable {
    private struct State {
        var drawnAt: Int64 = 0
        var isDrawn = false
    }

    private let total: Int?
    private let isShown: Bool
    private let start: Int64
    private let state = NIOLockedValueBox(State())

    /// Nothing is drawn in the first moments, nor more often than the eye follows.
    private static let patience: Int64 = 500_000_000
    private static let interval: Int64 = 100_000_000

    /// A bar.
    ///
    /// - Parameters:
    ///   - total: how many bytes there are; nil where that is not known.
    ///   - isWanted: whether to draw at all; on anything but a terminal nothing is drawn anyway.
    package init(total: Int?, isWanted: Bool) {
        self.total = total
        isShown = isWanted && isatty(STDERR_FILENO) == 1
        start = Self.now()
    }

    /// Draws how far it is.
    package func update(_ done: Int) {
        guard isShown else { return }
        let now = Self.now()
        let isDue = state.withLockedValue { state in
            guard now - start > Self.patience, now - state.drawnAt > Self.interval else { return false }
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

    /// Wipes the line.
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
