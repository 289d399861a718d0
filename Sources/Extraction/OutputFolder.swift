// The folder for extracted files: overwrites no file, follows no link, and only its owner can read the files.

internal import Glibc

/// A folder held open by its descriptor, so that replacing its path has no effect.
package final class OutputFolder: Sendable {
    /// The path, for messages.
    package let path: String
    private let descriptor: Int32

    /// The largest number of files with the same base name.
    private static let mostOfOneName = 100_000

    /// Opens a folder, and creates it if it does not exist.
    package init(_ path: String) throws {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw ExtractionError("cannot make \(path)", errno) }
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ExtractionError("cannot use \(path)", errno) }
    }

    deinit { close(descriptor) }

    /// Creates a file and returns its descriptor; nil if the name exists, even as a link.
    func create(_ name: String) throws -> Int32? {
        let file = openat(descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if file < 0, errno == EEXIST { return nil }
        guard file >= 0 else { throw ExtractionError("cannot write \(name) into \(path)", errno) }
        return file
    }

    /// Opens a file that this program created.
    func reopen(_ name: String) throws -> Int32 {
        let file = openat(descriptor, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw ExtractionError("cannot open \(name) in \(path)", errno) }
        return file
    }

    /// Removes a file that this program created.
    func remove(_ name: String) { _ = unlinkat(descriptor, name, 0) }

    /// Gives a file that this program created its final name, with a number if the name exists.
    ///
    /// - Returns: the new name.
    func rename(_ old: String, to preferred: String) throws -> String {
        for number in 1...Self.mostOfOneName {
            let name = SafeName.numbered(preferred, number)
            if linkat(descriptor, old, descriptor, name, 0) == 0 {
                remove(old)
                return name
            }
            if errno == EEXIST { continue }
            // Some file systems have no hard links: reserve the name with an empty file, and replace that.
            guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) else {
                throw ExtractionError("cannot write \(name) into \(path)", errno)
            }
            guard let file = try create(name) else { continue }
            close(file)
            guard renameat(descriptor, old, descriptor, name) == 0 else {
                throw ExtractionError("cannot write \(name) into \(path)", errno)
            }
            return name
        }
        throw ExtractionError("there are too many files named \(preferred) in \(path)")
    }

    /// Writes a new file, with a number if the name exists.
    ///
    /// - Parameter fill: calls its argument with each piece of the content.
    /// - Returns: the name of the file.
    func write(as preferred: String, _ fill: ((inout [UInt8]) throws -> Void) throws -> Void) throws -> String {
        for number in 1...Self.mostOfOneName {
            let name = SafeName.numbered(preferred, number)
            guard let file = try create(name) else { continue }
            defer { close(file) }
            var offset: UInt64 = 0
            try fill { piece in
                try Self.write(piece[...], to: file, at: offset, name: name)
                offset += UInt64(piece.count)
                piece.removeAll(keepingCapacity: true)
            }
            return name
        }
        throw ExtractionError("there are too many files named \(preferred) in \(path)")
    }

    /// Writes all bytes at an offset of a file.
    static func write(_ bytes: ArraySlice<UInt8>, to file: Int32, at offset: UInt64, name: String) throws {
        guard var place = Int(exactly: offset) else { throw ExtractionError("\(name) is too large", EFBIG) }
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, place) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw ExtractionError("cannot write \(name)", errno) }
            rest = rest.dropFirst(count)
            place &+= count
        }
    }

    /// Reads up to `count` bytes at an offset of a file; fewer at its end.
    static func read(_ file: Int32, at offset: UInt64, count: Int, name: String) throws -> [UInt8] {
        guard let place = Int(exactly: offset) else { return [] }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let result = pread(file, buffer.baseAddress.map { $0 + filled }, count - filled, place &+ filled)
                if result < 0, errno == EINTR { continue }
                if result < 0 { failure = errno }
                guard result > 0 else { return }
                filled += result
            }
        }
        if failure != 0 { throw ExtractionError("cannot read \(name)", failure) }
        return bytes
    }
}
