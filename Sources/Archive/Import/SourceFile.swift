// The metadata and SHA-256 of a capture file to import.

internal import Crypto
package import Events
internal import Glibc

/// A capture file and its digest, before it is decoded.
package struct SourceFile: Sendable, Hashable {
    /// The name that the archive keeps: the path as the user gave it.
    package var name: String
    /// The path to read it from.
    package var path: String
    /// The SHA-256 of its bytes.
    package var digest: [UInt8]
    /// Its length in bytes.
    package var bytes: Int64
    /// The time of its last modification.
    package var modified: Timestamp

    /// Reads the metadata of a file and computes its digest.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - name: the name for the archive; the path without it.
    ///   - progress: is called with the number of bytes read since the last call; may throw to stop.
    /// - Throws: `ArchiveError` if it is not a regular file or cannot be read.
    package init(path: String, name: String? = nil, progress: (Int) throws -> Void = { _ in }) throws {
        self.name = name ?? path
        self.path = path
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ArchiveError("cannot read \(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ArchiveError("cannot import \(path): it is not a regular file")
        }
        modified = Timestamp(
            nanoseconds: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec))
        var hash = SHA256()
        var total: Int64 = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ArchiveError("cannot read \(path): \(String(cString: strerror(errno)))") }
            guard count > 0 else { break }
            buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            total += Int64(count)
            try progress(count)
        }
        bytes = total
        digest = Array(hash.finalize())
    }
}
