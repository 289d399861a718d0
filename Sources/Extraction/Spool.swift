// Collects the data of transfers in temporary files: pieces come in any order, and may exceed memory.

internal import Crypto
internal import Glibc
internal import MSNP
internal import Payloads

/// Keeps the data of each transfer in a temporary file of its own, which is renamed at the end.
struct Spool {
    /// The digests and type of a file, computed in one pass.
    struct Digests: Sendable {
        var sha1: [UInt8]
        var sha256: [UInt8]
        var type: FileType
    }

    private let folder: OutputFolder
    private var names: [Int: String] = [:]
    /// The file written last. It stays open, because pieces of one transfer come in runs.
    private var current: (transfer: Int, file: Int32)?
    private var count = 0
    /// The names given to files of this run: the same content sent twice is two files.
    private var taken: Set<String> = []
    /// The beginning of the temporary names, unique to this process.
    private let prefix: String

    init(_ folder: OutputFolder) {
        self.folder = folder
        prefix = ".butterflynet-\(getpid())"
    }

    /// Writes the new ranges of a piece. Data already written stays.
    ///
    /// - Returns: whether the rest of the piece equals the data already written.
    mutating func write(_ piece: TransferPiece) throws -> Bool {
        let (file, name) = try open(piece.transfer)
        var isSame = true
        let end = piece.offset + UInt64(piece.bytes.count)
        var next = piece.offset
        for fresh in piece.fresh + [end..<end] {
            if next < fresh.lowerBound {
                let existing = try OutputFolder.read(file, at: next, count: Int(fresh.lowerBound - next), name: name)
                isSame = isSame && existing.elementsEqual(Self.slice(piece, next..<fresh.lowerBound))
            }
            try OutputFolder.write(Self.slice(piece, fresh), to: file, at: fresh.lowerBound, name: name)
            next = fresh.upperBound
        }
        return isSame
    }

    /// Replaces the data of a transfer with that of another number, except for the bytes before `start`. Those are few:
    /// readings of one transfer differ from near its beginning on.
    mutating func replace(_ transfer: Int, by other: Int, from start: UInt64) throws {
        var offset: UInt64 = 0
        while offset < start {
            let (file, name) = try open(transfer)
            let part = try OutputFolder.read(
                file, at: offset, count: Int(min(start - offset, 1 << 18)), name: name)
            if part.isEmpty { throw ExtractionError("\(name) in \(folder.path) was changed by somebody else") }
            let (target, targetName) = try open(other)
            try OutputFolder.write(ByteSlice(part), to: target, at: offset, name: targetName)
            offset += UInt64(part.count)
        }
        drop(transfer)
        if current?.transfer == other { closeCurrent() }
        names[transfer] = names.removeValue(forKey: other)
    }

    /// The digests of the first `count` bytes of a transfer.
    mutating func digests(of transfer: Int, count: UInt64) throws -> Digests {
        let (file, name) = try open(transfer)
        var sha1 = Insecure.SHA1()
        var sha256 = SHA256()
        var type = FileType.other
        var offset: UInt64 = 0
        while offset < count {
            let part = try OutputFolder.read(file, at: offset, count: Int(min(count - offset, 1 << 18)), name: name)
            if part.isEmpty { throw ExtractionError("\(name) in \(folder.path) was changed by somebody else") }
            if offset == 0 { type = FileType(part) }
            sha1.update(data: part)
            sha256.update(data: part)
            offset += UInt64(part.count)
        }
        return Digests(sha1: Array(sha1.finalize()), sha256: Array(sha256.finalize()), type: type)
    }

    /// The file type by the first bytes of a transfer.
    mutating func type(of transfer: Int) throws -> FileType {
        let (file, name) = try open(transfer)
        return FileType(try OutputFolder.read(file, at: 0, count: 1 << 12, name: name))
    }

    /// Gives the file of a transfer its final name, and returns the name that it got: that of an older file if it has
    /// the same name and content.
    mutating func keep(_ transfer: Int, as name: String) throws -> String {
        _ = try open(transfer)
        closeCurrent()
        guard let spooled = names.removeValue(forKey: transfer) else { throw ExtractionError("nothing to keep") }
        let kept = try folder.rename(spooled, to: name, taken: taken)
        taken.insert(kept)
        return kept
    }

    /// Removes a transfer and its file.
    mutating func drop(_ transfer: Int) {
        if current?.transfer == transfer { closeCurrent() }
        if let name = names.removeValue(forKey: transfer) { folder.remove(name) }
    }

    /// Removes all transfers and their files.
    mutating func dropAll() {
        for transfer in Array(names.keys) { drop(transfer) }
    }

    private static func slice(_ piece: TransferPiece, _ range: Range<UInt64>) -> ByteSlice {
        piece.bytes.dropFirst(Int(range.lowerBound - piece.offset)).prefix(range.count)
    }

    private mutating func open(_ transfer: Int) throws -> (Int32, String) {
        if let current, current.transfer == transfer { return (current.file, names[transfer] ?? "") }
        closeCurrent()
        if let name = names[transfer] {
            let file = try folder.reopen(name)
            current = (transfer, file)
            return (file, name)
        }
        while true {
            count += 1
            let name = "\(prefix)-\(count).part"
            guard let file = try folder.create(name) else { continue }
            names[transfer] = name
            current = (transfer, file)
            return (file, name)
        }
    }

    private mutating func closeCurrent() {
        if let current { close(current.file) }
        current = nil
    }
}
