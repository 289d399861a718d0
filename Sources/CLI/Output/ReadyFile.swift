// Writes the ready file: a command's listening addresses and process identifier as JSON, for scripts that use port 0.

import Glibc
import MSNP
internal import Output

enum ReadyFile {
    /// Writes the file atomically, by renaming a temporary file.
    ///
    /// - Parameters:
    ///   - web: the link to the page, if there is one.
    ///   - metrics: where metrics are served, if they are.
    /// - Throws: `CommandError` if it cannot be written.
    static func write(
        to path: String, listening addresses: [HostPort], web: String? = nil, metrics: HostPort? = nil
    ) throws {
        var object = JSONObject()
        object.add("listening", addresses.map(\.description))
        if let web { object.add("web", web) }
        if let metrics { object.add("metrics", "http://\(metrics)/metrics") }
        object.add("pid", getpid())
        let text = object.bytes + [0x0A]
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        let written = text.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard close(descriptor) == 0, written == text.count, rename(temporary, path) == 0 else {
            let error = failure(path)
            unlink(temporary)
            throw error
        }
    }

    private static func failure(_ path: String) -> CommandError {
        .failed("cannot write the ready file \(path): \(String(cString: strerror(errno)))")
    }
}
