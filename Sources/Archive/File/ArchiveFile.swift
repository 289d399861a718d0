// Prepares the file of an archive before SQLite opens it: owner-only access, no foreign journal beside it.

internal import Glibc

/// Creates the file and checks who may read it.
package enum ArchiveFile {
    private static let mostLinks = 40

    /// Creates a file that only its owner can read, if there is none. A dangling link is followed, so that SQLite does
    /// not create its target with the umask's default mode. The -wal and -shm files get the mode of this file.
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
                "cannot create the archive \(path): \(String(cString: strerror(errno)))", isTransient: errno == ENOSPC)
        }
        // An existing file is not opened here: closing it would release the locks that this process holds on it.
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ArchiveError("cannot create the archive \(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ArchiveError("cannot use the archive \(path): it is not a regular file")
        }
        // An empty file becomes an archive, so it gets the same private mode.
        if status.st_size == 0 { chmod(path, 0o600) }
    }

    /// What tells a file from another one at the same path.
    struct Identity: Hashable, Sendable {
        var device: UInt64
        var number: UInt64
    }

    /// The file at a path; nil if there is none.
    static func identity(of path: String) -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }

    /// The target of a path with links resolved, whether or not the file exists.
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

    /// Refuses files beside an archive that no archive program creates.
    ///
    /// SQLite rolls a journal back before it reads anything, and deletes the file that the journal names as its
    /// super-journal. So a journal that came with a file could delete any file of the user. Archives have no journal
    /// (`Archive.useWriteAheadLog`). A named pipe would block the program, and a link would be written through.
    ///
    /// - Parameters:
    ///   - file: the file itself, not a link to it.
    ///   - patience: how many seconds to wait for a journal of another program that is creating this archive.
    static func refuseForeignCompanions(of file: String, patience: Double) throws {
        var rest = patience
        while let name = foreignCompanion(of: file) {
            guard rest > 0, name.hasSuffix("-journal"), isPlain(name) else {
                throw ArchiveError(
                    "cannot use the archive \(file): there is a file \(name) beside it, which archives never have; move it away "
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

    /// A warning in one line if users other than the owner can read an existing archive; otherwise nil.
    package static func exposure(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return nil }
        let others = status.st_mode & 0o077
        guard others != 0 else { return nil }
        let mode = String(status.st_mode & 0o777, radix: 8)
        return
            "other users can read the archive \(path), which contains secrets (mode \(mode)); protect it with chmod 600"
    }
}
