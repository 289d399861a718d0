// A file without a name: what is prepared for a download, so that a slow reader keeps no transaction open.

import Glibc

/// A file that nobody else can open, and that is gone when it is closed.
final class TemporaryFile: Sendable {
    let descriptor: Int32

    /// - Throws: `RequestError` if it cannot be made.
    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        var name = Array("\(parent.isEmpty ? "/tmp" : parent)/butterflynet-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else {
            throw RequestError(.internalError, text: "The program cannot make a temporary file.")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(name)
    }

    deinit { close(descriptor) }

    /// Copies a file into it.
    ///
    /// - Returns: whether that worked.
    func copy(_ path: String) throws -> Bool {
        guard let source = fopen(path, "re") else { return false }
        defer { fclose(source) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, source)
            guard count > 0 else { return ferror(source) == 0 }
            guard Glibc.write(descriptor, buffer, count) == count else {
                throw RequestError(.internalError, text: "The file could not be prepared.")
            }
        }
    }

    /// Its length in bytes.
    var count: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// A part of it; empty at the end.
    func read(at offset: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)))
        }
    }
}
