// The file that says where a command listens, for scripts that started it with port 0.

import Glibc
import MSNP
import Transcript

enum ReadyFile {
    /// Writes the file whole: a reader finds all of it or none.
    static func write(to path: String, listening addresses: [HostPort]) throws {
        let list = addresses.map { "\"\($0)\"" }.joined(separator: ",")
        let text = Array("{\"listening\":[\(list)],\"pid\":\(getpid())}\n".utf8)
        let draft = "\(path).\(getpid()).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw trouble(path) }
        let written = text.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard close(descriptor) == 0, written == text.count, rename(draft, path) == 0 else {
            let error = trouble(path)
            unlink(draft)
            throw error
        }
    }

    private static func trouble(_ path: String) -> Trouble {
        .failed("cannot write the ready file \(path): \(String(cString: strerror(errno)))")
    }
}
