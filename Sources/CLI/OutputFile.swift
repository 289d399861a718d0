// A file that a command makes: only for its owner, never over another one, and gone again if it did not become whole.

import Glibc

struct OutputFile {
    let path: String
    let descriptor: Int32

    /// Makes the file.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let why = errno == EEXIST ? "it is there already" : String(cString: strerror(errno))
            throw CommandError.failed("cannot write \(path): \(why)")
        }
    }

    /// Writes what fills it. If that fails, the file is removed.
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
