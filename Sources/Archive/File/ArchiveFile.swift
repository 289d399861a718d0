// The file of an archive before SQLite opens it: it holds secrets, and is its owner's alone.

internal import Glibc

/// Makes the file, and looks who may read it.
package enum ArchiveFile {
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

    /// Refuses what lies beside a file and was not made by an archive.
    ///
    /// SQLite rolls a journal back before it reads anything, and deletes the file that the journal names as its
    /// superior: so a journal that came with a file could delete any file of the user. Archives have none
    /// (`Archive.keepLog`). A named pipe would be waited for, and a link written through.
    ///
    /// - Parameters:
    ///   - file: the file itself, not a link to it.
    ///   - patience: how long another program may have a journal while it begins this archive, in seconds.
    static func refuseForeignCompanions(of file: String, patience: Double) throws {
        var rest = patience
        while let name = foreignCompanion(of: file) {
            guard rest > 0, name.hasSuffix("-journal"), isPlain(name) else {
                throw ArchiveError(
                    "cannot use the archive \(file): \(name) lies beside it, and no archive has such a file; move it away "
                        + "if you trust the archive")
            }
            usleep(20_000)
            rest -= 0.02
        }
    }

    private static func foreignCompanion(of file: String) -> String? {
        for end in ["-journal", "-wal", "-shm"] {
            var status = stat()
            guard lstat(file + end, &status) == 0 else { continue }
            if status.st_mode & S_IFMT != S_IFREG || end == "-journal" && status.st_size > 0 { return file + end }
        }
        return nil
    }

    private static func isPlain(_ file: String) -> Bool {
        var status = stat()
        return lstat(file, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    /// One line where others than its owner can read an archive that is there; nil where nobody can, or there is none.
    package static func exposure(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return nil }
        let others = status.st_mode & 0o077
        guard others != 0 else { return nil }
        let mode = String(status.st_mode & 0o777, radix: 8)
        return "others can read the archive \(path), which holds secrets (mode \(mode)); chmod 600 ends that"
    }
}
