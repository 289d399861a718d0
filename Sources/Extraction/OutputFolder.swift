// The folder for extracted files: overwrites no file, follows no link, and only its owner can read the files.

internal import Glibc
internal import MSNP

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

    /// Gives a file that this program created its final name, with a number if the name exists. If a file of that name
    /// has the same content, that one is kept, and the new one is removed.
    ///
    /// - Parameter taken: names that are other files of the same run, whatever their content.
    /// - Returns: the new name.
    func rename(_ old: String, to preferred: String, taken: Set<String> = []) throws -> String {
        for number in 1...Self.mostOfOneName {
            let name = SafeName.numbered(preferred, number)
            if taken.contains(name) { continue }
            if try hasSameContent(old, name) {
                remove(old)
                return name
            }
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

    /// Whether a file of that name exists and has the same bytes as a file that this program created. Only regular
    /// files are read.
    private func hasSameContent(_ own: String, _ name: String) throws -> Bool {
        let existing = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard existing >= 0 else { return false }
        defer { close(existing) }
        let file = try reopen(own)
        defer { close(file) }
        var (status, other) = (stat(), stat())
        guard fstat(file, &status) == 0, fstat(existing, &other) == 0, other.st_mode & S_IFMT == S_IFREG,
            status.st_size == other.st_size
        else { return false }
        var offset: UInt64 = 0
        while true {
            let part = try Self.read(file, at: offset, count: 1 << 18, name: own)
            // A file that cannot be read is another one.
            guard let same = try? Self.read(existing, at: offset, count: 1 << 18, name: name), same == part else {
                return false
            }
            if part.isEmpty { return true }
            offset += UInt64(part.count)
        }
    }

    /// Writes a file in place of one that begins with the same mark, else a new one, with a number if the name exists.
    ///
    /// - Parameters:
    ///   - mark: the beginning of each file that this program writes under this name. No other file is replaced.
    ///   - fill: calls its argument with each piece of the content.
    /// - Returns: the name of the file.
    func replace(
        _ name: String, ifItBeginsWith mark: [UInt8], _ fill: ((inout [UInt8]) throws -> Void) throws -> Void
    ) throws -> String {
        guard begins(name, with: mark) else { return try write(as: name, fill) }
        let new = try write(as: ".butterflynet-\(getpid())-page.part", fill)
        guard renameat(descriptor, new, descriptor, name) == 0 else {
            let code = errno
            remove(new)
            throw ExtractionError("cannot write \(name) into \(path)", code)
        }
        return name
    }

    /// Whether there is a regular file of that name with this beginning.
    private func begins(_ name: String, with mark: [UInt8]) -> Bool {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return (try? Self.read(file, at: 0, count: mark.count, name: name)) == mark
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
                try Self.write(ByteSlice(piece), to: file, at: offset, name: name)
                offset += UInt64(piece.count)
                piece.removeAll(keepingCapacity: true)
            }
            return name
        }
        throw ExtractionError("there are too many files named \(preferred) in \(path)")
    }

    /// Writes all bytes at an offset of a file.
    static func write(_ bytes: ByteSlice, to file: Int32, at offset: UInt64, name: String) throws {
        guard var place = Int(exactly: offset) else { throw ExtractionError("\(name) is too large", EFBIG) }
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.span.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, place) }
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
