// The file of an archive before SQLite opens it: it holds secrets, and is its owner's alone.

internal import Glibc

/// Makes the file, and looks who may read it.
public enum ArchiveFile {
    private static let mostLinks = 40

    /// Makes a file that only its owner can read, where there is none. A link that leads to no file yet is followed, so
    /// that SQLite does not make its target under the mode of the day. -wal and -shm take the mode of the file.
    static func make(_ path: String) throws {
        let file = target(of: path)
        let descriptor = Glibc.open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_EXCL | O_NOFOLLOW, 0o600)
        if descriptor >= 0 {
            fchmod(descriptor, 0o600)
            close(descriptor)
            return
        }
        guard errno == EEXIST else {
            throw ArchiveError(
                "cannot create the archive \(path): \(String(cString: strerror(errno)))", isPassing: errno == ENOSPC)
        }
        // A file that is there is not opened here: to close it would end the locks that this process has on it.
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ArchiveError("cannot create the archive \(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ArchiveError("cannot use the archive \(path): it is no plain file")
        }
        // An empty file becomes an archive, and as private as one.
        if status.st_size == 0 { chmod(path, 0o600) }
    }

    /// Where a path leads, through links, whether or not there is a file yet.
    static func target(of path: String) -> String {
        var path = path
        for _ in 0..<mostLinks {
            var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = buffer.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map { readlink(path, $0, bytes.count) } ?? -1
            }
            guard count > 0 else { return path }
            let link = String(decoding: buffer.prefix(count), as: UTF8.self)
            if link.hasPrefix("/") {
                path = link
            } else {
                let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
                path = folder + link
            }
        }
        return path
    }

    /// One line where others than its owner can read an archive that is there; nil where nobody can, or there is none.
    public static func exposure(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return nil }
        let others = status.st_mode & 0o077
        guard others != 0 else { return nil }
        let mode = String(status.st_mode & 0o777, radix: 8)
        return "others can read the archive \(path), which holds secrets (mode \(mode)); chmod 600 ends that"
    }
}
