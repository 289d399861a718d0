// The folder into which things are written: nothing is ever overwritten, no link is followed, only its owner can read.

internal import Glibc

/// A folder that is held open, so that nobody can put another in its place.
package final class OutputFolder: Sendable {
    /// Its name, for people.
    package let path: String
    private let descriptor: Int32

    /// How many files of one name there may be.
    private static let mostOfOneName = 100_000

    /// Opens a folder, and makes it where there is none.
    package init(_ path: String) throws {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw ExtractionError("cannot make \(path)", errno) }
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ExtractionError("cannot use \(path)", errno) }
    }

    deinit { close(descriptor) }

    /// Makes a new file; nil where there is something of this name, a link included.
    func create(_ name: String) throws -> Int32? {
        let file = openat(descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if file < 0, errno == EEXIST { return nil }
        guard file >= 0 else { throw ExtractionError("cannot write \(name) into \(path)", errno) }
        return file
    }

    /// Opens a file that this program made.
    func reopen(_ name: String) throws -> Int32 {
        let file = openat(descriptor, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw ExtractionError("cannot open \(name) in \(path)", errno) }
        return file
    }

    /// Removes a file that this program made.
    func remove(_ name: String) { _ = unlinkat(descriptor, name, 0) }

    /// Gives a file that this program made its final name, with a number where that is taken.
    ///
    /// - Returns: the name that it has now.
    func rename(_ old: String, to wish: String) throws -> String {
        for number in 1...Self.mostOfOneName {
            let name = SafeName.numbered(wish, number)
            if linkat(descriptor, old, descriptor, name, 0) == 0 {
                remove(old)
                return name
            }
            if errno == EEXIST { continue }
            // Some file systems have no links: the name is taken by an empty file of our own, and that is replaced.
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
        throw ExtractionError("there are too many files named \(wish) in \(path)")
    }

    /// Writes a new file, with a number where its name is taken.
    ///
    /// - Parameter fill: hands on piece by piece what is to be in it.
    /// - Returns: the name that it got.
    func write(as wish: String, _ fill: ((inout [UInt8]) throws -> Void) throws -> Void) throws -> String {
        for number in 1...Self.mostOfOneName {
            let name = SafeName.numbered(wish, number)
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
        throw ExtractionError("there are too many files named \(wish) in \(path)")
    }

    /// Writes bytes at a place of a file.
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

    /// Reads bytes of a file; fewer where it ends.
    static func read(_ file: Int32, at offset: UInt64, count: Int, name: String) throws -> [UInt8] {
        guard let place = Int(exactly: offset) else { return [] }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(file, buffer.baseAddress.map { $0 + filled }, count - filled, place &+ filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        if failure != 0 { throw ExtractionError("cannot read \(name)", failure) }
        return bytes
    }
}

/// Why something could not be written; the text is for people.
package struct ExtractionError: Error, CustomStringConvertible, Sendable {
    /// What happened.
    package let description: String
    /// The file would be larger than files can be: the fault of whoever made up its size.
    let isTooLarge: Bool

    init(_ what: String, _ code: Int32? = nil) {
        description = code.map { "\(what): \(String(cString: strerror($0)))" } ?? what
        isTooLarge = code == EFBIG || code == EINVAL || code == EOVERFLOW
    }
}
