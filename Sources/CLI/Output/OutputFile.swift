// Creates an output file: mode 0600, never replacing a file, and removed again if writing fails.

import Glibc

struct OutputFile {
    let path: String
    let descriptor: Int32

    /// Creates the file.
    ///
    /// - Throws: `CommandError` if it exists or cannot be created.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw CommandError.failed("\(path) already exists; not overwritten") }
            throw CommandError.failed("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Lets `body` write to the descriptor, then closes it. If either fails, the file is removed.
    func fill<T>(_ body: (Int32) throws -> T) throws -> T {
        do {
            let result = try body(descriptor)
            guard close(descriptor) == 0 else {
                throw CommandError.failed("cannot write \(path): \(String(cString: strerror(errno)))")
            }
            return result
        } catch {
            close(descriptor)
            unlink(path)
            throw error
        }
    }
}
