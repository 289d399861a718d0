// Buffered standard output for commands with results: the caller writes, in large pieces.

internal import Glibc

/// Collects bytes and writes them when the buffer is full.
package struct Printer {
    /// The buffer; append to it, then call `flushIfFull`.
    package var bytes: [UInt8] = []
    /// Whether nothing more can be written: the reader has closed the pipe, or writing failed.
    package private(set) var isBroken = false
    /// The system's error message; nil if writing did not fail, or failed only because the reader closed the pipe.
    package private(set) var failure: String?

    private let descriptor: Int32
    private static let full = 128 << 10

    /// - Parameter descriptor: the file descriptor to write to; stays open.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
        bytes.reserveCapacity(Self.full + 4_096)
    }

    /// Writes the buffer if it is full.
    ///
    /// - Returns: whether more can be written.
    package mutating func flushIfFull() -> Bool {
        if bytes.count >= Self.full { flush() }
        return !isBroken
    }

    /// Writes the buffer.
    package mutating func flush() {
        // Keep no slice of the array: it would force `removeAll` below to allocate a new array.
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
