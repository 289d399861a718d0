// Copies standard input into a temporary file, so that it can be read twice and has a digest.

internal import Crypto
internal import Events
internal import Glibc

/// Standard input, copied to its end. The copy has no name, so nothing of it remains whatever happens.
package final class SpooledInput {
    /// The copy; its name is "standard input".
    package let file: SourceFile
    private let descriptor: Int32

    /// How long after an interruption the end of standard input is waited for, in milliseconds.
    private static let patience: Int32 = 1_000

    /// Copies standard input; waits for its end.
    ///
    /// - Parameter isInterrupted: whether the user asked to end. The program that writes into the pipe usually ends for the
    ///   same reason, so that what it wrote is complete.
    /// - Returns: nil if the user asked to end and standard input goes on.
    /// - Throws: `ArchiveError` if it cannot be read, or the disk is full.
    package init?(isInterrupted: () -> Bool) throws {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        var template = Array("\(folder)/butterflynet-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Self.failure("cannot make a temporary file in \(folder)") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
        do {
            guard try Self.copy(to: descriptor, isInterrupted) else {
                close(descriptor)
                return nil
            }
            // Another descriptor of the same file, with an offset of its own.
            file = try SourceFile(path: "/dev/fd/\(descriptor)", name: "standard input")
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Copies until the end.
    ///
    /// - Returns: false if the user asked to end before.
    private static func copy(to descriptor: Int32, _ isInterrupted: () -> Bool) throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            if isInterrupted() {
                var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                if poll(&input, 1, patience) == 0 { return false }
            }
            let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot read standard input") }
            guard count > 0 else { return true }
            var rest = buffer[..<count]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw failure("cannot copy standard input into a temporary file") }
                rest = rest.dropFirst(written)
            }
        }
    }

    private static func failure(_ what: String) -> ArchiveError {
        ArchiveError("\(what): \(String(cString: strerror(errno)))")
    }
}
