// The file that says where a command listens, for scripts that started it with port 0.

import Glibc
import MSNP
internal import Output

enum ReadyFile {
    /// Writes the file whole: a reader finds all of it or none.
    static func write(to path: String, listening addresses: [HostPort]) throws {
        var object = JSONObject()
        object.add("listening", addresses.map(\.description))
        object.add("pid", getpid())
        let text = object.bytes + [0x0A]
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

    private static func trouble(_ path: String) -> CommandError {
        .failed("cannot write the ready file \(path): \(String(cString: strerror(errno)))")
    }
}
