// Results onto standard output, for commands that end: written by the caller itself, in large pieces.

internal import Glibc

/// Collects bytes and writes them when there are enough.
package struct Printer {
    /// What waits to be written; append to it, then call `flushIfFull`.
    package var bytes: [UInt8] = []
    /// Nobody reads any more: stop.
    package private(set) var isBroken = false
    /// Why writing failed, for people; nil where it did not, or where only nobody reads any more.
    package private(set) var failure: String?

    private let descriptor: Int32
    private static let full = 128 << 10

    /// A printer on an open file.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
        bytes.reserveCapacity(Self.full + 4_096)
    }

    /// Writes what waits if it is much.
    ///
    /// - Returns: whether more can be printed.
    package mutating func flushIfFull() -> Bool {
        if bytes.count >= Self.full { flush() }
        return !isBroken
    }

    /// Writes what waits.
    package mutating func flush() {
        // No slice is kept: with one, emptying the array below would make a new one every time.
        var written = 0
        while written < bytes.count, !isBroken {
            let count = bytes.withUnsafeBytes { bytes in
                let rest = bytes[written...]
                return write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            }
            if count > 0 {
                written += count
            } else if errno == EAGAIN {
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = Glibc.poll(&poll, 1, 1_000)
            } else if errno != EINTR {
                isBroken = true
                if errno != EPIPE { failure = String(cString: strerror(errno)) }
            }
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
