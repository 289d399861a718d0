// An archive that goes with the program: for captures that are only looked at, and for the demo.

import Glibc

/// A folder with an archive in it, removed with this object.
final class TemporaryArchive: Sendable {
    let path: String
    private let folder: String

    /// - Throws: `CommandError` if the folder cannot be made.
    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        var name = Array("\(parent.isEmpty ? "/tmp" : parent)/butterflynet-XXXXXX".utf8CString)
        // Only its owner can read the folder.
        guard mkdtemp(&name) != nil else {
            throw CommandError.failed("cannot make a temporary folder: \(String(cString: strerror(errno)))")
        }
        folder = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = "\(folder)/archive.sqlite"
    }

    deinit {
        for end in ["", "-wal", "-shm"] { unlink(path + end) }
        rmdir(folder)
    }
}
